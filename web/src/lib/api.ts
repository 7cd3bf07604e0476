/** Calls of the API. A refused or failed call throws `ApiError` with what the server said. */

import type { Account, Conversation, Digest, EventIn, EventsReport, Feedback, Hit, Home, Item, List, Playable, Problem, Profile, RadioAsk, Recommended, RowItem, Seeds, Session, Status, Style, TalkAnswer } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly remedy: string | null = null,
  ) {
    super(message);
  }
}

export async function call<T>(method: string, path: string, body?: unknown, keepalive = false, as: "json" | "text" = "json"): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      keepalive,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, "offline", "the server does not answer");
  }
  if (!answer.ok) {
    const told = (await answer.json().catch(() => ({}))) as Record<string, string>;
    throw new ApiError(answer.status, told.code ?? "error", told.detail ?? answer.statusText, told.remedy ?? null);
  }
  return (answer.status === 204 ? undefined : await answer[as]()) as T;
}

const id = encodeURIComponent;

/** Who is looking: what moderation keeps from that person's audience is then shown at no door. */
let person: string | null = null;
export const lookAs = (user: string | null) => void (person = user);
const mine = (path: string) => (person === null ? path : `${path}${path.includes("?") ? "&" : "?"}user_id=${id(person)}`);

export interface Ask {
  user_id?: string;
  surface: string;
  n: number;
  exclude?: string[];
  session_id?: string;
  session_items?: string[];
  explain: boolean;
  explore?: boolean;
  rerank: boolean;
  log_impressions?: boolean;
  cards: boolean;
}

/** A person's list, pushed anew after each event; the address that an EventSource opens. */
export const feedAddress = (user: string, surface: string, n: number) =>
  `/v1/people/${id(user)}/feed?surface=${id(surface)}&n=${n}&explain=true&cards=true`;

/** The same without what only the page's own call knows; the API takes it with cards. */
export const api = {
  list: (ask: Ask) => call<List>("POST", "/v1/recommendations", ask),
  feedback: (events: EventIn[], ask: Ask) => call<Feedback>("POST", "/v1/feedback", { events, ask }),
  events: (events: EventIn[], leaving = false) => call<EventsReport>("POST", "/v1/events/batch", { events }, leaving),
  item: (item_id: string) => call<Item>("GET", mine(`/v1/items/${id(item_id)}`)),
  account: (item_id: string, style: Style, language: string) =>
    call<Account>("GET", mine(`/v1/items/${id(item_id)}/account?style=${style}&language=${language}`)),
  similar: (item_id: string, n = 8) => call<{ hits: Hit[] }>("GET", mine(`/v1/items/${id(item_id)}/similar?n=${n}`)),
  search: (q: string, n = 30) => call<{ hits: Hit[] }>("GET", mine(`/v1/search?n=${n}&q=${id(q)}`)),
  explain: (user_id: string, item_id: string, surface: string) =>
    call<Recommended>("GET", `/v1/explain?user_id=${id(user_id)}&item_id=${id(item_id)}&surface=${id(surface)}`),
  prepare: (status: string) => call<Playable>("GET", mine(status)),
  home: (user: string, surface: string, rows = 8, n = 12) => call<Home>("GET", `/v1/people/${id(user)}/home?surface=${id(surface)}&rows=${rows}&n=${n}`),
  following: (item_id: string) => call<{ next: RowItem | null }>("GET", mine(`/v1/items/${id(item_id)}/next`)),
  radio: (ask: RadioAsk) => call<List>("POST", "/v1/radio", ask),
  seeds: () => call<Seeds>("GET", "/v1/radio/seeds?n=40"),
  session: () => call<Session>("GET", "/v1/session"),
  signOut: () => call<void>("DELETE", "/v1/session"),
  people: () => call<{ people: string[] }>("GET", "/v1/people?limit=50"),
  profile: (user: string) => call<Profile>("GET", `/v1/people/${id(user)}/profile`),
  correct: (user: string, feature: string, value: number | null, muted: boolean) =>
    call<Profile>("PATCH", `/v1/people/${id(user)}/profile`, { feature, value, muted }),
  talk: (user: string, said: { text: string; audio?: string; state?: Conversation; n: number }) =>
    call<TalkAnswer>("POST", `/v1/people/${id(user)}/talk`, said),
  digest: (user: string) => call<Digest>("GET", `/v1/people/${id(user)}/digest`),
  digestPage: (user: string, language: string) => `/v1/people/${id(user)}/digest.html?language=${language}`,
  digestSound: (user: string) => `/v1/people/${id(user)}/digest.wav`,
  trailer: (user: string, item_id: string) => `/v1/people/${id(user)}/trailers/${id(item_id)}`,
  reset: (user: string) => call<void>("DELETE", `/v1/people/${id(user)}/profile`),
  status: () => call<Status>("GET", "/v1/status"),
  problems: () => call<{ problems: Problem[]; total: number }>("GET", "/v1/problems?n=200"),
};
