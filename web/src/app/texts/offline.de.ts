import type { Texts } from "./offline";

export const texts: Texts = {
  offline: "Es besteht keine Netzverbindung.",
  kept: "Was Sie schreiben, bleibt als Entwurf in diesem Browser; was zu sehen ist, kann älter sein, als es aussieht.",
};
