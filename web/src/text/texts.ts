import { catalogue } from "./language";

/** What a rendered record says of itself. */
const english = {
  table: "Table",
  supersededBy: "Superseded by",
  picture: "Picture",
  pictureNotLoaded: (name: string) => `${name} (picture, not loaded)`,
  footnotes: "Footnotes",
  backToText: "Back to the text",
  diagram: (kind: string) => `Diagram: ${kind}. Its text stands below.`,
  diagramAsText: "The diagram as text",
  diagramFailed: (why: string) => `This diagram could not be drawn, so its text stands here. ${why}`,
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./texts.de") });
