"""Citations in a model's words, checked while they stream: what is not there is removed, and old rules are labelled."""

import re
from collections.abc import Iterator, Sequence

from cairn.chat.domain.events import Citation, Delta
from cairn.chat.domain.sources import Source

# `[3]` and `[3, 5]`.
_CITATION = re.compile(r"\[\s*\d{1,4}(?:\s*[,;]\s*\d{1,4})*\s*\]")
_TOKEN = re.compile(rf"`+|\n[ \t]*\n|{_CITATION.pattern}")
_FENCE_LENGTH = 3
# What a citation, code and the space around them are made of: at the end of a piece its meaning is still open.
_OPEN = "[]0123456789,;` \t\r\n"
_HELD_CHARACTERS_MOST = 2_000


class CitationChecker:
    """Reads a model's answer piece by piece. The model cites sources by their number in the prompt, from 1.

    Readers get citations numbered by first use, each `Citation` before the text that uses it. The first use of a
    record that is not in force says so, whatever the model says.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._numbers: dict[int, int] = {}
        self._held = ""
        self._fence = ""
        self.removed = 0

    @property
    def cited(self) -> int:
        """How many sources have been cited."""
        return len(self._numbers)

    def feed(self, text: str) -> Iterator[Citation | Delta]:
        """Yield what can be said for certain of the answer with this piece added."""
        text = self._held + text
        cut = len(text.rstrip(_OPEN))
        if len(text) - cut > _HELD_CHARACTERS_MOST:
            cut = len(text)
        self._held = text[cut:]
        yield from self._check(text[:cut])

    def finish(self) -> Iterator[Citation | Delta]:
        """Yield what was held back, and a last sentence when citations had to be removed or there are none."""
        held, self._held = self._held, ""
        yield from self._check(held)
        if self.removed:
            many = self.removed > 1
            told = f"{self.removed} citations" if many else "One citation"
            yield Delta(
                f"\n\n*{told} in this answer named no passage that was found, and {'were' if many else 'was'} removed.*"
            )
        if not self._numbers:
            yield Delta("\n\n*This answer cites no passage. Nothing in it is confirmed by the logs.*")

    def _check(self, text: str) -> Iterator[Citation | Delta]:
        out: list[str] = []
        at = 0
        for match in _TOKEN.finditer(text):
            token = match.group()
            if not token.startswith("["):
                self._mark_code(token)
            if self._fence or not token.startswith("["):
                continue
            out.append(text[at : match.start()])
            at = match.end()
            words, citations = self._resolve([int(number) for number in re.findall(r"\d+", token)])
            yield from citations
            if not words and out[-1].endswith(" "):
                out[-1] = out[-1][:-1]
            out.append(words)
            # A citation followed by a bracket would be a link to anywhere.
            if text[at : at + 1] in {"(", "["} and words:
                out.append(" ")
        out.append(text[at:])
        if written := "".join(out):
            yield Delta(written)

    def _mark_code(self, token: str) -> None:
        if token.startswith("`"):
            if not self._fence:
                self._fence = token
            elif token == self._fence:
                self._fence = ""
        elif len(self._fence) < _FENCE_LENGTH:
            # Code within a line ends with its paragraph, closed or not.
            self._fence = ""

    def _resolve(self, asked: Sequence[int]) -> tuple[str, list[Citation]]:
        words: list[str] = []
        new: list[Citation] = []
        for number in dict.fromkeys(asked):
            if not 1 <= number <= len(self._sources):
                self.removed += 1
                continue
            words.append(self._cite(number, new, labelled=True))
        return "".join(words), new

    def _cite(self, number: int, new: list[Citation], *, labelled: bool) -> str:
        source = self._sources[number - 1]
        if known := self._numbers.get(number):
            return f"[{known}]"
        shown = self._numbers[number] = len(self._numbers) + 1
        new.append(Citation(shown, source))
        if source.in_force or not labelled:
            return f"[{shown}]"
        successor = self._successor_of(source)
        told = self._cite(successor, new, labelled=False) if successor else ""
        return f"[{shown}] ({source.standing}{' ' + told if told else ''})"

    def _successor_of(self, source: Source) -> int | None:
        successor = source.record.successor
        if successor is None:
            return None
        for number, other in enumerate(self._sources, start=1):
            if other.record.id == successor.id:
                return number
        return None
