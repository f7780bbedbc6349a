"""Bytes to text: byte order marks, line ends, invalid UTF-8, and files that are no text at all."""

import codecs
from dataclasses import dataclass

from cairn.kernel.phrases import Phrase

# Real text has no NUL and next to no other control characters.
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_CONTROL_SHARE_MAX = 0.02
_SAMPLE = 65_536


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with Unix line ends, and what had to be done to get it. `binary` text is empty."""

    text: str
    binary: bool = False
    notes: tuple[str, ...] = ()


def decode(content: bytes) -> Decoded:
    """Decode a file. Invalid UTF-8 is read with replacement characters and noted."""
    notes: list[str] = []
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
        notes.append(Phrase("utf_16", "the file is UTF-16"))
    else:
        if _is_binary(content):
            return Decoded("", binary=True)
        if content.startswith(codecs.BOM_UTF8):
            content = content[len(codecs.BOM_UTF8) :]
            notes.append(Phrase("order_mark", "a byte order mark was skipped"))
        text = _decode_utf8(content, notes)
    if "\x00" in text:
        return Decoded("", binary=True)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        notes.append(Phrase("line_ends", "line ends were Windows or old Mac ones"))
    return Decoded(text, notes=tuple(notes))


def _is_binary(content: bytes) -> bool:
    sample = content[:_SAMPLE]
    if b"\x00" in content:
        return True
    controls = len(sample) - len(sample.translate(None, _CONTROL))
    return controls > _CONTROL_SHARE_MAX * len(sample)


def _decode_utf8(content: bytes, notes: list[str]) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = content.decode(errors="replace")
        invalid = text.count("�")
        notes.append(
            Phrase(
                "no_utf_8",
                "line {line} is not valid UTF-8; {invalid} characters were replaced",
                line=line,
                invalid=invalid,
            )
        )
        return text
