import type { Texts } from "./first-sight";

export const texts: Texts = {
  unloaded: "Diese Seite konnte nicht geladen werden. Prüfe die Verbindung und lade sie neu.",
};
