/** The pages of the application: each is a chunk of its own, fetched when it is first opened. A new page is one line here. */

import type { Component } from "svelte";
import type { IconName } from "../parts/Icon.svelte";
import type { Key } from "./i18n.svelte";

export const SURFACES = ["short", "video", "music", "tv", "live"] as const;
export type Surface = (typeof SURFACES)[number];

interface Page {
  title: Key;
  load: () => Promise<{ default: Component }>;
}

const pages = {
  feed: { title: "feed", load: () => import("../views/Feed.svelte") },
  short: { title: "short", load: () => import("../views/Short.svelte") },
  video: { title: "video", load: () => import("../views/Video.svelte") },
  music: { title: "music", load: () => import("../views/Music.svelte") },
  tv: { title: "tv", load: () => import("../views/Tv.svelte") },
  live: { title: "live", load: () => import("../views/Live.svelte") },
  item: { title: "details", load: () => import("../views/ItemPage.svelte") },
  search: { title: "search", load: () => import("../views/Search.svelte") },
  talk: { title: "talk", load: () => import("../views/Talk.svelte") },
  digest: { title: "digest", load: () => import("../views/Digest.svelte") },
  profile: { title: "profile", load: () => import("../views/Profile.svelte") },
  console: { title: "console", load: () => import("../views/Console.svelte") },
} satisfies Record<string, Page>;

export type PageName = keyof typeof pages;
export const PAGES: Record<PageName, Page> = pages;

/** What the bar of pages shows, in this order; five at most fit a phone. */
export const NAVIGATION: { name: PageName; icon: IconName }[] = [
  { name: "feed", icon: "home" },
  { name: "talk", icon: "why" },
  { name: "digest", icon: "star" },
  { name: "profile", icon: "person" },
  { name: "console", icon: "library" },
];

/** `#/item/ID?t=12` reads {name: "item", id: "ID", at: 12}; what is not known leads home. */
export interface Route {
  name: PageName;
  /** What follows the name: an item's id, a tab. */
  id: string;
  /** Words searched for. */
  q: string;
  /** Second to begin at. */
  at: number | null;
}

export function parse(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [head = "", ...rest] = path.split("/");
  const asked = new URLSearchParams(query);
  const at = Number(asked.get("t") ?? NaN);
  let id = rest.join("/");
  try {
    id = decodeURIComponent(id);
  } catch {
    /* as it stands */
  }
  const route = { id, q: asked.get("q") ?? "", at: Number.isFinite(at) && at >= 0 ? at : null };
  if (head === "library") return { ...route, name: "console", id: "library" };
  if (Object.hasOwn(pages, head) && (head !== "item" || id)) return { ...route, name: head as PageName };
  return { ...route, name: "feed" };
}

export const itemLink = (id: string, at?: number | null) =>
  `#/item/${encodeURIComponent(id)}${at === undefined || at === null ? "" : `?t=${Math.round(at * 100) / 100}`}`;
export const pageLink = (name: PageName) => (name === "feed" ? "#/" : `#/${name}`);
