import type { Texts } from "./editor";

export const texts: Texts = {
  format: "Auszeichnen",
  bold: "Fett",
  italic: "Kursiv",
  heading: "Überschrift",
  list: "Liste",
  quote: "Zitat",
  code: "Code",
  link: "Entscheidung verlinken",
  picture: "Bild",
  pictureBytes: (kilobytes) => `Bild, ${kilobytes} KB`,
  pictureRefused: (name) =>
    `${name} wurde nicht übernommen. Ein Bild muss PNG, JPEG, GIF oder WebP sein, kleiner als 25 MB, und verkleinert klein genug.`,
};
