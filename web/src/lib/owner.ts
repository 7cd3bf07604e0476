/** Calls that the owner's console alone makes; kept out of the pages that people use. */

import { call } from "./api";
import type { Hit, List, Model, Move } from "./types";

export interface Job {
  job_id: string;
  kind: string;
  state: string;
  step: string;
  done: number;
  total: number | null;
  result: string;
}

export interface Finding {
  reason: string;
  score: number;
  source: string;
  start: number | null;
  end: number | null;
  quote: string;
}

export interface Act {
  number: number;
  at: number;
  act: string;
  item_id: string | null;
  verdict: string | null;
  age: number | null;
  audience: string | null;
  who: string;
  why: string;
}

export interface Case {
  item_id: string;
  title: string;
  verdict: string;
  shown: boolean;
  age: number | null;
  by: string;
  automatic: string;
  reasons: string[];
  findings: Finding[];
  appeal: Act | null;
  trail: Act[];
}

export interface Logged {
  user_id: string;
  item_id: string | null;
  type: string;
  value: number | null;
  timestamp: number | null;
  surface: string | null;
  target: string | null;
  undone: boolean;
}

export interface Correction {
  feature: string;
  value: number | null;
  muted: boolean;
}

const id = encodeURIComponent;
const paged = (cursor: string | null) => (cursor ? `&cursor=${id(cursor)}` : "");

export const owner = {
  jobs: () => call<{ jobs: Job[] }>("GET", "/v1/jobs"),
  start: (kind: "fit" | "describe") => call<Job>("POST", "/v1/jobs", { kind }),
  job: (job: string) => call<Job>("GET", `/v1/jobs/${id(job)}`),
  rollback: () => call<Model>("POST", "/v1/models/rollback", {}),
  flow: (surface: string) => call<string>("GET", `/v1/flow/${id(surface)}`, undefined, false, "text"),
  queue: () => call<{ cases: Case[]; total: number }>("GET", "/v1/moderation/queue?n=50"),
  cases: (verdict: string) => call<{ cases: Case[]; total: number }>("GET", `/v1/moderation/items?n=50${verdict ? `&verdict=${id(verdict)}` : ""}`),
  decide: (item: string, verdict: string, who: string, why: string, age: number | null) =>
    call<Case>("POST", `/v1/moderation/items/${id(item)}/decision`, { verdict, who, why, ...(age === null ? {} : { age }) }),
  everybody: (cursor: string | null) => call<{ people: string[]; cursor: string | null }>("GET", `/v1/people?order=first&limit=50${paged(cursor)}`),
  log: (user: string | null, cursor: string | null) =>
    call<{ events: Logged[]; cursor: string | null }>("GET", `/v1/${user === null ? "" : `people/${id(user)}/`}events?n=50${paged(cursor)}`),
  chart: (name: "popular" | "trending" | "latest") => call<{ hits: Hit[] }>("GET", `/v1/${name}?n=10`),
  metrics: () => call<string>("GET", "/metrics", undefined, false, "text"),
  preview: (user: string, corrections: Correction[], surface: string, n: number) =>
    call<{ before: List; after: List; moves: Move[] }>("POST", `/v1/people/${id(user)}/preview`, {
      corrections,
      ask: { user_id: user, surface, n, explain: true, rerank: true, cards: true },
    }),
};

/** One line of Prometheus' text: `name{label="value"} 1.5`. */
export interface Sample {
  key: string;
  name: string;
  labels: Record<string, string>;
  value: number;
}

export function samples(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const found = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)/.exec(line);
    if (!found) return [];
    const [, name = "", braces = "", value = ""] = found;
    const labels = Object.fromEntries([...braces.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((m) => [m[1] ?? "", m[2] ?? ""]));
    return [{ key: `${name}${braces}`, name, labels, value: Number(value) }];
  });
}

/** A name that tells people apart and does not tell who they are: drawn from the id, the same at each visit. */
export function pseudonym(user: string): string {
  let h = 2166136261;
  for (let i = 0; i < user.length; i++) h = Math.imul(h ^ user.charCodeAt(i), 16777619);
  return `P-${(h >>> 0).toString(36).padStart(7, "0").slice(-6).toUpperCase()}`;
}
