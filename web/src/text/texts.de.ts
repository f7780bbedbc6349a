import type { Texts } from "./texts";

export const texts: Texts = {
  table: "Tabelle",
  supersededBy: "Abgelöst durch",
  picture: "Bild",
  pictureNotLoaded: (name) => `${name} (Bild, nicht geladen)`,
  footnotes: "Fußnoten",
  backToText: "Zurück zum Text",
  diagram: (kind) => `Diagramm: ${kind}. Sein Text steht darunter.`,
  diagramAsText: "Das Diagramm als Text",
  diagramFailed: (why) => `Dieses Diagramm ließ sich nicht zeichnen, darum steht hier sein Text. ${why}`,
};
