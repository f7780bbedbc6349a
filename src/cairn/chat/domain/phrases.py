"""What Cairn itself says in an answer, around the words of records and models, in the languages of the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences of one language. Those in two forms are for one and for `{count}`."""

    as_of: str
    extracts: tuple[str, str]
    silent: str
    nearest: str
    removed: tuple[str, str]
    repaired: tuple[str, str]
    unquoted: tuple[str, str]
    uncited: str
    unsupported: str
    superseded_by: str
    standings: Mapping[str, str]
    day: str

    def write_day(self, day: date) -> str:
        """Return a day as answers write it."""
        return format(day, self.day)

    def stand(self, status: str, successor_ref: str | None) -> str:
        """Say where a record stands."""
        if status == "superseded" and successor_ref is not None:
            return self.superseded_by.format(ref=successor_ref)
        return self.standings.get(status, status)


def count(forms: tuple[str, str], number: int) -> str:
    """Return the form for a number of things."""
    return forms[number != 1].format(count=number)


ENGLISH = Phrases(
    as_of="As of {day}. ",
    extracts=("What the record says:\n\n", "What {count} records say:\n\n"),
    silent="The logs do not say. No record speaks about this clearly enough to quote.",
    nearest="\n\nThe nearest records, which may be about something else:\n",
    removed=(
        "One citation in this answer named no passage that was found, and was removed.",
        "{count} citations in this answer named no passage that was found, and were removed.",
    ),
    repaired=(
        "One citation named another passage than the one quoted, and now names the right one.",
        "{count} citations named another passage than the one quoted, and now name the right one.",
    ),
    unquoted=(
        "One quotation stood in no passage that was found, and lost its quotation marks.",
        "{count} quotations stood in no passage that was found, and lost their quotation marks.",
    ),
    uncited="This answer cites no passage. Nothing in it is confirmed by the logs.",
    unsupported="In no cited passage: {names}.",
    superseded_by="superseded by {ref}",
    standings={
        "draft": "a draft, not decided",
        "proposed": "proposed, not decided",
        "accepted": "accepted",
        "rejected": "rejected",
        "deprecated": "deprecated, no longer in force",
    },
    day="%Y-%m-%d",
)

GERMAN = Phrases(
    as_of="Stand {day}. ",
    extracts=("Das sagt der Eintrag:\n\n", "Das sagen {count} Einträge:\n\n"),
    silent="Die Protokolle sagen es nicht. Kein Eintrag spricht deutlich genug davon, um ihn zu zitieren.",
    nearest="\n\nDie nächsten Einträge, die von etwas anderem handeln können:\n",
    removed=(
        "Ein Verweis in dieser Antwort nannte keine gefundene Stelle und wurde entfernt.",
        "{count} Verweise in dieser Antwort nannten keine gefundene Stelle und wurden entfernt.",
    ),
    repaired=(
        "Ein Verweis nannte eine andere als die zitierte Stelle und nennt jetzt die richtige.",
        "{count} Verweise nannten eine andere als die zitierte Stelle und nennen jetzt die richtige.",
    ),
    unquoted=(
        "Ein Zitat stand in keiner gefundenen Stelle und verlor seine Anführungszeichen.",
        "{count} Zitate standen in keiner gefundenen Stelle und verloren ihre Anführungszeichen.",
    ),
    uncited="Diese Antwort nennt keine Stelle. Nichts darin ist durch die Protokolle bestätigt.",
    unsupported="In keiner der genannten Stellen: {names}.",
    superseded_by="abgelöst durch {ref}",
    standings={
        "draft": "ein Entwurf, nicht entschieden",
        "proposed": "vorgeschlagen, nicht entschieden",
        "accepted": "angenommen",
        "rejected": "abgelehnt",
        "deprecated": "veraltet, nicht mehr in Kraft",
        "superseded": "abgelöst",
    },
    day="%d.%m.%Y",
)

_BY_LANGUAGE = {"de": GERMAN}


def phrases_in(language: str) -> Phrases:
    """Return the phrases for a BCP 47 tag (`de`, `de-CH`): English ones where Cairn does not speak the language."""
    return _BY_LANGUAGE.get(language.split("-", 1)[0].lower(), ENGLISH)
