"""A status in five languages, from each place that can carry one; its wording stays beside the status."""

import pytest

from cairn.decisions.formats.reader import read_file

WORDS = {
    "English": ("Draft", "Proposed", "Accepted", "Rejected", "Deprecated", "Superseded"),
    "French": ("Brouillon", "Proposé", "Accepté", "Rejeté", "Obsolète", "Remplacé"),
    "German": ("Entwurf", "Vorgeschlagen", "Angenommen", "Abgelehnt", "Veraltet", "Abgelöst"),
    "Spanish": ("Borrador", "Propuesta", "Aceptada", "Rechazada", "Obsoleta", "Reemplazada"),
    "Portuguese": ("Rascunho", "Proposto", "Aceito", "Rejeitado", "Obsoleto", "Substituído"),
}
NAMES = {"English": "Status", "French": "Statut", "German": "Status", "Spanish": "Estado", "Portuguese": "Situação"}
STATUSES = ("draft", "proposed", "accepted", "rejected", "deprecated", "superseded")
BODIES = {
    "English": "## Context\n\nWhy.\n\n## Decision\n\nDo.\n",
    "French": "## Contexte\n\nPourquoi.\n\n## Décision\n\nFaire.\n",
    "German": "## Kontext\n\nWarum.\n\n## Entscheidung\n\nTun.\n",
    "Spanish": "## Contexto\n\nPor qué.\n\n## Decisión\n\nHacer.\n",
    "Portuguese": "## Contexto\n\nPor quê.\n\n## Decisão\n\nFazer.\n",
}
CARRIERS = {
    "section": "# 7. X\n\n## {name}\n\n{word}\n\n{body}",
    "numbered section": "# 7. X\n\n## 1.1 {name}\n\n{word}\n\n{body}",
    "heading": "# 7. X\n\n## {name}: {word}\n\n{body}",
    "bullet": "# 7. X\n\n* {name}: {word}\n\n{body}",
    "bold bullet": "# 7. X\n\n- **{name}:** {word}\n\n{body}",
    "bold line": "# 7. X\n\n**{name}** : {word}\n\n{body}",
    "bold heading": "# 7. X\n\n**{name}**\n\n{word}\n\n{body}",
    "line": "# 7. X\n\n{name}: {word}\n\n{body}",
    "quote": "# 7. X\n\n> {name}: {word}\n\n{body}",
    "table": "# 7. X\n\n| {name} | {word} |\n|---|---|\n\n{body}",
    "table below": "# 7. X\n\n| {name} | Date |\n|---|---|\n| {word} | 2024-05-06 |\n\n{body}",
    "front matter": "---\n{name}: {word}\n---\n# 7. X\n\n{body}",
    "TOML": '+++\n{key} = "{word}"\n+++\n# 7. X\n\n{body}',
    "HTML": "# 7. X\n\n<p><b>{name}:</b> {word}</p>\n\n{body}",
}
CASES = [
    pytest.param(carrier, language, at, id=f"{language} {STATUSES[at]} {carrier}")
    for carrier in CARRIERS
    for language in WORDS
    for at in range(len(STATUSES))
]


@pytest.mark.parametrize(("carrier", "language", "at"), CASES)
def test_a_status_in_five_languages_from_any_carrier(carrier: str, language: str, at: int) -> None:
    word, name = WORDS[language][at], NAMES[language]
    key = "situacao" if language == "Portuguese" else name.lower()
    text = CARRIERS[carrier].format(name=name, key=key, word=word, body=BODIES[language])

    found = read_file("adr/0007-x.md", text.encode())

    assert (found.kind, found.status, found.status_text) == ("record", STATUSES[at], word)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Superseded by ADR-0009", "superseded"),
        ("Remplacé par ADR-0009", "superseded"),
        ("Ersetzt durch ADR-0009", "superseded"),
        ("Reemplazada por ADR-0009", "superseded"),
        ("Substituída por ADR-0009", "superseded"),
    ],
)
def test_the_successor_in_five_languages(text: str, status: str) -> None:
    found = read_file("adr/0007-x.md", f"# 7. X\n\n* Status: {text}\n\n{BODIES['English']}".encode())

    assert (found.status, found.status_text) == (status, text)
    assert [(link.kind, link.target, link.reverse) for link in found.links] == [("supersedes", "ADR-0009", True)]


@pytest.mark.parametrize(
    ("text", "status", "wording"),
    [
        ("✅ Accepted", "accepted", "✅ Accepted"),
        ("🟢", "accepted", "🟢"),
        ("![](https://img.shields.io/badge/status-deprecated-red)", "deprecated", None),
        ("Accepted ~~Proposed~~ _(2024-05-06, by the board)_", "accepted", None),
        ("`accepted`", "accepted", "`accepted`"),
    ],
)
def test_the_wording_is_kept_as_written(text: str, status: str, wording: str | None) -> None:
    found = read_file("adr/0007-x.md", f"# 7. X\n\n## Status\n\n{text}\n\n{BODIES['English']}".encode())

    assert (found.status, found.status_text) == (status, wording or text)
