"""Archives and addresses that connectors read: their items into the catalogue, their acts into the event log.

Takes what a user named, and for acts whose they are. Connectors may be strangers': whatever one raises becomes a problem with
its name, and what it gave before stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitascope.base.errors import InputError, StoreError, UsageError, VitascopeError, without_secret
from vitascope.base.media import Problem
from vitascope.base.ports.connectors import Act, ArchiveReport, Connector, Fault, Source, SourceItem
from vitascope.base.ports.service import IngestReport, Progress, silent

if TYPE_CHECKING:
    from vitascope.assemble._rooms import Rooms

_BATCH = 1_000
_OFFERED = (".zip", ".tgz", ".tar.gz", ".tar", ".tar.xz", ".json", ".html", ".htm")
_MOST_PROBLEMS = 1_000


@dataclass
class _Run:
    """State of one archive."""

    place: str
    tally: Any
    aliases: dict[str, str]
    faults: int = 0
    acts: int = 0
    problems: list[Problem] = field(default_factory=list)


class Archives:
    """Reads sources through connectors."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    # --- what reads what

    def offered(self, path: str) -> bool:
        """Whether an input of `ingest` is shown to connectors before it is read as a file, a manifest or a feed."""
        scheme, colon, _ = path.partition(":")
        is_address = bool(colon) and len(scheme) > 1 and scheme.isidentifier() and scheme != "file"
        return is_address or path.lower().endswith(_OFFERED)

    def claimed(self, address: str) -> tuple[Connector, Source] | None:
        """The connector that reads this, and the source.

        Raises:
            UsageError: there is no such file. InputError: an archive that cannot be opened.
        """
        from vitascope.backends.feeds import ArchiveLimits, open_source

        config = self._rooms.settings.catalog
        limits = ArchiveLimits(**config.archive.model_dump())
        fetcher = self._rooms.fetcher
        source = open_source(address, limits, lambda u, n: fetcher.fetch(u, n, config.private_addresses))
        for connector in self._rooms.connectors:
            try:
                if connector.claims(source):
                    return connector, source
            except InputError:
                raise
            except Exception as error:
                self._rooms.stores.problems.add([_failed(connector, source, error)])
        return None

    # --- reading

    def import_archive(self, address: str, user_id: str, progress: Progress = silent) -> ArchiveReport:
        """Items and acts of one archive; the acts are `user_id`'s. The same archive again changes nothing.

        Raises:
            UsageError: there is no such file, or no connector reads it.
            InputError: the archive cannot be opened.
        """
        if not user_id.strip():
            raise UsageError("it is not said whose archive it is", place="--user", remedy="name the person: --user ID")
        found = self.claimed(address)
        if found is None:
            names = ", ".join(c.name for c in self._rooms.connectors)
            raise UsageError(
                f"it is no archive that is known ({names})",
                place=address,
                remedy="name the file as it was downloaded, or the folder it was unpacked to; docs/sources.md lists them",
            )
        connector, source = found
        run = self._run(source, progress, lambda: False)
        try:
            taken = self._rooms.intake.import_rows(
                self._rows(connector, source, run, user_id),
                name=f"{connector.name}:{Path(source.address).name}",
                now=self._rooms.clock(),
                progress=progress,
            )
        finally:
            self._tell(run)
            self._rooms.touch()
        report = taken.report
        tally = run.tally
        return ArchiveReport(
            connector=connector.name,
            items_new=tally.new,
            items_known=tally.changed_items + tally.same,
            added=report.added,
            known=report.known,
            set_aside=report.rejected_total + run.faults + tally.set_aside,
        )

    def ingest(
        self, connector: Connector, source: Source, progress: Progress, stop: Callable[[], bool]
    ) -> IngestReport:
        """The items alone: nobody was named whose acts they are."""
        run = self._run(source, progress, stop)
        try:
            for _ in self._rows(connector, source, run, None):
                pass
            if run.acts:
                run.problems.append(
                    Problem(
                        kind="note",
                        place=f"{run.place}:acts",
                        reason=f"{run.acts:,} acts of a person were left in it: an ingest takes items",
                        remedy="vitascope events import-archive FILE --user ID takes them as what that person did",
                    )
                )
        finally:
            self._tell(run)
        run.tally.set_aside += run.faults
        report: IngestReport = run.tally.report(0.0)
        return report

    def _run(self, source: Source, progress: Progress, stop: Callable[[], bool]) -> _Run:
        from vitascope.catalog import Tally

        mine = without_secret(source.address)
        problems = self._rooms.stores.problems
        problems.clear(
            [p.place for p in problems.iter() if p.place.startswith((f"{mine}/", f"{mine}:")) or p.place == mine]
        )
        return _Run(mine, Tally(progress, stop), self._rooms.catalog.source_ids())

    def _rows(
        self, connector: Connector, source: Source, run: _Run, user_id: str | None
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The acts as rows of events, each after its item is in the library."""
        items: list[SourceItem] = []
        acts: list[Act] = []
        for thing in self._things(connector, source, run):
            if isinstance(thing, SourceItem):
                if thing.draft.item_id not in run.aliases:
                    items.append(thing)
            elif isinstance(thing, Act):
                acts.append(thing)
            else:
                self._fault(thing, run)
            if len(items) + len(acts) >= _BATCH:
                yield from self._flush(source, items, acts, run, user_id)
            if run.tally.stop():
                break
        yield from self._flush(source, items, acts, run, user_id)

    def _flush(
        self, source: Source, items: list[SourceItem], acts: list[Act], run: _Run, user_id: str | None
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        if items:
            folder = self._rooms.fetched
            self._rooms.catalog.put_connected(items, run.place, lambda name: source.keep(name, folder), run.tally)
            items.clear()
        ready, acts[:] = list(acts), []
        run.acts += len(ready)
        for act in ready if user_id is not None else ():
            row = act.model_dump(exclude={"place"})
            row |= {"user_id": user_id, "item_id": run.aliases.get(act.item_id or "", act.item_id)}
            yield f"{run.place}:{act.place}" if act.place else run.place, row

    def _things(self, connector: Connector, source: Source, run: _Run) -> Iterator[SourceItem | Act | Fault]:
        try:
            yield from connector.read(source)
            yield from source.faults()
        except StoreError:
            raise
        except VitascopeError as error:
            yield Fault(place=error.place or run.place, reason=error.thing, remedy=error.remedy or "")
        except Exception as error:
            failed = _failed(connector, source, error)
            yield Fault(place=failed.place, reason=failed.reason, remedy=failed.remedy)

    def _fault(self, fault: Fault, run: _Run) -> None:
        run.faults += not fault.kept
        if len(run.problems) < _MOST_PROBLEMS:
            said = without_secret(fault.place)
            place = said if said.startswith(run.place) else f"{run.place}:{said}"
            run.problems.append(
                Problem(
                    kind="note" if fault.kept else "input",
                    place=place.encode("utf-8", "replace").decode(),
                    reason=fault.reason[:1_000],
                    remedy=(fault.remedy or "download the archive again")[:500],
                )
            )

    def _tell(self, run: _Run) -> None:
        self._rooms.stores.problems.add(run.problems)
        run.problems = []


def _failed(connector: Connector, source: Source, error: Exception) -> Problem:
    return Problem(
        kind="input",
        place=without_secret(source.address),
        reason=f"the connector {connector.name} failed: {type(error).__name__}: {str(error)[:200]}",
        remedy="repair or uninstall the package that brings it",
    )
