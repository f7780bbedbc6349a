"""Pictures that other sites show beside a link (Open Graph): 1200 x 630, drawn from the same faces and colours."""

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from cairn.decisions.domain import Status

WIDTH, HEIGHT = 1200, 630
_MARGIN = 88
_TEXT_WIDTH = WIDTH - 2 * _MARGIN
_TITLE_LINES_MOST = 4
_PAPER, _INK, _QUIET, _LINE = "#fcfbf8", "#211d19", "#4d4842", "#dcd9d3"
_COLOURS = {
    Status.DRAFT: "#68625b",
    Status.PROPOSED: "#8e5a14",
    Status.ACCEPTED: "#2c613d",
    Status.REJECTED: "#9e3129",
    Status.DEPRECATED: "#73665c",
    Status.SUPERSEDED: "#644c6c",
}


class Pictures:
    """Draws with the faces of the built pages, or with Pillow's own where those are not built."""

    def __init__(self, fonts: Path) -> None:
        self._read = _find(fonts, "source-serif-4-latin-opsz-normal*.woff2")
        self._ui = _find(fonts, "hanken-grotesk-latin-wght-normal*.woff2")

    def draw(self, *, title: str, ref: str, status: Status | None, foot: str) -> bytes:
        """Return a PNG: status and number above, the title large, whose it is below."""
        picture = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
        pen = ImageDraw.Draw(picture)
        small = _font(self._ui, 32, 540)
        if status is not None:
            _draw_stone(pen, status, (_MARGIN, 92))
            pen.text((_MARGIN + 62, 96), status.capitalize(), font=small, fill=_COLOURS[status])
            pen.text((_MARGIN + 62 + pen.textlength(status.capitalize(), small) + 36, 96), ref, font=small, fill=_QUIET)
        lines, face = self._fit(pen, title)
        top = 178
        for line in lines:
            pen.text((_MARGIN, top), line, font=face, fill=_INK)
            top += int(face.size * 1.16)
        pen.line([(_MARGIN, HEIGHT - 128), (WIDTH - _MARGIN, HEIGHT - 128)], fill=_LINE, width=2)
        _draw_cairn(pen, (_MARGIN, HEIGHT - 96))
        pen.text((_MARGIN + 58, HEIGHT - 92), _cut(pen, foot, small, _TEXT_WIDTH - 58), font=small, fill=_QUIET)
        kept = io.BytesIO()
        picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(kept, "PNG", optimize=True)
        return kept.getvalue()

    def _fit(self, pen: ImageDraw.ImageDraw, title: str) -> tuple[list[str], ImageFont.FreeTypeFont]:
        lines, face = [""], _font(self._read, 76, 600)
        for size in (76, 64, 54, 46):
            face = _font(self._read, size, 600)
            lines = _wrap(pen, title, face)
            if len(lines) * size * 1.16 <= HEIGHT - 128 - 178 - 20:
                return lines, face
        kept = lines[:_TITLE_LINES_MOST]
        kept[-1] = _cut(pen, kept[-1] + " …", face, _TEXT_WIDTH)
        return kept, face


def _find(folder: Path, pattern: str) -> Path | None:
    return next(iter(sorted(folder.glob(pattern))), None)


@lru_cache(maxsize=32)
def _font(path: Path | None, size: int, weight: int) -> ImageFont.FreeTypeFont:
    if path is None:
        default = ImageFont.load_default(size)
        if not isinstance(default, ImageFont.FreeTypeFont):
            raise TypeError("Pillow was built without FreeType, and draws no text of this size.")
        return default
    font = ImageFont.truetype(path, size)
    weight_and_optical_size = 2
    axes = font.get_variation_axes()
    font.set_variation_by_axes([weight, min(60, size)] if len(axes) == weight_and_optical_size else [weight])
    return font


def _wrap(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and pen.textlength(longer, font) <= _TEXT_WIDTH:
            lines[-1] = longer
        else:
            lines.append(_cut(pen, word, font, _TEXT_WIDTH))
    return lines or [""]


def _cut(pen: ImageDraw.ImageDraw, text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    """Return as much of a text as fits, with a sign where something is left out."""
    if pen.textlength(text, font) <= width:
        return text
    while text and pen.textlength(f"{text}…", font) > width:
        text = text[:-1]
    return f"{text}…"


def _draw_stone(pen: ImageDraw.ImageDraw, status: Status, at: tuple[int, int]) -> None:
    """Draw the silhouette of a status in a box of 46."""
    x, y = at
    colour, body = _COLOURS[status], (x + 2, y + 8, x + 44, y + 40)
    if status is Status.ACCEPTED:
        pen.ellipse(body, fill=colour)
    elif status is Status.PROPOSED:
        pen.ellipse(body, outline=colour, width=4)
        pen.chord(body, 0, 180, fill=colour)
    elif status is Status.REJECTED:
        pen.ellipse(body, outline=colour, width=4)
        pen.line([(x + 4, y + 46), (x + 42, y + 2)], fill=colour, width=6)
    elif status is Status.SUPERSEDED:
        pen.ellipse((x, y + 22, x + 34, y + 44), outline=colour, width=4)
        pen.ellipse((x + 12, y + 2, x + 46, y + 22), fill=colour)
    elif status is Status.DEPRECATED:
        pen.rounded_rectangle((x + 10, y + 8, x + 36, y + 15), 4, fill=colour)
        pen.rounded_rectangle((x + 4, y + 21, x + 42, y + 26), 3, fill=colour)
        for left in (10, 21, 32):
            pen.ellipse((x + left, y + 33, x + left + 6, y + 39), fill=colour)
    else:
        for start in range(0, 360, 40):
            pen.arc(body, start, start + 24, fill=colour, width=4)


def _draw_cairn(pen: ImageDraw.ImageDraw, at: tuple[int, int]) -> None:
    """Draw the three stones of the mark in a box of 40."""
    x, y = at
    pen.ellipse((x, y + 26, x + 40, y + 40), fill=_QUIET)
    pen.ellipse((x + 6, y + 14, x + 34, y + 26), fill=_QUIET)
    pen.ellipse((x + 10, y, x + 28, y + 13), fill=_QUIET)
