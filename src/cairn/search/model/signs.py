"""Vectors in two bits a dimension, so that every passage of an organisation is compared with a query.

The first bit is the sign; the second tells, as one more sign, whether the value is large: `sign * (large ? 1 : -1)`.
With the levels of Lloyd and Max (1960, 1982) the two estimate a cosine to a standard error of .02 at 384 dimensions,
the sign alone to .04. A query's own values are weighed by the bits (asymmetric, after Gordo and Perronnin 2011), which
orders passages far better than counting equal signs does. They are cut to four bits besides the sign, so that
counting bits weighs them (after RaBitQ, Gao and Long 2024); that adds a tenth of the error of the passages' own bits.
Recall is measured in docs/search.md.

A block is an immutable piece: the bits in columns of 64 dimensions, signs before sizes, then the passages' numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.model.segments import Ints

_Columns = NDArray[np.uint64]
# A query's values are cut to so many bits besides their sign.
_QUERY_BITS = 4
# So many passages are weighed at a time: what is counted of them stays in a core's own cache.
_CHUNK = 32_768
# Of a normal distribution cut at .9816: the mean of both levels, and half of what is between them, both divided by the
# share of the variance that they keep.
_THRESHOLD = 0.9816
_SIGN_LEVEL = 0.9814 / 0.8825
_SIZE_LEVEL = 0.5286 / 0.8825
_WORD = 64


@dataclass(frozen=True, slots=True)
class Signs:
    """The bits of passages' vectors: `columns[i][p]` holds the signs of dimensions 64 i to 64 i + 63 of passage `p`.

    After the columns of the signs come those of the sizes, except in blocks of an older Cairn, which has none.
    """

    passage_nos: Ints
    columns: _Columns

    def pack(self) -> bytes:
        """Return columns and numbers as bytes; the numbers big-endian."""
        return self.columns.tobytes() + self.passage_nos.astype(">i4").tobytes()

    def error(self, dimensions: int) -> float:
        """Return the standard error of a cosine that is estimated by these bits."""
        kept = 0.8825 if len(self.columns) > words_of(dimensions) else 2 / math.pi
        return math.sqrt((1 / kept - 1) / dimensions)

    @classmethod
    def unpack(cls, content: bytes, passages: int) -> "Signs":
        """Read what `pack` wrote of so many passages."""
        count = passages
        words = (len(content) // count - 4) // 8
        columns = np.frombuffer(content, np.uint64, words * count).reshape(words, count)
        return cls(np.frombuffer(content, ">i4", count, 8 * words * count).astype(np.int32), columns)


def words_of(dimensions: int) -> int:
    """Return how many columns hold one bit of each dimension."""
    return -(-dimensions // _WORD)


def bits_of(passage_nos: Ints, vectors: NDArray[np.float32]) -> Signs:
    """Return the bits of vectors, one row a passage."""
    signs = vectors > 0
    large = np.abs(vectors) > _THRESHOLD / math.sqrt(vectors.shape[1])
    return Signs(passage_nos, np.concatenate([_pack(signs), _pack(signs == large)]))


def _pack(bits: NDArray[np.bool_]) -> _Columns:
    """Return columns of 64 bits, one row of bits a passage."""
    packed = np.packbits(bits, axis=1)
    padded = np.zeros((len(bits), 8 * words_of(bits.shape[1])), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return np.ascontiguousarray(padded.view(np.uint64).T)


def join(parts: Sequence[Signs]) -> Signs:
    """Put blocks of equally many columns together."""
    return Signs(
        np.concatenate([part.passage_nos for part in parts]), np.concatenate([part.columns for part in parts], axis=1)
    )


def keep(signs: Signs, places: NDArray[np.int64]) -> Signs:
    """Return the passages at these places only."""
    return Signs(signs.passage_nos[places], signs.columns[:, places])


def estimate_cosines(signs: Signs, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return about how close each passage is to a unit vector, by its bits alone."""
    words = words_of(len(vector))
    scale = 1 / math.sqrt(len(vector))
    if len(signs.columns) == words:
        return _weigh(signs.columns, vector, math.sqrt(math.pi / 2) * scale)
    found = _weigh(signs.columns[:words], vector, _SIGN_LEVEL * scale)
    found += _weigh(signs.columns[words:], vector, _SIZE_LEVEL * scale)
    return found


def _weigh(columns: _Columns, vector: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """Return the vector's values added up, each with the passage's sign, times `scale`.

    What is added up is all sizes less twice those whose signs differ, and of these the bits of one weight are counted
    together.
    """
    own = _pack(vector[None, :] > 0)[:, 0]
    step = float(np.abs(vector).max(initial=0)) / (2**_QUERY_BITS - 1) or 1.0
    sizes = np.rint(np.abs(vector) / step).astype(np.int64)
    planes = [_pack((sizes[None, :] >> bit & 1).astype(bool))[:, 0] for bit in range(_QUERY_BITS)]
    count = columns.shape[1]
    totals = np.empty(count, np.float32)
    differing, chosen = np.empty((2, min(_CHUNK, count)), np.uint64)
    counted = np.empty(len(chosen), np.uint8)
    # A model has fewer dimensions than 65,536, so none of these overflows.
    sums = np.empty((_QUERY_BITS, len(chosen)), np.uint16)
    weights = -2 * step * scale * 2.0 ** np.arange(_QUERY_BITS, dtype=np.float32)
    for first in range(0, count, _CHUNK):
        some = slice(0, min(_CHUNK, count - first))
        sums.fill(0)
        for number, word in enumerate(own):
            np.bitwise_xor(columns[number, first : first + _CHUNK], word, out=differing[some])
            for bit in range(_QUERY_BITS):
                np.bitwise_and(differing[some], planes[bit][number], out=chosen[some])
                np.bitwise_count(chosen[some], out=counted[some])
                sums[bit, some] += counted[some]
        part = totals[first : first + _CHUNK]
        part.fill(step * scale * int(sizes.sum()))
        for bit in range(_QUERY_BITS):
            part += weights[bit] * sums[bit, some]
    return totals
