"""Column types: personal values, packed records, paths, clean text. They know no table.

`Personal` finds the cipher on the dialect of the engine that runs the statement (`_database` puts it there), so that
the tables can be declared once and two libraries with two keys can be open in one process.
"""

from __future__ import annotations

import json
import zlib
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import BigInteger, Integer, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from vitascope.backends.stores._cipher import Cipher
from vitascope.base.errors import HomeDamaged

CIPHER = "vitascope_cipher"
"""Name of the attribute of a dialect that holds the `Cipher`."""

Key = BigInteger().with_variant(Integer(), "sqlite")
"""An internal id. SQLite grows ids by itself for INTEGER alone."""

M = TypeVar("M", bound=BaseModel)

_RAW, _ZLIB, _SEALED = 0, 1, 2
_SMALL = 400


def pack(data: bytes) -> bytes:
    """A byte that says how, then the data: deflated where that saves something."""
    if len(data) > _SMALL:
        small = zlib.compress(data, 1)
        if len(small) < len(data):
            return bytes((_ZLIB,)) + small
    return bytes((_RAW,)) + data


def unpack(blob: bytes, place: str) -> bytes:
    """Undo `pack`. Raises HomeDamaged."""
    try:
        if blob[0] == _RAW:
            return blob[1:]
        if blob[0] == _ZLIB:
            return zlib.decompress(blob[1:])
    except (IndexError, zlib.error):
        pass
    raise HomeDamaged("a stored record cannot be read", place=place, remedy="restore a backup")


def seal_record(cipher: Cipher, kind: str, data: bytes) -> bytes:
    """A packed record as a sealed one, which `Packed` opens again; one that is sealed stays as it is."""
    return data if data[:1] == bytes((_SEALED,)) else bytes((_SEALED,)) + cipher.seal_record(kind, data)


def clean(text: str) -> str:
    """Text that every database takes: no NUL, no lone surrogate."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


class CleanText(TypeDecorator[str]):
    """Text from outside. What no database can hold is taken out (NUL) or replaced (lone surrogates)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Clean on the way in, also in comparisons."""
        return None if value is None else clean(value)


class PathBytes(TypeDecorator[str]):
    """A path or URL as bytes: keeps file names that are no valid text, and sorts by bytes on every database."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Path to bytes."""
        return None if value is None else value.encode("utf-8", "surrogateescape")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Bytes to path."""
        return None if value is None else bytes(value).decode("utf-8", "surrogateescape")


class Json(TypeDecorator[Any]):
    """Small JSON in a text column (escaped to ASCII, so that any text survives)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Value to JSON."""
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """JSON to value."""
        return None if value is None else json.loads(value)


class Packed(TypeDecorator[Any]):
    """A whole record as packed JSON. An unreadable one raises HomeDamaged."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, model: type[BaseModel]) -> None:
        super().__init__()
        self.model = model

    def process_bind_param(self, value: BaseModel | None, dialect: Dialect) -> bytes | None:
        """Record to bytes; sealed where the home is encrypted and the database is not."""
        if value is None:
            return None
        data = pack(dump(value))
        cipher = getattr(dialect, CIPHER, None)
        if cipher is None or not cipher.seals_records or dialect.name == "sqlite":
            return data
        return seal_record(cipher, self.model.__name__, data)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> BaseModel | None:
        """Bytes to record."""
        if value is None:
            return None
        data, kind = bytes(value), self.model.__name__
        if data[:1] == bytes((_SEALED,)):
            data = _cipher(dialect).open_record(kind, data[1:])
        return load(self.model, unpack(data, kind))


class Personal(TypeDecorator[str]):
    """Personal text: sealed with the home's key, bytes in the database. Can be read, never searched or sorted."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, column: str, packed: bool = False) -> None:
        super().__init__()
        self.column, self.packed = column, packed

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """Seal."""
        if value is None:
            return None
        data = value.encode("utf-8", "surrogatepass")
        return _cipher(dialect).seal(self.column, pack(data) if self.packed else data)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Open."""
        if value is None:
            return None
        data = _cipher(dialect).open(self.column, bytes(value))
        return (unpack(data, self.column) if self.packed else data).decode("utf-8", "surrogatepass")


def dump(record: BaseModel) -> bytes:
    """JSON of a record; lone surrogates in hostile text are replaced."""
    try:
        return record.model_dump_json(exclude_defaults=True).encode()
    except ValueError:  # pydantic_core.PydanticSerializationError: lone surrogates
        return json.dumps(_clean_all(record.model_dump(exclude_defaults=True)), default=str).encode()


def load(model: type[M], data: bytes) -> M:
    """Record from JSON. Raises HomeDamaged."""
    try:
        return model.model_validate_json(data)
    except ValueError as error:
        raise HomeDamaged(
            "a stored record cannot be read",
            place=model.__name__,
            remedy="restore a backup",
        ) from error


def _clean_all(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _clean_all(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_all(inner) for inner in value]
    return value


def _cipher(dialect: Dialect) -> Cipher:
    cipher: Cipher = getattr(dialect, CIPHER)
    return cipher
