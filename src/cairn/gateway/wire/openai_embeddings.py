"""OpenAI's embeddings, read and written (https://platform.openai.com/docs/api-reference/embeddings)."""

import base64
from array import array
from collections.abc import Sequence
from typing import Literal

import msgspec

from cairn.gateway.domain.failures import FailureCode, InvalidRequest, ProviderFailure, Untranslatable
from cairn.gateway.domain.messages import Usage
from cairn.gateway.wire.json import RawObject, decode
from cairn.gateway.wire.openai_stream import read_whole_usage


class EmbeddingsRequest(msgspec.Struct, frozen=True):
    """A request; `input` may also be tokens, which belong to one vendor."""

    model: str
    input: str | list[str | int | list[int]]
    dimensions: int | None = None
    encoding_format: Literal["float", "base64"] | None = None

    @property
    def texts(self) -> list[str]:
        """The texts. Raises `Untranslatable` for tokens, and `InvalidRequest` for nothing."""
        if isinstance(self.input, str):
            return [self.input]
        texts = [text for text in self.input if isinstance(text, str)]
        if len(texts) != len(self.input):
            raise Untranslatable("'input' in tokens", "this model", field="input")
        if not texts:
            raise InvalidRequest("Invalid 'input': empty array.", field="input")
        return texts


class _Reply(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw] | None = None


class _Vector(msgspec.Struct, frozen=True):
    index: int
    embedding: list[float]


class _Vectors(msgspec.Struct, frozen=True):
    data: list[_Vector]


_requests = msgspec.json.Decoder(EmbeddingsRequest)


def read_request(fields: RawObject) -> EmbeddingsRequest:
    """Read a request. Raises `InvalidRequest`."""
    return decode(msgspec.json.encode(fields), _requests)


def read_whole(body: bytes) -> tuple[bool, Usage | None]:
    """Tell whether a reply holds embeddings, and what it used."""
    try:
        whole = msgspec.json.decode(body, type=_Reply).data is not None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False, None
    return whole, read_whole_usage(body)[1]


def read_vectors(body: bytes, count: int) -> list[list[float]]:
    """Return the vectors of a reply in the order of the texts. Raises `ProviderFailure` when they are not all there."""
    try:
        found = {one.index: one.embedding for one in msgspec.json.decode(body, type=_Vectors).data}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        found = {}
    vectors = [found[at] for at in range(count) if at in found]
    if len(vectors) != count or len({len(vector) for vector in vectors}) > 1:
        message = "The provider's reply holds no vector for each text. Is this a model for embeddings?"
        raise ProviderFailure(FailureCode.ERROR, message, sent=True)
    return vectors


def write_whole(asked: EmbeddingsRequest, vectors: Sequence[Sequence[float]], input_tokens: int) -> bytes:
    """Return a reply, its vectors in base64 (little-endian 32-bit floats) where that was asked for."""

    def write(vector: Sequence[float]) -> Sequence[float] | str:
        if asked.encoding_format != "base64":
            return vector
        return base64.b64encode(array("f", vector).tobytes()).decode()

    return msgspec.json.encode(
        {
            "object": "list",
            "data": [{"object": "embedding", "index": at, "embedding": write(one)} for at, one in enumerate(vectors)],
            "model": asked.model,
            "usage": {"prompt_tokens": input_tokens, "total_tokens": input_tokens},
        }
    )
