"""What a server keeps of indexes stays within its bounds, and what was used last stays longest."""

from cairn.search.postgres.cache import Cache

PIECE = bytes(800)  # A thousand bytes with what an entry takes besides.


def test_what_was_used_last_stays() -> None:
    cache = Cache[str](3_000)
    for key in "abc":
        cache.put(key, PIECE)
    assert cache.get("a") == PIECE
    cache.put("d", PIECE)
    assert [key for key in "abcd" if cache.get(key) is not None] == ["a", "c", "d"]


def test_a_piece_that_is_too_large_drives_nothing_out() -> None:
    cache = Cache[str](3_000)
    cache.put("small", PIECE)
    cache.put("large", bytes(2_900))
    assert cache.get("large") is None
    assert cache.get("small") == PIECE


def test_small_pieces_are_counted_with_what_an_entry_takes() -> None:
    cache = Cache[int](10_000)
    for key in range(1_000):
        cache.put(key, b"")
    assert sum(cache.get(key) is not None for key in range(1_000)) == 50


def test_a_piece_that_comes_twice_is_counted_once() -> None:
    cache = Cache[str](3_000)
    for _ in range(5):
        cache.put("a", PIECE)
    cache.put("b", PIECE)
    assert cache.get("a") == cache.get("b") == PIECE
