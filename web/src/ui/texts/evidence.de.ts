import type { Texts } from "./evidence";

export const texts: Texts = { read: "Gelesen", guess: "Vermutet", miss: "Fehlt" };
