"""What a model looked up, told to the person who waits."""

import json
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from cairn.chat.domain.events import Step

_DETAIL_CHARACTERS_MOST = 120
_LABELS = {
    "search": "Searched",
    "fetch": "Read",
    "related": "Looked for records like",
    "governs": "Looked for what governs",
    "history": "Read the history of",
    "diff": "Compared versions of",
    # The model before broke off in the middle, and this one went on with its answer.
    "continued": "Went on with",
}


def describe_look(tool: str, arguments: str, elapsed_ms: int, decision_ids: Sequence[UUID], *, failed: bool) -> Step:
    """Return the step as a person reads it. What the model wrote is shortened, and is never taken for markup."""
    try:
        read = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        read = {}
    fields = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    detail = " ".join(", ".join(str(value) for value in fields.values()).split())
    if len(detail) > _DETAIL_CHARACTERS_MOST:
        detail = f"{detail[: _DETAIL_CHARACTERS_MOST - 1]}\u2026"
    code = tool if tool in _LABELS else "tool"
    label = _LABELS.get(tool, "Tried a tool")
    shown = f"{detail} (not possible)" if failed else detail
    return Step(label, shown, elapsed_ms, tuple(decision_ids), code, (detail,), failed=failed)
