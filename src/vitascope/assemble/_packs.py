"""Model packs as an operator handles them: pull, list, verify, remove. Needs no home."""

from __future__ import annotations

from vitascope.backends.models import ModelCache, ModelsConfig, PullProgress, builtin_packs, load_pack
from vitascope.base.ports.service import Progress, silent
from vitascope.base.records import Record


class Pulled(Record):
    """What a pull did, in bytes."""

    pack: str
    fetched: int
    total: int


class Checked(Record):
    """What a verification found, in files."""

    pack: str
    good: int
    bad: int
    missing: int
    damaged_files: tuple[str, ...] = ()


class PackLine(Record):
    """One role of a pack, or one named gap (`model` empty)."""

    pack: str
    role: str
    model: str = ""
    task: str = ""
    languages: tuple[str, ...] = ()
    licence: str = ""
    source: str = ""
    bytes: int = 0
    optional: bool = False
    state: str = ""
    note: str = ""


class Packs:
    """The packs that are known and the cache of their files."""

    def __init__(self, config: ModelsConfig) -> None:
        self._config = config
        self._cache = ModelCache(offline=config.offline)

    def pull(self, pack: str, progress: Progress = silent) -> Pulled:
        """Fetch what is missing or damaged; goes on where an interrupted pull stopped."""

        def tell(state: PullProgress) -> None:
            progress(f"pull {state.stage}", state.done // 1_000_000, max(1, state.total // 1_000_000), state.what)

        report = self._cache.pull(load_pack(pack), progress=tell)
        return Pulled(pack=report.pack, fetched=report.fetched_bytes, total=report.bytes)

    def list(self, pack: str | None = None) -> tuple[PackLine, ...]:
        """Roles with licence, source, size, languages and task, then what each pack lacks."""
        packs = [load_pack(name) for name in ((pack,) if pack else builtin_packs())]
        lines = []
        for one in packs:
            for role in self._cache.list([one]):
                lines.append(
                    PackLine(
                        pack=role.pack,
                        role=role.role,
                        model=role.model,
                        task=role.task,
                        languages=role.languages,
                        licence=role.licence,
                        source=", ".join(role.sources),
                        bytes=role.bytes,
                        optional=role.optional,
                        state=role.state,
                        note=role.note,
                    )
                )
            lines += [PackLine(pack=one.name, role=gap.role, note=gap.note) for gap in one.gaps]
        return tuple(lines)

    def verify(self, pack: str) -> Checked:
        """Hash every file of the pack anew."""
        states = self._cache.verify(load_pack(pack))
        return Checked(
            pack=pack,
            good=sum(s.state == "ok" for s in states),
            bad=sum(s.state == "damaged" for s in states),
            missing=sum(s.state == "absent" for s in states),
            damaged_files=tuple(f"{s.role}/{s.file}" for s in states if s.state == "damaged"),
        )

    def remove(self, pack: str) -> int:
        """Delete the pack's files, except those that other pulled packs need; bytes freed."""
        others = [load_pack(name) for name in builtin_packs() if name != pack]
        return self._cache.remove(load_pack(pack), keep=others)
