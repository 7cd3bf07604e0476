"""Uploads on the wire."""

from __future__ import annotations

from vitascope.base.ports.uploads import Upload
from vitascope.serve.wire.answers import Wire


class UploadOut(Wire):
    """An upload as it stands."""

    upload_id: str
    url: str
    length: int
    offset: int
    state: str
    """open | received | taken | failed"""
    item_id: str
    item: str
    """Where the item is once the upload is taken."""
    expires_at: float
    reason: str = ""
    remedy: str = ""


def upload(now: Upload, item: str) -> UploadOut:
    """An upload without the place of its file."""
    return UploadOut(
        upload_id=now.upload_id,
        url=f"/v1/uploads/{now.upload_id}",
        length=now.length,
        offset=now.offset,
        state=now.state.value,
        item_id=now.item_id,
        item=item,
        expires_at=now.expires_at,
        reason=now.reason,
        remedy=now.remedy,
    )
