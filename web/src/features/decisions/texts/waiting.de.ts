import { InboxKind } from "@/api/gen/cairn/decisions/v1/review_pb";
import { plural } from "@/text/language";

import type { Texts } from "./waiting";

export const texts: Texts = {
  act: {
    [InboxKind.UNSPECIFIED]: "Öffnen",
    [InboxKind.REVIEW]: "Überprüfen",
    [InboxKind.APPROVAL]: "Lesen, zustimmen",
    [InboxKind.COMMENT]: "Antworten",
    [InboxKind.CHANGE]: "Änderung ansehen",
  },
  review: (days) =>
    days === 0
      ? "ist seit heute zur Überprüfung fällig: Bestätigen oder ändern Sie ihn."
      : plural(days, {
          one: "ist seit # Tag zur Überprüfung fällig: Bestätigen oder ändern Sie ihn.",
          other: "ist seit # Tagen zur Überprüfung fällig: Bestätigen oder ändern Sie ihn.",
        }),
  approval: (lacking) =>
    plural(lacking, { one: "braucht noch # Zustimmung.", other: "braucht noch # Zustimmungen." }),
  comment: (open) => plural(open, { one: "hat # offene Diskussion.", other: "hat # offene Diskussionen." }),
  change: (versions) =>
    plural(versions, {
      one: "hat sich geändert: # Version, seit Sie zuletzt nachgesehen haben.",
      other: "hat sich geändert: # Versionen, seit Sie zuletzt nachgesehen haben.",
    }),
};
