"""Cairn's own dialect of MADR 4: what an export writes, read back without any guessing.

The mark is a `cairn:` mapping in the front matter. Everything after the title is the body, verbatim, so that export and
import lose nothing even where a body itself looks like fields.
"""

from typing import get_args

from cairn.decisions.formats.dates import find_date
from cairn.decisions.formats.decode import Decoded
from cairn.decisions.formats.front_matter import FrontMatter, Value, flatten
from cairn.decisions.formats.links import distinct_links, find_links
from cairn.decisions.formats.model import FieldReport, LinkKind, ReadFile, Status, WrittenLink
from cairn.decisions.formats.outline import outline_markdown
from cairn.decisions.formats.scope_fields import read_scope
from cairn.decisions.formats.statuses import find_status
from cairn.decisions.formats.titles import number_prefix, read_file_name, slugify
from cairn.kernel.phrases import Phrase, Sentences

MARK = "cairn"
REVIEW_KEY = "review-date"
_STATUSES: tuple[Status, ...] = get_args(Status)
_STATUS_BY_NAME: dict[str, Status] = {name: name for name in _STATUSES}
# Link kinds by the front matter key that carries them; the second is the key for the reversed relation.
LINK_KEYS: dict[LinkKind, tuple[str, str]] = {
    "supersedes": ("supersedes", "superseded-by"),
    "amends": ("amends", "amended-by"),
    "depends_on": ("depends-on", "required-by"),
    "relates_to": ("relates-to", "related-from"),
    "conflicts_with": ("conflicts-with", "conflicting-with"),
    "implements": ("implements", "implemented-by"),
}


def is_cairn(front: FrontMatter) -> bool:
    """Whether a file was written by Cairn."""
    mark = front.values.get(MARK)
    return isinstance(mark, dict) and mark.get("format") == "1" and not front.problem


def read_cairn(path: str, decoded: Decoded, front: FrontMatter) -> ReadFile:
    """Read a file that `is_cairn`. A person may have edited it since: what no longer fits is reported."""
    mark = front.values[MARK]
    own: dict[str, Value] = mark if isinstance(mark, dict) else {}
    lines = decoded.text.split("\n")[front.end :]
    heading = lines[1] if len(lines) > 1 and not lines[0] else lines[0] if lines else ""
    at = lines.index(heading) if heading.startswith("# ") else -1
    title = _text(own, "title") or (heading[2:] if at >= 0 else "")
    rest = lines[at + 1 :]
    blank = bool(rest) and not rest[0]
    if blank:
        rest = rest[1:]
    first_line = front.end + at + 2 + blank
    body = "\n".join(rest).removesuffix("\n")
    name = read_file_name(path)
    reports: list[FieldReport] = []

    def report(field: str, value: str, line_key: str, *, guess: str = "") -> None:
        outcome = "guessed" if guess else "read" if value else "missing"
        reports.append(FieldReport(field, outcome, value[:200], guess, front.lines.get(line_key, 0)))

    report("title", title, "title")
    number = _text(own, "number")
    report("number", number, MARK)
    written = _text(front.values, "status")
    known = _STATUS_BY_NAME.get(written)
    found = find_status(written)
    status: Status = known or (found.status if found else "proposed")
    status_text = _text(own, "status-text") if known else written
    report(
        "status", status, "status", guess="" if known or found else Phrase("status_word_unknown", "its word is unknown")
    )
    day = find_date(_text(front.values, "date"))
    report("date", day.day.isoformat() if day else "", "date", guess=day.rule if day else "")
    review = find_date(_text(front.values, REVIEW_KEY))
    if review:
        report("review", review.day.isoformat(), REVIEW_KEY, guess=review.rule)
    deciders = tuple(flatten(front.values.get("decision-makers", [])))
    report("deciders", ", ".join(deciders), "decision-makers")
    tags = tuple(flatten(front.values.get("tags", [])))
    report("tags", ", ".join(tags), "tags")
    links = _links(front) + find_links(body, first_line=first_line, skip=outline_markdown(body).code_lines())
    report("links", ", ".join(link.target for link in links), "")
    stated = read_scope(front, with_categories=True)
    reports.extend(stated.reports)
    report("body", f"{body.count(chr(10)) + 1} lines" if body else "", "")
    return ReadFile(
        "record",
        path,
        message=Sentences(decoded.notes, between="; "),
        format="madr4",
        title=title or name.slug,
        prefix=number_prefix(f"{_text(own, 'prefix')[:16]}-000") if number else "",
        number=int(number) if number.isdigit() and len(number) < 9 else None,  # noqa: PLR2004 - an int32
        slug=_text(own, "slug") or name.slug or slugify(title),
        status=status,
        status_text=status_text,
        decided_on=day.day if day else None,
        review_on=review.day if review else None,
        deciders=deciders,
        tags=tags,
        body=body,
        links=distinct_links(links),
        fields=tuple(reports),
        scope=stated.scope,
    )


def _text(values: dict[str, Value], key: str) -> str:
    value = values.get(key, "")
    return value if isinstance(value, str) else ""


def _links(front: FrontMatter) -> list[WrittenLink]:
    links: list[WrittenLink] = []
    for kind, (forward, backward) in LINK_KEYS.items():
        for key, reverse in ((forward, False), (backward, True)):
            line = front.lines.get(key, 0)
            links.extend(WrittenLink(kind, target, "", line, reverse) for target in flatten(front.values.get(key, [])))
    return links
