import type { Texts } from "./session-ended";

export const texts: Texts = {
  ended: "Ihre Sitzung ist abgelaufen.",
  kept: "Was Sie geschrieben haben, bleibt in diesem Browser. Melden Sie sich in einem anderen Tab neu an, und machen Sie hier weiter.",
  tryAgain: "Ich bin angemeldet",
};
