import { catalogue } from "@/text/language";

const english = { asBoard: "Show as a board", asTable: "Show as a table" };

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./views.de") });
