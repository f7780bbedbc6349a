"""What tells the endpoints apart: how each reads a request and writes a reply."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import msgspec

from cairn.gateway.domain.calls import Wire
from cairn.gateway.domain.failures import InvalidRequest, Untranslatable
from cairn.gateway.domain.messages import ChatRequest, Reply, StreamPart
from cairn.gateway.providers.openai import wants_usage
from cairn.gateway.wire import anthropic, anthropic_stream, openai_chat, openai_stream, responses, responses_stream
from cairn.gateway.wire.json import RawObject
from cairn.gateway.wire.sse import read_events

T = TypeVar("T")
_strings = msgspec.json.Decoder(str)
_booleans = msgspec.json.Decoder(bool)
_integers = msgspec.json.Decoder(int)


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
    # Goes on with a stream that a provider of this format broke off, from what it has sent.
    resume: Callable[[str, str, RawObject, bytes], Writer]
    write_whole: Callable[[str, str, Reply, RawObject], bytes]
    limit_fields: tuple[str, ...]
    headers: frozenset[bytes] = frozenset()

    @property
    def silent(self) -> bool:
        """Whether a reply holds no words, so that no output is paid for."""
        return self.wire in {Wire.OPENAI_EMBEDDINGS, Wire.ANTHROPIC_COUNT}

    def read_limit(self, fields: RawObject) -> int | None:
        """Return how many tokens the reply may have, or None. Raises `InvalidRequest`."""
        for name in self.limit_fields:
            if bytes(fields.get(name, b"null")) != b"null":
                limit = _read_field(fields, name, _integers)
                if limit < 0:
                    raise InvalidRequest(f"Invalid value for '{name}': it must not be negative.", field=name)
                return limit
        return None


def _openai_writer(reply_id: str, model: str, fields: RawObject) -> Writer:
    return openai_stream.ReplyWriter(reply_id, model, include_usage=wants_usage(fields))


def _resume_openai(reply_id: str, model: str, fields: RawObject, sent: bytes) -> Writer:
    begun = read_events(sent)[0]
    return openai_stream.ReplyWriter(reply_id, model, include_usage=wants_usage(fields), begun=begun)


def _resume_anthropic(reply_id: str, model: str, fields: RawObject, sent: bytes) -> Writer:
    del fields
    return anthropic_stream.ReplyWriter.resume(reply_id, model, read_events(sent))


def _resume_response(reply_id: str, model: str, fields: RawObject, sent: bytes) -> Writer:
    return responses_stream.ReplyWriter.resume(reply_id, model, fields, read_events(sent))


def _anthropic_writer(reply_id: str, model: str, fields: RawObject) -> Writer:
    del fields
    return anthropic_stream.ReplyWriter(reply_id, model)


def _refuse_embeddings(_: bytes) -> ChatRequest:
    """Refuse: who speaks this format does not come here, and others have no embeddings."""
    raise Untranslatable("Embeddings", "this model", field="model")


def _write_completion(reply_id: str, model: str, reply: Reply, fields: RawObject) -> bytes:
    del fields
    return openai_stream.write_whole(reply_id, model, reply)


def _write_message(reply_id: str, model: str, reply: Reply, fields: RawObject) -> bytes:
    del fields
    return anthropic_stream.write_whole(reply_id, model, reply)


OPENAI_CHAT = Dialect(
    Wire.OPENAI_CHAT,
    openai_chat.read_request,
    _openai_writer,
    _resume_openai,
    _write_completion,
    ("max_completion_tokens", "max_tokens"),
)
ANTHROPIC = Dialect(
    Wire.ANTHROPIC,
    anthropic.read_request,
    _anthropic_writer,
    _resume_anthropic,
    _write_message,
    ("max_tokens",),
    frozenset({b"anthropic-version", b"anthropic-beta"}),
)


def _responses_writer(reply_id: str, model: str, fields: RawObject) -> Writer:
    return responses_stream.ReplyWriter(reply_id, model, fields)


def _write_response(reply_id: str, model: str, reply: Reply, fields: RawObject) -> bytes:
    return responses_stream.ReplyWriter(reply_id, model, fields).whole(reply)


RESPONSES = Dialect(
    Wire.OPENAI_RESPONSES,
    responses.read_request,
    _responses_writer,
    _resume_response,
    _write_response,
    ("max_output_tokens",),
)
EMBEDDINGS = Dialect(Wire.OPENAI_EMBEDDINGS, _refuse_embeddings, _openai_writer, _resume_openai, _write_completion, ())
COUNT = replace(ANTHROPIC, wire=Wire.ANTHROPIC_COUNT, limit_fields=())
DIALECTS: Mapping[str, Dialect] = {
    "/v1/chat/completions": OPENAI_CHAT,
    "/v1/responses": RESPONSES,
    "/v1/embeddings": EMBEDDINGS,
    "/v1/messages": ANTHROPIC,
    "/v1/messages/count_tokens": COUNT,
}


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
