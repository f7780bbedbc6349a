"""Records and passages for tests of answers, without a search."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from cairn.chat.domain.sources import Findings, Source


@dataclass(frozen=True)
class ARecord:
    id: UUID
    ref: str
    title: str = "A title"
    status: str = "accepted"
    successor: "ARecord | None" = None


@dataclass(frozen=True)
class APassage:
    text: str
    id: UUID = field(default=UUID(int=9))
    version: int = 1
    anchor: str = ""
    heading_path: tuple[str, ...] = ("Decision",)


@dataclass(frozen=True)
class AWord:
    base: str


def words(text: str) -> list[AWord]:
    return [AWord(word.lower()) for word in re.findall(r"\w+", text)]


def source(number: int, title: str, text: str, status: str = "accepted", successor: ARecord | None = None) -> Source:
    record = ARecord(UUID(int=number), f"ADR-{number}", title, status, successor)
    return Source(record, APassage(text), 1.0)


def findings(question: str, *sources: Source) -> Findings:
    """Findings in which every word of the question weighs the same."""
    return Findings(question, sources, {word.base: 1.0 for word in words(question)}, words)
