"""The words of records in five languages: names of fields, of sections, and of statuses."""

import re
import unicodedata
from functools import lru_cache

from cairn.decisions.formats.model import Status

# Field names by what they mean. The rank orders names for one field: a decision date beats a date of last change.
_FIELD_NAMES: dict[tuple[str, int], str] = {
    ("status", 0): """status; statut; state; estado; situacao; stato; decision status; adr status; current status;
        record status; entscheidungsstatus; statut de la decision; estado de la decision; status da decisao; zustand;
        record state; etat; stage; decision state; adr state""",
    ("date", 0): """date; decision date; date decided; decided; decided on; date of decision; datum; fecha; data;
        date de decision; date de la decision; entscheidungsdatum; fecha de decision; fecha de la decision;
        data da decisao; approval date; approved on; accepted on; date accepted; decided at; date approved;
        accepted; approved; entschieden am; decide le; adr date""",
    ("date", 1): """last modified; last updated; last update; updated at; modified; date updated; last change;
        derniere modification; mise a jour; zuletzt geandert; ultima actualizacion; ultima atualizacao; lastmod;
        date modified; last modified date; revised; stand""",
    (
        "date",
        2,
    ): """created; created at; created on; creation date; date created; proposed on; date proposed; start date;
        published; date de creation; erstellt; erstellt am; recorded on; recorded; creado; criado; submitted;
        issue date; opened; proposed""",
    ("deciders", 0): """deciders; decider; decision makers; decision maker; decided by; deciders s; decisionmakers;
        decideurs; decideur; entscheider; entscheidungstrager; entscheider innen; decisores; decisor; decision owners;
        decision taken by; entschieden von; decide par; decideur metier; decideurs metier; decididores;
        decision team""",
    ("deciders", 1): """approvers; approver; approved by; accepted by; ratified by; decision owner; accountable;
        approbateurs; genehmigt von; aprobadores; aprovadores; signatories""",
    ("deciders", 2): """author; authors; author s; auteur; auteurs; autor; autoren; autores; autora; submitters;
        submitter; submitted by; written by; proposed by; proposer; proposers; owner; owners; verfasser; redacteur;
        participants; created by; people; champion; driver; drivers; lead; editors; editor; responsible; contributors;
        adr author; decision driver""",
    ("deciders", 3): "contact; contacts; sponsor; stakeholders; shepherd",
    ("tags", 0): """tags; tag; labels; label; keywords; keyword; mots cles; schlagworter; schlagworte; etiquetas;
        palavras chave; palabras clave; etiquettes""",
    ("tags", 1): "categories; category; categorie; kategorie; kategorien; categoria; topics; topic; themes",
    ("supersedes", 0): """supersedes; supersede; supercedes; replaces; obsoletes; remplace; ersetzt; reemplaza;
        sustituye; substitui; supersedes adr; supersedes adrs; replaces adr; replaces adrs; superseded adrs""",
    ("superseded_by", 0): """superseded by; superceded by; replaced by; obsoleted by; remplace par; remplacee par;
        ersetzt durch; abgelost durch; reemplazado por; reemplazada por; sustituido por; substituido por;
        substituida por; superseded; supersededby; successor; superseded by adr; superseded with""",
    (
        "amends",
        0,
    ): """amends; amend; updates; modifies; amende; modifie; erganzt; andert; modifica; complements; complementa;
        refines; extends; amends adr; updates adr; clarifies""",
    ("amended_by", 0): """amended by; updated by; modified by; extended by; refined by; amende par; modifie par;
        erganzt durch; geandert durch; modificado por; clarified by""",
    ("depends_on", 0): """depends on; depend on; requires; dependencies; depends; depend de; hangt ab von; depende de;
        builds on; prerequisites; required adrs""",
    ("relates_to", 0): """relates to; related to; related; related adrs; related adr; related decisions; see also;
        related decision; linked adrs; related records; voir aussi; siehe auch; verwandte entscheidungen; relates;
        decisions liees; decisiones relacionadas; decisoes relacionadas; linked decisions""",
    ("review", 0): """review date; next review; next review date; date of next review; review by; review on; review due;
        revisit; revisit by; revisit on; revisit date; re evaluate by; re evaluate on; valid until; expires on;
        expiry date; date de revue; prochaine revue; date de revision; a revoir le; uberprufung; nachste uberprufung;
        uberprufung am; wiedervorlage; fecha de revision; proxima revision; revisar el; data de revisao;
        proxima revisao; revisar em""",
    ("review", 1): "review; revue; revisao",
    ("number", 0): "adr; number; adr number; adr id; id; record number; numero; nummer; no; decision number; rfc",
    ("title", 0): "title; titre; titel; titulo; name; adr title; decision title",
}

# Known names that carry no field of ours: they make a table or list a table of metadata all the same.
_OTHER_NAMES = """consulted; informed; technical story; related issue; ticket; tickets; scope; other docs; metadata;
    context; version; audience; reviewers; type; impact; priority; links; issue;
    pr; pull request; jira; revision; informiert; konsultiert; consultes; informes; discussion; parent; nav order"""

# Sections of decisions: one of these in a file is evidence that it is a record.
_SECTION_NAMES = """context; decision; consequences; context and problem statement; considered options;
        decision drivers;
    decision outcome; pros and cons of the options; options considered; problem statement; rationale; alternatives;
    alternatives considered; options; considered alternatives; the decision; decisions; implications; issue;
        assumptions;
    constraints; positions; argument; motivation; proposal; proposed design; design; contexte; decision prise; besoins;
    consequences de la decision; options considerees; alternatives envisagees; kontext; entscheidung; konsequenzen;
    folgen; problemstellung; begrundung; alternativen; betrachtete optionen; contexto; consecuencias; consequencias;
    decisao; alternativas; opciones consideradas; opcoes consideradas; justificacion; justificativa; what; why; how;
        goals;
    prologue; solution; forces; resulting context; outcome; background; abstract; specification; requirements; approach;
    trade offs; tradeoffs; drivers; chosen option; decision criteria; evaluation criteria; recommendation; gist;
    context and motivation; summary; introduction; overview; problem; references; conclusion; prior work; status;
    core decision; the core decision; key decisions; constat; pourquoi; decision rationale; non goals; risks;
    considerations; change log; referenced use case; referenced use cases; submitters; validation; confirmation"""
_STRONG_SECTION_NAMES = """context; decision; consequences; context and problem statement; considered options;
    decision drivers; decision outcome; options considered; considered alternatives; alternatives considered; contexte;
    kontext; entscheidung; konsequenzen; contexto; decisao; decisions; the decision; the core decision; core decision;
    key decisions; status; statut; rationale; positions; argument; proposed design; decision rationale; chosen option;
    consecuencias; consequencias; decision prise"""

_STATUS_WORDS: dict[Status, str] = {
    "accepted": """accepted; accept; approved; active; adopted; implemented; done; final; finalized; finalised; living;
        decided; agreed; ratified; enacted; completed; complete; confirmed; valid; effective; current; in force; in use;
        implementing; ongoing; merged; live; released; resolved; partially implemented; partially accepted; in effect;
        passed;
        accepte; acceptee; approuve; approuvee; adopte; adoptee; valide; validee; actif; active; en vigueur; implemente;
        acte; actee; retenu; retenue; mis en oeuvre; akzeptiert; angenommen; genehmigt; beschlossen; entschieden; aktiv;
        umgesetzt; gultig; freigegeben; verabschiedet; in kraft; aceptado; aceptada; aprobado; aprobada; adoptado;
        vigente;
        activo; activa; implementado; aceito; aceita; aceite; aprovado; aprovada; adotado; ativo; ativa; em vigor;
        accettato;
        accettata; approvato; approvata; working; settled; chosen; selected; finished; partially superseded;
        superseded in part; partly superseded; shipped; permanent; committed""",
    "proposed": """proposed; proposal; pending; open; review; in review; under review; in discussion; under discussion;
        discussion; discussing; discuss; rfc; in progress; last call; submitted; candidate; experimental; trial;
        requested;
        for review; ready for review; awaiting approval; under consideration; considering; deferred; postponed; on hold;
        propose; proposee; proposition; en discussion; en cours; en revue; a valider; en attente; a discuter;
        in bearbeitung;
        vorgeschlagen; vorschlag; offen; in diskussion; in prufung; zur diskussion; ausstehend; propuesto; propuesta;
        pendiente; en revision; proposto; proposta; pendente; em revisao; em discussao; em analise; provisional;
        not implemented;
        tentative; suggested; planned; evaluating; undecided; initial; new; reviewed""",
    "draft": """draft; drafting; wip; work in progress; idea; tbd; to be decided; to be determined; todo; brouillon;
        ebauche; entwurf; borrador; rascunho; bozza; concept; stub; incomplete; en redaction""",
    "rejected": """rejected; declined; withdrawn; abandoned; denied; refused; not accepted; not approved; cancelled;
        canceled; discarded; dropped; not recommended; closed; wontfix; vetoed; revoked; not implemented and rejected;
        rejete; rejetee; refuse; refusee; abandonne; abandonnee; non retenu; non retenue; annule; annulee; abgelehnt;
        verworfen; zuruckgezogen; rechazado; rechazada; descartado; descartada; rejeitado; rejeitada; recusado;
        abandonado; cancelado; rifiutato""",
    "deprecated": """deprecated; obsolete; retired; sunset; removed; stale; outdated; inactive; archived; expired;
        no longer valid; no longer relevant; no longer active; decommissioned; reversed; rolled back; out of date;
        depreciee; deprecie; depreciees; obsoletes; perime; perimee; caduc; veraltet; uberholt; obsolet; ausser kraft;
        aufgehoben; obsoleto; obsoleta; en desuso; descontinuado; depreciado; depreciada; historical""",
    "superseded": """superseded; superceded; superseeded; replaced; obsoleted; remplacee; remplace par; remplacee par;
        ersetzt durch; abgelost; abgelost durch; reemplazado; reemplazada; sustituido; sustituida; substituido;
        substituida; superado; superada; sostituito""",
}
# Stagnant is EIP's word for a proposal nobody pursues; it can be resumed.
_STATUS_WORDS["proposed"] += "; stagnant; dormant; paused"


def _split(words: str) -> list[str]:
    return [" ".join(word.split()) for word in words.split(";")]


FIELD_NAMES: dict[str, tuple[str, int]] = {
    name: target for target, names in reversed(_FIELD_NAMES.items()) for name in _split(names)
}
OTHER_NAMES = frozenset(_split(_OTHER_NAMES))
SECTION_NAMES = frozenset(_split(_SECTION_NAMES))
STRONG_SECTION_NAMES = frozenset(_split(_STRONG_SECTION_NAMES))
STATUS_WORDS: dict[str, Status] = {word: status for status, words in _STATUS_WORDS.items() for word in _split(words)}
STATUS_WORDS_LENGTH_MAX = max(len(word.split()) for word in STATUS_WORDS)

_NUMBERING = re.compile(r"^(?:\d{1,3}(?:\.\d{1,3}){0,3}[.):]?|[ivx]{1,4}[.)]|[a-z][.)])\s+")
_ODD_SIGNS = re.compile(r"[^a-z0-9 .)]")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case without accents, markup, emoji or numbering: what a name or word is compared by."""
    if text.isascii():
        kept = _ODD_SIGNS.sub(" ", text[:200].lower())
    else:
        decomposed = unicodedata.normalize("NFKD", text[:200].lower().replace("ß", "ss"))
        kept = "".join(c if c.isalnum() or c in " .)" else " " for c in decomposed if not unicodedata.combining(c))
    words = _NUMBERING.sub("", " ".join(kept.split()))
    return " ".join(words.replace(".", " ").replace(")", " ").split())
