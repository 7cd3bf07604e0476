/** What is sent and answered. Made by scripts/clients.py from the OpenAPI document; do not edit. */

/** An item told at length. */
export interface AccountOut {
  style: string;
  language: string;
  title: string;
  parts: AccountPartOut[];
  dropped?: number;
}

/** A part of an account. */
export interface AccountPartOut {
  heading: string;
  start?: number | null;
  end?: number | null;
  claims: ClaimOut[];
}

/** What somebody unknown did in this session. */
export interface ActIn {
  item_id: string;
  type?: string;
  value?: number | null;
  timestamp?: number | null;
}

/** A line of the trail. */
export interface ActOut {
  number: number;
  at: number;
  act: string;
  item_id?: string | null;
  verdict?: string | null;
  age?: number | null;
  audience?: string | null;
  who: string;
  why: string;
  policy: string;
}

/** A list of what a person may see. */
export interface AllowedIn {
  item_ids: string[];
  who: string;
  why: string;
}

/** A list of what a person may see; null: no list, the policy alone decides. */
export interface AllowedOut {
  user_id: string;
  item_ids: string[] | null;
}

/** Somebody disagrees with what is decided. */
export interface AppealIn {
  who: string;
  why: string;
}

/** A list wanted. Without `user_id` nobody is known, and `session_items` say what was just played. */
export interface AskIn {
  user_id?: string | null;
  surface?: string | null;
  n?: number;
  include_seen?: boolean | null;
  candidates?: string[] | null;
  exclude?: string[];
  categories?: string[];
  kind?: "video" | "audio" | "live" | "other" | null;
  language?: string | null;
  creator?: string | null;
  device?: "phone" | "tablet" | "desktop" | "tv" | "speaker" | "car" | null;
  session_id?: string | null;
  session_items?: string[];
  explain?: boolean;
  explore?: boolean;
  rerank?: boolean;
  log_impressions?: boolean;
  audience?: string | null;
  cards?: boolean;
}

/** How much the sequential model looks at each act: [layer][head][act]. */
export interface AttentionOut {
  acts: ReasonOut[];
  weights: number[][][];
}

/** What one way of explaining says. */
export interface AttributionOut {
  method: string;
  of: string;
  score: number;
  base: number;
  exact: boolean;
  shown: boolean;
  fit?: number | null;
  reasons: ReasonOut[];
}

/** Which audience a person is in. */
export interface AudienceIn {
  who: string;
  why: string;
  audience: string | null;
}

/** Which audience a person is in. */
export interface AudienceOut {
  user_id: string;
  audience: string | null;
}

/** The trail. */
export interface AuditOut {
  acts: ActOut[];
  total: number;
  broken?: number | null;
}

/** What a list shows of an item. */
export interface Card {
  item_id: string;
  kind: string;
  title: string;
  creator?: string | null;
  language?: string | null;
  summary?: string;
  category?: string | null;
  moods?: string[];
  duration?: number | null;
  has_video?: boolean;
  has_audio?: boolean;
  thumbnail?: string | null;
  media?: MediaOut[];
  licence?: string | null;
  credit?: string | null;
  available?: boolean;
}

/** One item as a moderator sees it, and what holds for everybody. */
export interface CaseOut {
  verdict: string;
  shown: boolean;
  age?: number | null;
  by: string;
  item_id: string;
  title: string;
  automatic: string;
  audiences?: Record<string, JudgementOut>;
  reasons?: string[];
  findings?: FindingOut[];
  appeal?: ActOut | null;
  trail?: ActOut[];
}

/** A page of cases. */
export interface CasesOut {
  cases: CaseOut[];
  total: number;
}

/** Categories of what may be shown, most first. */
export interface CategoriesOut {
  categories: CategoryOut[];
}

/** A category. */
export interface CategoryOut {
  name: string;
  items: number;
}

/** What became of one item. */
export interface ChangedOut {
  item_id: string;
  created: boolean;
  problems?: ProblemOut[];
}

/** A channel to begin from an HLS address. Files are played as live from the command line only. */
export interface ChannelIn {
  item_id: string;
  address: string;
  title?: string | null;
  tags?: string[];
}

/** A live channel. */
export interface ChannelOut {
  item_id: string;
  source: string;
  started_at: number;
  ended_at?: number | null;
  replay_id?: string | null;
  score?: number;
  now?: HappeningOut | null;
  item?: Card | null;
}

/** Channels, best for the person first; what has ended comes last. */
export interface ChannelsOut {
  channels: ChannelOut[];
}

/** A part of an item. */
export interface ChapterOut {
  start: number;
  end: number;
  title: string;
  source: string;
  evidence?: EvidenceOut[];
  claims?: ClaimOut[];
}

/** A sentence and what it rests on. */
export interface ClaimOut {
  text: string;
  evidence?: EvidenceOut[];
}

/** What a person said of one purpose, or what holds while they said nothing. */
export interface Consent {
  purpose: Purpose;
  given: boolean;
  said_at?: number | null;
}

/** What a person says of some purposes. */
export interface ConsentIn {
  purposes: Purpose[];
  given: boolean;
}

/** What holds for a person, purpose by purpose. */
export interface ConsentsOut {
  consents: Consent[];
}

/** One term weight x taste x value of the readable score. */
export interface ContributionOut {
  feature: string;
  weight: number;
  taste: number;
  value: number;
  product: number;
  evidence?: EvidenceOut[];
}

/** Where a conversation stands. Made by the library, kept by the client, checked like any input when it comes back. */
export interface Conversation {
  wish?: Wish;
  shown?: string[];
  given?: string[];
  refused?: string[];
  like_id?: string | null;
}

/** What a person says of their own profile. */
export interface CorrectionIn {
  feature: string;
  value?: number | null;
  muted?: boolean;
}

/** Sizes of a library. */
export interface CountsOut {
  items: number;
  available: number;
  assets: number;
  described: number;
  pending: number;
  people: number;
  events: number;
  problems: number;
}

/** An owner's decision. `review` hands the item back to the policy. */
export interface DecisionIn {
  who: string;
  why: string;
  verdict: Verdict;
  age?: number | null;
  audience?: string | null;
}

/** All that is known of an item's content. */
export interface DescriptionOut {
  language?: string | null;
  summary?: string;
  summary_claims?: ClaimOut[];
  chapters?: ChapterOut[];
  category?: string | null;
  category_score?: number;
  topics?: string[];
  keywords?: KeywordOut[];
  sentiment?: string | null;
  sentiment_score?: number | null;
  moods?: NamedScore[];
  transcript?: LineOut[];
  shots?: SpanOut[];
  scenes?: LineOut[];
  screen_text?: LineOut[];
  speech?: number | null;
  music?: number | null;
  other?: number | null;
  sounds?: NamedScore[];
  tempo?: number | null;
  loudness?: number | null;
  moderation?: string;
  moderation_reasons?: string[];
  provenance?: ProvenanceOut[];
  gaps?: string[];
}

/** A person's week. */
export interface Digest {
  user_id: string;
  week: string;
  first: number;
  last: number;
  watched?: Source[];
  events?: number;
  ahead?: Matter[];
  new?: Source[];
  trends?: Trend[];
  generated?: string;
}

/** The end of a channel. */
export interface EndIn {
  replay_id?: string | null;
}

/** Many events at once. */
export interface EventBatch {
  events: EventIn[];
}

/** One thing a person did. */
export interface EventIn {
  user_id: string;
  item_id?: string | null;
  type: string;
  value?: number | string | null;
  timestamp?: number | string | null;
  surface?: string | null;
  session_id?: string | null;
  event_id?: string | null;
  text?: string | null;
  target?: string | null;
}

/** What became of the events. What counts as `added` or `known` is on disk. */
export interface EventsOut {
  added: number;
  known: number;
  rejected?: RejectedOut[];
  rejected_total?: number;
}

/** Where a claim can be checked. */
export interface EvidenceOut {
  field?: string | null;
  start?: number | null;
  end?: number | null;
  quote?: string;
}

/** Why an item is there. */
export interface ExplanationOut {
  sentence?: string;
  sentence_zh?: string;
  source: string;
  because?: string | null;
  parts?: PartOut[];
  contributions?: ContributionOut[];
}

/** One thing a person did, in outside ids. */
export interface ExportedEvent {
  number: number;
  item_id: string | null;
  type: string;
  value?: number | null;
  timestamp?: number | null;
  surface?: string | null;
  session_id?: string | null;
  event_id: string;
  text?: string | null;
  target?: string | null;
  undoes?: string | null;
  propensity?: number | null;
  source: string;
}

/** A row of a table that holds something of a person and has no form of its own here. */
export interface ExportedRow {
  table: string;
  values: Record<string, string | number | boolean | null>;
}

/** Events, and the list they should change. */
export interface FeedbackIn {
  events: EventIn[];
  ask: AskIn;
}

/** What the events did to the list. */
export interface FeedbackOut {
  report: EventsOut;
  before: ListOut;
  after: ListOut;
  moves: MoveOut[];
}

/** What was found where. */
export interface FindingOut {
  reason: string;
  score: number;
  source: string;
  start?: number | null;
  end?: number | null;
  quote?: string;
  in_a_copy?: boolean;
}

/** Programmes by start and channel. */
export interface GuideOut {
  programmes: ProgrammeOut[];
}

/** The last minute of a channel, as the extractors saw and heard it. */
export interface HappeningOut {
  at: number;
  seconds: number;
  language?: string | null;
  transcript?: LineOut[];
  scenes?: NamedScore[];
  moods?: NamedScore[];
  features?: NamedScore[];
  viewers?: number;
  rate?: number;
  gaps?: string[];
}

/** Alive, or ready. */
export interface HealthOut {
  status: string;
  version: string;
}

/** A search or similarity hit. */
export interface HitOut {
  item_id: string;
  score: number;
  found_in?: string;
  quote?: string;
  item?: Card | null;
}

/** Hits, best first; ask again with `cursor` until it is null, where the list has pages. */
export interface HitsOut {
  hits: HitOut[];
  cursor?: string | null;
}

/** A home page; no item stands in two rows. */
export interface HomeOut {
  user_id: string;
  surface: string;
  rows: HomeRowOut[];
  model: string;
}

/** A row of a home page. */
export interface HomeRowOut {
  kind: string;
  name: string;
  title: string;
  title_zh: string;
  because_id?: string | null;
  items: RowItemOut[];
}

/** Who shares a screen. */
export interface HouseholdOut {
  household: string;
  profiles: HouseholdProfileOut[];
}

/** A profile of a household. */
export interface HouseholdProfileOut {
  user_id: string;
  name: string;
  child: boolean;
  allowed?: number | null;
}

/** What a person was shown. */
export interface ImpressionsIn {
  user_id: string;
  items: ShownIn[];
  surface?: string | null;
  session_id?: string | null;
  shown_id?: string | null;
  timestamp?: number | null;
}

/** A topic of interest. */
export interface InterestOut {
  topic: string;
  strength: number;
  since?: number | null;
  trend: string;
  item_ids?: string[];
}

/** One item as its owner states it; other names are kept as text of the item. `null` takes a field away. */
export interface ItemIn {
  title?: string | null;
  description?: string | null;
  tags?: string[] | string | null;
  language?: string | null;
  published_at?: number | string | null;
  creator?: string | null;
  kind?: "video" | "audio" | "live" | "other" | null;
  licence?: string | null;
  credit?: string | null;
  uri?: string | null;
  available?: boolean | null;
  [more: string]: unknown;
}

/** An item with all that is known of it. */
export interface ItemOut {
  item_id: string;
  kind: string;
  title: string;
  creator?: string | null;
  language?: string | null;
  summary?: string;
  category?: string | null;
  moods?: string[];
  duration?: number | null;
  has_video?: boolean;
  has_audio?: boolean;
  thumbnail?: string | null;
  media?: MediaOut[];
  licence?: string | null;
  credit?: string | null;
  available?: boolean;
  description?: string | null;
  tags?: string[];
  published_at?: number | null;
  extra?: [string, string][];
  content?: DescriptionOut | null;
  duplicates_of?: string[];
  shares_spans_with?: SharedOut[];
}

/** Items as rows of a manifest. */
export interface ItemsIn {
  items: Record<string, unknown>[];
}

/** A page of items; ask again with `cursor` until it is null. */
export interface ItemsPage {
  items: Card[];
  cursor?: string | null;
}

/** What became of the rows. */
export interface ItemsPut {
  item_ids: string[];
  problems?: ProblemOut[];
}

/** Work that takes long. */
export interface JobIn {
  kind: "fit" | "describe";
  seed?: number;
}

/** Work that takes long, and how far it is. */
export interface JobOut {
  job_id: string;
  kind: string;
  state: string;
  step?: string;
  done?: number;
  total?: number | null;
  result?: string;
  created_at?: number;
}

/** Jobs of this server process since it started, the newest first. */
export interface JobsOut {
  jobs: JobOut[];
}

/** What holds for somebody. */
export interface JudgementOut {
  verdict: string;
  shown: boolean;
  age?: number | null;
  by: string;
}

/** A key word and where it stands. */
export interface KeywordOut {
  text: string;
  score: number;
  evidence?: EvidenceOut[];
}

/** Something that the wanted items should be like, as the person named it. */
export interface Like {
  text?: string;
  when?: string | null;
  place?: number | null;
}

/** A stretch and what was said, shown or found there. */
export interface LineOut {
  start: number;
  end: number;
  text: string;
  score?: number | null;
}

/** A list, and which sources spoke. */
export interface ListOut {
  user_id?: string | null;
  surface: string;
  items: RecommendedOut[];
  model: string;
  spoke?: [string, number][];
  note?: string;
}

/** A page of the log, newest first; ask again with `cursor` until it is null. */
export interface LogPage {
  events: LoggedOut[];
  cursor?: string | null;
}

/** An event of the log. */
export interface LoggedOut {
  user_id: string;
  item_id?: string | null;
  type: string;
  value?: number | null;
  timestamp?: number | null;
  surface?: string | null;
  session_id?: string | null;
  text?: string | null;
  target?: string | null;
  undoes?: string | null;
  undone?: boolean;
}

/** Why an item may matter to a person. */
export interface Matter {
  item_id: string;
  title: string;
  text: string;
  text_zh: string;
  reason?: string;
  reason_zh?: string;
  sources?: Source[];
  generated?: string;
}

/** One asset of an item, as a player needs it. */
export interface MediaOut {
  url: string;
  status: string;
  duration?: number | null;
  has_video?: boolean;
  has_audio?: boolean;
  width?: number | null;
  height?: number | null;
  sha256: string;
}

/** A figure measured on held-out events. */
export interface MetricOut {
  name: string;
  value: number;
  n: number;
}

/** A trained model. */
export interface ModelOut {
  version: string;
  created_at: number;
  seed: number;
  current: boolean;
  parent?: string | null;
  evaluation?: MetricOut[];
  events: number;
  items: number;
  people: number;
  note?: string;
  seconds?: number;
}

/** Trained models, the newest first. */
export interface ModelsOut {
  models: ModelOut[];
}

/** What one more act would bring. */
export interface MoreOut {
  feature: string;
  item_id: string;
  title: string;
  did: string;
  before: number;
  after: number;
}

/** What an utterance does to the conversation. */
export type Move = "ask" | "more" | "reject" | "reset" | "why";

/** How one item's place changed; null: not in the list. */
export interface MoveOut {
  item_id: string;
  title?: string;
  before: number | null;
  after: number | null;
  why: string;
  why_zh?: string;
}

/** A name and a figure; 0..1 unless the name says otherwise. */
export interface NamedScore {
  name: string;
  score: number;
}

/** The next episode; null where there is none. */
export interface NextOut {
  next?: RowItemOut | null;
}

/** What one scorer gave. */
export interface PartOut {
  scorer: string;
  raw: number;
  normalised: number;
  weight: number;
}

/** People; ask again with `cursor` until it is null. */
export interface PeopleOut {
  people: string[];
  cursor?: string | null;
}

/** Everything that is kept of a person. Its JSON schema: `vitascope privacy export --schema`. */
export interface PersonExport {
  format?: number;
  user_id: string;
  known_since: number;
  exported_at: number;
  consents: Consent[];
  events: ExportedEvent[];
  taste_text?: string;
  taste?: Record<string, number>;
  corrections?: Record<string, number | null>;
  rows?: ExportedRow[];
}

/** Whether a player can play an asset; asking prepares it. */
export interface PlayableOut {
  playable: boolean;
  url?: string | null;
  mime?: string | null;
  bytes?: number | null;
  made?: boolean;
  reason?: string | null;
  remedy?: string | null;
}

/** Corrections supposed, and the list to look at. */
export interface PreviewIn {
  corrections: CorrectionIn[];
  ask: AskIn;
}

/** The list as it is, and as it would be. */
export interface PreviewOut {
  before: ListOut;
  after: ListOut;
  moves: MoveOut[];
}

/** RFC 9457 problem details. */
export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  place?: string | null;
  remedy?: string | null;
}

/** An input that was set aside. */
export interface ProblemOut {
  kind: string;
  place: string;
  reason: string;
  remedy: string;
  item_id?: string | null;
  times?: number;
  last_seen?: number;
}

/** Inputs that were set aside. */
export interface ProblemsOut {
  problems: ProblemOut[];
  total: number;
  cursor?: string | null;
}

/** A profile of a household. */
export interface ProfileIn {
  name: string;
  child?: boolean;
  who?: string;
}

/** A person's profile. */
export interface ProfileOut {
  user_id: string;
  text: string;
  text_source: string;
  rows: TasteOut[];
  interests?: InterestOut[];
  events: number;
  liked?: string[];
  muted?: string[];
  updated_at: number;
}

/** A programme of a guide. */
export interface ProgrammeOut {
  channel: string;
  channel_name?: string;
  start: number;
  stop: number;
  title: string;
  subtitle?: string;
  description?: string;
  categories?: string[];
  language?: string | null;
  season?: number | null;
  episode?: number | null;
  age?: number | null;
}

/** What produced a part of the description. */
export interface ProvenanceOut {
  extractor: string;
  model?: string | null;
  model_sha256?: string | null;
  prompt?: string | null;
  note?: string | null;
}

/** What behaviour may be used for. Order is kept; add at the end only. */
export type Purpose = "recommend" | "content" | "research" | "outside";

/** A radio wanted. Exactly one of item_id, creator, mood. */
export interface RadioIn {
  user_id?: string | null;
  item_id?: string | null;
  creator?: string | null;
  mood?: string | null;
  surface?: string;
  n?: number;
  played?: string[];
  explain?: boolean;
  audience?: string | null;
  cards?: boolean;
}

/** The caller's own items, to be put into a person's order. */
export interface RankIn {
  user_id?: string | null;
  item_ids: string[];
  surface?: string | null;
  session_id?: string | null;
  session_items?: string[];
  explain?: boolean;
  audience?: string | null;
  cards?: boolean;
}

/** The caller's items in order; each of them is in the list or named as left out. */
export interface RankedOut {
  user_id?: string | null;
  surface: string;
  items: RecommendedOut[];
  model: string;
  spoke?: [string, number][];
  note?: string;
  left_out?: string[];
}

/** One named reason and what it adds. */
export interface ReasonOut {
  kind: string;
  name: string;
  label: string;
  label_zh: string;
  amount: number;
  given?: number | null;
  start?: number | null;
  end?: number | null;
  title?: string;
  did?: string;
}

/** What an erasure removed. Signed with Ed25519 (RFC 8032) over the canonical JSON of everything but the signature. */
export interface Receipt {
  format?: number;
  id: string;
  pseudonym: string;
  person: number;
  erased_at: number;
  removed: Removed[];
  scheduled: Scheduled[];
  notes?: string[];
  public_key: string;
  signature?: string;
}

/** One line of a list. */
export interface RecommendedOut {
  item_id: string;
  score: number;
  source: string;
  explanation?: ExplanationOut | null;
  propensity?: number | null;
  item?: Card | null;
}

/** An event that was set aside. */
export interface RejectedOut {
  index: number;
  reason: string;
  remedy: string;
}

/** Items to take out together. */
export interface RemovalsIn {
  item_ids: string[];
  how: "unavailable" | "erased";
}

/** What was removed from one place. */
export interface Removed {
  place: string;
  count: number;
  how: string;
}

/** What was taken out, and what was not there. */
export interface RemovedOut {
  removed: string[];
  unknown?: string[];
  how: string;
}

/** One item of a row, with where to go on where it was begun. */
export interface RowItemOut {
  item_id: string;
  score: number;
  source: string;
  watched?: number | null;
  resume_at?: number | null;
  watched_at?: number | null;
  series?: string | null;
  season?: number | null;
  episode?: number | null;
  item?: Card | null;
}

/** The next hours of a channel made for one person. Ask again with the end of the last and what was in it. */
export interface ScheduleOut {
  user_id: string;
  slots: SlotOut[];
  next_at: number;
}

/** What still holds a share of a person's behaviour, summed with everybody's, and until when at most. */
export interface Scheduled {
  place: string;
  why: string;
  by: number;
}

/** Something a radio can start from, and how many items have it. */
export interface SeedOut {
  name: string;
  items: number;
}

/** What a radio can start from here. */
export interface SeedsOut {
  moods: SeedOut[];
  creators: SeedOut[];
}

/** A list for somebody who is not known. Nothing of it is stored. */
export interface SessionIn {
  acts?: ActIn[];
  surface?: string | null;
  n?: number;
  exclude?: string[];
  categories?: string[];
  kind?: "video" | "audio" | "live" | "other" | null;
  language?: string | null;
  creator?: string | null;
  device?: "phone" | "tablet" | "desktop" | "tv" | "speaker" | "car" | null;
  candidates?: string[] | null;
  include_seen?: boolean | null;
  explain?: boolean;
  rerank?: boolean;
  audience?: string | null;
  cards?: boolean;
}

/** A stretch shared with another work. */
export interface SharedOut {
  start: number;
  end: number;
  item_id: string;
  other_start: number;
  other_end: number;
}

/** One item that was on the screen. */
export interface ShownIn {
  item_id: string;
  place?: number | null;
  visible?: number | null;
  propensity?: number | null;
}

/** People who took to the same items, most alike first. */
export interface SimilarPeopleOut {
  people: SimilarPersonOut[];
}

/** Somebody who took to the same items, under a pseudonym. */
export interface SimilarPersonOut {
  pseudonym: string;
  score: number;
  common: number;
}

/** A programme of the lean-back channel. */
export interface SlotOut {
  item_id: string;
  score: number;
  source: string;
  explanation?: ExplanationOut | null;
  propensity?: number | null;
  item?: Card | null;
  start: number;
  stop: number;
}

/** What a sentence or a cut rests on. */
export interface Source {
  item_id: string;
  title: string;
  start?: number | null;
  end?: number | null;
  quote?: string;
}

/** Seconds in the item's media. */
export interface SpanOut {
  start: number;
  end: number;
}

/** How the library stands. */
export interface StatusOut {
  version: string;
  schema_version: string;
  counts: CountsOut;
  bytes: [string, number][];
  disk_left: number;
  model?: ModelOut | null;
  pack: string;
  gaps?: string[];
}

/** Something said to the library: typed, or spoken in a clip of any container. */
export interface TalkIn {
  text?: string;
  audio?: string;
  spoken_language?: string | null;
  state?: Conversation;
  n?: number;
  surface?: string | null;
  audience?: string | null;
}

/** What the library says. `state` goes back with the next utterance. */
export interface TalkOut {
  text: string;
  text_zh: string;
  language: string;
  heard?: string;
  spoke: string;
  understood: Utterance;
  relaxed?: string[];
  items?: ToldOut[];
  state: Conversation;
}

/** One part of a wish that an item fulfils, from what is recorded of the item. */
export interface TalkReason {
  part: string;
  text: string;
  text_zh: string;
  at?: number | null;
  quote?: string;
}

/** One line of a profile. */
export interface TasteOut {
  feature: string;
  taste: number;
  session: number;
  weight: number;
  corrected?: boolean;
  evidence?: string[];
  item_ids?: string[];
}

/** One item of an answer. */
export interface ToldOut {
  item_id: string;
  title: string;
  score: number;
  seconds?: number | null;
  reasons?: TalkReason[];
  item?: Card | null;
}

/** A topic of interest that moved. */
export interface Trend {
  topic: string;
  trend: string;
  strength: number;
}

/** An upload as it stands. */
export interface UploadOut {
  upload_id: string;
  url: string;
  length: number;
  offset: number;
  state: string;
  item_id: string;
  item: string;
  expires_at: number;
  reason?: string;
  remedy?: string;
}

/** One thing said, understood. */
export interface Utterance {
  move?: Move;
  wish?: Wish;
  places?: number[];
  change?: string[];
  left?: string[];
}

/** A moderation decision, mildest first. */
export type Verdict = "allow" | "warn" | "age-limit" | "review" | "block";

/** How far a person has watched or listened, as a player knows it. */
export interface WatchIn {
  user_id: string;
  item_id: string;
  position: number;
  duration?: number | null;
  ended?: boolean;
  surface?: string | null;
  session_id?: string | null;
  event_id?: string | null;
  timestamp?: number | null;
}

/** Why an item is where it is in a person's list. */
export interface WhyOut {
  user_id: string;
  surface: string;
  item: RecommendedOut;
  title: string;
  place: number;
  n: number;
  sentence?: string;
  sentence_by?: string;
  told: AttributionOut[];
  attention?: AttentionOut | null;
  without?: WithoutOut[];
  more?: MoreOut[];
  gaps?: string[];
}

/** A structured request. Names are the library's own words for features: `calm`, `music`, `en`. */
export interface Wish {
  moods?: string[];
  not_moods?: string[];
  kinds?: string[];
  categories?: string[];
  not_categories?: string[];
  about?: string[];
  not_about?: string[];
  by?: string[];
  not_by?: string[];
  sounds?: string[];
  not_sounds?: string[];
  languages?: string[];
  not_languages?: string[];
  least?: number | null;
  most?: number | null;
  like?: Like | null;
  time?: string | null;
  seen?: boolean | null;
  n?: number | null;
}

/** The item's place had the person not done something. */
export interface WithoutOut {
  acts: ReasonOut[];
  place: number;
  gone: boolean;
}
