"""What a request asks for that not every model can do, and which targets can."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast

import msgspec

from cairn.gateway.domain.calls import Native
from cairn.gateway.domain.capabilities import Capability
from cairn.gateway.domain.failures import Untranslatable
from cairn.gateway.domain.messages import ChatRequest, Media, Part, ToolResult
from cairn.gateway.domain.prices import Catalog
from cairn.gateway.domain.routing import Route, Target
from cairn.gateway.domain.wires import Wire

Needs = Mapping[Capability, str]
# As all three formats mark a picture. Inside of a text the quotation marks would be escaped.
_IMAGE = re.compile(rb'"type"\s*:\s*"(?:image|image_url|input_image)"')
_TOOLS = ("tools", "functions")
_SAID = ("messages", "input")
_FORMATS = (("response_format",), ("text", "format"), ("output_config", "format"), ("output_format",))


def mark_capabilities(route: Route, catalog: Catalog, on: date) -> Route:
    """Return the route with what each target takes: as its operator's file says, else as the catalogue does."""
    targets = [replace(target, takes=_takes(target, catalog, on)) for target in route.targets]
    return replace(route, targets=tuple(targets))


def _takes(target: Target, catalog: Catalog, on: date) -> frozenset[Capability]:
    told = dict(target.provider.takes).get(target.model)
    return catalog.takes(target.provider.kind, target.model, on) if told is None else told


def needs_of(native: Native, chat: Callable[[], ChatRequest]) -> Needs:
    """Return what the request asks for, each with the field that asks for it."""
    if native.wire is Wire.OWN:
        return _needs_of_chat(chat())
    fields = native.fields
    needs: dict[Capability, str] = {}
    for name in _TOOLS:
        if _decode(fields.get(name)):
            needs[Capability.TOOLS] = name
    for name in _SAID:
        if name in fields and _IMAGE.search(bytes(fields[name])):
            needs[Capability.IMAGES] = name
    for first, *rest in _FORMATS:
        asked = _decode(fields.get(first))
        for name in rest:
            asked = cast("dict[str, Any]", asked).get(name) if isinstance(asked, dict) else None
        if isinstance(asked, dict) and cast("dict[str, Any]", asked).get("type", "text") != "text":
            needs[Capability.JSON] = ".".join((first, *rest))
    return needs


def _needs_of_chat(request: ChatRequest) -> Needs:
    needs: dict[Capability, str] = {}
    if request.tools:
        needs[Capability.TOOLS] = "tools"
    if any(_shows(part) for message in request.messages for part in message.parts):
        needs[Capability.IMAGES] = "messages"
    if request.output_format is not None:
        needs[Capability.JSON] = "output_format"
    return needs


def _shows(part: Part) -> bool:
    if isinstance(part, ToolResult):
        return any(_shows(inner) for inner in part.parts)
    return isinstance(part, Media) and part.kind == "image"


def _decode(raw: object) -> object:
    """Return a field's value; None where it is missing, or is what the format's own reader will refuse."""
    if raw is None:
        return None
    try:
        return msgspec.json.decode(cast("bytes", raw))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def missing(needs: Needs, target: Target) -> Untranslatable | None:
    """Return the error of a target that cannot do what is asked, or None."""
    for capability, field in needs.items():
        if capability not in target.takes:
            return Untranslatable(capability.words, target.name, field=field)
    return None
