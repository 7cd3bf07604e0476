"""Every room and backend of one library, wired. The only file that knows them all.

Each part is made when it is first asked for: a command that ranks loads no decoder, one that reads files no ranker.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vitascope.assemble import _plugins
from vitascope.backends.home import FETCHED, Home
from vitascope.base.policy import stays_here
from vitascope.base.ports.access import IdentityProvider
from vitascope.base.ports.connectors import Connector
from vitascope.base.ports.media import Cutter, Fetcher, Watcher
from vitascope.base.ports.models import LanguageModel, Models, PictureTextModel
from vitascope.base.ports.outcomes import OutcomeModels
from vitascope.base.ports.personal import PersonalFiles, Voice
from vitascope.base.ports.stores import LIBRARY_VERSION
from vitascope.base.ports.work import Engine, Job
from vitascope.base.privacy import Purpose
from vitascope.base.records import PersonKey
from vitascope.config import Settings

if TYPE_CHECKING:
    from vitascope.assemble._access import AccessDesk
    from vitascope.assemble._later import Later
    from vitascope.assemble._live import LiveWork
    from vitascope.assemble._studied import StudiedEvents
    from vitascope.backends.home import UploadFolder
    from vitascope.backends.media import PyAvReader, PyAvTranscoder
    from vitascope.backends.signals import SignalFolder
    from vitascope.catalog import Catalog
    from vitascope.describe import Describer
    from vitascope.profile import EventIntake, FeatureLibrary, Noise, Profiler
    from vitascope.recommend import Recommender
    from vitascope.recommend.episodes import SeriesKeeper
    from vitascope.recommend.radio import Radios
    from vitascope.recommend.rows import HomePages
    from vitascope.recommend.talk.model import ModelReader
    from vitascope.recommend.talk.talker import Talker
    from vitascope.train import OnlineLearner, Trainer


class Closes(Protocol):
    """A part that holds something to give back."""

    def close(self) -> None: ...


class Rooms:
    """One library's parts."""

    def __init__(self, home: Home, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self.home, self.settings, self.stores, self.clock = home, settings, home.stores, clock
        self._opened: list[Closes] = []

    def touch(self) -> None:
        """Tell every process that the library's content changed."""
        self.stores.settings.set(LIBRARY_VERSION, uuid.uuid4().hex)

    # --- who may do what

    @cached_property
    def access(self) -> AccessDesk:
        """Keys, sign-ins, the audit trail."""
        from vitascope.assemble._access import AccessDesk

        return AccessDesk(self)

    @cached_property
    def identity(self) -> IdentityProvider | None:
        """The OpenID Connect provider of the settings."""
        told = self.settings.serve
        if not told.oidc_issuer:
            return None
        from vitascope.backends.identity import OpenIdConnect

        secret = told.oidc_secret.get_secret_value() if told.oidc_secret is not None else None
        return OpenIdConnect(told.oidc_issuer, told.oidc_client, secret, clock=self.clock)

    # --- media

    @cached_property
    def reader(self) -> PyAvReader:
        """Decodes in a worker process."""
        from vitascope.backends.media import PyAvReader

        reader = PyAvReader(self.home.cache, self.settings.media, self.stores.accounts, self.clock)
        self._opened.append(reader)
        return reader

    @cached_property
    def transcoder(self) -> PyAvTranscoder:
        """Makes media playable."""
        from vitascope.backends.media import PyAvTranscoder

        transcoder = PyAvTranscoder(self.home.media, self.settings.media)
        self._opened.append(transcoder)
        return transcoder

    @cached_property
    def cutter(self) -> Cutter:
        """Cuts stretches of media into new files."""
        from vitascope.backends.media import PyAvCutter

        cutter = PyAvCutter(self.settings.media)
        self._opened.append(cutter)
        return cutter

    @cached_property
    def voice(self) -> Voice:
        """Reads aloud."""
        from vitascope.backends.voice import HibariVoice

        return HibariVoice()

    @cached_property
    def personal(self) -> PersonalFiles:
        """What was made for people, sealed and apart for each."""
        from vitascope.backends.home import PersonalFolder

        return PersonalFolder(self.home.cache / "personal", self.home.key)

    # --- models

    @cached_property
    def models(self) -> Models:
        """All roles of the configured pack; each model loads when it first speaks."""
        from vitascope.backends.roles import open_models

        models = open_models(self.settings.models, self.stores.accounts, self.clock)
        self._opened.append(models)
        return models

    @property
    def language(self) -> LanguageModel | None:
        """The language model, where there is one and it is on."""
        return self.models.language

    @cached_property
    def signals(self) -> SignalFolder | None:
        """What was found in media, shared by this user's libraries; None where it is off. An encrypted home has its own."""
        from vitascope.backends.signals import SignalFolder, shared_folder

        config = self.settings.signals
        if self.home.keys.vault is not None:
            return SignalFolder(self.home.cache / "signals", config.bytes, vault=self.home.keys.vault)
        return SignalFolder(shared_folder(config), config.bytes) if config.shared else None

    # --- content

    @cached_property
    def fetcher(self) -> Fetcher:
        """Feeds, media and documents over the network."""
        from vitascope.backends.feeds import HttpFetcher

        return HttpFetcher()

    @cached_property
    def watcher(self) -> Watcher:
        """Changes of folders."""
        from vitascope.backends.feeds import FolderWatcher

        return FolderWatcher()

    @property
    def fetched(self) -> Path:
        """Where media that came from elsewhere are kept."""
        return self.home.media / FETCHED

    @cached_property
    def uploads(self) -> UploadFolder:
        """What comes in over the API, in pieces."""
        from vitascope.backends.home import UPLOADS, UploadFolder

        return UploadFolder(self.home.media / UPLOADS, self.settings.home, self.clock)

    @cached_property
    def connectors(self) -> tuple[Connector, ...]:
        """What reads archives and addresses of others."""
        return _plugins.connectors()

    @cached_property
    def catalog(self) -> Catalog:
        """Room 1."""
        from vitascope.catalog import Catalog

        s = self.stores
        return Catalog(
            items=s.items,
            duplicates=s.duplicates,
            vectors=s.vectors,
            problems=s.problems,
            settings=s.settings,
            reader=self.reader,
            config=self.settings.catalog,
            fetcher=self.fetcher,
            fetched=self.fetched,
        )

    @cached_property
    def describer(self) -> Describer:
        """Room 2."""
        from vitascope.catalog import sidecar_subtitles
        from vitascope.describe import Describer

        s = self.stores
        return Describer(
            items=s.items,
            descriptions=s.descriptions,
            duplicates=s.duplicates,
            reader=self.reader,
            models=self.models,
            config=self.settings.describe,
            clock=self.clock,
            problems=s.problems,
            sidecars=sidecar_subtitles,
            extractors=_plugins.extractors(),
            limits=self.settings.catalog.limits,
            policy=self.settings.moderation,
            shared=self.signals,
            accounts=s.accounts,
            away=self.away,
        )

    @property
    def away(self) -> tuple[Engine, Job] | None:
        """Who describes in place of this process, where the settings name a cluster or several processes; and its job."""
        from vitascope import __version__
        from vitascope.assemble._job import JOB, describe_settings

        told = self.settings.engine
        if not told.address and not told.workers:
            return None
        from vitascope.backends.engines import DaftEngine, LocalEngine

        work = None if told.address else self.home.cache / "workers"
        job = Job(
            opens=JOB,
            settings=describe_settings(self.settings, work),
            version=__version__,
            seconds=told.task_seconds,
        )
        if told.address:
            return DaftEngine(told.address, told.workers, told.stall_seconds), job
        return LocalEngine(told.workers), job

    # --- people

    def by_default(self, purpose: Purpose) -> bool:
        """Whether behaviour serves a purpose while the person said nothing."""
        return self.settings.privacy.consent == "opt-out" and purpose is not Purpose.OUTSIDE

    def agrees(self, person: PersonKey, purpose: Purpose) -> bool:
        """Whether a person's behaviour may serve a purpose."""
        said = self.stores.consents.of(person).get(purpose)
        return self.by_default(purpose) if said is None else said.given

    def may_write(self, person: PersonKey) -> bool:
        """Whether a language model may write about a person's taste: content of their own, outside only if they said so."""
        endpoint = self.settings.models.endpoints.get("language_model") or self.settings.models.endpoint
        leaves = bool(endpoint.url) and not stays_here(endpoint.url)
        return self.agrees(person, Purpose.CONTENT) and (not leaves or self.agrees(person, Purpose.OUTSIDE))

    @cached_property
    def studied(self) -> StudiedEvents:
        """The events of those who let what is learned for everybody be learned from theirs."""
        from vitascope.assemble._studied import StudiedEvents

        return StudiedEvents(self.stores.events, self.stores.consents, self.by_default(Purpose.RESEARCH))

    @cached_property
    def intake(self) -> EventIntake:
        """Room 3: events in."""
        from vitascope.profile import EventIntake

        s = self.stores
        return EventIntake(
            people=s.people, items=s.items, events=s.events, problems=s.problems, config=self.settings.profile
        )

    @cached_property
    def features(self) -> FeatureLibrary:
        """Named features of all items, shared by the rooms that learn and rank."""
        from vitascope.profile import FeatureLibrary

        return FeatureLibrary(
            items=self.stores.items, descriptions=self.stores.descriptions, settings=self.stores.settings
        )

    @cached_property
    def noise(self) -> Noise:
        """Room 3: noise rules."""
        from vitascope.profile import Noise

        return Noise(self.settings.profile.noise)

    @cached_property
    def profiler(self) -> Profiler:
        """Room 3: tastes."""
        from vitascope.profile import Profiler

        s = self.stores
        return Profiler(
            features=self.features,
            events=s.events,
            profiles=s.profiles,
            items=s.items,
            language=self.language,
            config=self.settings.profile,
            may_write=self.may_write,
        )

    # --- ranking and learning

    @cached_property
    def recommender(self) -> Recommender:
        """Room 4."""
        from vitascope.recommend import Recommender
        from vitascope.train import ArtifactFolder
        from vitascope.train.attribute import CaptumAttributor

        s = self.stores
        return Recommender(
            items=s.items,
            descriptions=s.descriptions,
            duplicates=s.duplicates,
            vectors=s.vectors,
            events=s.events,
            features=self.features,
            tastes=self.profiler,
            registry=s.registry,
            load=ArtifactFolder(self.home.models),
            components=_plugins.components(),
            outcomes=self.outcomes,
            text=self.models.text,
            pictures=pictures if isinstance(pictures := self.models.picture, PictureTextModel) else None,
            language=self.language,
            config=self.settings.recommend,
            home_pipelines=self.home.path / "pipelines",
            moderation=s.moderation,
            policy=self.settings.moderation,
            attributor=CaptumAttributor(),
            allowed=s.households.allowed,
        )

    @cached_property
    def pages(self) -> HomePages:
        """Room 4: rows of home pages."""
        from vitascope.recommend.rows import HomePages

        return HomePages(self.recommender)

    @cached_property
    def radios(self) -> Radios:
        """Room 4: radios."""
        from vitascope.recommend.radio import Radios

        return Radios(self.recommender)

    @cached_property
    def series(self) -> SeriesKeeper:
        """Room 4: which item is which episode."""
        from vitascope.recommend.episodes import SeriesKeeper

        return SeriesKeeper()

    @cached_property
    def listener(self) -> ModelReader | None:
        """What reads requests beside the rules, where the settings want it and there is a language model."""
        from vitascope.recommend.talk.model import ModelReader

        mode = self.settings.recommend.talk_reads
        return None if mode == "rules" or self.language is None else ModelReader(self.language, mode)

    @cached_property
    def talker(self) -> Talker:
        """Room 4: conversation."""
        from vitascope.recommend.talk.talker import Talker

        return Talker(self.recommender, self.stores.items, self.stores.descriptions)

    @cached_property
    def later(self) -> Later:
        """Work that need not be done before an answer."""
        from vitascope.assemble._later import Later

        made = Later()
        self._opened.append(made)
        return made

    @cached_property
    def live_work(self) -> LiveWork:
        """Looks at what happens in live channels."""
        from vitascope.assemble._live import LiveWork

        work = LiveWork(self)
        self._opened.append(work)
        return work

    @cached_property
    def outcomes(self) -> OutcomeModels:
        """Trees that foretell what comes of showing an item."""
        from vitascope.backends.rankers import TreeModels

        return TreeModels()

    @cached_property
    def trainer(self) -> Trainer:
        """Room 6."""
        from vitascope.train import Trainer

        s = self.stores
        return Trainer(
            items=s.items,
            events=self.studied,
            vectors=s.vectors,
            registry=s.registry,
            models_dir=self.home.models,
            features=self.features,
            cleaner=self.noise,
            tastes=self.profiler,
            bench=self.recommender,
            profiles=s.profiles,
            text=self.models.text,
            outcomes=self.outcomes,
            config=self.settings.train,
            clock=self.clock,
        )

    @cached_property
    def learner(self) -> OnlineLearner:
        """Room 6: the step each event makes."""
        from vitascope.train import OnlineLearner

        s = self.stores
        return OnlineLearner(
            features=self.features,
            tastes=self.profiler,
            events=s.events,
            profiles=s.profiles,
            config=self.settings.train,
        )

    def close(self) -> None:
        """Stop workers, unload models, close the store. An encrypted home keeps no decoded voices and pictures."""
        for part in reversed(self._opened):
            part.close()
        if self.home.encrypted and "reader" in self.__dict__:
            self.reader.forget_made()
        self.home.close()
