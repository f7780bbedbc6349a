"""Which files are records: templates, indexes and pages are left out, each with its reason."""

import posixpath
import re

from cairn.decisions.formats.outline import Outline
from cairn.decisions.formats.titles import read_file_name
from cairn.decisions.formats.words import SECTION_NAMES, STRONG_SECTION_NAMES, fold
from cairn.kernel.phrases import Phrase

TEXT_SUFFIXES = frozenset([".md", ".markdown", ".mdx", ".mdown", ".adoc", ".asciidoc", ".asc", ".rst", ".txt", ""])
_PAGES = frozenset(
    [
        "readme",
        "index",
        "summary",
        "contributing",
        "changelog",
        "license",
        "licence",
        "notice",
        "code_of_conduct",
        "security",
        "toc",
        "sidebar",
        "_sidebar",
        "_index",
        "home",
        "faq",
        "glossary",
        "authors",
        "maintainers",
        "codeowners",
        "governance",
    ]
)
_TEMPLATE_WORDS = frozenset(
    ["template", "templates", "vorlage", "modele", "plantilla", "modelo", "tmpl", "skeleton", "boilerplate", "gabarit"]
)
_TEMPLATE_FILLERS = frozenset(
    [
        "adr",
        "adrs",
        "madr",
        "nygard",
        "decision",
        "decisions",
        "record",
        "records",
        "architecture",
        "architectural",
        "short",
        "long",
        "minimal",
        "bare",
        "full",
        "simple",
        "sample",
        "example",
        "the",
        "a",
        "an",
        "component",
        "sdk",
        "default",
        "base",
        "new",
        "rfc",
        "odh",
        "my",
        "project",
        "light",
        "annotated",
        "number",
        "title",
    ]
)
_LOG_FOLDERS = re.compile(
    r"(?:^|/)(?:adrs?|decisions?|decision-?records?|decision-?logs?|architecture-?decisions?|"
    r"architecture-?decision-?(?:records?|log)|"
    r"architectural-?decisions?(?:-records?)?|rfcs?|madrs?|entscheidungen|decisoes|decisiones)"
    r"(?:/[\w.-]+)?$",
    re.IGNORECASE,
)
_PLACEHOLDERS = (
    re.compile(r"\bYYYY-?MM-?DD\b|\byyyymmdd\b", re.IGNORECASE),
    re.compile(r"[{\[<](?:short |list |describe|name |title|insert|argument|example|option \d|e\.g\.|decision driver|"
               r"what |why |the |your |optional|brief|"
               r"justification|number|status|someone|date|author)[^{}\[\]<>\n]{0,300}[}\]>](?!\()",
               re.IGNORECASE),
    re.compile(r"\b(?:what is the (?:issue|change|status) that|what becomes easier or)\b", re.IGNORECASE),
    re.compile(r"\{[^{}\n]{0,100}\|[^{}\n]{0,200}\}|`Proposed`, `A|proposed \| (?:rejected|accepted)", re.IGNORECASE),
    re.compile(r"\b(?:pick one of these|replace this number|feel free to remove|"
               r"remove this comment|lorem ipsum)\b", re.IGNORECASE),
)  # fmt: skip
_NUMBERED_NAME = re.compile(r"(?:adr[-_ ]?)?\d{3,5}[-_ ]+\D", re.IGNORECASE)
_FILE_KIND = re.compile(r"\.(?=[a-z0-9]{2,5}$)[a-z]", re.IGNORECASE)
_LINK_LINE = re.compile(r"^\s*(?:[-*+|]|\d+[.)]).*\[[^\[\]]*\]\([^()]*\)")
_WORDS_OF_DECISIONS = re.compile(
    r"\badrs?\b|\bdecisions?\b|\bdécisions?\b|\bentscheidung|\bdecisi[oó]n|\bdecis[ãõ]", re.IGNORECASE
)
_NO_SUFFIX = Phrase("no_suffix", "not a document (no suffix)")
_TEMPLATE_EVIDENCE = 3
_INDEX_SHARE = 0.5


def suffix_problem(path: str) -> str:
    """Why a file of this kind is not read; empty when it is."""
    name = posixpath.basename(path)
    stem, suffix = posixpath.splitext(name)
    if name.startswith(".") and not suffix:
        stem, suffix = "", name
    if suffix and suffix.lower() in TEXT_SUFFIXES:
        return ""
    # "0012 - Use X" and "0012-use-v1.2" are names that someone forgot to end with .md.
    if _NUMBERED_NAME.match(stem) and not _FILE_KIND.match(suffix):
        return ""
    return Phrase("no_document", "not a document ({suffix})", suffix=suffix) if suffix else _NO_SUFFIX


def left_out_reason(  # noqa: PLR0911 - a list of reasons, each with its return
    path: str, text: str, outline: Outline, *, has_status: bool, has_fields: bool
) -> str:
    """Why a readable text is no record; empty when it is one.

    `has_status` tells that a status with a meaning was found, `has_fields` that a date or people were.
    """
    name = posixpath.basename(path)
    stem = posixpath.splitext(name)[0].lower().strip()
    sections = [fold(leaf.text) for leaf in outline.leaves if leaf.kind == "heading"]
    strong = sum(section in STRONG_SECTION_NAMES for section in sections)
    file_name = read_file_name(path)
    named = stem.strip("._") in _PAGES or stem.startswith("license") or _is_page_name(stem, has_status=has_status)
    if named and not (strong > 1 and (has_status or file_name.number is not None)):
        if stem.strip("._") == "template":
            return Phrase("a_template", "a template")
        return Phrase("a_page", "a page about the log, not a record of it")
    template = _template_reason(stem, text, has_status=has_status, numbered=bool(file_name.number))
    if template:
        return template
    if not has_status and strong < 2 and _is_index(text, outline):  # noqa: PLR2004 - context and decision
        return Phrase("an_index", "an index: it mostly lists links")
    identified = file_name.number is not None or file_name.day is not None or has_status
    if identified or strong > 1 or (strong and has_fields):
        return ""
    folder = posixpath.dirname(path)
    in_log = bool(_LOG_FOLDERS.search(folder)) or folder == ""
    if in_log and (strong or has_fields or any(section in SECTION_NAMES for section in sections)):
        return ""
    titles = " ".join(leaf.text for leaf in outline.leaves[:12] if leaf.kind == "heading")
    if _WORDS_OF_DECISIONS.search(titles + " " + stem.replace("-", " ").replace("_", " ")):
        return ""
    if _LOG_FOLDERS.search(folder):
        return ""
    return Phrase("not_a_decision", "not a decision: no number, status or section of a record was found")


def _is_page_name(stem: str, *, has_status: bool) -> bool:
    """Whether a name such as `000-index` or `adr-readme` is a page's."""
    words = [fold(word) for word in re.split(r"[\W_\d]+", stem) if word]
    page = any(word in _PAGES for word in words) and all(word in _PAGES | _TEMPLATE_FILLERS for word in words)
    return page and not has_status


def _template_reason(stem: str, text: str, *, has_status: bool, numbered: bool) -> str:
    words = [word for word in re.split(r"[\W_\d]+", stem) if word]
    named = any(fold(word) in _TEMPLATE_WORDS for word in words)
    if has_status and not named:
        return ""
    evidence = sum(len(pattern.findall(text[:20_000])[:4]) for pattern in _PLACEHOLDERS)
    called = named and all(fold(word) in _TEMPLATE_WORDS | _TEMPLATE_FILLERS for word in words)
    if called and (evidence or not has_status or not numbered):
        return Phrase("template_by_name", "a template, by its name")
    if named and evidence and not has_status:
        return Phrase("template_by_both", "a template: its name says so and its fields are placeholders")
    if evidence >= _TEMPLATE_EVIDENCE and not has_status:
        return Phrase("template_by_fields", "a template: its fields are placeholders")
    return ""


def _is_index(text: str, outline: Outline) -> bool:
    code = outline.code_lines()
    lines = [line for at, line in enumerate(text.split("\n")[:2000]) if line.strip() and at not in code]
    linked = sum(_LINK_LINE.match(line) is not None and ".md" in line for line in lines)
    return linked > 2 and linked > _INDEX_SHARE * len(lines)  # noqa: PLR2004 - two links are not a list
