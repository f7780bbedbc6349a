import { type Phrase, PhraseSchema } from "@/api/gen/cairn/text/v1/text_pb";
import { statusFromKey, statusName } from "@/ui/status";
import { longDate } from "@/ui/time";

import type { Texts } from "./phrases";

const FORMS: Readonly<Record<string, (value: string) => string>> = {
  day: longDate,
  /** A status within a sentence. */
  status: (key) => {
    const found = statusFromKey(key);
    return found === undefined ? key : statusName(found).toLowerCase();
  },
};

/** The server's sentences by their codes; `tests/unit/kernel/test_phrases.py` holds that none is missing. */
const PHRASES: Readonly<Record<string, string>> = {
  number_taken: "{ref} ist auch die Nummer von „{title}“{place}.",
  no_number: "{ref} hat keine Nummer; andere Einträge des Protokolls haben eine.",
  number_missing: "Nummer {first} fehlt{among}.",
  numbers_missing: "Die Nummern {first} bis {last} fehlen{among}.",
  link_lost: "{ref} verweist auf „{target}“; dort steht kein Eintrag.",
  link_to_deleted: "{ref} verweist auf „{target}“; der Eintrag ist gelöscht.",
  link_may_mean: "{ref} verweist auf „{target}“; dort steht kein Eintrag. Gemeint sein kann {other} ({title}).",
  superseded_unawares: "{ref} löst {old} ab; dort heißt es weiterhin angenommen und nichts davon.",
  supersedes_unawares: "{old} nennt sich abgelöst durch {ref}; {ref} sagt davon nichts.",
  no_successor: "{ref} ist abgelöst, und kein Eintrag ist bekannt, der an die Stelle tritt.",
  successor_open: "{ref} ist abgelöst, doch {other}, der ablösende Eintrag, ist {status as status}.",
  mutual: "{ref} und {other} lösen einander ab.",
  words_disagree: "{ref} ist {status as status}, doch im Text steht „{words}“.",
  approvals_lacking: "{ref} ist angenommen mit {given} von {needed} Zustimmungen.",
  review_past: "{ref} war am {day as day} zu überprüfen.",
  unlinked: "Kein Eintrag verweist auf {ref}, und von dort führt kein Verweis weiter.",
  in_order_by_now: "Das ist inzwischen in Ordnung oder wurde so gelassen. Prüfen Sie noch einmal.",
  done_left: "so gelassen",
  done_related: "die Beziehung ist festgehalten",
  done_linked: "der Link führt jetzt dorthin",
  done_postponed: "die Überprüfung ist am {day as day} fällig",
  done_status: "jetzt {status as status}",
  done_nothing: "nichts war mehr zu ändern",
  done_renumbered: "heißt jetzt {ref}",
  done_already: "schon {status as status}",
  done_words_gone: "die Worte sind entfernt",
  too_long: "Die Datenbank brauchte zu lange. Versuchen Sie es noch einmal. Anfrage {request}.",
  changed_at_once: "Andere haben im selben Augenblick dasselbe geändert. Nichts wurde geändert; versuchen Sie es noch einmal. Anfrage {request}.",
  database_away: "Die Datenbank antwortet nicht. Nichts wurde geändert; versuchen Sie es gleich noch einmal. Anfrage {request}.",
  our_fault: "Bei uns ist etwas schiefgegangen. Nichts wurde geändert. Anfrage {request}.",
};

/** `{name}` is the value as it came, `{name as form}` what it means. */
function fill(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replaceAll(/\{(\w+)(?: as (\w+))?\}/gu, (_, name: string, form: string | undefined) => {
    const value = values[name] ?? "";
    return form === undefined ? value : (FORMS[form]?.(value) ?? value);
  });
}

function said(phrase: Phrase | undefined): string | undefined {
  const sentence = phrase && PHRASES[phrase.code];
  return sentence === undefined ? undefined : fill(sentence, phrase?.values ?? {});
}

export const texts: Texts = {
  // A server newer than the page: what it says in English is better than nothing.
  said: (sentence, phrase) => said(phrase) ?? sentence,
  error: (error) => said(error.findDetails(PhraseSchema)[0]),
};
