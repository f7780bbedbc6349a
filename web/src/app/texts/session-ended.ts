import { catalogue } from "@/text/language";

const english = {
  ended: "Your session has ended.",
  kept: "What you wrote is kept in this browser. Sign in again in another tab, and go on here.",
  tryAgain: "I have signed in",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./session-ended.de") });
