"""One method for each operation of the API.

Made by scripts/clients.py from the OpenAPI document; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from vitascope_client._answered import (
    AccountOut,
    AllowedOut,
    AudienceOut,
    AuditOut,
    CaseOut,
    CasesOut,
    CategoriesOut,
    ChangedOut,
    ChannelOut,
    ChannelsOut,
    ConsentsOut,
    Digest,
    EventsOut,
    FeedbackOut,
    GuideOut,
    HealthOut,
    HitsOut,
    HomeOut,
    HouseholdOut,
    ItemOut,
    ItemsPage,
    ItemsPut,
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
    PreviewOut,
    ProblemsOut,
    ProfileOut,
    RankedOut,
    Receipt,
    RecommendedOut,
    RemovedOut,
    ScheduleOut,
    SeedsOut,
    SimilarPeopleOut,
    StatusOut,
    TalkOut,
    UploadOut,
    WhyOut,
)
from vitascope_client._asked import (
    AllowedIn,
    AppealIn,
    AskIn,
    AudienceIn,
    ChannelIn,
    ConsentIn,
    CorrectionIn,
    DecisionIn,
    EndIn,
    EventBatch,
    EventIn,
    FeedbackIn,
    ImpressionsIn,
    ItemIn,
    ItemsIn,
    JobIn,
    PreviewIn,
    ProfileIn,
    RadioIn,
    RankIn,
    RemovalsIn,
    SessionIn,
    TalkIn,
    Verdict,
    WatchIn,
)
from vitascope_client._http import Http, _part


class Calls(Http):
    """The operations, by their operationId."""

    def change_item(
        self,
        item_id: str,
        body: ItemIn,
        *,
        if_match: str | None = None,
    ) -> ChangedOut:
        """Change an item."""
        return self._model(
            ChangedOut,
            "PATCH",
            f"/v1/items/{_part(item_id)}",
            headers={"if-match": if_match},
            body=body,
        )

    def change_person_profile(
        self,
        user_id: str,
        body: CorrectionIn,
    ) -> ProfileOut:
        """Correct or mute a feature."""
        return self._model(
            ProfileOut,
            "PATCH",
            f"/v1/people/{_part(user_id)}/profile",
            body=body,
        )

    def change_upload(
        self,
        upload_id: str,
        body: bytes,
        *,
        upload_offset: int,
    ) -> None:
        """Put a piece at the end."""
        self._nothing(
            "PATCH",
            f"/v1/uploads/{_part(upload_id)}",
            headers={"upload-offset": upload_offset},
            body=body,
        )

    def delete_household_profile(
        self,
        household: str,
        user_id: str,
    ) -> None:
        """Take a profile off the screen."""
        self._nothing(
            "DELETE",
            f"/v1/households/{_part(household)}/profiles/{_part(user_id)}",
        )

    def delete_item(
        self,
        item_id: str,
        *,
        how: Literal["unavailable", "erased"] | None = None,
        if_match: str | None = None,
    ) -> None:
        """Take an item out."""
        self._nothing(
            "DELETE",
            f"/v1/items/{_part(item_id)}",
            query={"how": how},
            headers={"if-match": if_match},
        )

    def delete_person(
        self,
        user_id: str,
        *,
        confirm: str,
    ) -> Receipt:
        """Erase a person, for good."""
        return self._model(
            Receipt,
            "DELETE",
            f"/v1/people/{_part(user_id)}",
            query={"confirm": confirm},
        )

    def delete_person_allowed(
        self,
        user_id: str,
        *,
        who: str,
        why: str,
    ) -> None:
        """Take the list away."""
        self._nothing(
            "DELETE",
            f"/v1/people/{_part(user_id)}/allowed",
            query={"who": who, "why": why},
        )

    def delete_person_follow(
        self,
        user_id: str,
        target: str,
    ) -> EventsOut:
        """Follow no more."""
        return self._model(
            EventsOut,
            "DELETE",
            f"/v1/people/{_part(user_id)}/follows/{_part(target)}",
        )

    def delete_person_mute(
        self,
        user_id: str,
        feature: str,
    ) -> ProfileOut:
        """Take a mute back."""
        return self._model(
            ProfileOut,
            "DELETE",
            f"/v1/people/{_part(user_id)}/mutes/{_part(feature)}",
        )

    def delete_person_profile(
        self,
        user_id: str,
    ) -> None:
        """Start afresh."""
        self._nothing(
            "DELETE",
            f"/v1/people/{_part(user_id)}/profile",
        )

    def delete_upload(
        self,
        upload_id: str,
    ) -> None:
        """Forget an upload."""
        self._nothing(
            "DELETE",
            f"/v1/uploads/{_part(upload_id)}",
        )

    def get_categories(
        self,
        *,
        audience: str | None = None,
        user_id: str | None = None,
    ) -> CategoriesOut:
        """Categories, and how many items have each."""
        return self._model(
            CategoriesOut,
            "GET",
            "/v1/categories",
            query={"audience": audience, "user_id": user_id},
        )

    def get_channels(
        self,
        *,
        user_id: str | None = None,
        audience: str | None = None,
        ended: bool | None = None,
    ) -> ChannelsOut:
        """What is on air."""
        return self._model(
            ChannelsOut,
            "GET",
            "/v1/channels",
            query={"user_id": user_id, "audience": audience, "ended": ended},
        )

    def get_events(
        self,
        *,
        cursor: str | None = None,
        n: int | None = None,
        type: str | None = None,
        item_id: str | None = None,
    ) -> LogPage:
        """The log, newest first."""
        return self._model(
            LogPage,
            "GET",
            "/v1/events",
            query={"cursor": cursor, "n": n, "type": type, "item_id": item_id},
        )

    def get_explain(
        self,
        *,
        user_id: str,
        item_id: str,
        surface: str | None = None,
    ) -> RecommendedOut:
        """Why an item is, or would be, there."""
        return self._model(
            RecommendedOut,
            "GET",
            "/v1/explain",
            query={"user_id": user_id, "item_id": item_id, "surface": surface},
        )

    def get_export(
        self,
    ) -> bytes:
        """Every description, one JSON object a line."""
        return self._bytes(
            "GET",
            "/v1/export",
        )

    def get_flow(
        self,
        surface: str,
    ) -> str:
        """A surface's pipeline, drawn."""
        return self._text(
            "GET",
            f"/v1/flow/{_part(surface)}",
        )

    def get_guide(
        self,
        *,
        start: float | None = None,
        hours: float | None = None,
        user_id: str | None = None,
        audience: str | None = None,
    ) -> GuideOut:
        """What is on when."""
        return self._model(
            GuideOut,
            "GET",
            "/v1/guide",
            query={"start": start, "hours": hours, "user_id": user_id, "audience": audience},
        )

    def get_health_live(
        self,
    ) -> HealthOut:
        """The process answers."""
        return self._model(
            HealthOut,
            "GET",
            "/v1/health/live",
        )

    def get_health_ready(
        self,
    ) -> HealthOut:
        """The library answers."""
        return self._model(
            HealthOut,
            "GET",
            "/v1/health/ready",
        )

    def get_household(
        self,
        household: str,
    ) -> HouseholdOut:
        """Who shares a screen."""
        return self._model(
            HouseholdOut,
            "GET",
            f"/v1/households/{_part(household)}",
        )

    def get_item(
        self,
        item_id: str,
        *,
        audience: str | None = None,
        user_id: str | None = None,
        if_none_match: str | None = None,
    ) -> ItemOut:
        """All that is known of an item."""
        return self._model(
            ItemOut,
            "GET",
            f"/v1/items/{_part(item_id)}",
            query={"audience": audience, "user_id": user_id},
            headers={"if-none-match": if_none_match},
        )

    def get_item_account(
        self,
        item_id: str,
        *,
        style: Literal["account", "script", "news"] | None = None,
        language: Literal["en", "zh"] | None = None,
        audience: str | None = None,
        user_id: str | None = None,
        if_none_match: str | None = None,
    ) -> AccountOut:
        """An item told at length, with what each sentence rests on."""
        return self._model(
            AccountOut,
            "GET",
            f"/v1/items/{_part(item_id)}/account",
            query={"style": style, "language": language, "audience": audience, "user_id": user_id},
            headers={"if-none-match": if_none_match},
        )

    def get_item_media(
        self,
        item_id: str,
        asset: int,
        *,
        audience: str | None = None,
        user_id: str | None = None,
    ) -> bytes:
        """The media itself, in byte ranges."""
        return self._bytes(
            "GET",
            f"/v1/items/{_part(item_id)}/media/{_part(asset)}",
            query={"audience": audience, "user_id": user_id},
        )

    def get_item_media_status(
        self,
        item_id: str,
        asset: int,
        *,
        audience: str | None = None,
        user_id: str | None = None,
    ) -> PlayableOut:
        """Prepare the media for a player."""
        return self._model(
            PlayableOut,
            "GET",
            f"/v1/items/{_part(item_id)}/media/{_part(asset)}/status",
            query={"audience": audience, "user_id": user_id},
        )

    def get_item_next(
        self,
        item_id: str,
        *,
        user_id: str | None = None,
        audience: str | None = None,
    ) -> NextOut:
        """The episode after it."""
        return self._model(
            NextOut,
            "GET",
            f"/v1/items/{_part(item_id)}/next",
            query={"user_id": user_id, "audience": audience},
        )

    def get_item_similar(
        self,
        item_id: str,
        *,
        n: int | None = None,
        audience: str | None = None,
        user_id: str | None = None,
    ) -> HitsOut:
        """Items that are like it."""
        return self._model(
            HitsOut,
            "GET",
            f"/v1/items/{_part(item_id)}/similar",
            query={"n": n, "audience": audience, "user_id": user_id},
        )

    def get_item_thumbnail(
        self,
        item_id: str,
        *,
        width: int | None = None,
        audience: str | None = None,
        user_id: str | None = None,
        if_none_match: str | None = None,
    ) -> bytes:
        """A telling picture, or its cover."""
        return self._bytes(
            "GET",
            f"/v1/items/{_part(item_id)}/thumbnail",
            query={"width": width, "audience": audience, "user_id": user_id},
            headers={"if-none-match": if_none_match},
        )

    def get_items(
        self,
        *,
        cursor: str | None = None,
        n: int | None = None,
        kind: str | None = None,
        category: str | None = None,
        language: str | None = None,
        available: bool | None = None,
        audience: str | None = None,
        user_id: str | None = None,
    ) -> ItemsPage:
        """A page of items."""
        return self._model(
            ItemsPage,
            "GET",
            "/v1/items",
            query={
                "cursor": cursor,
                "n": n,
                "kind": kind,
                "category": category,
                "language": language,
                "available": available,
                "audience": audience,
                "user_id": user_id,
            },
        )

    def get_job(
        self,
        job_id: str,
    ) -> JobOut:
        """How far a job is."""
        return self._model(
            JobOut,
            "GET",
            f"/v1/jobs/{_part(job_id)}",
        )

    def get_jobs(
        self,
    ) -> JobsOut:
        """What was begun."""
        return self._model(
            JobsOut,
            "GET",
            "/v1/jobs",
        )

    def get_latest(
        self,
        *,
        n: int | None = None,
        cursor: str | None = None,
        audience: str | None = None,
        user_id: str | None = None,
        kind: Literal["video", "audio", "live", "other"] | None = None,
        category: Sequence[str] | None = None,
        language: str | None = None,
        creator: str | None = None,
        shortest: float | None = None,
        longest: float | None = None,
    ) -> HitsOut:
        """What came last."""
        return self._model(
            HitsOut,
            "GET",
            "/v1/latest",
            query={
                "n": n,
                "cursor": cursor,
                "audience": audience,
                "user_id": user_id,
                "kind": kind,
                "category": category,
                "language": language,
                "creator": creator,
                "shortest": shortest,
                "longest": longest,
            },
        )

    def get_models(
        self,
    ) -> ModelsOut:
        """Trained models with their evaluations."""
        return self._model(
            ModelsOut,
            "GET",
            "/v1/models",
        )

    def get_models_current(
        self,
    ) -> ModelOut:
        """The model that ranks now."""
        return self._model(
            ModelOut,
            "GET",
            "/v1/models/current",
        )

    def get_moderation_audience(
        self,
        user_id: str,
    ) -> AudienceOut:
        """The audience a person is in."""
        return self._model(
            AudienceOut,
            "GET",
            f"/v1/moderation/audiences/{_part(user_id)}",
        )

    def get_moderation_audit(
        self,
        *,
        item_id: str | None = None,
        n: int | None = None,
        offset: int | None = None,
    ) -> AuditOut:
        """Who did what, when and why."""
        return self._model(
            AuditOut,
            "GET",
            "/v1/moderation/audit",
            query={"item_id": item_id, "n": n, "offset": offset},
        )

    def get_moderation_item(
        self,
        item_id: str,
    ) -> CaseOut:
        """One item as a moderator sees it."""
        return self._model(
            CaseOut,
            "GET",
            f"/v1/moderation/items/{_part(item_id)}",
        )

    def get_moderation_items(
        self,
        *,
        verdict: Verdict | None = None,
        n: int | None = None,
        offset: int | None = None,
    ) -> CasesOut:
        """Items that are not simply allowed, or those of one verdict."""
        return self._model(
            CasesOut,
            "GET",
            "/v1/moderation/items",
            query={"verdict": verdict, "n": n, "offset": offset},
        )

    def get_moderation_policy(
        self,
    ) -> bytes:
        """What is shown to whom, where."""
        return self._bytes(
            "GET",
            "/v1/moderation/policy",
        )

    def get_moderation_queue(
        self,
        *,
        n: int | None = None,
        offset: int | None = None,
    ) -> CasesOut:
        """What waits for review, appeals first."""
        return self._model(
            CasesOut,
            "GET",
            "/v1/moderation/queue",
            query={"n": n, "offset": offset},
        )

    def get_people(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        order: str | None = None,
    ) -> PeopleOut:
        """People."""
        return self._model(
            PeopleOut,
            "GET",
            "/v1/people",
            query={"limit": limit, "cursor": cursor, "order": order},
        )

    def get_person_allowed(
        self,
        user_id: str,
    ) -> AllowedOut:
        """A person's list of allowed items."""
        return self._model(
            AllowedOut,
            "GET",
            f"/v1/people/{_part(user_id)}/allowed",
        )

    def get_person_consents(
        self,
        user_id: str,
    ) -> ConsentsOut:
        """What a person agreed to."""
        return self._model(
            ConsentsOut,
            "GET",
            f"/v1/people/{_part(user_id)}/consents",
        )

    def get_person_digest(
        self,
        user_id: str,
    ) -> Digest:
        """Their week."""
        return self._model(
            Digest,
            "GET",
            f"/v1/people/{_part(user_id)}/digest",
        )

    def get_person_digest_html(
        self,
        user_id: str,
        *,
        language: Literal["en", "zh"] | None = None,
    ) -> bytes:
        """Their week as a page."""
        return self._bytes(
            "GET",
            f"/v1/people/{_part(user_id)}/digest.html",
            query={"language": language},
        )

    def get_person_digest_wav(
        self,
        user_id: str,
    ) -> bytes:
        """Their week read aloud."""
        return self._bytes(
            "GET",
            f"/v1/people/{_part(user_id)}/digest.wav",
        )

    def get_person_events(
        self,
        user_id: str,
        *,
        cursor: str | None = None,
        n: int | None = None,
        type: str | None = None,
        item_id: str | None = None,
    ) -> LogPage:
        """A person's events, newest first."""
        return self._model(
            LogPage,
            "GET",
            f"/v1/people/{_part(user_id)}/events",
            query={"cursor": cursor, "n": n, "type": type, "item_id": item_id},
        )

    def get_person_export(
        self,
        user_id: str,
    ) -> PersonExport:
        """Everything that is kept of a person."""
        return self._model(
            PersonExport,
            "GET",
            f"/v1/people/{_part(user_id)}/export",
        )

    def get_person_home(
        self,
        user_id: str,
        *,
        surface: str | None = None,
        rows: int | None = None,
        n: int | None = None,
        audience: str | None = None,
    ) -> HomeOut:
        """A home page in rows."""
        return self._model(
            HomeOut,
            "GET",
            f"/v1/people/{_part(user_id)}/home",
            query={"surface": surface, "rows": rows, "n": n, "audience": audience},
        )

    def get_person_matter(
        self,
        user_id: str,
        item_id: str,
    ) -> Matter:
        """Why an item may matter to them."""
        return self._model(
            Matter,
            "GET",
            f"/v1/people/{_part(user_id)}/matter/{_part(item_id)}",
        )

    def get_person_profile(
        self,
        user_id: str,
        *,
        if_none_match: str | None = None,
    ) -> ProfileOut:
        """A person's profile."""
        return self._model(
            ProfileOut,
            "GET",
            f"/v1/people/{_part(user_id)}/profile",
            headers={"if-none-match": if_none_match},
        )

    def get_person_schedule(
        self,
        user_id: str,
        *,
        at: float | None = None,
        n: int | None = None,
        surface: str | None = None,
        played: Sequence[str] | None = None,
        utc_offset: float | None = None,
        audience: str | None = None,
    ) -> ScheduleOut:
        """A channel made for a person."""
        return self._model(
            ScheduleOut,
            "GET",
            f"/v1/people/{_part(user_id)}/schedule",
            query={
                "at": at,
                "n": n,
                "surface": surface,
                "played": played,
                "utc_offset": utc_offset,
                "audience": audience,
            },
        )

    def get_person_similar(
        self,
        user_id: str,
        *,
        n: int | None = None,
    ) -> SimilarPeopleOut:
        """People who took to the same items."""
        return self._model(
            SimilarPeopleOut,
            "GET",
            f"/v1/people/{_part(user_id)}/similar",
            query={"n": n},
        )

    def get_person_trailer(
        self,
        user_id: str,
        item_id: str,
        *,
        seconds: float | None = None,
    ) -> bytes:
        """A trailer of what they like in an item."""
        return self._bytes(
            "GET",
            f"/v1/people/{_part(user_id)}/trailers/{_part(item_id)}",
            query={"seconds": seconds},
        )

    def get_person_trailer_captions(
        self,
        user_id: str,
        item_id: str,
        *,
        seconds: float | None = None,
    ) -> bytes:
        """What is said in that trailer."""
        return self._bytes(
            "GET",
            f"/v1/people/{_part(user_id)}/trailers/{_part(item_id)}/captions",
            query={"seconds": seconds},
        )

    def get_person_why(
        self,
        user_id: str,
        item_id: str,
        *,
        surface: str | None = None,
        n: int | None = None,
        deep: bool | None = None,
    ) -> WhyOut:
        """Why an item is where it is, all of it."""
        return self._model(
            WhyOut,
            "GET",
            f"/v1/people/{_part(user_id)}/why/{_part(item_id)}",
            query={"surface": surface, "n": n, "deep": deep},
        )

    def get_popular(
        self,
        *,
        n: int | None = None,
        cursor: str | None = None,
        audience: str | None = None,
        user_id: str | None = None,
        kind: Literal["video", "audio", "live", "other"] | None = None,
        category: Sequence[str] | None = None,
        language: str | None = None,
        creator: str | None = None,
        shortest: float | None = None,
        longest: float | None = None,
    ) -> HitsOut:
        """What many took to, newer acts counting more."""
        return self._model(
            HitsOut,
            "GET",
            "/v1/popular",
            query={
                "n": n,
                "cursor": cursor,
                "audience": audience,
                "user_id": user_id,
                "kind": kind,
                "category": category,
                "language": language,
                "creator": creator,
                "shortest": shortest,
                "longest": longest,
            },
        )

    def get_problems(
        self,
        *,
        n: int | None = None,
        offset: int | None = None,
        cursor: str | None = None,
    ) -> ProblemsOut:
        """Inputs that were set aside."""
        return self._model(
            ProblemsOut,
            "GET",
            "/v1/problems",
            query={"n": n, "offset": offset, "cursor": cursor},
        )

    def get_radio_seeds(
        self,
        *,
        n: int | None = None,
        audience: str | None = None,
        user_id: str | None = None,
    ) -> SeedsOut:
        """What a radio can start from."""
        return self._model(
            SeedsOut,
            "GET",
            "/v1/radio/seeds",
            query={"n": n, "audience": audience, "user_id": user_id},
        )

    def get_recommendations(
        self,
        *,
        user_id: str | None = None,
        surface: str | None = None,
        n: int | None = None,
        include_seen: bool | None = None,
        candidates: Sequence[str] | None = None,
        exclude: Sequence[str] | None = None,
        category: Sequence[str] | None = None,
        kind: Literal["video", "audio", "live", "other"] | None = None,
        language: str | None = None,
        creator: str | None = None,
        device: Literal["phone", "tablet", "desktop", "tv", "speaker", "car"] | None = None,
        session_id: str | None = None,
        session_items: Sequence[str] | None = None,
        explain: bool | None = None,
        explore: bool | None = None,
        rerank: bool | None = None,
        cards: bool | None = None,
        audience: str | None = None,
    ) -> ListOut:
        """A list."""
        return self._model(
            ListOut,
            "GET",
            "/v1/recommendations",
            query={
                "user_id": user_id,
                "surface": surface,
                "n": n,
                "include_seen": include_seen,
                "candidates": candidates,
                "exclude": exclude,
                "category": category,
                "kind": kind,
                "language": language,
                "creator": creator,
                "device": device,
                "session_id": session_id,
                "session_items": session_items,
                "explain": explain,
                "explore": explore,
                "rerank": rerank,
                "cards": cards,
                "audience": audience,
            },
        )

    def get_search(
        self,
        *,
        q: str,
        n: int | None = None,
        cursor: str | None = None,
        audience: str | None = None,
        user_id: str | None = None,
        kind: Literal["video", "audio", "live", "other"] | None = None,
        category: Sequence[str] | None = None,
        language: str | None = None,
        creator: str | None = None,
        shortest: float | None = None,
        longest: float | None = None,
    ) -> HitsOut:
        """Find items by words and meaning."""
        return self._model(
            HitsOut,
            "GET",
            "/v1/search",
            query={
                "q": q,
                "n": n,
                "cursor": cursor,
                "audience": audience,
                "user_id": user_id,
                "kind": kind,
                "category": category,
                "language": language,
                "creator": creator,
                "shortest": shortest,
                "longest": longest,
            },
        )

    def get_status(
        self,
    ) -> StatusOut:
        """Sizes, pending work, last fit, disk left."""
        return self._model(
            StatusOut,
            "GET",
            "/v1/status",
        )

    def get_trending(
        self,
        *,
        n: int | None = None,
        cursor: str | None = None,
        audience: str | None = None,
        user_id: str | None = None,
        kind: Literal["video", "audio", "live", "other"] | None = None,
        category: Sequence[str] | None = None,
        language: str | None = None,
        creator: str | None = None,
        shortest: float | None = None,
        longest: float | None = None,
    ) -> HitsOut:
        """What is taken up more than before."""
        return self._model(
            HitsOut,
            "GET",
            "/v1/trending",
            query={
                "n": n,
                "cursor": cursor,
                "audience": audience,
                "user_id": user_id,
                "kind": kind,
                "category": category,
                "language": language,
                "creator": creator,
                "shortest": shortest,
                "longest": longest,
            },
        )

    def get_upload(
        self,
        upload_id: str,
    ) -> UploadOut:
        """How far an upload is."""
        return self._model(
            UploadOut,
            "GET",
            f"/v1/uploads/{_part(upload_id)}",
        )

    def post_channel_end(
        self,
        item_id: str,
        body: EndIn,
    ) -> ChannelOut:
        """End a channel."""
        return self._model(
            ChannelOut,
            "POST",
            f"/v1/channels/{_part(item_id)}/end",
            body=body,
        )

    def post_channels(
        self,
        body: ChannelIn,
    ) -> ChannelOut:
        """Begin a channel."""
        return self._model(
            ChannelOut,
            "POST",
            "/v1/channels",
            body=body,
        )

    def post_events(
        self,
        body: EventIn,
        *,
        idempotency_key: str | None = None,
    ) -> EventsOut:
        """Record one event."""
        return self._model(
            EventsOut,
            "POST",
            "/v1/events",
            headers={"idempotency-key": idempotency_key},
            body=body,
        )

    def post_events_batch(
        self,
        body: EventBatch,
        *,
        idempotency_key: str | None = None,
    ) -> EventsOut:
        """Record many events."""
        return self._model(
            EventsOut,
            "POST",
            "/v1/events/batch",
            headers={"idempotency-key": idempotency_key},
            body=body,
        )

    def post_feedback(
        self,
        body: FeedbackIn,
        *,
        idempotency_key: str | None = None,
    ) -> FeedbackOut:
        """Record events and see the list move."""
        return self._model(
            FeedbackOut,
            "POST",
            "/v1/feedback",
            headers={"idempotency-key": idempotency_key},
            body=body,
        )

    def post_impressions(
        self,
        body: ImpressionsIn,
        *,
        idempotency_key: str | None = None,
    ) -> EventsOut:
        """Record what a person was shown."""
        return self._model(
            EventsOut,
            "POST",
            "/v1/impressions",
            headers={"idempotency-key": idempotency_key},
            body=body,
        )

    def post_items(
        self,
        body: ItemsIn,
    ) -> ItemsPut:
        """Insert or update many items."""
        return self._model(
            ItemsPut,
            "POST",
            "/v1/items",
            body=body,
        )

    def post_items_removals(
        self,
        body: RemovalsIn,
    ) -> RemovedOut:
        """Take many items out."""
        return self._model(
            RemovedOut,
            "POST",
            "/v1/items/removals",
            body=body,
        )

    def post_jobs(
        self,
        body: JobIn,
        *,
        idempotency_key: str | None = None,
    ) -> JobOut:
        """Start a fit or a describe run."""
        return self._model(
            JobOut,
            "POST",
            "/v1/jobs",
            headers={"idempotency-key": idempotency_key},
            body=body,
        )

    def post_models_rollback(
        self,
    ) -> ModelOut:
        """Go back to the model before."""
        return self._model(
            ModelOut,
            "POST",
            "/v1/models/rollback",
        )

    def post_moderation_item_appeal(
        self,
        item_id: str,
        body: AppealIn,
    ) -> CaseOut:
        """Disagree with what is decided."""
        return self._model(
            CaseOut,
            "POST",
            f"/v1/moderation/items/{_part(item_id)}/appeal",
            body=body,
        )

    def post_moderation_item_decision(
        self,
        item_id: str,
        body: DecisionIn,
    ) -> CaseOut:
        """Decide about an item."""
        return self._model(
            CaseOut,
            "POST",
            f"/v1/moderation/items/{_part(item_id)}/decision",
            body=body,
        )

    def post_person_preview(
        self,
        user_id: str,
        body: PreviewIn,
    ) -> PreviewOut:
        """The list, had they corrected this."""
        return self._model(
            PreviewOut,
            "POST",
            f"/v1/people/{_part(user_id)}/preview",
            body=body,
        )

    def post_person_talk(
        self,
        user_id: str,
        body: TalkIn,
    ) -> TalkOut:
        """Ask for something in words."""
        return self._model(
            TalkOut,
            "POST",
            f"/v1/people/{_part(user_id)}/talk",
            body=body,
        )

    def post_progress(
        self,
        body: WatchIn,
        *,
        idempotency_key: str | None = None,
    ) -> EventsOut:
        """Record how far a person watched."""
        return self._model(
            EventsOut,
            "POST",
            "/v1/progress",
            headers={"idempotency-key": idempotency_key},
            body=body,
        )

    def post_radio(
        self,
        body: RadioIn,
    ) -> ListOut:
        """Go on from a track, an artist or a mood."""
        return self._model(
            ListOut,
            "POST",
            "/v1/radio",
            body=body,
        )

    def post_rank(
        self,
        body: RankIn,
    ) -> RankedOut:
        """Put the caller's own items into order."""
        return self._model(
            RankedOut,
            "POST",
            "/v1/rank",
            body=body,
        )

    def post_recommendations(
        self,
        body: AskIn,
    ) -> ListOut:
        """A list."""
        return self._model(
            ListOut,
            "POST",
            "/v1/recommendations",
            body=body,
        )

    def post_recommendations_session(
        self,
        body: SessionIn,
    ) -> ListOut:
        """A list for somebody unknown."""
        return self._model(
            ListOut,
            "POST",
            "/v1/recommendations/session",
            body=body,
        )

    def post_uploads(
        self,
        *,
        upload_length: int,
        upload_metadata: str | None = None,
        idempotency_key: str | None = None,
    ) -> UploadOut:
        """Begin an upload."""
        return self._model(
            UploadOut,
            "POST",
            "/v1/uploads",
            headers={
                "upload-length": upload_length,
                "upload-metadata": upload_metadata,
                "idempotency-key": idempotency_key,
            },
        )

    def put_household_profile(
        self,
        household: str,
        user_id: str,
        body: ProfileIn,
    ) -> HouseholdOut:
        """Add or change a profile."""
        return self._model(
            HouseholdOut,
            "PUT",
            f"/v1/households/{_part(household)}/profiles/{_part(user_id)}",
            body=body,
        )

    def put_item(
        self,
        item_id: str,
        body: ItemIn,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> ChangedOut:
        """State an item anew, or make it."""
        return self._model(
            ChangedOut,
            "PUT",
            f"/v1/items/{_part(item_id)}",
            headers={"if-match": if_match, "if-none-match": if_none_match},
            body=body,
        )

    def put_moderation_audience(
        self,
        user_id: str,
        body: AudienceIn,
    ) -> AudienceOut:
        """Put a person into an audience."""
        return self._model(
            AudienceOut,
            "PUT",
            f"/v1/moderation/audiences/{_part(user_id)}",
            body=body,
        )

    def put_person_allowed(
        self,
        user_id: str,
        body: AllowedIn,
    ) -> AllowedOut:
        """Show a person nothing else."""
        return self._model(
            AllowedOut,
            "PUT",
            f"/v1/people/{_part(user_id)}/allowed",
            body=body,
        )

    def put_person_consents(
        self,
        user_id: str,
        body: ConsentIn,
    ) -> ConsentsOut:
        """Agree or object."""
        return self._model(
            ConsentsOut,
            "PUT",
            f"/v1/people/{_part(user_id)}/consents",
            body=body,
        )

    def put_person_follow(
        self,
        user_id: str,
        target: str,
    ) -> EventsOut:
        """Follow a creator or a topic."""
        return self._model(
            EventsOut,
            "PUT",
            f"/v1/people/{_part(user_id)}/follows/{_part(target)}",
        )

    def put_person_mute(
        self,
        user_id: str,
        feature: str,
    ) -> ProfileOut:
        """Mute a feature."""
        return self._model(
            ProfileOut,
            "PUT",
            f"/v1/people/{_part(user_id)}/mutes/{_part(feature)}",
        )
