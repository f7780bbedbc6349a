"""Vectors in two bits a dimension, so that every passage of an organisation is compared with a query.

The first bit is the sign; the second tells, as one more sign, whether the value is large: `sign * (large ? 1 : -1)`.
With the levels of Lloyd and Max (1960, 1982) the two estimate a cosine to a standard error of .02 at 384 dimensions,
the sign alone to .04. A query's own values are weighed by the bits (asymmetric, after Gordo and Perronnin 2011), which
orders passages far better than counting equal signs does. Recall is measured in docs/search.md.

A block is an immutable piece: the bits in columns of 64 dimensions, signs before sizes, then the passages' numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.model.segments import Ints

_Columns = NDArray[np.uint64]
# Up to this many passages all are weighed by their signs; above, those that share most signs with the query.
WEIGHED_MIN = 50_000
# The share of an organisation's passages that is weighed, at least. Of a million, for queries on what nobody writes
# about, a quarter lost one in fifty of the nearest ten, two fifths one in a hundred, half none.
WEIGHED_SHARE = 0.5
# Of these, so many and this share at least have their second bits weighed too.
_REFINED_MIN = 4_000
_REFINED_SHARE = 0.4
_SAMPLE = 1_000
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


def estimate_cosines(signs: Signs, vector: NDArray[np.float32], *, share: float = 1.0) -> NDArray[np.float32]:
    """Return about how close each passage is to a unit vector, by its bits alone.

    In large organisations only those with most equal signs are weighed, and of these the nearest by both bits; the
    others' estimates are coarser. `share` says how much of the organisation these are.
    """
    words = words_of(len(vector))
    count = len(signs.passage_nos)
    most = int(max(share * WEIGHED_MIN, WEIGHED_SHARE * count))
    if count <= most:
        places = np.arange(count)
        estimates = _weigh(signs.columns[:words], vector) * np.float32(math.sqrt(math.pi / 2 / len(vector)))
    else:
        places, estimates = _shortlist(signs.columns[:words], vector, most)
    if len(signs.columns) > words:
        refined = max(int(share * _REFINED_MIN), int(_REFINED_SHARE * len(places)))
        if len(places) > refined:
            places = places[np.argpartition(-estimates[places], refined)[:refined]]
        sizes = _weigh(signs.columns[words:, places], vector) * np.float32(_SIZE_LEVEL / math.sqrt(len(vector)))
        estimates[places] = estimates[places] * np.float32(_SIGN_LEVEL / math.sqrt(math.pi / 2)) + sizes
    return estimates


def _shortlist(
    columns: _Columns, vector: NDArray[np.float32], most: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the places of the passages that share most signs with a vector, and estimates for all."""
    differences = _count_differences(columns, vector)
    coarse = np.cos(np.arange(len(vector) + 1) * (math.pi / len(vector))).astype(np.float32)[differences]
    scale = np.float32(math.sqrt(math.pi / 2 / len(vector)))
    # An even sample tells how the coarse measure runs against the fine one.
    sample = np.arange(0, len(coarse), max(1, len(coarse) // _SAMPLE))
    slope, base = np.polyfit(coarse[sample], _weigh(columns[:, sample], vector) * scale, 1)
    estimates = (base + slope * coarse).astype(np.float32)
    nearest = smallest(differences, most)
    estimates[nearest] = _weigh(columns[:, nearest], vector) * scale
    return nearest, estimates


def smallest(values: NDArray[np.uint16], most: int) -> NDArray[np.int64]:
    """Return the places of the `most` smallest values; of equal ones the first."""
    below = np.cumsum(np.bincount(values))
    limit = int(np.searchsorted(below, most))
    under = np.flatnonzero(values < limit)
    return np.concatenate([under, np.flatnonzero(values == limit)[: most - len(under)]])


def _count_differences(columns: _Columns, vector: NDArray[np.float32]) -> NDArray[np.uint16]:
    differences = np.zeros(columns.shape[1], np.uint16)
    for column, word in zip(columns, _pack(vector[None, :] > 0)[:, 0], strict=True):
        differences += np.bitwise_count(column ^ word)
    return differences


def _weigh(columns: _Columns, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vector's values added up, each with the passage's sign."""
    padded = np.zeros(_WORD * len(columns), np.float32)
    padded[: len(vector)] = vector
    # For each byte of signs, what each of its 256 values adds up to.
    tables = padded.reshape(-1, 8) @ _BYTE_SIGNS.T
    totals = np.zeros(columns.shape[1], np.float32)
    for number, column in enumerate(columns):
        parts = np.ascontiguousarray(column).view(np.uint8).reshape(-1, 8)
        for byte in range(8):
            totals += tables[8 * number + byte][parts[:, byte]]
    return totals


_BYTE_SIGNS = 2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32) - 1
