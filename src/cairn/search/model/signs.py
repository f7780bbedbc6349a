"""Vectors by their signs: one bit a dimension, so that every passage of an organisation is compared with a query.

A block is an immutable piece of them: the signs in columns of 64 dimensions, then the passages' numbers. A query's own
values are weighed by the signs (asymmetric, after Gordo and Perronnin 2011), which orders passages far better than
counting equal signs does. Recall is measured in docs/search.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cairn.search.model.segments import Ints

_Columns = NDArray[np.uint64]
# Up to this many passages all are weighed by their signs; above, those that share most signs with the query.
WEIGHED_MIN = 16_000
# The share of an organisation's passages that is weighed, at least.
WEIGHED_SHARE = 0.2
_SAMPLE = 1_000
_WORD = 64


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of passages' vectors: `columns[i][p]` holds dimensions 64 i to 64 i + 63 of passage `p`."""

    passage_nos: Ints
    columns: _Columns

    def pack(self) -> bytes:
        """Return columns and numbers as bytes; the numbers big-endian."""
        return self.columns.tobytes() + self.passage_nos.astype(">i4").tobytes()

    @classmethod
    def unpack(cls, content: bytes, dimensions: int) -> "Signs":
        """Read what `pack` wrote of vectors with so many dimensions."""
        words = _words(dimensions)
        count = len(content) // (8 * words + 4)
        columns = np.frombuffer(content, np.uint64, words * count).reshape(words, count)
        return cls(np.frombuffer(content, ">i4", count, 8 * words * count).astype(np.int32), columns)


def _words(dimensions: int) -> int:
    return -(-dimensions // _WORD)


def signs_of(passage_nos: Ints, vectors: NDArray[np.float32]) -> Signs:
    """Return the signs of vectors, one row a passage."""
    packed = np.packbits(vectors > 0, axis=1)
    padded = np.zeros((len(vectors), 8 * _words(vectors.shape[1])), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return Signs(passage_nos, np.ascontiguousarray(padded.view(np.uint64).T))


def join(parts: Sequence[Signs], dimensions: int) -> Signs:
    """Put blocks together."""
    if not parts:
        return Signs(np.empty(0, np.int32), np.empty((_words(dimensions), 0), np.uint64))
    return Signs(
        np.concatenate([part.passage_nos for part in parts]), np.concatenate([part.columns for part in parts], axis=1)
    )


def keep(signs: Signs, places: NDArray[np.int64]) -> Signs:
    """Return the passages at these places only."""
    return Signs(signs.passage_nos[places], signs.columns[:, places])


def estimate_cosines(signs: Signs, vector: NDArray[np.float32], *, share: float = 1.0) -> NDArray[np.float32]:
    """Return about how close each passage is to a unit vector, by its signs alone.

    In large organisations only those with most equal signs are weighed; the others' estimates are coarser. `share`
    says how much of the organisation these signs are.
    """
    count = len(signs.passage_nos)
    most = int(max(share * WEIGHED_MIN, WEIGHED_SHARE * count))
    if count <= most:
        return _weigh(signs.columns, vector)
    differences = _count_differences(signs.columns, vector)
    coarse = np.cos(np.arange(len(vector) + 1) * (math.pi / len(vector))).astype(np.float32)[differences]
    # An even sample tells how the coarse measure runs against the fine one.
    sample = np.arange(0, count, max(1, count // _SAMPLE))
    slope, base = np.polyfit(coarse[sample], _weigh(signs.columns[:, sample], vector), 1)
    estimates = (base + slope * coarse).astype(np.float32)
    nearest = smallest(differences, most)
    estimates[nearest] = _weigh(signs.columns[:, nearest], vector)
    return estimates


def smallest(values: NDArray[np.uint16], most: int) -> NDArray[np.int64]:
    """Return the places of the `most` smallest values; of equal ones the first."""
    below = np.cumsum(np.bincount(values))
    limit = int(np.searchsorted(below, most))
    under = np.flatnonzero(values < limit)
    return np.concatenate([under, np.flatnonzero(values == limit)[: most - len(under)]])


def _count_differences(columns: _Columns, vector: NDArray[np.float32]) -> NDArray[np.uint16]:
    differences = np.zeros(columns.shape[1], np.uint16)
    for column, word in zip(columns, signs_of(np.zeros(1, np.int32), vector[None, :]).columns[:, 0], strict=True):
        differences += np.bitwise_count(column ^ word)
    return differences


def _weigh(columns: _Columns, vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the vector's values added up, each with the passage's sign, scaled so that they estimate a cosine."""
    padded = np.zeros(_WORD * len(columns), np.float32)
    padded[: len(vector)] = vector
    # For each byte of signs, what each of its 256 values adds up to.
    tables = padded.reshape(-1, 8) @ _BYTE_SIGNS.T
    totals = np.zeros(columns.shape[1], np.float32)
    for number, column in enumerate(columns):
        parts = np.ascontiguousarray(column).view(np.uint8).reshape(-1, 8)
        for byte in range(8):
            totals += tables[8 * number + byte][parts[:, byte]]
    # The values of a vector are about normal: then their signs keep sqrt(2 / pi) of it.
    return totals * np.float32(math.sqrt(math.pi / 2 / len(vector)))


_BYTE_SIGNS = 2 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float32) - 1
