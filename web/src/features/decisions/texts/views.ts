import { catalogue } from "@/text/language";

const english = {
  saveView: "Save this view",
  removeView: "Remove this view",
  viewGone: (name: string) => `The view “${name}” is gone.`,
  viewStays: (why: string) => `The view stays. ${why}`,
  viewNotBack: (why: string) => `The view was not brought back. ${why}`,
  undo: "Undo",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./views.de") });
