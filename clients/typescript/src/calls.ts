/** One method for each operation of the API. Made by scripts/clients.py from the OpenAPI document; do not edit. */

import { Http, part } from "./http.js";
import type {
  AccountOut,
  AllowedIn,
  AllowedOut,
  AppealIn,
  AskIn,
  AudienceIn,
  AudienceOut,
  AuditOut,
  CaseOut,
  CasesOut,
  CategoriesOut,
  ChangedOut,
  ChannelIn,
  ChannelOut,
  ChannelsOut,
  ConsentIn,
  ConsentsOut,
  CorrectionIn,
  DecisionIn,
  Digest,
  EndIn,
  EventBatch,
  EventIn,
  EventsOut,
  FeedbackIn,
  FeedbackOut,
  GuideOut,
  HealthOut,
  HitsOut,
  HomeOut,
  HouseholdOut,
  ImpressionsIn,
  ItemIn,
  ItemOut,
  ItemsIn,
  ItemsPage,
  ItemsPut,
  JobIn,
  JobOut,
  JobsOut,
  ListOut,
  LogPage,
  Matter,
  ModelOut,
  ModelsOut,
  NextOut,
  PeopleOut,
  PersonExport,
  PlayableOut,
  PreviewIn,
  PreviewOut,
  ProblemsOut,
  ProfileIn,
  ProfileOut,
  RadioIn,
  RankIn,
  RankedOut,
  Receipt,
  RecommendedOut,
  RemovalsIn,
  RemovedOut,
  ScheduleOut,
  SeedsOut,
  SessionIn,
  SimilarPeopleOut,
  StatusOut,
  TalkIn,
  TalkOut,
  UploadOut,
  Verdict,
  WatchIn,
  WhyOut,
} from "./types.js";

export class Calls extends Http {
  /** Change an item */
  changeItem(item_id: string, body: ItemIn, headers: { "if-match"?: string | null } = {}): Promise<ChangedOut> {
    return this.json<ChangedOut>("PATCH", `/v1/items/${part(item_id)}`, { headers, body });
  }

  /** Correct or mute a feature */
  changePersonProfile(user_id: string, body: CorrectionIn): Promise<ProfileOut> {
    return this.json<ProfileOut>("PATCH", `/v1/people/${part(user_id)}/profile`, { body });
  }

  /** Put a piece at the end */
  changeUpload(upload_id: string, body: Uint8Array<ArrayBuffer>, headers: { "upload-offset": number }): Promise<void> {
    return this.nothing("PATCH", `/v1/uploads/${part(upload_id)}`, { headers, body });
  }

  /** Take a profile off the screen */
  deleteHouseholdProfile(household: string, user_id: string): Promise<void> {
    return this.nothing("DELETE", `/v1/households/${part(household)}/profiles/${part(user_id)}`);
  }

  /** Take an item out */
  deleteItem(item_id: string, query: { how?: "unavailable" | "erased" } = {}, headers: { "if-match"?: string | null } = {}): Promise<void> {
    return this.nothing("DELETE", `/v1/items/${part(item_id)}`, { query, headers });
  }

  /** Erase a person, for good */
  deletePerson(user_id: string, query: { confirm: string }): Promise<Receipt> {
    return this.json<Receipt>("DELETE", `/v1/people/${part(user_id)}`, { query });
  }

  /** Take the list away */
  deletePersonAllowed(user_id: string, query: { who: string; why: string }): Promise<void> {
    return this.nothing("DELETE", `/v1/people/${part(user_id)}/allowed`, { query });
  }

  /** Follow no more */
  deletePersonFollow(user_id: string, target: string): Promise<EventsOut> {
    return this.json<EventsOut>("DELETE", `/v1/people/${part(user_id)}/follows/${part(target)}`);
  }

  /** Take a mute back */
  deletePersonMute(user_id: string, feature: string): Promise<ProfileOut> {
    return this.json<ProfileOut>("DELETE", `/v1/people/${part(user_id)}/mutes/${part(feature)}`);
  }

  /** Start afresh */
  deletePersonProfile(user_id: string): Promise<void> {
    return this.nothing("DELETE", `/v1/people/${part(user_id)}/profile`);
  }

  /** Forget an upload */
  deleteUpload(upload_id: string): Promise<void> {
    return this.nothing("DELETE", `/v1/uploads/${part(upload_id)}`);
  }

  /** Categories, and how many items have each */
  getCategories(query: { audience?: string | null; user_id?: string | null } = {}): Promise<CategoriesOut> {
    return this.json<CategoriesOut>("GET", `/v1/categories`, { query });
  }

  /** What is on air */
  getChannels(query: { user_id?: string | null; audience?: string | null; ended?: boolean } = {}): Promise<ChannelsOut> {
    return this.json<ChannelsOut>("GET", `/v1/channels`, { query });
  }

  /** The log, newest first */
  getEvents(query: { cursor?: string | null; n?: number; type?: string | null; item_id?: string | null } = {}): Promise<LogPage> {
    return this.json<LogPage>("GET", `/v1/events`, { query });
  }

  /** Why an item is, or would be, there */
  getExplain(query: { user_id: string; item_id: string; surface?: string | null }): Promise<RecommendedOut> {
    return this.json<RecommendedOut>("GET", `/v1/explain`, { query });
  }

  /** Every description, one JSON object a line */
  getExport(): Promise<Blob> {
    return this.blob("GET", `/v1/export`);
  }

  /** A surface's pipeline, drawn */
  getFlow(surface: string): Promise<string> {
    return this.text("GET", `/v1/flow/${part(surface)}`);
  }

  /** What is on when */
  getGuide(query: { start?: number | null; hours?: number; user_id?: string | null; audience?: string | null } = {}): Promise<GuideOut> {
    return this.json<GuideOut>("GET", `/v1/guide`, { query });
  }

  /** The process answers */
  getHealthLive(): Promise<HealthOut> {
    return this.json<HealthOut>("GET", `/v1/health/live`);
  }

  /** The library answers */
  getHealthReady(): Promise<HealthOut> {
    return this.json<HealthOut>("GET", `/v1/health/ready`);
  }

  /** Who shares a screen */
  getHousehold(household: string): Promise<HouseholdOut> {
    return this.json<HouseholdOut>("GET", `/v1/households/${part(household)}`);
  }

  /** All that is known of an item */
  getItem(item_id: string, query: { audience?: string | null; user_id?: string | null } = {}, headers: { "if-none-match"?: string | null } = {}): Promise<ItemOut> {
    return this.json<ItemOut>("GET", `/v1/items/${part(item_id)}`, { query, headers });
  }

  /** An item told at length, with what each sentence rests on */
  getItemAccount(item_id: string, query: { style?: "account" | "script" | "news"; language?: "en" | "zh"; audience?: string | null; user_id?: string | null } = {}, headers: { "if-none-match"?: string | null } = {}): Promise<AccountOut> {
    return this.json<AccountOut>("GET", `/v1/items/${part(item_id)}/account`, { query, headers });
  }

  /** The media itself, in byte ranges */
  getItemMedia(item_id: string, asset: number, query: { audience?: string | null; user_id?: string | null } = {}): Promise<Blob> {
    return this.blob("GET", `/v1/items/${part(item_id)}/media/${part(asset)}`, { query });
  }

  /** Prepare the media for a player */
  getItemMediaStatus(item_id: string, asset: number, query: { audience?: string | null; user_id?: string | null } = {}): Promise<PlayableOut> {
    return this.json<PlayableOut>("GET", `/v1/items/${part(item_id)}/media/${part(asset)}/status`, { query });
  }

  /** The episode after it */
  getItemNext(item_id: string, query: { user_id?: string | null; audience?: string | null } = {}): Promise<NextOut> {
    return this.json<NextOut>("GET", `/v1/items/${part(item_id)}/next`, { query });
  }

  /** Items that are like it */
  getItemSimilar(item_id: string, query: { n?: number; audience?: string | null; user_id?: string | null } = {}): Promise<HitsOut> {
    return this.json<HitsOut>("GET", `/v1/items/${part(item_id)}/similar`, { query });
  }

  /** A telling picture, or its cover */
  getItemThumbnail(item_id: string, query: { width?: number; audience?: string | null; user_id?: string | null } = {}, headers: { "if-none-match"?: string | null } = {}): Promise<Blob> {
    return this.blob("GET", `/v1/items/${part(item_id)}/thumbnail`, { query, headers });
  }

  /** A page of items */
  getItems(query: { cursor?: string | null; n?: number; kind?: string | null; category?: string | null; language?: string | null; available?: boolean | null; audience?: string | null; user_id?: string | null } = {}): Promise<ItemsPage> {
    return this.json<ItemsPage>("GET", `/v1/items`, { query });
  }

  /** How far a job is */
  getJob(job_id: string): Promise<JobOut> {
    return this.json<JobOut>("GET", `/v1/jobs/${part(job_id)}`);
  }

  /** What was begun */
  getJobs(): Promise<JobsOut> {
    return this.json<JobsOut>("GET", `/v1/jobs`);
  }

  /** What came last */
  getLatest(query: { n?: number; cursor?: string | null; audience?: string | null; user_id?: string | null; kind?: "video" | "audio" | "live" | "other" | null; category?: string[] | null; language?: string | null; creator?: string | null; shortest?: number | null; longest?: number | null } = {}): Promise<HitsOut> {
    return this.json<HitsOut>("GET", `/v1/latest`, { query });
  }

  /** Trained models with their evaluations */
  getModels(): Promise<ModelsOut> {
    return this.json<ModelsOut>("GET", `/v1/models`);
  }

  /** The model that ranks now */
  getModelsCurrent(): Promise<ModelOut> {
    return this.json<ModelOut>("GET", `/v1/models/current`);
  }

  /** The audience a person is in */
  getModerationAudience(user_id: string): Promise<AudienceOut> {
    return this.json<AudienceOut>("GET", `/v1/moderation/audiences/${part(user_id)}`);
  }

  /** Who did what, when and why */
  getModerationAudit(query: { item_id?: string | null; n?: number; offset?: number } = {}): Promise<AuditOut> {
    return this.json<AuditOut>("GET", `/v1/moderation/audit`, { query });
  }

  /** One item as a moderator sees it */
  getModerationItem(item_id: string): Promise<CaseOut> {
    return this.json<CaseOut>("GET", `/v1/moderation/items/${part(item_id)}`);
  }

  /** Items that are not simply allowed, or those of one verdict */
  getModerationItems(query: { verdict?: Verdict | null; n?: number; offset?: number } = {}): Promise<CasesOut> {
    return this.json<CasesOut>("GET", `/v1/moderation/items`, { query });
  }

  /** What is shown to whom, where */
  getModerationPolicy(): Promise<Blob> {
    return this.blob("GET", `/v1/moderation/policy`);
  }

  /** What waits for review, appeals first */
  getModerationQueue(query: { n?: number; offset?: number } = {}): Promise<CasesOut> {
    return this.json<CasesOut>("GET", `/v1/moderation/queue`, { query });
  }

  /** People */
  getPeople(query: { limit?: number; cursor?: string | null; order?: string } = {}): Promise<PeopleOut> {
    return this.json<PeopleOut>("GET", `/v1/people`, { query });
  }

  /** A person's list of allowed items */
  getPersonAllowed(user_id: string): Promise<AllowedOut> {
    return this.json<AllowedOut>("GET", `/v1/people/${part(user_id)}/allowed`);
  }

  /** What a person agreed to */
  getPersonConsents(user_id: string): Promise<ConsentsOut> {
    return this.json<ConsentsOut>("GET", `/v1/people/${part(user_id)}/consents`);
  }

  /** Their week */
  getPersonDigest(user_id: string): Promise<Digest> {
    return this.json<Digest>("GET", `/v1/people/${part(user_id)}/digest`);
  }

  /** Their week as a page */
  getPersonDigestHtml(user_id: string, query: { language?: "en" | "zh" } = {}): Promise<Blob> {
    return this.blob("GET", `/v1/people/${part(user_id)}/digest.html`, { query });
  }

  /** Their week read aloud */
  getPersonDigestWav(user_id: string): Promise<Blob> {
    return this.blob("GET", `/v1/people/${part(user_id)}/digest.wav`);
  }

  /** A person's events, newest first */
  getPersonEvents(user_id: string, query: { cursor?: string | null; n?: number; type?: string | null; item_id?: string | null } = {}): Promise<LogPage> {
    return this.json<LogPage>("GET", `/v1/people/${part(user_id)}/events`, { query });
  }

  /** Everything that is kept of a person */
  getPersonExport(user_id: string): Promise<PersonExport> {
    return this.json<PersonExport>("GET", `/v1/people/${part(user_id)}/export`);
  }

  /** A home page in rows */
  getPersonHome(user_id: string, query: { surface?: string; rows?: number; n?: number; audience?: string | null } = {}): Promise<HomeOut> {
    return this.json<HomeOut>("GET", `/v1/people/${part(user_id)}/home`, { query });
  }

  /** Why an item may matter to them */
  getPersonMatter(user_id: string, item_id: string): Promise<Matter> {
    return this.json<Matter>("GET", `/v1/people/${part(user_id)}/matter/${part(item_id)}`);
  }

  /** A person's profile */
  getPersonProfile(user_id: string, headers: { "if-none-match"?: string | null } = {}): Promise<ProfileOut> {
    return this.json<ProfileOut>("GET", `/v1/people/${part(user_id)}/profile`, { headers });
  }

  /** A channel made for a person */
  getPersonSchedule(user_id: string, query: { at?: number | null; n?: number; surface?: string; played?: string[] | null; utc_offset?: number | null; audience?: string | null } = {}): Promise<ScheduleOut> {
    return this.json<ScheduleOut>("GET", `/v1/people/${part(user_id)}/schedule`, { query });
  }

  /** People who took to the same items */
  getPersonSimilar(user_id: string, query: { n?: number } = {}): Promise<SimilarPeopleOut> {
    return this.json<SimilarPeopleOut>("GET", `/v1/people/${part(user_id)}/similar`, { query });
  }

  /** A trailer of what they like in an item */
  getPersonTrailer(user_id: string, item_id: string, query: { seconds?: number } = {}): Promise<Blob> {
    return this.blob("GET", `/v1/people/${part(user_id)}/trailers/${part(item_id)}`, { query });
  }

  /** What is said in that trailer */
  getPersonTrailerCaptions(user_id: string, item_id: string, query: { seconds?: number } = {}): Promise<Blob> {
    return this.blob("GET", `/v1/people/${part(user_id)}/trailers/${part(item_id)}/captions`, { query });
  }

  /** Why an item is where it is, all of it */
  getPersonWhy(user_id: string, item_id: string, query: { surface?: string | null; n?: number; deep?: boolean } = {}): Promise<WhyOut> {
    return this.json<WhyOut>("GET", `/v1/people/${part(user_id)}/why/${part(item_id)}`, { query });
  }

  /** What many took to, newer acts counting more */
  getPopular(query: { n?: number; cursor?: string | null; audience?: string | null; user_id?: string | null; kind?: "video" | "audio" | "live" | "other" | null; category?: string[] | null; language?: string | null; creator?: string | null; shortest?: number | null; longest?: number | null } = {}): Promise<HitsOut> {
    return this.json<HitsOut>("GET", `/v1/popular`, { query });
  }

  /** Inputs that were set aside */
  getProblems(query: { n?: number; offset?: number; cursor?: string | null } = {}): Promise<ProblemsOut> {
    return this.json<ProblemsOut>("GET", `/v1/problems`, { query });
  }

  /** What a radio can start from */
  getRadioSeeds(query: { n?: number; audience?: string | null; user_id?: string | null } = {}): Promise<SeedsOut> {
    return this.json<SeedsOut>("GET", `/v1/radio/seeds`, { query });
  }

  /** A list */
  getRecommendations(query: { user_id?: string | null; surface?: string | null; n?: number; include_seen?: boolean | null; candidates?: string[] | null; exclude?: string[] | null; category?: string[] | null; kind?: "video" | "audio" | "live" | "other" | null; language?: string | null; creator?: string | null; device?: "phone" | "tablet" | "desktop" | "tv" | "speaker" | "car" | null; session_id?: string | null; session_items?: string[] | null; explain?: boolean; explore?: boolean; rerank?: boolean; cards?: boolean; audience?: string | null } = {}): Promise<ListOut> {
    return this.json<ListOut>("GET", `/v1/recommendations`, { query });
  }

  /** Find items by words and meaning */
  getSearch(query: { q: string; n?: number; cursor?: string | null; audience?: string | null; user_id?: string | null; kind?: "video" | "audio" | "live" | "other" | null; category?: string[] | null; language?: string | null; creator?: string | null; shortest?: number | null; longest?: number | null }): Promise<HitsOut> {
    return this.json<HitsOut>("GET", `/v1/search`, { query });
  }

  /** Sizes, pending work, last fit, disk left */
  getStatus(): Promise<StatusOut> {
    return this.json<StatusOut>("GET", `/v1/status`);
  }

  /** What is taken up more than before */
  getTrending(query: { n?: number; cursor?: string | null; audience?: string | null; user_id?: string | null; kind?: "video" | "audio" | "live" | "other" | null; category?: string[] | null; language?: string | null; creator?: string | null; shortest?: number | null; longest?: number | null } = {}): Promise<HitsOut> {
    return this.json<HitsOut>("GET", `/v1/trending`, { query });
  }

  /** How far an upload is */
  getUpload(upload_id: string): Promise<UploadOut> {
    return this.json<UploadOut>("GET", `/v1/uploads/${part(upload_id)}`);
  }

  /** End a channel */
  postChannelEnd(item_id: string, body: EndIn): Promise<ChannelOut> {
    return this.json<ChannelOut>("POST", `/v1/channels/${part(item_id)}/end`, { body });
  }

  /** Begin a channel */
  postChannels(body: ChannelIn): Promise<ChannelOut> {
    return this.json<ChannelOut>("POST", `/v1/channels`, { body });
  }

  /** Record one event */
  postEvents(body: EventIn, headers: { "idempotency-key"?: string | null } = {}): Promise<EventsOut> {
    return this.json<EventsOut>("POST", `/v1/events`, { headers, body });
  }

  /** Record many events */
  postEventsBatch(body: EventBatch, headers: { "idempotency-key"?: string | null } = {}): Promise<EventsOut> {
    return this.json<EventsOut>("POST", `/v1/events/batch`, { headers, body });
  }

  /** Record events and see the list move */
  postFeedback(body: FeedbackIn, headers: { "idempotency-key"?: string | null } = {}): Promise<FeedbackOut> {
    return this.json<FeedbackOut>("POST", `/v1/feedback`, { headers, body });
  }

  /** Record what a person was shown */
  postImpressions(body: ImpressionsIn, headers: { "idempotency-key"?: string | null } = {}): Promise<EventsOut> {
    return this.json<EventsOut>("POST", `/v1/impressions`, { headers, body });
  }

  /** Insert or update many items */
  postItems(body: ItemsIn): Promise<ItemsPut> {
    return this.json<ItemsPut>("POST", `/v1/items`, { body });
  }

  /** Take many items out */
  postItemsRemovals(body: RemovalsIn): Promise<RemovedOut> {
    return this.json<RemovedOut>("POST", `/v1/items/removals`, { body });
  }

  /** Start a fit or a describe run */
  postJobs(body: JobIn, headers: { "idempotency-key"?: string | null } = {}): Promise<JobOut> {
    return this.json<JobOut>("POST", `/v1/jobs`, { headers, body });
  }

  /** Go back to the model before */
  postModelsRollback(): Promise<ModelOut> {
    return this.json<ModelOut>("POST", `/v1/models/rollback`);
  }

  /** Disagree with what is decided */
  postModerationItemAppeal(item_id: string, body: AppealIn): Promise<CaseOut> {
    return this.json<CaseOut>("POST", `/v1/moderation/items/${part(item_id)}/appeal`, { body });
  }

  /** Decide about an item */
  postModerationItemDecision(item_id: string, body: DecisionIn): Promise<CaseOut> {
    return this.json<CaseOut>("POST", `/v1/moderation/items/${part(item_id)}/decision`, { body });
  }

  /** The list, had they corrected this */
  postPersonPreview(user_id: string, body: PreviewIn): Promise<PreviewOut> {
    return this.json<PreviewOut>("POST", `/v1/people/${part(user_id)}/preview`, { body });
  }

  /** Ask for something in words */
  postPersonTalk(user_id: string, body: TalkIn): Promise<TalkOut> {
    return this.json<TalkOut>("POST", `/v1/people/${part(user_id)}/talk`, { body });
  }

  /** Record how far a person watched */
  postProgress(body: WatchIn, headers: { "idempotency-key"?: string | null } = {}): Promise<EventsOut> {
    return this.json<EventsOut>("POST", `/v1/progress`, { headers, body });
  }

  /** Go on from a track, an artist or a mood */
  postRadio(body: RadioIn): Promise<ListOut> {
    return this.json<ListOut>("POST", `/v1/radio`, { body });
  }

  /** Put the caller's own items into order */
  postRank(body: RankIn): Promise<RankedOut> {
    return this.json<RankedOut>("POST", `/v1/rank`, { body });
  }

  /** A list */
  postRecommendations(body: AskIn): Promise<ListOut> {
    return this.json<ListOut>("POST", `/v1/recommendations`, { body });
  }

  /** A list for somebody unknown */
  postRecommendationsSession(body: SessionIn): Promise<ListOut> {
    return this.json<ListOut>("POST", `/v1/recommendations/session`, { body });
  }

  /** Begin an upload */
  postUploads(headers: { "upload-length": number; "upload-metadata"?: string | null; "idempotency-key"?: string | null }): Promise<UploadOut> {
    return this.json<UploadOut>("POST", `/v1/uploads`, { headers });
  }

  /** Add or change a profile */
  putHouseholdProfile(household: string, user_id: string, body: ProfileIn): Promise<HouseholdOut> {
    return this.json<HouseholdOut>("PUT", `/v1/households/${part(household)}/profiles/${part(user_id)}`, { body });
  }

  /** State an item anew, or make it */
  putItem(item_id: string, body: ItemIn, headers: { "if-match"?: string | null; "if-none-match"?: string | null } = {}): Promise<ChangedOut> {
    return this.json<ChangedOut>("PUT", `/v1/items/${part(item_id)}`, { headers, body });
  }

  /** Put a person into an audience */
  putModerationAudience(user_id: string, body: AudienceIn): Promise<AudienceOut> {
    return this.json<AudienceOut>("PUT", `/v1/moderation/audiences/${part(user_id)}`, { body });
  }

  /** Show a person nothing else */
  putPersonAllowed(user_id: string, body: AllowedIn): Promise<AllowedOut> {
    return this.json<AllowedOut>("PUT", `/v1/people/${part(user_id)}/allowed`, { body });
  }

  /** Agree or object */
  putPersonConsents(user_id: string, body: ConsentIn): Promise<ConsentsOut> {
    return this.json<ConsentsOut>("PUT", `/v1/people/${part(user_id)}/consents`, { body });
  }

  /** Follow a creator or a topic */
  putPersonFollow(user_id: string, target: string): Promise<EventsOut> {
    return this.json<EventsOut>("PUT", `/v1/people/${part(user_id)}/follows/${part(target)}`);
  }

  /** Mute a feature */
  putPersonMute(user_id: string, feature: string): Promise<ProfileOut> {
    return this.json<ProfileOut>("PUT", `/v1/people/${part(user_id)}/mutes/${part(feature)}`);
  }
}
