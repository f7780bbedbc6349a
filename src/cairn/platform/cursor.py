"""Cursors: where a page ended, as an opaque word for the client."""

import base64
import binascii
import json
from datetime import datetime
from uuid import UUID

from cairn.kernel.errors import InvalidArgument
from cairn.kernel.phrases import Phrase

CursorValue = str | int | datetime | UUID


def write_cursor(*values: CursorValue) -> str:
    """Return the values as one opaque word."""
    parts = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    text = json.dumps([str(part) if isinstance(part, UUID) else part for part in parts])
    return base64.urlsafe_b64encode(text.encode()).decode()


def read_cursor(cursor: str, *types: type) -> list[CursorValue] | None:
    """Return the values of a cursor in the given types; None for the empty cursor, which means the first page.

    Raises `InvalidArgument` for a word that `write_cursor` did not make.
    """
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        return [_read(value, kind) for value, kind in zip(values, types, strict=True)]
    except (ValueError, TypeError, binascii.Error) as error:
        message = Phrase("cursor_list", "This cursor does not belong to this list. Start again from the first page.")
        raise InvalidArgument(message, field="cursor") from error


def _read(value: object, kind: type) -> CursorValue:
    if kind is datetime:
        return datetime.fromisoformat(str(value))
    if kind is UUID:
        return UUID(str(value))
    if kind is int and isinstance(value, int):
        return value
    if kind is str and isinstance(value, str):
        return value
    raise ValueError(kind)
