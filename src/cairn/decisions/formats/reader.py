"""Reading one file: whether it is a record, and what its fields say."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from cairn.decisions.formats.asciidoc import asciidoc_to_markdown
from cairn.decisions.formats.cairn_dialect import is_cairn, read_cairn
from cairn.decisions.formats.carriers import Pair, pairs_of_front_matter, pairs_of_outline, trailing_pairs
from cairn.decisions.formats.converted import Converted
from cairn.decisions.formats.decision_table import find_rows
from cairn.decisions.formats.decode import Decoded, decode
from cairn.decisions.formats.dialects import detect_format
from cairn.decisions.formats.fields import (
    Fields,
    choose_date,
    choose_deciders,
    choose_review,
    choose_status,
    choose_tags,
    without_status_words,
)
from cairn.decisions.formats.front_matter import FrontMatter, read_front_matter
from cairn.decisions.formats.links import LINK_FIELDS, distinct_links, find_links, links_of_pair
from cairn.decisions.formats.model import FieldReport, LinkKind, ReadFile, WrittenLink, move_lines
from cairn.decisions.formats.outline import Outline, outline_markdown
from cairn.decisions.formats.resolve import Known, LinkIndex
from cairn.decisions.formats.restructured import restructured_to_markdown
from cairn.decisions.formats.scope_fields import SCOPE_KEYS, read_scope
from cairn.decisions.formats.sift import left_out_reason, suffix_problem
from cairn.decisions.formats.titles import FileName, FoundTitle, find_title, read_file_name, slugify
from cairn.decisions.formats.whole_log import Parts, find_parts, is_whole_log, part_text, place_part, with_remainder
from cairn.decisions.formats.words import FIELD_NAMES, STATUS_WORDS, fold
from cairn.kernel.phrases import Phrase, Sentences

_TITLE_STATUS = re.compile(r"^(?:[\[(]([^\[\]()]{4,30})[\])]\s+\S|.*\S\s+[\[(]([^\[\]()]{4,30})[\])]$)")
_NUMBER = re.compile(r"(?:[A-Za-z]{1,12}[-_ ]?){0,4}?0*(\d{1,6})", re.ASCII)
FILE_BYTES_MAX = 5 * 1024 * 1024
_TOO_LARGE = Phrase(
    "file_large", "larger than {most} MiB: no record is that long", most=FILE_BYTES_MAX // (1024 * 1024)
)
_PLAIN: dict[LinkKind, str] = {
    "relates_to": "relates to it",
    "supersedes": "supersedes it",
    "amends": "amends it",
    "depends_on": "depends on it",
    "conflicts_with": "conflicts with it",
    "implements": "implements it",
}
_TURNED: dict[LinkKind, str] = {
    "relates_to": "relates to it",
    "supersedes": "is superseded by it",
    "amends": "is amended by it",
    "depends_on": "is required by it",
    "conflicts_with": "conflicts with it",
    "implements": "is implemented by it",
}
_CONVERTERS: dict[str, tuple[str, Callable[[str], Converted]]] = {
    ".adoc": ("AsciiDoc", asciidoc_to_markdown),
    ".asciidoc": ("AsciiDoc", asciidoc_to_markdown),
    ".asc": ("AsciiDoc", asciidoc_to_markdown),
    ".rst": ("reStructuredText", restructured_to_markdown),
}


def read_file(path: str, content: bytes) -> ReadFile:
    """Read one file of a log. `path` is relative to the log's folder, with forward slashes. Never raises.

    A `record` has its fields and a report on each; a `left_out` or `failed` file says why in `message`. The caller
    keeps the bytes: reading loses nothing.
    """
    problem = suffix_problem(path)
    if problem:
        return ReadFile("left_out", path, problem)
    if len(content) > FILE_BYTES_MAX:
        return ReadFile("failed", path, _TOO_LARGE)
    decoded = decode(content)
    if decoded.binary:
        return ReadFile("failed", path, Phrase("binary", "binary data, not text"))
    if not decoded.text.strip():
        return ReadFile("left_out", path, Phrase("file_empty", "empty"))
    return _read_text_of(path, decoded)


def _read_text_of(path: str, decoded: Decoded) -> ReadFile:
    converter = _CONVERTERS.get(posixpath.splitext(path)[1].lower())
    if converter is not None:
        name, convert = converter
        converted = convert(decoded.text)
        notes = (*decoded.notes, Phrase("turned_into_markdown", "{name} was turned into Markdown", name=name))
        read = _read_markdown(path, Decoded(converted.text, notes=notes), None)
        moved = tuple(move_lines(part, converted.source_line) for part in read.parts)
        return replace(move_lines(read, converted.source_line), parts=moved)
    front = read_front_matter(decoded.text)
    if front is not None and is_cairn(front):
        return read_cairn(path, decoded, front)
    return _read_markdown(path, decoded, front)


def _read_markdown(path: str, decoded: Decoded, front: FrontMatter | None) -> ReadFile:
    outline = outline_markdown(decoded.text, skip_lines=front.end if front else 0)
    read = _read_record(_Source(path, decoded, front, outline, read_file_name(path)))
    whole = is_whole_log(posixpath.basename(path))
    if read.kind != "record" or (read.number is not None and not whole):
        return read
    name = posixpath.basename(path) if whole else f"{read.title} {posixpath.basename(path)}"
    parts = find_parts(outline, name)
    if parts is None:
        rows = find_rows(outline, name)
        parts = with_remainder(outline, rows) if rows else None
    return _with_parts(read, parts, outline) if parts else read


@dataclass(frozen=True, slots=True)
class _Source:
    """A text to read as one record. A `part` of a file is one without being sifted."""

    path: str
    decoded: Decoded
    front: FrontMatter | None
    outline: Outline
    name: FileName
    part: bool = False


def _read_record(source: _Source) -> ReadFile:
    front, outline = source.front, source.outline
    front_pairs = pairs_of_front_matter(front) if front else []
    written_title = next(((pair.value, pair.line) for pair in front_pairs if pair.field == "title"), None)
    title = find_title(outline, written_title, source.path)
    pairs = front_pairs + pairs_of_outline(outline, title.heading)
    pairs += _status_in_title(title)
    fields = _choose(pairs, outline, source.name.day)
    reason = (
        ""
        if source.part
        else left_out_reason(
            source.path,
            source.decoded.text,
            outline,
            has_status=fields.has_status,
            has_fields=fields.decided_on is not None or bool(fields.deciders),
        )
    )
    if reason:
        return ReadFile("left_out", source.path, reason, title=title.title)
    number = _choose_number(fields, pairs, title, source.name.number)
    _report_title(fields, title)
    links = _find_links(fields, pairs, outline, title, anchors=source.part)
    stated = read_scope(front)
    fields.reports.extend(stated.reports)
    body = _body(outline, front, title, pairs, fields.used)
    _report_rest(fields, front, source.decoded, body)
    return ReadFile(
        "record",
        source.path,
        message=Sentences([*source.decoded.notes, front.problem if front else ""], between="; "),
        format=detect_format(outline, pairs, front.values if front else (), source.decoded.text),
        title=title.title,
        number=number,
        prefix=source.name.prefix if number == source.name.number else "",
        slug=_slug(source.name.slug, title.title),
        status=fields.status,
        status_text=fields.status_text,
        decided_on=fields.decided_on,
        review_on=fields.review_on,
        deciders=fields.deciders,
        tags=fields.tags,
        body=body,
        links=links,
        fields=tuple(fields.reports),
        scope=stated.scope,
    )


def _status_in_title(title: FoundTitle) -> list[Pair]:
    """Read "[Accepted] Keep it" and "Keep it (superseded)": the weakest place of all."""
    match = _TITLE_STATUS.match(title.title) if title.heading is not None else None
    word = (match[1] or match[2] or "") if match else ""
    return [Pair("status", 9, "title", word, title.line, "title")] if fold(word) in STATUS_WORDS else []


def _with_parts(whole: ReadFile, parts: Parts, outline: Outline) -> ReadFile:
    """Read each decision of a file that holds a whole log. What the file states once holds for those that do not."""
    read: list[ReadFile] = []
    if parts.remainder_is_document:
        text = "\n".join(outline.lines[at] for at in sorted(parts.remainder))
        rest = _read_text(whole.path, text, read_file_name(whole.path))
        read.append(replace(rest, anchor="document", path=whole.path))
    for part in parts.parts:
        name = FileName(part.number, part.day, "")
        found = place_part(_read_text(whole.path, part_text(outline, part), name), part, whole.path)
        read.append(_inherit(found, whole, parts.remainder))
    read = _only_links_between(read, whole.path)
    told = [whole.message, Phrase("holds_decisions", "holds {count} decisions", count=len(parts.parts))]
    if not parts.remainder_is_document and any(outline.lines[at].strip() for at in parts.remainder):
        told.append(Phrase("lines_around", "the lines around them belong to no record and are kept with the file"))
    return replace(whole, message=Sentences(told, between="; "), parts=tuple(read))


def _only_links_between(parts: list[ReadFile], path: str) -> list[ReadFile]:
    """Keep a link to a place of the file when another of its decisions stands there."""
    index = LinkIndex(Known(part.anchor, f"{path}#{part.anchor}", None, "") for part in parts)
    kept: list[ReadFile] = []
    for part in parts:
        own = {link for link in part.links if link.target.startswith("#")}
        gone = {link for link in own if index.match(link.target, path) in {None, part.anchor}}
        targets = {link.target for link in gone}
        fields = tuple(f for f in part.fields if not (f.field == "links" and f.value in targets))
        kept.append(replace(part, links=tuple(link for link in part.links if link not in gone), fields=fields))
    return kept


def _read_text(path: str, text: str, name: FileName) -> ReadFile:
    return _read_record(_Source(path, Decoded(text), None, outline_markdown(text), name, part=True))


def _inherit(part: ReadFile, whole: ReadFile, outside: frozenset[int]) -> ReadFile:
    """Give a part the status and the date that the file states outside of its decisions."""
    stated = {f.field for f in whole.fields if f.outcome in {"read", "guessed"} and f.line - 1 in outside}
    fields = list(part.fields)
    told = Phrase("stated_for_all", "what the file states for all its decisions")
    if not part.status_text and "status" in stated:
        part = replace(part, status=whole.status, status_text=whole.status_text)
        fields = [f for f in fields if f.field != "status"]
        fields.append(FieldReport("status", "guessed", whole.status, told))
    if part.decided_on is None and whole.decided_on is not None and "date" in stated:
        part = replace(part, decided_on=whole.decided_on)
        fields = [f for f in fields if f.field != "date"]
        fields.append(FieldReport("date", "guessed", whole.decided_on.isoformat(), told))
    return replace(part, fields=tuple(fields))


def _choose(pairs: list[Pair], outline: Outline, file_day: date | None) -> Fields:
    fields = Fields()
    tags = choose_tags(fields, pairs)
    choose_status(fields, pairs, tags)
    if not fields.has_status:
        choose_status(fields, trailing_pairs(outline), ())
    if not fields.has_status:
        decided = any(leaf.kind == "heading" and _tells_decision(leaf.text) for leaf in outline.leaves)
        fields.status = "accepted" if decided else "proposed"
        told = (
            Phrase("taken_as_accepted", "the file states no status; taken as accepted: it records a decision")
            if decided
            else Phrase("taken_as_proposed", "the file states no status; taken as proposed: it records no decision yet")
        )
        fields.report("status", "missing", "", told)
    fields.tags = without_status_words(tags, fields.status)
    choose_date(fields, pairs, file_day)
    choose_review(fields, pairs)
    choose_deciders(fields, pairs)
    return fields


_DECIDED = frozenset(
    ["decision", "decisions", "consequences", "outcome", "solution", "entscheidung", "decisao", "rationale", "chosen"]
)


def _tells_decision(heading: str) -> bool:
    return not _DECIDED.isdisjoint(fold(heading).split())


def _choose_number(fields: Fields, pairs: list[Pair], title: FoundTitle, from_name: int | None) -> int | None:
    written = next(((number, pair) for pair in pairs if (number := _number_of(pair)) is not None), None)
    if written:
        number, pair = written
        told = Phrase("at_place", "{carrier} “{name}”", carrier=pair.carrier, name=pair.name[:60])
        fields.report("number", "read", str(number), told, pair.line + 1)
        fields.used.append(pair)
        return number
    if from_name is not None:
        fields.report("number", "read", str(from_name), Phrase("the_file_name", "the file's name"))
        if title.number is not None and title.number != from_name:
            reason = Phrase(
                "number_of_name",
                "the title says {number}, the file's name {named}, which was taken",
                number=title.number,
                named=from_name,
            )
            fields.report("number", "ignored", str(title.number), reason, title.line + 1)
        return from_name
    if title.number is not None:
        fields.report("number", "read", str(title.number), Phrase("the_title", "the title"), title.line + 1)
        return title.number
    fields.report("number", "missing", "", Phrase("no_number_given", "neither the file's name nor the title has one"))
    return None


def _number_of(pair: Pair) -> int | None:
    match = _NUMBER.fullmatch(pair.value.strip()) if pair.field == "number" else None
    return int(match[1]) if match else None


def _report_title(fields: Fields, title: FoundTitle) -> None:
    outcome = "guessed" if title.rule else "read"
    fields.report("title", outcome, title.title, title.rule, title.line + 1)


def _find_links(
    fields: Fields, pairs: list[Pair], outline: Outline, title: FoundTitle, *, anchors: bool
) -> tuple[WrittenLink, ...]:
    links: list[WrittenLink] = []
    for pair in pairs:
        if pair.field in LINK_FIELDS:
            found = links_of_pair(pair, anchors=anchors)
            links.extend(found)
            # A line that names records stays in the body: links are read from it anew when a person edits the record.
            if not any(map(str.isalnum, pair.value)) or fold(pair.value) in {"n a", "none", "tbd"}:
                fields.used.append(pair)
            elif not found and not pair.carrier.startswith("section"):
                told = Phrase("names_no_record", "{name}: names no record", name=pair.name[:60])
                fields.report("links", "ignored", pair.value, told, pair.line + 1)
        elif pair.field == "status":
            links.extend(links_of_pair(pair, anchors=anchors))
    taken = {pair.line for pair in pairs if pair.field in LINK_FIELDS or pair.field == "status"}
    titles = {title.line, *(range(title.heading.start, title.heading.end) if title.heading else ())}
    text = "\n".join(outline.lines)
    links.extend(find_links(text, skip=outline.code_lines() | taken | titles, anchors=anchors))
    found = distinct_links(links)
    for link in found:
        relation = Phrase("relation", "{relation}", relation=(_TURNED if link.reverse else _PLAIN)[link.kind])
        outcome = "read" if link.line - 1 in taken or link.kind == "relates_to" else "guessed"
        fields.report("links", outcome, link.target, relation, link.line)
    if not found:
        fields.report("links", "missing", "", Phrase("no_links", "the file links to no record"))
    return found


def _body(outline: Outline, front: FrontMatter | None, title: FoundTitle, pairs: list[Pair], used: list[Pair]) -> str:
    """Take out of the text what became fields; a carrier that says anything more stays where it is."""
    gone: set[int] = set(range(front.end if front else 0))
    if title.heading is not None:
        gone.update(range(title.heading.start, title.heading.end))
    taken = {id(pair) for pair in used}
    left = {pair.span for pair in pairs if not pair.whole or id(pair) not in taken}
    for pair in used:
        if pair.whole and pair.span not in left:
            gone.update(range(*pair.span))
    kept = [line for at, line in enumerate(outline.lines) if at not in gone]
    return normalise_body("\n".join(kept))


def normalise_body(text: str) -> str:
    """Give a body Unix line ends, and no blank space at either end but for the first line's indent."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    return "\n".join(lines).rstrip()


def _report_rest(fields: Fields, front: FrontMatter | None, decoded: Decoded, body: str) -> None:
    if front is not None:
        if front.problem:
            fields.report("front matter", "guessed", "", front.problem, front.problem_line)
        for key in front.values:
            if fold(key) not in FIELD_NAMES and key.strip().lower() not in SCOPE_KEYS:
                fields.report(
                    "front matter", "ignored", key, Phrase("no_field", "no field of a record"), front.lines.get(key, 0)
                )
    for note in decoded.notes:
        fields.report("body", "guessed", "", note)
    lines = f"{body.count(chr(10)) + 1} lines" if body else ""
    empty = Phrase("no_text", "the file has no text besides its fields")
    fields.report("body", "read" if body else "missing", lines, "" if body else empty, 1 if body else 0)


def _slug(from_name: str, title: str) -> str:
    bare = from_name.replace("-", "")
    if not bare or bare.isdigit() or (bare.startswith("adr") and bare[3:].isdigit()):
        return slugify(title) or from_name or "decision"
    return from_name
