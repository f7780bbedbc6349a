import { number, plural } from "@/text/language";
import { longDate } from "@/ui/time";

import type { Texts } from "./search";

export const texts: Texts = {
  heading: "Suche",
  title: (query) => `${query} · Suche`,
  box: "In allen Entscheidungen suchen",
  hint: "Wörter oder das Gemeinte",
  by: "Suchweise",
  modes: { hybrid: "Beides", words: "Wörter", meaning: "Sinn" },
  found: (decisions) => plural(decisions, { one: "# Entscheidung", other: "# Entscheidungen" }),
  straight: "Direkt zu",
  notices: {
    unknown_field: (field) => `Kein Feld heißt ${field}; es wurde als Wort gesucht.`,
    not_ready: () => "Die Suche nach dem Sinn ist noch nicht bereit; das sind die Treffer nach Wörtern.",
    not_word_for_word: () =>
      "Kein Eintrag sagt wörtlich, was in Anführungszeichen steht; diese Treffer enthalten seine Wörter.",
    phrases_limited: (records = "") =>
      `Wortfolgen wurden in den besten ${number(Number(records))} Einträgen gesucht, die ihre Wörter enthalten.`,
    not_reranked: (model, reason) => `Nicht neu geordnet durch ${model}: ${reason}.`,
    as_of: (day = "") => `Wie die Protokolle am Ende des ${longDate(day)} waren.`,
    as_of_limited: (changed = "", searched = "") =>
      `${number(Number(changed))} Einträge haben sich seither geändert; ${number(Number(searched))} davon wurden durchsucht.`,
  },
  didYouMean: (query) => `Meinten Sie <a>${query}</a>?`,
  failed: "Die Suche ist nicht gelaufen.",
  beginTitle: "Den Text jeder Entscheidung durchsuchen",
  begin:
    "Die Suche nach Wörtern findet, was geschrieben steht, die nach dem Sinn, was gemeint ist; beide zusammen finden am meisten.",
  nothing: "Nichts gefunden",
  nothingWhy: (query) => `Keine Stelle beantwortet „${query}“. Vielleicht helfen weniger oder andere Wörter.`,
  nothingNarrowed: (query) =>
    `Keine Stelle beantwortet „${query}“. Vielleicht helfen weniger oder andere Wörter oder eine breitere Suche.`,
  widen: "Überall suchen",
  askInstead: "Stattdessen fragen",
  discussion: (author) => `Diskussion, ${author}`,
  supersededBy: (ref) => `abgelöst durch <a>${ref}</a>`,
  foundBy: {
    words: "gefunden nach Wörtern",
    meaning: "gefunden nach dem Sinn",
    both: "gefunden nach Wörtern und Sinn",
  },
  inPlace: "anstelle eines Treffers, den er ablöst",
  whyHere: "Warum hier",
  legs: {
    record_words: "Wörter des ganzen Eintrags",
    passage_words: "Wörter einer Stelle",
    neighbours: "Wörter, die beieinanderstehen",
    title_words: "Wörter des Titels",
    meaning: "Sinn",
    reranker: "ein Modell, das die Stelle gelesen hat",
    links: "Einträge, mit denen er verbunden ist",
    standing: "ob er in Kraft ist",
    log: "was sein Protokoll sonst dazu sagt",
    successor: "er löst einen Treffer ab",
    name: "seine Nummer oder sein Name",
  },
  facets: "Merkmale",
  fields: { status: "Status", log: "Protokoll", tag: "Schlagwort", year: "Entschieden" },
};
