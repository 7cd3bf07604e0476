"""One tree of errors, sorted by what the reader can do about them.

    VitascopeError
    ├── UsageError            the command line or the request is wrong: call again, corrected        (exit 2)
    │   ├── WrongOffset           a piece of an upload that does not go on where the last one ended
    │   └── TooLarge              more than the settings let in
    ├── ConfigError           a setting is wrong: correct the file or the variable it names          (exit 2)
    ├── InputError            one input is bad: it is set aside, everything else goes on
    │   ├── UnreadableMedia       a file no decoder could read within its bounds
    │   ├── BadRow                a row of a manifest or an event file
    │   └── UnknownItem / UnknownPerson / UnknownSurface / UnknownModel / UnknownUpload   a name the home does not know
    ├── ModelError            a model cannot speak: the work goes on without it and says so
    │   ├── ModelMissing          not pulled yet
    │   ├── ModelCorrupt          checksum differs, also after one more fetch
    │   ├── ModelFailed           loaded, but gave no usable answer
    │   │   └── ModelResting      failed so often that it is not asked for a while
    │   ├── BudgetSpent           the day's budget for language models is gone
    │   └── ItemBudgetSpent       that of one item is
    ├── FetchError            a named file could not be had; what came before is kept, run again to go on
    │   ├── SourceUnavailable     no source gave it
    │   └── ChecksumRefused       what came is not the bytes that were named
    ├── EngineFailed          who should do heavy work cannot be reached: what was answered is kept
    ├── StoreError            the home cannot be used as it is; nothing acknowledged is lost
    │   ├── HomeTooNew            made by a newer Vitascope
    │   ├── HomeDamaged           a part of the home is missing or unreadable
    │   ├── NoSpace               disk full
    │   └── ReadOnly              disk or file not writable
    ├── Refused               the policy says no (consent, moderation, age)
    └── Stopped               asked to stop (SIGTERM, Ctrl-C): what was done is kept, run again to go on

Every error names the thing, the place and the remedy.
"""

from __future__ import annotations

import re

_SECRET = re.compile(r"(?<=://)[^/?#\s]*@")


def without_secret(text: str) -> str:
    """A text with the user names and passwords left out of the addresses in it, so that it can be kept and shown."""
    return _SECRET.sub("", text)


class VitascopeError(Exception):
    """Base of all errors that Vitascope raises on purpose.

    Args:
        thing: what is wrong, one sentence without a full stop.
        place: the file, line, field, setting or id it is about.
        remedy: what the reader can do.
    """

    exit_code = 1
    code = "error"

    def __init__(self, thing: str, *, place: str | None = None, remedy: str | None = None) -> None:
        self.thing, self.remedy = thing, remedy
        self.place = None if place is None else without_secret(place)
        super().__init__(thing)

    def __str__(self) -> str:
        head = f"{self.place}: {self.thing}" if self.place else self.thing
        return f"{head} ({self.remedy})" if self.remedy else head


class UsageError(VitascopeError):
    """The command line or the request is wrong."""

    exit_code = 2
    code = "usage"


class WrongOffset(UsageError):
    """A piece of an upload that does not go on where the last one ended."""

    code = "wrong-offset"


class TooLarge(UsageError):
    """More than the settings let in."""

    code = "too-large"


class ConfigError(VitascopeError):
    """A setting is wrong."""

    exit_code = 2
    code = "config"


class InputError(VitascopeError):
    """One input is bad; it is set aside and nothing else is lost."""

    code = "input"


class UnreadableMedia(InputError):
    """A media file that could not be read within its bounds.

    Args:
        reason: why, as a short code to sort by, such as "encrypted" (backends/media/_diagnosis.py lists them), or "".
    """

    code = "unreadable-media"

    def __init__(self, thing: str, *, place: str | None = None, remedy: str | None = None, reason: str = "") -> None:
        super().__init__(thing, place=place, remedy=remedy)
        self.reason = reason


class BadRow(InputError):
    """A row of a manifest or an event file that cannot be used."""

    code = "bad-row"


class UnknownItem(InputError):
    """No item of that id."""

    code = "unknown-item"


class UnknownPerson(InputError):
    """No person of that id."""

    code = "unknown-person"


class UnknownSurface(InputError):
    """No surface of that name."""

    code = "unknown-surface"


class UnknownModel(InputError):
    """No trained model or pack of that name."""

    code = "unknown-model"


class UnknownUpload(InputError):
    """No upload of that id."""

    code = "unknown-upload"


class ModelError(VitascopeError):
    """A model cannot speak; the work goes on without it and says so."""

    code = "model"


class ModelMissing(ModelError):
    """The model's files are not in the cache."""

    code = "model-missing"


class ModelCorrupt(ModelError):
    """A model file's checksum differs, also after it was fetched once more."""

    code = "model-corrupt"


class ModelFailed(ModelError):
    """The model is there but gave no usable answer."""

    code = "model-failed"


class ModelResting(ModelFailed):
    """It failed so often that it was not asked this time: nothing was sent and nothing spent."""

    code = "model-resting"


class BudgetSpent(ModelError):
    """The day's budget for language models is gone; the plainer form speaks, and the model is asked again another day."""

    code = "budget-spent"


class ItemBudgetSpent(ModelError):
    """One item has had what it may cost; the plainer form speaks."""

    code = "item-budget-spent"


class FetchError(VitascopeError):
    """A named file could not be had; what was complete is kept."""

    code = "fetch"


class SourceUnavailable(FetchError):
    """No source gave the file."""

    code = "source-unavailable"


class ChecksumRefused(FetchError):
    """What came is not the bytes that were named, so it was thrown away."""

    code = "checksum-refused"


class EngineFailed(VitascopeError):
    """Who should do heavy work cannot be reached or gives no answers; what was answered is kept."""

    code = "engine-failed"


class StoreError(VitascopeError):
    """The home cannot be used as it is; nothing that was acknowledged is lost."""

    code = "store"


class HomeTooNew(StoreError):
    """The home was made by a newer Vitascope."""

    code = "home-too-new"


class HomeDamaged(StoreError):
    """A part of the home is missing or unreadable."""

    code = "home-damaged"


class NoSpace(StoreError):
    """The disk is full."""

    code = "no-space"


class ReadOnly(StoreError):
    """The disk, the folder or the file cannot be written."""

    code = "read-only"


class Refused(VitascopeError):
    """The policy says no."""

    code = "refused"


class Stopped(VitascopeError):
    """Asked to stop; what was done is kept."""

    code = "stopped"
