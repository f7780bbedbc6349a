"""What tells the endpoints apart: how each reads a request and writes a reply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from cairn.gateway.domain.calls import Wire
from cairn.gateway.domain.failures import InvalidRequest
from cairn.gateway.domain.messages import ChatRequest, Reply, StreamPart
from cairn.gateway.providers.openai import wants_usage
from cairn.gateway.wire import anthropic, anthropic_stream, openai_chat, openai_stream
from cairn.gateway.wire.json import RawObject

T = TypeVar("T")
_strings = msgspec.json.Decoder(str)
_booleans = msgspec.json.Decoder(bool)


class Writer(Protocol):
    """Writes one streamed reply."""

    def write(self, part: StreamPart) -> bytes:
        """Return the events that say a part."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """One endpoint's wire format. `headers` of a request go on to a provider that speaks it too."""

    wire: Wire
    read: Callable[[bytes], ChatRequest]
    writer: Callable[[str, str, RawObject], Writer]
    write_whole: Callable[[str, str, Reply], bytes]
    headers: frozenset[bytes] = frozenset()


def _openai_writer(reply_id: str, model: str, fields: RawObject) -> Writer:
    return openai_stream.ReplyWriter(reply_id, model, include_usage=wants_usage(fields))


def _anthropic_writer(reply_id: str, model: str, fields: RawObject) -> Writer:
    del fields
    return anthropic_stream.ReplyWriter(reply_id, model)


OPENAI_CHAT = Dialect(Wire.OPENAI_CHAT, openai_chat.read_request, _openai_writer, openai_stream.write_whole)
ANTHROPIC = Dialect(
    Wire.ANTHROPIC,
    anthropic.read_request,
    _anthropic_writer,
    anthropic_stream.write_whole,
    frozenset({b"anthropic-version", b"anthropic-beta"}),
)
DIALECTS: Mapping[str, Dialect] = {"/v1/chat/completions": OPENAI_CHAT, "/v1/messages": ANTHROPIC}


def read_model(fields: RawObject) -> str:
    """Return the name of the model that is asked. Raises `InvalidRequest`."""
    return _read_field(fields, "model", _strings)


def read_stream(fields: RawObject) -> bool:
    """Tell whether the reply is to be streamed. Raises `InvalidRequest`."""
    if bytes(fields.get("stream", b"null")) == b"null":
        return False
    return _read_field(fields, "stream", _booleans)


def _read_field(fields: RawObject, name: str, decoder: msgspec.json.Decoder[T]) -> T:
    if name not in fields:
        raise InvalidRequest(f"Missing required parameter: '{name}'.", field=name)
    try:
        return decoder.decode(fields[name])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"Invalid value for '{name}'.", field=name) from error
