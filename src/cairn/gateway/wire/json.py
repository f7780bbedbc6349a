"""JSON as the wire formats use it: objects whose values stay as they came, and errors that name their place."""

import json
import re
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from cairn.gateway.domain.failures import InvalidRequest
from cairn.gateway.domain.messages import ToolCall

T = TypeVar("T")
RawObject = dict[str, msgspec.Raw]

_objects = msgspec.json.Decoder(RawObject)
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<place>[^`]*)`)?$", re.DOTALL)


def read_object(body: bytes) -> RawObject:
    """Return the fields of a JSON object, each value as it came. Raises `InvalidRequest`."""
    return decode(body, _objects)


def decode(body: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T:
    """Decode JSON. Raises `InvalidRequest` with the place of what is wrong, as `messages[0].role`."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise invalid(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest("The body is not valid JSON.") from error


def convert(value: object, kind: type[T], place: str = "") -> T:
    """Convert JSON values that are decoded already. Raises `InvalidRequest`."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise invalid(str(error), place) from error


def invalid(said: str, place: str = "") -> InvalidRequest:
    """Return the error for what msgspec says about a value."""
    match = _PLACE.match(said)
    what, inner = (match["what"], match["place"] or "") if match else (said, "")
    path = ".".join(one for one in (place, inner) if one)
    return InvalidRequest(f"Invalid value for '{path}': {what}." if path else f"{what}.", field=path)


def encode(value: Mapping[str, Any]) -> bytes:
    """Return JSON, without the entries that are None at its top."""
    return msgspec.json.encode({name: one for name, one in value.items() if one is not None})


def replace_fields(fields: Mapping[str, object], **changes: object) -> bytes:
    """Return the object with some fields replaced or added; None removes one. All others keep their bytes."""
    changed: dict[str, object] = dict(fields)
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return msgspec.json.encode(changed)


def read_arguments(call: ToolCall) -> dict[str, Any]:
    """Return a call's arguments as an object. Raises `InvalidRequest` when they are none."""
    try:
        return convert(json.loads(call.arguments or "{}"), dict[str, Any])
    except ValueError as error:
        raise InvalidRequest(f"The arguments of tool call '{call.id}' are not a JSON object.") from error
