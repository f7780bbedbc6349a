"""A text turned into Markdown, with the line of the source that each of its lines came from."""

import csv
from dataclasses import dataclass, field


@dataclass(slots=True)
class Converted:
    """Markdown lines as they are written, and for each the 0-based line of the source."""

    lines: list[str] = field(default_factory=list[str])
    places: list[int] = field(default_factory=list[int])

    def add(self, line: str, place: int) -> None:
        """Write a line that came from line `place` of the source."""
        self.lines.append(line)
        self.places.append(place)

    @property
    def text(self) -> str:
        """The Markdown."""
        return "\n".join(self.lines) + "\n"

    def source_line(self, line: int) -> int:
        """Give the 1-based line of the source for a 1-based line of the Markdown; 0 stays 0."""
        return self.places[min(line, len(self.places)) - 1] + 1 if line and self.places else 0


def split_csv(line: str) -> list[str]:
    """Take a line of comma-separated cells apart; a line that is no CSV is one cell."""
    try:
        return [" ".join(cell.split()) for cells in csv.reader([line], skipinitialspace=True) for cell in cells]
    except csv.Error:
        return [line.strip()]
