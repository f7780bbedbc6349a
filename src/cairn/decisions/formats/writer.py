"""Writing a record as MADR 4 Markdown with front matter that Cairn and every MADR tool reads."""

import yaml

from cairn.decisions.formats.cairn_dialect import LINK_KEYS, MARK
from cairn.decisions.formats.model import WritableRecord
from cairn.decisions.formats.scope_fields import write_scope
from cairn.decisions.formats.titles import slugify


def write_record(record: WritableRecord) -> bytes:
    """Render a record as UTF-8. `read_file` gives back every field, and the body as it is."""
    front: dict[str, object] = {"status": record.status}
    if record.decided_on is not None:
        front["date"] = record.decided_on
    if record.deciders:
        front["decision-makers"] = list(record.deciders)
    if record.tags:
        front["tags"] = list(record.tags)
    front |= write_scope(record.scope)
    front |= _links(record)
    heading = " ".join(record.title.split())
    front[MARK] = _own(record, heading)
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{head}---\n\n# {heading}\n\n{record.body}\n".encode(errors="replace")


def _links(record: WritableRecord) -> dict[str, object]:
    keys = {(kind, at): key for kind, pair in LINK_KEYS.items() for at, key in enumerate(pair)}
    found: dict[str, list[str]] = {}
    for link in record.links:
        found.setdefault(keys[link.kind, int(link.reverse)], []).append(link.target)
    return dict(found)


def _own(record: WritableRecord, heading: str) -> dict[str, object]:
    """Keep what MADR has no key for."""
    own: dict[str, object] = {"format": 1}
    if record.number is not None:
        own["number"] = record.number
        if record.prefix:
            own["prefix"] = record.prefix
    if record.slug:
        own["slug"] = record.slug
    if record.status_text and record.status_text != record.status:
        own["status-text"] = record.status_text
    if heading != record.title:
        own["title"] = record.title
    return own


def file_name(number: int | None, slug: str, prefix: str = "") -> str:
    """`0012-use-kafka.md`, `SEC-0012-use-kafka.md`, or `use-kafka.md` for a record without a number."""
    safe = slugify(slug) or "decision"
    before = f"{prefix}-" if prefix else ""
    return f"{safe}.md" if number is None else f"{before}{number:04d}-{safe}.md"
