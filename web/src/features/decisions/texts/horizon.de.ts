import type { Texts } from "./horizon";

export const texts: Texts = {
  title: "Anstehende Prüfungen",
  asList: "Als Liste",
  today: "Heute",
  late: (ref) => `${ref} verspätet`,
  review: (ref, title, day) => `${ref}, ${title}: zu prüfen am ${day}`,
  reviewLate: (ref, title, day) => `${ref}, ${title}: war am ${day} zu prüfen`,
};
