import { language } from "./language";
import { t } from "./phrases";

let coming: Promise<void> | undefined;

/** Resolves when the server's sentences can be said in the page's language. They are many, and most visits meet none. */
export function phrasesReady(): Promise<void> {
  if (language === "en") return Promise.resolve();
  coming ??= import("./phrases.de").then(
    ({ texts }) => void Object.assign(t, texts),
    // What the server said is shown in English then, and the next sentence asks again.
    () => void (coming = undefined),
  );
  return coming;
}
