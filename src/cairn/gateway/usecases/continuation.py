"""Going on with a reply that was cut: how another model is asked to, and how its text joins what was said."""

from dataclasses import replace

from cairn.gateway.domain.messages import ChatRequest, Message, Text, ToolChoice, say

_ANCHOR_CHARACTERS = 60
_ASKED = (
    "A fault of the connection cut your answer off. Continue it exactly where it ended, in the same language and form, "
    "without a word about this. So that the two parts can be joined, begin by repeating these last characters of it, "
    "letter by letter, and then go on: "
)


def can_continue(request: ChatRequest) -> bool:
    """Tell whether another model can go on with the reply. Half a JSON document from elsewhere would be a guess."""
    return request.output_format is None


def continue_request(request: ChatRequest, said: str) -> ChatRequest:
    """Return the request for the rest of a reply of which `said` is there.

    The last message is the user's, as newer models take no beginning of their own reply. No tool may be asked for: what
    has begun as an answer is to end as one.
    """
    messages = list(request.messages)
    begun = Message("assistant", (Text(said),))
    if messages and messages[-1].role == "assistant":
        begun = Message("assistant", (*messages.pop().parts, *begun.parts))
    choice = ToolChoice("none") if request.tools else None
    asked = say("user", f"{_ASKED}{anchor_of(said)}")
    return replace(request, messages=(*messages, begun, asked), tool_choice=choice)


def anchor_of(said: str) -> str:
    """Return the end of a text, from the beginning of a word, by which a continuation is joined to it."""
    tail = said[-_ANCHOR_CHARACTERS:]
    if len(said) > _ANCHOR_CHARACTERS:
        tail = tail.partition(" ")[2] or tail
    return tail.strip()


class Seam:
    """Joins a continuation to what was said: takes the repeated end away, and sets a space where a word begins.

    `begun` is for its user: whether anything has passed.
    """

    def __init__(self, said: str) -> None:
        self.begun = False
        self._said = said
        self._anchor = anchor_of(said)
        self._held = ""
        self._joined = False
        # The text before ended in a space; the repetition may have it after it too.
        self._trim = said != said.rstrip()

    def join(self, text: str) -> str:
        """Return what of the next piece is new, which is nothing while it may still be the repetition."""
        if self._joined:
            return self._tidy(text)
        self._held += text
        so_far = self._held.lstrip()
        if len(so_far) < len(self._anchor) and self._anchor.startswith(so_far):
            return ""
        return self._release()

    def end(self) -> str:
        """Return what was held back, at the end of the continuation."""
        return "" if self._joined else self._release()

    def _release(self) -> str:
        self._joined = True
        so_far = self._held.lstrip()
        if self._anchor and so_far.startswith(self._anchor):
            return self._tidy(so_far[len(self._anchor) :])
        self._trim = False
        if self._anchor.startswith(so_far):
            # It ended within the repetition: nothing was left to say.
            return ""
        between = self._said[-1:].isalnum() and so_far[:1].isalnum() and so_far == self._held
        return f" {so_far}" if between else self._held

    def _tidy(self, text: str) -> str:
        if self._trim and text:
            text = text.lstrip()
            self._trim = not text
        return text
