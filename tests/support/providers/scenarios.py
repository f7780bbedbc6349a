"""What a test provider does when it is asked. The name of the model chooses the scenario."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

TEXT = "Kafka was chosen because a consumer can read the log again from any position."
WORDS = TEXT.split(" ")


@dataclass(frozen=True)
class Asked:
    """The request, in words of no provider."""

    system: str
    messages: Sequence[tuple[str, str]]
    has_results: bool = False

    @property
    def text(self) -> str:
        return "\n".join([self.system, *(text for _, text in self.messages)])


def say_words(_: Asked) -> list[str]:
    return [word if at == 0 else f" {word}" for at, word in enumerate(WORDS)]


def say_long(_: Asked) -> list[str]:
    return [f"word{at} " for at in range(2_000)]


def cite_first_passage(asked: Asked) -> list[str]:
    """Answer with the first sentence of passage 1 and its citation, in small pieces that split the citation."""
    match = re.search(r'<passage n="1"[^>]*>\n(.+?)\n</passage>', asked.text, re.DOTALL)
    if match is None:
        return ["The passages do not answer this."]
    sentence = re.split(r"(?<=[.!?])\s", match.group(1).strip())[0]
    words = sentence.split(" ")
    return [*(word if at == 0 else f" {word}" for at, word in enumerate(words)), " [", "1", "]", "."]


def cite_what_is_not_there(asked: Asked) -> list[str]:
    return [*cite_first_passage(asked), " It is also the law [9", "7]."]


def go_on(asked: Asked) -> list[str]:
    """Continue a text that was cut, as models do when they are asked to: from what they are to repeat."""
    begun = [text for role, text in asked.messages if role == "assistant"]
    if not begun:
        return say_words(asked)
    said = next(text for text in reversed(begun))
    anchor = asked.messages[-1][1].rpartition("go on: ")[2]
    assert anchor
    assert said.rstrip().endswith(anchor)
    assert TEXT.startswith(said)
    return [piece for piece in re.split(r"(?= )", anchor + TEXT[len(said.rstrip()) :]) if piece]


def tell_at_length(asked: Asked) -> list[str]:
    """Tell with a quotation, a citation, a figure of nowhere and a hundred words; or the rest of what was told.

    The text that was cut is the one that readers got, which numbers its citations anew.
    """
    passages = re.findall(r'<passage n="(\d+)"[^>]*>\n(.*?)\n</passage>', asked.text, re.DOTALL)
    number = next(number for number, text in passages if "read the log again from any position" in text)
    quoted = "a consumer can read the log again from any position"
    words = " ".join(f"word{at}" for at in range(100))
    text = f"Kafka was chosen, “{quoted}” [{number}]. {words}, and 4711 boats with it [{number}]. So it stays."
    begun = [said for role, said in asked.messages if role == "assistant"]
    if begun:
        anchor = asked.messages[-1][1].rpartition("go on: ")[2]
        assert anchor
        assert begun[-1].rstrip().endswith(anchor)
        assert text.startswith(begun[-1].rstrip())
        text = anchor + text[len(begun[-1].rstrip()) :]
    return [piece for piece in re.split(r"(?= )", text) if piece]


def repeat_passages(asked: Asked) -> list[str]:
    """Repeat every passage with whatever stands in it, each with its citation."""
    passages = re.findall(r'<passage n="(\d+)"[^>]*>\n(.*?)\n</passage>', asked.text, re.DOTALL)
    return [piece for number, text in passages for piece in (*re.split(r"(?<= )", text[:3_000]), f" [{number}]\n\n")]


def judge_first_passage(asked: Asked) -> list[str]:
    """Hold that the first passage contradicts the record, with words of both."""
    passage = re.search(r'<passage n="1"[^>]*>\n(.+?)\n</passage>', asked.text, re.DOTALL)
    theirs = re.search(r"We [^.]+", passage.group(1)) if passage else None
    ours = re.search(r"We do not [^.]+", asked.text)
    if theirs is None or ours is None:
        return ["[]"]
    verdict = {"passage": 1, "verdict": "contradicts", "ours": ours.group(), "theirs": theirs.group(), "reason": "No."}
    return [json.dumps([verdict])]


@dataclass(frozen=True)
class Scenario:
    """`cut_after` pieces the stream ends without its end: by a reset connection, or `cut_cleanly` by a mere end.

    `raw` replaces the body with these chunks, as they are. Times are in seconds.
    """

    answer: Callable[[Asked], list[str]] = say_words
    # Calls of tools, as (name, arguments), after the answer; until the conversation holds their results.
    calls: Sequence[tuple[str, str]] = ()
    first_token_s: float = 0.0
    gap_s: float = 0.0
    stop: str = "complete"
    status: int = 200
    error_type: str = ""
    error_message: str = ""
    retry_after_s: int | None = None
    error_after: int | None = None
    cut_after: int | None = None
    cut_cleanly: bool = False
    # The connection breaks behind the calls of tools.
    cut_calls: bool = False
    no_end_marker: bool = False
    raw: Sequence[bytes] | None = None
    # Written byte by byte, with so many seconds between two.
    byte_gap_s: float | None = None
    # The connection ends before any reply.
    hangs_up: bool = False
    # The connection ends without a word after a whole reply, though it was to be kept.
    closes_after: bool = False
    # By how much the usage it tells is too high.
    miscounts: int = 1
    # What the stream says once more at its end.
    repeats_end: bool = False
    content_type: str = "text/event-stream"
    location: str = ""


_PACED = Scenario(answer=say_long, first_token_s=0.2, gap_s=1 / 28.8)

CALLS = (("find", '{"topic": "Kafka", "most": 3}'), ("now", "{}"))

LOOKS = (
    ("search", '{"query": "logical decoding"}'),
    ("fetch", '{"ref": "ADR-0001"}'),
    ("related", '{"ref": "ADR-0001"}'),
    ("governs", '{"name": "src/bus.py"}'),
    ("history", '{"ref": "ADR-0001"}'),
    ("diff", '{"ref": "ADR-0001", "before": 1, "after": 9}'),
)

ORDERED = (
    ("delete_decision", '{"ref": "ADR-0001"}'),
    ("run_shell", '{"command": "env"}'),
    ("fetch", '{"ref": "0190aaaa-0000-7000-8000-000000000001"}'),
)

SCENARIOS: dict[str, Scenario] = {
    "repeats-passages": Scenario(answer=repeat_passages),
    "obeys": Scenario(answer=repeat_passages, calls=ORDERED),
    "judges": Scenario(answer=judge_first_passage),
    "looks-up": Scenario(answer=cite_first_passage, calls=LOOKS),
    "tools": Scenario(calls=CALLS),
    "words": Scenario(),
    "grounded": Scenario(answer=cite_first_passage),
    "miscites": Scenario(answer=cite_what_is_not_there),
    "paced": _PACED,
    "paced-short": replace(_PACED, answer=lambda _: say_long(_)[:100]),
    "endless": Scenario(answer=lambda _: ["word "] * 1_000_000, gap_s=0.01),
    "silent": Scenario(first_token_s=3_600),
    "stalls": Scenario(gap_s=3_600),
    "goes-on": Scenario(answer=go_on),
    "at-length": Scenario(answer=tell_at_length, gap_s=0.02),
    "at-length-quickly": Scenario(answer=tell_at_length),
    "goes-on-and-breaks": Scenario(answer=go_on, cut_after=10),
    "length": Scenario(stop="length"),
    "filtered": Scenario(stop="filtered"),
    "cut-at-once": Scenario(cut_after=0),
    "cut": Scenario(cut_after=5),
    "cut-cleanly": Scenario(cut_after=5, cut_cleanly=True),
    "no-end-marker": Scenario(no_end_marker=True),
    "fails-halfway": Scenario(error_after=5, error_type="overloaded_error", error_message="Overloaded"),
    "forbidden": Scenario(status=403, error_type="permission_error", error_message="Not allowed."),
    "busy": Scenario(status=429, error_type="rate_limit_error", error_message="Too many requests.", retry_after_s=7),
    "broken": Scenario(status=500, error_type="api_error", error_message="Internal server error"),
    "overloaded": Scenario(status=529, error_type="overloaded_error", error_message="Overloaded"),
    "refuses": Scenario(status=400, error_type="invalid_request_error", error_message="max_tokens: too large"),
    "redirects": Scenario(status=307, location="http://127.0.0.1:9/v1/messages"),
    "html": Scenario(raw=[b"<html>A proxy speaks.</html>"], content_type="text/html"),
    "nonsense": Scenario(raw=[b"data: {not json\n\n"]),
    "bad-utf8": Scenario(raw=[b'data: "\xff\xfe"\n\n']),
    "empty": Scenario(raw=[]),
    "hangs-up": Scenario(hangs_up=True),
    "drips": Scenario(byte_gap_s=0.05),
    "split": Scenario(byte_gap_s=0.0),
    "repeats-end": Scenario(repeats_end=True),
    "closes-after": Scenario(closes_after=True),
    "miscounts": Scenario(miscounts=100),
    "request-timeout": Scenario(status=408, error_type="timeout_error", error_message="Too slow."),
    "conflict": Scenario(status=409, error_type="conflict_error", error_message="Again, please."),
    "unavailable": Scenario(status=503, error_type="api_error", error_message="Down for maintenance."),
    "huge-event": Scenario(raw=[b"data: " + b"x" * 65_536] + [b"x" * 65_536] * 160),
}
