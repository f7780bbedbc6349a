import { catalogue } from "@/text/language";

const english = {
  title: "Reviews due",
  asList: "As a list",
  today: "Today",
  late: (ref: string) => `${ref} late`,
  review: (ref: string, title: string, day: string) => `${ref}, ${title}: to be reviewed on ${day}`,
  reviewLate: (ref: string, title: string, day: string) => `${ref}, ${title}: was to be reviewed on ${day}`,
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./horizon.de") });
