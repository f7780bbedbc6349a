import { catalogue } from "@/text/language";

const english = {
  unloaded: "This page could not be loaded. Check the connection, then load it again.",
};

export type Texts = typeof english;

export const t = catalogue(english, { de: () => import("./first-sight.de") });
