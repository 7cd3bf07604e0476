/** The page's state: who, which surface, the list and how it moved, what is on stage. */

import { ApiError, api, lookAs, type Ask } from "./api";
import { follow } from "./follow";
import { t, words } from "./i18n.svelte";
import { outbox } from "./outbox";
import { SURFACES, parse, type Route, type Surface } from "./routes";
import type { Card, EventIn, Item, List, Move, Recommended, Session } from "./types";

export { itemLink } from "./routes";

const N = 12;
/** Pages that show the list as it is. */
const LISTED = new Set<string>(["feed", "music", "live"]);
/** Pages that play `current` beside the list it came from. */
const STAGED = new Set<string>(["feed", "live"]);
const keep = (name: string, value: string) => localStorage.setItem(`vitascope.${name}`, value);
const kept = (name: string) => localStorage.getItem(`vitascope.${name}`);
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

/** The surface that a page asks for; null where it asks for none. */
function surfaceOf(route: Route): Surface | null {
  if (route.name === "feed") return "video";
  return (SURFACES as readonly string[]).includes(route.name) ? (route.name as Surface) : null;
}

class App {
  route = $state<Route>(parse(location.hash));
  people = $state<string[]>([]);
  user = $state<string | null>(null);
  surface = $state<Surface>(surfaceOf(parse(location.hash)) ?? "video");
  list = $state<Recommended[]>([]);
  model = $state("");
  note = $state("");
  loading = $state(true);
  failure = $state("");
  /** On stage in the feed. */
  current = $state<Recommended | null>(null);
  detail = $state<Item | null>(null);
  moves = $state<Move[] | null>(null);
  /** item -> places it moved up (negative: down), NaN: new. Cleared with the next list. */
  deltas = $state<Record<string, number>>({});
  /** What a screen reader hears, and the toast shows. */
  said = $state("");
  acted = $state<Record<string, { liked?: "like" | "dislike"; stars?: number }>>({});
  theme = $state<"auto" | "light" | "dark">("auto");
  singleKeys = $state(kept("keys") !== "off");
  autoplay = $state(kept("autoplay") !== "off");
  captions = $state(kept("captions") !== "off");
  /** The reader pressed play once: what comes on stage next may start by itself. */
  wantsPlay = $state(false);
  showShortcuts = $state(false);
  /** A card whose reasons and choices are open. */
  sheet = $state<{ card: Card; line: Recommended | null } | null>(null);
  /** People of whom the library knows something. */
  known: string[] = [];
  /** Who is calling; null while that is not known. */
  caller = $state<Session | null>(null);
  private opened: () => void = () => undefined;
  /** Once it is known whom the library knows. */
  readonly ready = new Promise<void>((resolve) => (this.opened = resolve));
  session = newId();
  /** What a page has shown already and does not want again. */
  passed: string[] = [];
  private guestItems: string[] = [];
  private guestHidden: string[] = [];
  private turn = 0;
  private asked = false;
  private acting = 0;

  async start() {
    const theme = kept("theme");
    this.setTheme(theme === "light" || theme === "dark" ? theme : "auto");
    outbox.sent = (events) => events.forEach((e) => this.know(e.user_id));
    addEventListener("hashchange", () => {
      const [before, route] = [this.route, parse(location.hash)];
      this.route = route;
      if (before.name !== route.name || before.id !== route.id) scrollTo(0, 0);
      const surface = surfaceOf(route);
      if (surface && (surface !== this.surface || !this.asked)) this.setSurface(surface);
      else if (!this.current && STAGED.has(route.name)) this.stage(this.list[0] ?? null);
    });
    await this.meet();
    const own = this.caller?.user_id ?? null;
    const user = kept("user");
    if (own !== null) this.user = own;
    else if (user === "") this.user = null;
    else if (user !== null) {
      this.user = user;
      if (!this.people.includes(user)) this.people = [user, ...this.people];
    } else this.user = this.people[0] ?? null;
    lookAs(this.user);
    this.opened();
    await this.wanted();
  }

  /** Who is there to look: everybody, or the one person whose own session this is. */
  private async meet() {
    try {
      this.caller = await api.session().catch(() => null);
      if (this.caller?.who === "nobody") location.assign("/sign-in");
      const own = this.caller?.user_id ?? null;
      this.people = own === null ? (await api.people()).people : [own];
      this.known = [...this.people];
    } catch (error) {
      this.fail(error);
    }
  }

  /** Whether this session may do what the owner may. */
  get owns(): boolean {
    return this.caller === null || this.caller.scopes.includes("owner");
  }

  async signOut() {
    outbox.flush();
    try {
      await api.signOut();
    } finally {
      location.assign("/sign-in");
    }
  }

  setTheme(theme: "auto" | "light" | "dark") {
    this.theme = theme;
    keep("theme", theme);
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  setUser(user: string | null) {
    if (user && !this.people.includes(user)) this.people = [...this.people, user];
    outbox.flush();
    this.user = user;
    lookAs(user);
    keep("user", user ?? "");
    this.acted = {};
    this.current = null;
    this.guestItems = [];
    this.guestHidden = [];
    this.passed = [];
    void this.wanted();
  }

  /** A list for a page that shows one; the others have none until one is asked for. */
  private async wanted() {
    this.asked = false;
    if (surfaceOf(this.route)) await this.load();
    else {
      this.list = [];
      this.loading = false;
    }
  }

  private setSurface(surface: Surface) {
    this.surface = surface;
    this.current = null;
    this.list = [];
    this.passed = [];
    void this.load();
  }

  flag(name: "singleKeys" | "autoplay" | "captions", on: boolean) {
    this[name] = on;
    keep(name === "singleKeys" ? "keys" : name, on ? "on" : "off");
  }

  private ask(): Ask {
    const known = this.user !== null;
    return {
      ...(known ? { user_id: this.user as string } : { session_items: this.guestItems.slice(-20) }),
      exclude: known ? this.passed : [...this.guestHidden, ...this.passed],
      surface: this.surface,
      n: N,
      session_id: this.session,
      explain: true,
      rerank: true,
      cards: true,
    };
  }

  async load() {
    const turn = ++this.turn;
    this.asked = true;
    this.loading = true;
    this.moves = null;
    this.deltas = {};
    try {
      // a page that shows the list shows all of it; the others tell themselves what was seen
      const list = await api.list({ ...this.ask(), log_impressions: this.user !== null && LISTED.has(this.route.name) });
      if (turn === this.turn) this.show(list);
      this.failure = "";
    } catch (error) {
      if (turn === this.turn) {
        this.list = [];
        this.fail(error);
      }
    } finally {
      if (turn === this.turn) this.loading = false;
    }
  }

  /** The list again, with what moved since; nothing is told of it. */
  async reload() {
    if (this.acting) return; // what was just said brings a list of its own
    const [turn, old] = [++this.turn, this.list];
    try {
      const list = await api.list(this.ask());
      if (turn !== this.turn) return;
      this.asked = true;
      this.deltas = old.length ? deltasOf(compare(old, list.items)) : {};
      this.show(list);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** More of the same list, in place: nothing is cleared and nothing is told. */
  async refill() {
    const turn = ++this.turn;
    try {
      const list = await api.list(this.ask());
      if (turn === this.turn) this.show(list);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  /** The list moves while one watches: pushed after each event, from any window. Call in an effect; gives what ends it. */
  follow(): (() => void) | undefined {
    const [user, surface] = [this.user, this.surface];
    if (user === null) return;
    return follow(user, surface, N, (list) => {
      if (this.acting || this.loading || user !== this.user || surface !== this.surface) return;
      const moves = compare(this.list, list.items);
      if (!moves.length) return;
      this.deltas = deltasOf(moves);
      this.show(list);
    });
  }

  private show(list: List) {
    // the live page shows what is on air and nothing else
    this.list = this.surface === "live" ? list.items.filter((line) => line.item?.kind === "live") : list.items;
    this.model = list.model;
    this.note = list.note;
    if (!this.current && STAGED.has(this.route.name)) this.stage(this.list[0] ?? null);
  }

  stage(line: Recommended | null) {
    this.current = line;
    this.detail = null;
    if (line) void this.fetchDetail(line.item_id);
  }

  async fetchDetail(id: string) {
    try {
      const detail = await api.item(id);
      if (this.current?.item_id === id || (this.route.name === "item" && this.route.id === id)) this.detail = detail;
    } catch {
      /* the card says enough to play */
    }
  }

  /** Put a line of the list on stage because the reader chose it. */
  choose(line: Recommended) {
    this.wantsPlay = true;
    this.record(line.item_id, "click");
    this.stage(line);
    scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  next() {
    const line = this.list.find((l) => l.item_id !== this.current?.item_id);
    this.stage(line ?? null);
  }

  private know(user: string) {
    if (!this.known.includes(user)) this.known.push(user);
  }

  private event(item_id: string, type: string, value?: number): EventIn {
    const event: EventIn = {
      user_id: this.user ?? "",
      item_id,
      type,
      surface: this.surface,
      session_id: this.session,
      event_id: newId(),
    };
    if (value !== undefined) event.value = value;
    return event;
  }

  /** An event that needs no answer. */
  record(item_id: string, type: string, value?: number) {
    if (this.user !== null) outbox.add(this.event(item_id, type, value));
  }

  /** The reader's say: recorded, and the list moves at once; quietly where a player says it for them. */
  async act(item: Card, type: string, value?: number, quiet = false) {
    const before = this.acted[item.item_id] ?? {};
    if (type === "like" || type === "dislike") this.acted[item.item_id] = { ...before, liked: type };
    if (type === "rate" && value) this.acted[item.item_id] = { ...before, stars: value };
    const onStage = this.current?.item_id === item.item_id && STAGED.has(this.route.name);
    const leaves = onStage && (type === "skip" || type === "hide" || type === "dislike");
    const turn = ++this.turn;
    this.acting += 1;
    const earlier = this.user === null ? [] : outbox.take(); // what was watched before counts before
    try {
      let list: List;
      let moves: Move[];
      if (this.user !== null) {
        const told = await api.feedback([...earlier, this.event(item.item_id, type, value)], this.ask());
        this.know(told.after.user_id ?? this.user);
        const refused = told.report.rejected.find((r) => r.index === earlier.length);
        if (refused) this.say(t("rejected", { reason: refused.reason }));
        list = told.after;
        moves = told.moves;
      } else {
        const old = this.list;
        if (type === "like" || type === "complete" || (type === "rate" && (value ?? 0) >= 4)) this.guestItems.push(item.item_id);
        else this.guestHidden.push(item.item_id);
        list = await api.list(this.ask());
        moves = compare(old, list.items);
      }
      if (turn !== this.turn) return;
      this.showMoved(list, moves, quiet);
      if (leaves) this.next();
    } catch (error) {
      outbox.back(earlier);
      this.acted[item.item_id] = before;
      this.fail(error);
    } finally {
      this.acting -= 1;
    }
  }

  private showMoved(list: List, moves: Move[], quiet: boolean) {
    this.loading = false;
    this.deltas = deltasOf(moves);
    this.moves = moves;
    this.show(list);
    if (quiet) return;
    const told = moves.slice(0, 3).map(moveText);
    this.say(moves.length ? [t("movedSaid", { n: moves.length }), ...told].join("\n") : t("movedNone"));
  }

  say(text: string) {
    this.said = text;
  }

  fail(error: unknown) {
    const reason = error instanceof ApiError ? (error.code === "offline" ? t("offline") : error.message) : String(error);
    this.failure = t("failed", { reason });
    this.say(this.failure);
  }
}

export function moveText(move: Move): string {
  const title = move.title || move.item_id;
  if (move.after === null) return t("movedOut", { title });
  if (move.before === null) return t("movedIn", { title, after: move.after });
  return t("movedUp", { title, before: move.before, after: move.after });
}

export const moveWhy = (move: Move) => (words.lang === "zh" && move.why_zh ? move.why_zh : move.why);

export function sentence(line: Recommended | null): string {
  const why = line?.explanation;
  if (!why) return "";
  return words.lang === "zh" && why.sentence_zh ? why.sentence_zh : why.sentence;
}

const deltasOf = (moves: Move[]) =>
  Object.fromEntries(moves.filter((m) => m.after !== null).map((m) => [m.item_id, m.before === null ? NaN : m.before - (m.after as number)]));

/** For a guest, whose list is compared on the page; it ranks nothing. */
function compare(old: Recommended[], now: Recommended[]): Move[] {
  const before = new Map(old.map((l, i) => [l.item_id, i + 1]));
  const after = new Map(now.map((l, i) => [l.item_id, i + 1]));
  const titles = new Map([...old, ...now].map((l) => [l.item_id, l.item?.title ?? l.item_id]));
  return [...new Set([...after.keys(), ...before.keys()])]
    .filter((id) => before.get(id) !== after.get(id))
    .map((id) => {
      const line = now.find((l) => l.item_id === id);
      return {
        item_id: id,
        title: titles.get(id) ?? id,
        before: before.get(id) ?? null,
        after: after.get(id) ?? null,
        why: line?.explanation?.sentence ?? "",
        why_zh: line?.explanation?.sentence_zh ?? "",
      };
    });
}

export const app = new App();
