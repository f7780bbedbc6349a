"""Signs of vectors: packing loses nothing, and estimates find what exact cosines find."""

import numpy as np
import pytest

from cairn.search.model import signs
from cairn.search.model.signs import Signs, bits_of, estimate_cosines, join, keep, smallest, words_of

RANDOM = np.random.default_rng(4)


def unit_vectors(count: int, dimensions: int) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    vectors = RANDOM.normal(size=(count, dimensions)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("dimensions", [1, 8, 63, 64, 100, 384, 1536])
def test_packing_loses_nothing(dimensions: int) -> None:
    block = bits_of(np.array([7, 3, 70_000], np.int32), unit_vectors(3, dimensions))
    again = Signs.unpack(block.pack(), 3)
    assert again.passage_nos.tolist() == [7, 3, 70_000]
    assert np.array_equal(again.columns, block.columns)


@pytest.mark.parametrize("dimensions", [63, 100, 384])
def test_signs_alone_weigh_the_query(dimensions: int) -> None:
    vectors, query = unit_vectors(50, dimensions), unit_vectors(1, dimensions)[0]
    block = bits_of(np.arange(50, dtype=np.int32), vectors)
    older = Signs(block.passage_nos, block.columns[: words_of(dimensions)])
    expected = np.where(vectors > 0, 1, -1) @ query * np.sqrt(np.pi / 2 / dimensions)
    assert np.allclose(estimate_cosines(older, query), expected, atol=1e-5)


@pytest.mark.parametrize("dimensions", [100, 384, 1536])
def test_an_estimate_errs_as_much_as_is_said(dimensions: int) -> None:
    vectors = unit_vectors(3_000, dimensions)
    query = vectors[0] + 1.5 * unit_vectors(1, dimensions)[0]
    query /= np.linalg.norm(query)
    block = bits_of(np.arange(3_000, dtype=np.int32), vectors)
    for bits in (block, Signs(block.passage_nos, block.columns[: words_of(dimensions)])):
        errors = estimate_cosines(bits, query) - vectors @ query
        assert float(errors.std()) == pytest.approx(bits.error(dimensions), rel=0.15)
        assert abs(float(errors.mean())) < 0.1 * bits.error(dimensions)


def test_joining_and_keeping_are_opposites() -> None:
    vectors = unit_vectors(6, 384)
    whole = bits_of(np.arange(6, dtype=np.int32), vectors)
    parts = [keep(whole, np.array(places)) for places in ([0, 1], [2], [3, 4, 5])]
    assert np.array_equal(join(parts).columns, whole.columns)


def test_the_smallest_are_found_and_of_equal_ones_the_first() -> None:
    values = np.array([5, 1, 3, 1, 3, 3], np.uint16)
    assert sorted(smallest(values, 3).tolist()) == [1, 2, 3]
    assert sorted(smallest(values, 6).tolist()) == [0, 1, 2, 3, 4, 5]


def test_a_large_organisation_is_estimated_as_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest are weighed all the same, and the rest lies on the same scale."""
    vectors = unit_vectors(4_000, 384)
    query = vectors[11] + vectors[12] + vectors[13]
    query /= np.linalg.norm(query)
    block = bits_of(np.arange(4_000, dtype=np.int32), vectors)
    fine = estimate_cosines(block, query)
    monkeypatch.setattr(signs, "WEIGHED_MIN", 100)
    coarse = estimate_cosines(block, query)
    assert set(np.argsort(-coarse)[:3].tolist()) == {11, 12, 13}
    assert abs(float(coarse.mean() - fine.mean())) < 0.01
    # Not steeper: what signs alone say of a passage is drawn towards the mean.
    assert 0.3 * float(fine.std()) < float(coarse.std()) < 1.1 * float(fine.std())
