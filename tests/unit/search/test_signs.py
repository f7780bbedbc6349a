"""Signs of vectors: packing loses nothing, and estimates find what exact cosines find."""

import numpy as np
import pytest

from cairn.search.model.signs import Signs, bits_of, estimate_cosines, join, keep, words_of

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
    # Four bits of the query besides its sign.
    step = np.abs(query).max() / 15
    expected = np.where(vectors > 0, 1, -1) @ (np.rint(query / step) * step) * np.sqrt(np.pi / 2 / dimensions)
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


def test_a_large_block_is_weighed_as_its_pieces_are() -> None:
    vectors, query = unit_vectors(70_000, 64), unit_vectors(1, 64)[0]
    block = bits_of(np.arange(70_000, dtype=np.int32), vectors)
    pieces = [keep(block, np.arange(first, min(first + 900, 70_000))) for first in range(0, 70_000, 900)]
    expected = np.concatenate([estimate_cosines(piece, query) for piece in pieces])
    assert np.array_equal(estimate_cosines(block, query), expected)


@pytest.mark.parametrize("vector", [np.zeros(384, np.float32), np.eye(1, 384, dtype=np.float32)[0]])
def test_a_query_of_nothing_or_of_one_dimension_is_weighed(
    vector: "np.ndarray[tuple[int], np.dtype[np.float32]]",
) -> None:
    block = bits_of(np.arange(5, dtype=np.int32), unit_vectors(5, 384))
    assert np.isfinite(estimate_cosines(block, vector)).all()


def test_thousands_of_dimensions_do_not_overflow() -> None:
    query = np.full(8_192, 8_192**-0.5, np.float32)
    block = bits_of(np.arange(2, dtype=np.int32), np.stack([query, -query]))
    near, far = estimate_cosines(block, query)
    assert near > 0.7
    assert far == pytest.approx(-near, abs=1e-4)
