"""Server-sent events (WHATWG HTML, section 9.2.6), decoded from bytes as they arrive."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PLAIN = re.compile(rb"(?:data: [^\r\n]*\n\n)+")
_LINE_END = re.compile(rb"\r\n|\n|\r")
EVENT_BYTES_MOST = 1024 * 1024
_objects = msgspec.json.Decoder(dict[str, Any])


def read_events(stream: bytes) -> list[dict[str, Any]]:
    """Return the JSON objects of a stream's events, without those that are none."""
    found: list[dict[str, Any]] = []
    for event in SseDecoder().feed(stream):
        try:
            found.append(_objects.decode(event.data))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            # As OpenAI's [DONE].
            continue
    return found


class EventTooLong(ValueError):
    """One event passed `EVENT_BYTES_MOST`."""


class ServerSentEvent(NamedTuple):
    """One event. `name` is empty when the stream gave none. `raw` is how it came, with comments before it."""

    name: str
    data: bytes
    raw: bytes = b""


def _split_plain(chunk: bytes) -> list[bytes]:
    """Return the data of whole events of one line each, which most reads are; nothing when there is anything else."""
    if not chunk.startswith(b"data: ") or len(chunk) > EVENT_BYTES_MOST:
        return []
    end = chunk.find(b"\n")
    if end == len(chunk) - 2 and chunk.endswith(b"\n\n") and b"\r" not in chunk:
        return [chunk[6:end]]
    return chunk[6:-2].split(b"\n\ndata: ") if _PLAIN.fullmatch(chunk) else []


class SseDecoder:
    """Turns chunks, split anywhere, into whole events. An event the stream leaves unfinished is never returned."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines = b""
        self._name = ""
        self._data: list[bytes] = []
        self._size = 0
        self._begun = False

    def take_plain(self, chunk: bytes) -> ServerSentEvent | None:
        """Return the event of a chunk that is one whole event of one line, as most reads are; nothing is taken else."""
        end = len(chunk) - 2
        if not self._begun or self._rest or self._lines or self._data or self._name or end > EVENT_BYTES_MOST:
            return None
        if chunk[:6] != b"data: " or chunk.find(b"\n") != end or chunk[end:] != b"\n\n" or b"\r" in chunk:
            return None
        return ServerSentEvent("", chunk[6:end], chunk)

    def feed(self, chunk: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that `chunk` completes. Raises `EventTooLong`."""
        idle = self._begun and not (self._rest or self._lines or self._data or self._name)
        if idle and (plain := _split_plain(chunk)):
            for data in plain:
                yield ServerSentEvent("", data, b"data: %b\n\n" % data)
            return
        rest = self._rest + chunk
        if not self._begun:
            if len(rest) < len(_BYTE_ORDER_MARK):
                self._rest = rest
                return
            self._begun = True
            rest = rest.removeprefix(_BYTE_ORDER_MARK)
        start = begun = 0
        for match in _LINE_END.finditer(rest):
            # A carriage return at the very end may be half of a line end.
            if match.group() == b"\r" and match.end() == len(rest):
                break
            event = self._take(rest[start : match.start()])
            start = match.end()
            if event is not None:
                raw, self._lines, begun = self._lines + rest[begun:start], b"", start
                yield ServerSentEvent(event.name, event.data, raw)
        self._lines += rest[begun:start]
        self._rest = rest[start:]
        if len(self._lines) + len(self._rest) > EVENT_BYTES_MOST:
            raise EventTooLong

    def _take(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            event = ServerSentEvent(self._name, b"\n".join(self._data)) if self._data else None
            self._name, self._data, self._size = "", [], 0
            return event
        label, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if label == b"data":
            self._data.append(value)
            self._size += len(value)
            if self._size > EVENT_BYTES_MOST:
                raise EventTooLong
        elif label == b"event":
            self._name = value.decode("utf-8", "replace")
        return None
