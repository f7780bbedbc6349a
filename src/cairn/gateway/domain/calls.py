"""One call of a model: what is asked of a provider, and what arrives from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cairn.gateway.domain.messages import ChatRequest, StreamPart
from cairn.gateway.domain.wires import Wire
from cairn.kernel.identity import Caller


@dataclass(frozen=True, slots=True)
class Native:
    """A request in its caller's own format, for a provider that speaks the same: then its values stay untouched.

    `fields` are the fields of its JSON object, each value as it came. `headers` go with it.
    """

    wire: Wire
    fields: Mapping[str, Any] = field(repr=False)
    stream: bool
    headers: Sequence[tuple[str, str]] = ()


class Chunk(NamedTuple):
    """What one read from a provider brought. `raw` is it as it came, for a caller who speaks the provider's format.

    A tuple, as one is made for every token.
    """

    parts: Sequence[StreamPart]
    raw: bytes = b""


@dataclass(slots=True)
class Order:
    """A request as it goes to one provider, whose own name of the model is `model`.

    `chat` reads it into our words, which only a provider of another format needs; it raises `InvalidRequest` and
    `Untranslatable`. `output_tokens_most` bounds the reply where the caller set no bound, or is None. `headers` go with
    it, whatever the format. `caller` is for what answers out of their own logs. `sink`, if there is one, may be offered
    a chunk of a stream as soon as it comes, while nobody works on one before it. It returns what is to be yielded in
    its place: None for nothing, as it has been passed on there and then.
    """

    model: str
    chat: Callable[[], ChatRequest] = field(repr=False)
    native: Native | None = None
    output_tokens_most: int | None = None
    headers: Sequence[tuple[str, str]] = ()
    caller: Caller | None = None
    sink: Callable[[Chunk], Chunk | None] | None = None
