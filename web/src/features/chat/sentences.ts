const SENTENCE_END = /[.!?…](?=[”"’)\]]*(?:\s|$))/gu;

/** The sentences that are complete, for assistive tools: words that still come would be read twice. */
export function sentencesOf(text: string): string[] {
  const ends = [...text.matchAll(SENTENCE_END)].map((end) => end.index + 1);
  return ends.map((end, place) => text.slice(ends[place - 1] ?? 0, end));
}
