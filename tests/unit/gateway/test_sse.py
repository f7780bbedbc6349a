from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.gateway.wire.sse import EVENT_BYTES_MOST, EventTooLong, ServerSentEvent, SseDecoder

STREAM = (
    b"\xef\xbb\xbf: a comment\r\n\r\nevent: one\ndata: first\ndata:second\n\n"
    b"data\n\nid: 7\nretry: 10\ndata: {}\r\rdata: \xc3\xa9 [DONE]\r\n\r\ndata: unfinished"
)
EVENTS = [
    ServerSentEvent("one", b"first\nsecond"),
    ServerSentEvent("", b""),
    ServerSentEvent("", b"{}"),
    ServerSentEvent("", "é [DONE]".encode()),
]


def decode(chunks: list[bytes]) -> list[ServerSentEvent]:
    """Return the events without their raw bytes, which depend on nothing else: together they are what came."""
    decoder = SseDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    whole = b"".join(chunks).removeprefix(b"\xef\xbb\xbf")
    assert whole.startswith(b"".join(event.raw for event in events))
    return [event._replace(raw=b"") for event in events]


def test_whole_events_are_read_and_an_unfinished_one_is_not() -> None:
    assert decode([STREAM]) == EVENTS


def test_one_byte_at_a_time_gives_the_same() -> None:
    assert decode([STREAM[at : at + 1] for at in range(len(STREAM))]) == EVENTS


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_split_anywhere_gives_the_same(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    assert decode([STREAM[start:end] for start, end in pairwise(edges)]) == EVENTS


@pytest.mark.parametrize(
    "stream",
    [b"data: " + b"x" * (EVENT_BYTES_MOST + 1) + b"\n\n", b"data: x\n" * 200_000 + b"x" * EVENT_BYTES_MOST],
    ids=["one long line", "many lines"],
)
def test_an_event_has_a_bound(stream: bytes) -> None:
    with pytest.raises(EventTooLong):
        decode([stream[at : at + 65_536] for at in range(0, len(stream), 65_536)])


def test_reads_of_one_event_each_give_the_same() -> None:
    chunks = [
        b"data: 1\n\n",
        b"data: 2\n\n",
        b"event: x\n",
        b"data: 3\n\n",
        b"data: 4\r\n\r\n",
        b"data: 5\n",
        b"data: 6\n\n",
    ]
    decoder = SseDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    assert [(event.name, event.data) for event in events] == [
        ("", b"1"),
        ("", b"2"),
        ("x", b"3"),
        ("", b"4"),
        ("", b"5\n6"),
    ]
    assert b"".join(event.raw for event in events) == b"".join(chunks)


@given(
    st.lists(
        st.sampled_from([b"data: 1\n\n", b"data: \n\n", b"data: a\n", b"\n", b": no\n", b"data: 2\r\n\r\n"]),
        max_size=12,
    )
)
def test_events_read_together_are_the_same_as_one_by_one(pieces: list[bytes]) -> None:
    together, apart = SseDecoder(), SseDecoder()
    for decoder in (together, apart):
        assert [event.data for event in decoder.feed(b"data: 0\n\n")] == [b"0"]
    whole = b"".join(pieces)
    one_by_one = [event for at in range(len(whole)) for event in apart.feed(whole[at : at + 1])]
    assert list(together.feed(whole)) == one_by_one


@given(
    st.lists(st.sampled_from([b"data: 1\n\n", b"data: 2\r\n\r\n", b"data", b": 3\n", b"\n", b"event: x\n", b": hm\n"]))
)
def test_a_plain_event_is_taken_whole_or_not_at_all(chunks: list[bytes]) -> None:
    decoder = SseDecoder()
    events: list[ServerSentEvent] = []
    for chunk in chunks:
        plain = decoder.take_plain(chunk)
        events += list(decoder.feed(chunk)) if plain is None else [plain]
    assert [event._replace(raw=b"") for event in events] == decode(chunks)
