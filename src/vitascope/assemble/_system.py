"""The whole library behind one name: implements `base.ports.service.Service`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitascope.assemble._home import Owner
from vitascope.assemble._households import Sharing
from vitascope.assemble._live import Broadcasts
from vitascope.assemble._personal import Personally
from vitascope.assemble._rights import Rights
from vitascope.assemble._surfaces import Surfacing
from vitascope.assemble._talk import Talks
from vitascope.assemble._uploads import Uploads

if TYPE_CHECKING:
    from vitascope.assemble._access import AccessDesk
    from vitascope.assemble._rooms import Rooms
    from vitascope.base.ports.service import Service


class System(Uploads, Broadcasts, Surfacing, Sharing, Talks, Personally, Rights, Owner):
    """One library: its content, its people, its owner's work. Made by `open_system`."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    @property
    def access(self) -> AccessDesk:
        """Keys, sign-ins, the audit trail."""
        return self._rooms.access

    @property
    def rooms(self) -> Rooms:
        """The wired rooms, for tests and benchmarks."""
        return self._rooms


def _is_a_service(system: System) -> Service:
    """Checked by the type checker: a System fulfils the port."""
    return system
