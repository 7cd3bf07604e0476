/** What the API answers; see /v1/openapi.json. */

export interface Media {
  url: string;
  status: string;
  duration: number | null;
  has_video: boolean;
  has_audio: boolean;
  width: number | null;
  height: number | null;
  sha256: string;
}

export interface Card {
  item_id: string;
  kind: string;
  title: string;
  creator: string | null;
  language: string | null;
  summary: string;
  category: string | null;
  moods: string[];
  duration: number | null;
  has_video: boolean;
  has_audio: boolean;
  thumbnail: string | null;
  media: Media[];
  licence: string | null;
  credit: string | null;
  available: boolean;
}

export interface Evidence {
  field: string | null;
  start: number | null;
  end: number | null;
  quote: string;
}

export interface Span {
  start: number;
  end: number;
}

export interface Line extends Span {
  text: string;
  score: number | null;
}

export interface Claim {
  text: string;
  evidence: Evidence[];
}

export interface Chapter extends Span {
  title: string;
  source: string;
  evidence: Evidence[];
  claims: Claim[];
}

export type Style = "account" | "script" | "news";

export interface Account {
  style: Style;
  language: string;
  title: string;
  parts: { heading: string; start: number | null; end: number | null; claims: Claim[] }[];
  dropped: number;
}

export interface Content {
  language: string | null;
  summary: string;
  summary_claims: Claim[];
  chapters: Chapter[];
  category: string | null;
  category_score: number;
  topics: string[];
  keywords: { text: string; score: number; evidence: Evidence[] }[];
  sentiment: string | null;
  sentiment_score: number | null;
  moods: { name: string; score: number }[];
  transcript: Line[];
  shots: Span[];
  scenes: Line[];
  screen_text: Line[];
  speech: number | null;
  music: number | null;
  other: number | null;
  sounds: { name: string; score: number }[];
  tempo: number | null;
  loudness: number | null;
  moderation: string;
  moderation_reasons: string[];
  provenance: { extractor: string; model: string | null; model_sha256: string | null; prompt: string | null; note: string | null }[];
  gaps: string[];
}

export interface Item extends Card {
  description: string | null;
  tags: string[];
  published_at: number | null;
  extra: [string, string][];
  content: Content | null;
  duplicates_of: string[];
  shares_spans_with: { item_id: string; start: number; end: number; other_start: number; other_end: number }[];
}

export interface Contribution {
  feature: string;
  weight: number;
  taste: number;
  value: number;
  product: number;
  evidence: Evidence[];
}

export interface Explanation {
  sentence: string;
  sentence_zh: string;
  source: string;
  because: string | null;
  parts: { scorer: string; raw: number; normalised: number; weight: number }[];
  contributions: Contribution[];
}

export interface Recommended {
  item_id: string;
  score: number;
  source: string;
  explanation: Explanation | null;
  item: Card | null;
}

export interface List {
  user_id: string | null;
  surface: string;
  items: Recommended[];
  model: string;
  spoke: [string, number][];
  note: string;
}

export interface Move {
  item_id: string;
  title: string;
  before: number | null;
  after: number | null;
  why: string;
  why_zh: string;
}

export interface EventsReport {
  added: number;
  known: number;
  rejected: { index: number; reason: string; remedy: string }[];
  rejected_total: number;
}

export interface Feedback {
  report: EventsReport;
  before: List;
  after: List;
  moves: Move[];
}

export interface Hit {
  item_id: string;
  score: number;
  found_in: string;
  quote: string;
  item: Card | null;
}

export interface Taste {
  feature: string;
  taste: number;
  session: number;
  weight: number;
  corrected: boolean;
  evidence: string[];
  item_ids: string[];
}

export interface Profile {
  user_id: string;
  text: string;
  text_source: string;
  rows: Taste[];
  interests: { topic: string; strength: number; since: number | null; trend: string; item_ids: string[] }[];
  events: number;
  liked: string[];
  updated_at: number;
}

export interface Model {
  version: string;
  created_at: number;
  evaluation: { name: string; value: number; n: number }[];
  events: number;
  items: number;
  people: number;
  note: string;
}

export interface Status {
  version: string;
  schema_version: string;
  counts: Record<"items" | "available" | "assets" | "described" | "pending" | "people" | "events" | "problems", number>;
  bytes: [string, number][];
  disk_left: number;
  model: Model | null;
  pack: string;
  gaps: string[];
}

export interface Problem {
  kind: string;
  place: string;
  reason: string;
  remedy: string;
  item_id: string | null;
  times: number;
}

export interface Playable {
  playable: boolean;
  url: string | null;
  mime: string | null;
  made: boolean;
  reason: string | null;
  remedy: string | null;
}

export interface EventIn {
  user_id: string;
  item_id: string;
  type: string;
  value?: number;
  surface?: string;
  session_id?: string;
  event_id?: string;
}

export interface RowItem {
  item_id: string;
  score: number;
  source: string;
  watched: number | null;
  resume_at: number | null;
  watched_at: number | null;
  series: string | null;
  season: number | null;
  episode: number | null;
  item: Card | null;
}

export interface HomeRow {
  kind: string;
  name: string;
  title: string;
  title_zh: string;
  because_id: string | null;
  items: RowItem[];
}

export interface Session {
  who: string;
  scopes: string[];
  user_id: string | null;
  password: boolean;
  provider: boolean;
}

export interface Home {
  user_id: string;
  surface: string;
  rows: HomeRow[];
  model: string;
}

export interface Seeds {
  moods: { name: string; items: number }[];
  creators: { name: string; items: number }[];
}

export interface RadioAsk {
  user_id?: string;
  item_id?: string;
  creator?: string;
  mood?: string;
  n: number;
  played: string[];
  explain: boolean;
}

export interface FeedMessage {
  head: number;
  list: List;
}

/** Where a conversation stands; sent back with the next utterance as it came. */
export interface Conversation {
  shown?: string[];
}

export interface TalkReason {
  part: string;
  text: string;
  text_zh: string;
  at: number | null;
  quote: string;
}

export interface ToldItem {
  item_id: string;
  title: string;
  score: number;
  seconds: number | null;
  reasons: TalkReason[];
  item: Card | null;
}

export interface TalkAnswer {
  text: string;
  text_zh: string;
  language: string;
  heard: string;
  spoke: string;
  relaxed: string[];
  items: ToldItem[];
  state: Conversation;
}

export interface Source {
  item_id: string;
  title: string;
  start: number | null;
  end: number | null;
  quote: string;
}

export interface Matter {
  item_id: string;
  title: string;
  text: string;
  text_zh: string;
  sources: Source[];
}

export interface Digest {
  week: string;
  first: number;
  last: number;
  watched: Source[];
  ahead: Matter[];
  new: Source[];
  trends: { topic: string; trend: string; strength: number }[];
}
