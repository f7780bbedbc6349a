import { catalogue } from "@/text/language";

const english = {
  format: "Format",
  bold: "Bold",
  italic: "Italic",
  heading: "Heading",
  list: "List",
  quote: "Quotation",
  code: "Code",
  link: "Link a decision",
  picture: "Picture",
  pictureBytes: (kilobytes: number) => `picture, ${kilobytes} KB`,
  pictureRefused: (name: string) =>
    `${name} was not taken. A picture must be PNG, JPEG, GIF or WebP, below 25 MB, and small once it is shrunk.`,
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./editor.de") });
