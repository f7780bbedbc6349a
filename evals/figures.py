"""Figures over ranks, with bootstrap intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_DRAWS = 2_000
_DEPTH = 10


def hit(ranks: Sequence[int | None], depth: int) -> NDArray[np.float64]:
    """Return 1 for each query whose answer stands among the first `depth`, else 0."""
    return np.array([float(rank is not None and rank <= depth) for rank in ranks])


def reciprocal(ranks: Sequence[int | None]) -> NDArray[np.float64]:
    """Return 1/rank for each query answered among the first ten, else 0."""
    return np.array([1 / rank if rank is not None and rank <= _DEPTH else 0.0 for rank in ranks])


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean in percent, and the 95 % bootstrap interval around it."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.1f} [{self.low:.1f}, {self.high:.1f}]"


def interval(values: NDArray[np.float64]) -> Interval:
    """Return the mean of `values` in percent with its interval, by resampling queries."""
    random = np.random.default_rng(7)
    means = values[random.integers(0, len(values), (_DRAWS, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(100 * float(values.mean()), 100 * float(low), 100 * float(high))


def difference(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Interval:
    """Return the mean difference in points with its interval. The same queries are drawn for both (paired)."""
    return interval(ours - theirs)
