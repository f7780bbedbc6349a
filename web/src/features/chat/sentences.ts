const SENTENCE_END = /[.!?…](?=[”"’)\]]*(?:\s|$))/gu;

/** The sentences that are complete, for assistive tools: words that still come would be read twice. */
export function completeSentences(text: string): string {
  const last = [...text.matchAll(SENTENCE_END)].at(-1);
  return last === undefined ? "" : text.slice(0, last.index + 1);
}
