import pytest
from hypothesis import given
from hypothesis import strategies as st

from cairn.gateway.domain.messages import ChatRequest, Tool, ToolChoice, say
from cairn.gateway.usecases.continuation import Seam, anchor_of, continue_request

SAID = "Kafka was chosen because a consumer can read the log again from any posi"


def joined(said: str, *pieces: str) -> str:
    seam = Seam(said)
    return said + "".join([seam.join(piece) for piece in pieces]) + seam.end()


@pytest.mark.parametrize("size", [1, 3, 200])
def test_what_is_repeated_is_taken_away(size: int) -> None:
    continuation = anchor_of(SAID) + "tion, at any time."
    pieces = [continuation[at : at + size] for at in range(0, len(continuation), size)]
    assert joined(SAID, *pieces) == SAID + "tion, at any time."


@pytest.mark.parametrize(
    ("said", "pieces", "whole"),
    [
        ("One two", ["One two", " three"], "One two three"),
        ("One two ", ["One two", " three"], "One two three"),
        ("One two", [" three"], "One two three"),
        ("One two", ["three"], "One two three"),
        ("One two.", ["\n\nThree"], "One two.\n\nThree"),
        ("One two", ["One"], "One two"),
        ("One two", [], "One two"),
    ],
)
def test_words_stay_apart(said: str, pieces: list[str], whole: str) -> None:
    assert joined(said, *pieces) == whole


@given(st.text(min_size=1), st.text(), st.integers(1, 9))
def test_a_faithful_continuation_gives_the_whole_text(said: str, rest: str, size: int) -> None:
    said = said.strip() or "x"
    continuation = anchor_of(said) + rest
    pieces = [continuation[at : at + size] for at in range(0, len(continuation), size)]
    assert joined(said, *pieces) == said + rest


def test_the_request_ends_with_the_users_turn_and_asks_for_no_tool() -> None:
    tools = (Tool("find", "", {"type": "object"}),)
    request = ChatRequest("m", "", [say("user", "Why?"), say("assistant", "Well,")], tools=tools)
    asked = continue_request(request, " it is")
    assert [message.role for message in asked.messages] == ["user", "assistant", "user"]
    assert asked.messages[1].text == "Well, it is"
    assert asked.messages[2].text.endswith("it is")
    assert asked.tool_choice == ToolChoice("none")
