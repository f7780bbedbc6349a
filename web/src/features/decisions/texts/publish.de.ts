import { plural } from "@/text/language";

import type { Texts } from "./publish";

export const texts: Texts = {
  title: "Öffentliche Seiten",
  unread: "Es konnte nicht gelesen werden, wer dieses Protokoll sieht.",
  what: "Leser ohne Konto sehen entschiedene Einträge unter einer eigenen Adresse. Entwürfe und Vorschläge werden nie gezeigt.",
  address: "Adresse",
  addressHint: "Kleine Buchstaben, Ziffern und Bindestriche",
  show: "Was Leser sehen",
  whole: "Jeden entschiedenen Eintrag",
  chosen: "Nur einzeln veröffentlichte Einträge",
  indexed: "Suchmaschinen dürfen die Seiten finden",
  publish: "Protokoll veröffentlichen",
  save: "Speichern",
  withdraw: "Zurücknehmen",
  published: "Das Protokoll ist öffentlich.",
  saved: "Die öffentlichen Seiten wurden geändert.",
  withdrawn: "Das Protokoll ist nicht mehr öffentlich.",
  notPublished: "Das Protokoll wurde nicht veröffentlicht.",
  notWithdrawn: "Es ist noch öffentlich.",
  undo: "Rückgängig",
  seen: (records) =>
    plural(records, {
      one: "Leser sehen # Eintrag unter <a>seiner Adresse</a>.",
      other: "Leser sehen # Einträge unter <a>ihrer Adresse</a>.",
    }),
  record: "Öffentliche Seite",
  recordSeen: (version) => `Leser sehen <a>Version ${version}</a>.`,
  newer: (version) => `Version ${version} veröffentlichen`,
  publishRecord: "Eintrag veröffentlichen",
  recordHidden: "Leser sehen ihn nicht.",
  recordPublished: (ref) => `${ref} ist öffentlich.`,
  recordWithdrawn: (ref) => `${ref} ist nicht mehr öffentlich.`,
  recordNot: (ref) => `Wer ${ref} sieht, wurde nicht geändert.`,
};
