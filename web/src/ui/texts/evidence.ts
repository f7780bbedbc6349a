import { catalogue } from "@/text/language";

const english = { read: "Read", guess: "Guessed", miss: "Missing" };

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./evidence.de") });
