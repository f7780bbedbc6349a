"""Citations and quotations in a model's words, checked while they stream.

What names no passage is removed, what names the wrong one is repaired, and old rules are labelled. Links, pictures and
markup are taken down to their words: an answer leads nowhere but to records.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from cairn.chat.domain.claims import find_unsupported
from cairn.chat.domain.events import Begun, Citation, Delta, Mark, MarkKind
from cairn.chat.domain.phrases import ENGLISH, Phrases, count
from cairn.chat.domain.quotations import Found, Quotable, is_claim
from cairn.chat.domain.sources import Source, Span

# A construct that has not ended after so many characters is taken as plain text.
_HELD_CHARACTERS_MOST = 700
_NUMBERS = r"\[\s*\d{1,4}(?:\s*[,;]\s*\d{1,4})*\s*\]"
_STARTS = re.compile(r"`+|\n[ \t]*\n|!?\[|\]\(|[\"\u201c]|<|\bhttps?://", re.IGNORECASE)
_CITATION = re.compile(_NUMBERS)
# `[words](address "title")`, `![words](address)`, `[words][name]`; a picture keeps its description.
_LINK = re.compile(r"!?\[(?P<words>[^\[\]]*)\](?:\((?P<address>[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)|\[[^\[\]\n]*\])")
_DEFINITION = re.compile(r"\[[^\[\]\n]+\]:[^\n]*")
_TARGET = re.compile(r"\([^()\n]*\)")
_ADDRESS = re.compile(r"https?://[^\s<>\"\u201d)\]`]*[^\s<>\"\u201d)\]`.,;:!?]", re.IGNORECASE)
_AUTOLINK = re.compile(r"<(?:https?|mailto|ftp):[^<>\s]*>", re.IGNORECASE)
_QUOTE = {
    '"': re.compile(r'"[^"\u201c\u201d\n]*(?:\n(?![ \t]*\n)[^"\n]*)*"'),
    "\u201c": re.compile(r"\u201c[^\u201d]*\u201d"),
}
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_TAIL = re.compile(r"(?:\s+|!|\]|\bh(?:t(?:t(?:ps?:?/?)?)?)?|`+)$", re.IGNORECASE)
_FENCE_LENGTH = 3


@dataclass
class Tally:
    """What had to be done to a model's answer."""

    removed: int = 0
    repaired: int = 0
    unquoted: int = 0
    links: int = 0


@dataclass
class _Cited:
    number: int
    spans: tuple[Span, ...] = field(default=())


class CitationChecker:
    """Reads a model's answer piece by piece. The model cites sources by their number in the prompt, from 1.

    Readers get citations numbered by first use, each `Citation` before the text that uses it, and again when more of it
    is quoted. The first use of a record that is not in force says so, whatever the model says. `by_name` writes the
    record's name in place of a number, for texts that stand without their citations.
    """

    def __init__(self, sources: Sequence[Source], *, by_name: bool = False, phrases: Phrases = ENGLISH) -> None:
        self._by_name = by_name
        self._phrases = phrases
        self._sources = list(sources)
        self._quotable = Quotable([source.passage.text for source in self._sources])
        self._cited: dict[int, _Cited] = {}
        self._held = ""
        self._fence = ""
        self._said: list[str] = []
        self._pending: list[Found] = []
        self._false_quotes: dict[str, bool] = {}
        self.tally = Tally()
        self._told = Tally()

    @classmethod
    def resume(cls, sources: Sequence[Source], begun: Begun, *, phrases: Phrases = ENGLISH) -> "CitationChecker":
        """Return a checker that goes on where another process stopped.

        The first sources are those that the answer cites, in the order of their numbers, so that its own text means
        the same to the model that goes on. Its words are read anew for what the check must know of them.
        """
        checker = cls(sources, phrases=phrases)
        for _ in checker._read(begun.text, final=True):
            # Readers have it already.
            pass
        checker._held = ""
        checker._cited = {one.number: _Cited(one.number, one.spans) for one in begun.citations}
        checker._false_quotes = dict.fromkeys(begun.quotes, True)
        checker.tally = Tally(begun.removed, begun.repaired, begun.unquoted)
        checker._told = replace(checker.tally)
        return checker

    @property
    def cited(self) -> int:
        """How many sources have been cited."""
        return len(self._cited)

    def add_sources(self, sources: Sequence[Source]) -> int:
        """Let the model cite more passages. Return the number of the first."""
        first = len(self._sources) + 1
        self._sources += sources
        self._quotable = Quotable([source.passage.text for source in self._sources])
        return first

    def feed(self, text: str) -> Iterator[Citation | Delta | Mark]:
        """Yield what can be said for certain of the answer with this piece added."""
        yield from self._read(self._held + text, final=False)

    def finish(self) -> Iterator[Citation | Delta | Mark]:
        """Yield what was held back, what in it rests on nothing, and what was done to the answer."""
        yield from self._read(self._held, final=True)
        new: list[Citation] = []
        if closing := self._close_paragraph(new):
            yield from new
            yield Delta(closing)
        cited = [self._sources[number - 1] for number in self._cited]
        marks = find_unsupported("".join(self._said), cited) if cited else []
        yield from marks
        if not self._by_name and (told := list(self._tell(marks))):
            yield Delta("".join(f"\n\n*{one}*" for one in told))

    def _tell(self, marks: Sequence[Mark]) -> Iterator[str]:
        tally, phrases = self.tally, self._phrases
        for done, forms in (
            (tally.removed, phrases.removed),
            (tally.repaired, phrases.repaired),
            (tally.unquoted, phrases.unquoted),
        ):
            if done:
                yield count(forms, done)
        if not self._cited:
            yield phrases.uncited
        if marks:
            yield phrases.unsupported.format(names=", ".join(mark.text for mark in marks))

    def _read(self, text: str, *, final: bool) -> Iterator[Citation | Delta | Mark]:
        out: list[str] = []
        new: list[Citation] = []
        at = 0
        while at < len(text):
            start = _STARTS.search(text, at)
            if start is None:
                break
            self._say(out, text[at : start.start()])
            end = self._take(text, start, out, new, final=final)
            if end is None:
                at = start.start()
                break
            at = end
        else:
            start = None
        if start is None:
            tail = None if final else _TAIL.search(text, at)
            cut = tail.start() if tail and len(text) - tail.start() < _HELD_CHARACTERS_MOST else len(text)
            self._say(out, text[at:cut])
            at = cut
        # The space before what is still open goes with it if that has to go.
        written = "".join(out)
        kept = written.rstrip(" \t") if not final and at < len(text) else written
        self._held = written[len(kept) :] + text[at:]
        yield from new
        if kept:
            yield self._piece(kept)
        for quote, marked in self._false_quotes.items():
            if not marked:
                yield Mark(quote, MarkKind.QUOTE)
        self._false_quotes = dict.fromkeys(self._false_quotes, True)

    def _piece(self, text: str) -> Delta:
        before, self._told = self._told, replace(self.tally)
        tally = self.tally
        return Delta(
            text,
            tally.removed - before.removed,
            tally.repaired - before.repaired,
            tally.unquoted - before.unquoted,
        )

    def _take(self, text: str, start: re.Match[str], out: list[str], new: list[Citation], *, final: bool) -> int | None:
        """Read the construct that begins here and return where it ends; None when that is still open."""
        opening, at = start.group(), start.start()
        ended = final or len(text) - at > _HELD_CHARACTERS_MOST
        if opening.startswith("`"):
            return self._take_code(text, start, out, final=final)
        if opening.startswith("\n"):
            return self._take_break(opening, start.end(), out, new)
        if self._fence or opening == "](":
            # Taken apart, the end of a link around another is the end of none.
            self._say(out, opening if self._fence else "] (")
            return start.end()
        if "[" in opening:
            if _CITATION.match(text, at):
                return self._take_citation(text, at, out, new, ended=ended)
            return self._take_link(text, at, out, ended=ended)
        take = {"<": self._take_markup, '"': self._take_quote, "\u201c": self._take_quote}.get(
            opening, self._take_address
        )
        return take(text, at, out, ended=ended)

    def _take_code(self, text: str, start: re.Match[str], out: list[str], *, final: bool) -> int | None:
        ticks, at = start.group(), start.start()
        if start.end() == len(text) and not final:
            return None
        if self._fence or len(ticks) >= _FENCE_LENGTH:
            self._mark_code(ticks)
            out.append(ticks)
            return start.end()
        # Code within a line is code only if it ends in its paragraph; after a lone backtick everything counts.
        paragraph = _PARAGRAPH.search(text, at)
        room = paragraph.start() if paragraph else len(text)
        closing = re.compile(rf"(?<!`){ticks}(?!`)").search(text, start.end(), room)
        if closing and (closing.end() < len(text) or final):
            self._say(out, text[at : closing.end()])
            return closing.end()
        if not closing and not paragraph and not final and len(text) - at <= _HELD_CHARACTERS_MOST:
            return None
        if closing:
            return None
        self._say(out, ticks)
        return start.end()

    def _take_break(self, token: str, end: int, out: list[str], new: list[Citation]) -> int:
        if not self._fence:
            out.append(self._close_paragraph(new))
        self._said.append(token)
        out.append(token)
        return end

    def _take_citation(self, text: str, at: int, out: list[str], new: list[Citation], *, ended: bool) -> int | None:
        citation = _CITATION.match(text, at)
        if citation is None or (citation.end() == len(text) and not ended):
            return None
        # A citation followed by an address would be a link to anywhere.
        target = _TARGET.match(text, citation.end())
        if not target and text[citation.end() : citation.end() + 1] == "(" and not ended:
            return None
        self._append_citation([int(number) for number in re.findall(r"\d+", citation.group())], out, new)
        end = target.end() if target else citation.end()
        self.tally.links += target is not None
        if text[end : end + 1] in {"(", "["} and out and out[-1]:
            out.append(" ")
        return end

    def _take_link(self, text: str, at: int, out: list[str], *, ended: bool) -> int | None:
        link = _LINK.match(text, at)
        definition = None if link else _DEFINITION.match(text, at)
        if link or definition:
            if definition and definition.end() == len(text) and not ended:
                return None
            self.tally.links += 1
            self._say(out, _inert(link["words"]) if link else "")
            return link.end() if link else definition.end() if definition else at
        if not ended and not _settled_bracket(text, at):
            return None
        self._say(out, text[at])
        return at + 1

    def _take_markup(self, text: str, at: int, out: list[str], *, ended: bool) -> int | None:
        if autolink := _AUTOLINK.match(text, at):
            self.tally.links += 1
            out.append("(address removed)")
            return autolink.end()
        if text[at + 1 : at + 2] == "" and not ended:
            return None
        if re.match(r"<(?:https?|mailto|ftp):[^<>\s]*$", text[at:], re.IGNORECASE) and not ended:
            return None
        # Markup would hide or load something where the answer is shown.
        out.append("&lt;" if re.match(r"<[a-zA-Z/!?]", text[at:]) else "<")
        return at + 1

    def _take_quote(self, text: str, at: int, out: list[str], *, ended: bool) -> int | None:
        closing = _PARAGRAPH.search(text, at)
        match = _QUOTE[text[at]].match(text, at, closing.start() if closing else len(text))
        if match is None:
            if not closing and not ended:
                return None
            self._say(out, text[at])
            return at + 1
        quoted = match.group()[1:-1]
        if _CITATION.search(quoted) or not is_claim(quoted):
            self._say(out, text[at])
            return at + 1
        found = self._quotable.find(quoted)
        if found is None:
            self.tally.unquoted += 1
            self._false_quotes.setdefault(" ".join(quoted.split()), False)
            self._say(out, _inert(quoted))
        else:
            ending = quoted[len(quoted.rstrip(".,;:")) :] if not found.text.endswith((".", ",", ";", ":")) else ""
            words = " ".join(found.text.split())
            if (shown := _inert(words)) == words:
                self._pending.append(found)
                out.append(f"\u201c{words}\u201d{ending}")
            else:
                # Words of the record that cannot be shown as they are, such as links, are no quotation any more.
                self._pending.append(replace(found, spans=()))
                out.append(f"{shown}{ending}")
        return match.end()

    def _take_address(self, text: str, at: int, out: list[str], *, ended: bool) -> int | None:
        address = _ADDRESS.match(text, at)
        if (address is None or address.end() >= len(text.rstrip(".,;:!?"))) and not ended:
            return None
        self.tally.links += 1
        out.append("(address removed)")
        return address.end() if address else at + len("https://")

    def _say(self, out: list[str], words: str) -> None:
        """Pass on words of the model's own, which must be borne out by what it cites."""
        out.append(words)
        if len(self._fence) < _FENCE_LENGTH:
            self._said.append(words)

    def _mark_code(self, token: str) -> None:
        if not self._fence:
            self._fence = token
        elif token == self._fence:
            self._fence = ""

    def _append_citation(self, asked: Sequence[int], out: list[str], new: list[Citation]) -> None:
        words: list[str] = []
        for number in self._repair(list(dict.fromkeys(asked))):
            if 1 <= number <= len(self._sources):
                words.append(self._cite(number, new, labelled=True))
            else:
                self.tally.removed += 1
        if not words and out and out[-1].endswith(" "):
            out[-1] = out[-1][:-1]
        out.append("".join(words))
        self._said.append(" ")

    def _repair(self, asked: list[int]) -> list[int]:
        """Return what is cited, with the passages that the quotations before it are from in place of others."""
        for quoted in self._pending:
            if not any(number in quoted.numbers for number in asked):
                right = quoted.numbers[0]
                wrong = next((at for at, number in enumerate(asked) if not self._is_quoted(number)), None)
                if wrong is None:
                    asked.append(right)
                else:
                    asked[wrong] = right
                self.tally.repaired += 1
        return list(dict.fromkeys(asked))

    def _is_quoted(self, number: int) -> bool:
        return any(number in quoted.numbers for quoted in self._pending)

    def _close_paragraph(self, new: list[Citation]) -> str:
        """Cite what was quoted without a citation."""
        missing = dict.fromkeys(quoted.numbers[0] for quoted in self._pending)
        words = "".join(self._cite(number, new, labelled=True) for number in missing)
        self._pending.clear()
        return f" {words}" if words else ""

    def _cite(self, number: int, new: list[Citation], *, labelled: bool) -> str:
        source = self._sources[number - 1]
        spans = tuple(
            span
            for quoted in self._pending
            # Without spans where the words could not be shown as they are.
            for at, span in zip(quoted.numbers, quoted.spans, strict=False)
            if at == number
        )
        self._pending = [quoted for quoted in self._pending if number not in quoted.numbers]
        if known := self._cited.get(number):
            if more := [span for span in spans if span not in known.spans]:
                known.spans += tuple(more)
                new.append(Citation(known.number, source, known.spans))
            return self._mark(known.number, source)
        shown = len(self._cited) + 1
        self._cited[number] = _Cited(shown, spans)
        new.append(Citation(shown, source, spans))
        if source.in_force or not labelled:
            return self._mark(shown, source)
        successor = self._successor_of(source)
        told = self._cite(successor, new, labelled=False) if successor else ""
        return f"{self._mark(shown, source)} ({source.stand(self._phrases)}{' ' + told if told else ''})"

    def _mark(self, number: int, source: Source) -> str:
        return f"({source.record.ref})" if self._by_name else f"[{number}]"

    def _successor_of(self, source: Source) -> int | None:
        successor = source.record.successor
        if successor is None:
            return None
        for number, other in enumerate(self._sources, start=1):
            if other.record.id == successor.id:
                return number
        return None


def _settled_bracket(text: str, at: int) -> bool:
    """Tell whether what follows an opening bracket can no longer become a citation or a link."""
    close = text.find("]", at)
    if close < 0:
        return "\n" in text[at:] or len(text) - at > _HELD_CHARACTERS_MOST
    following = text[close + 1 : close + 2]
    if following in {"(", "["}:
        return "\n" in text[close:]
    return following != ""


def _inert(words: str) -> str:
    """Return words whose markup links to nothing, loads nothing, and is not taken for our citations."""
    words = _LINK.sub(lambda link: link["words"], words)
    words = _ADDRESS.sub("(address removed)", words)
    return re.sub(r"<(?=[a-zA-Z/!?])", "&lt;", re.sub(r"\[(?=\s*\d)", r"\\[", words))
