export interface Range {
  start: number;
  end: number;
}

export interface ReadablePassage {
  text: string;
  highlights: Range[];
}

/** How far into a passage a match may stand before the quotation begins nearer to it. */
const LEAD = 180;

/** Stretches of Markdown that a quotation does not need: signs, link targets, headings, comments, wrapping. */
const SIGNS = [
  /<!--[\s\S]*?-->/gu,
  /^#{1,6}[^\n]*(?:\n|$)/gmu,
  /^(?:```|~~~)[^\n]*(?:\n|$)/gmu,
  /\*\*|__|`+/gu,
  /(?<![\w*])\*(?=[^\s*])|(?<=[^\s*])\*(?![\w*])/gu,
  /^\s*\|[\s:|-]+\|\s*(?:\n|$)/gmu,
  /^\s*\|\s?|\s?\|[ \t]*$/gmu,
  /!?\[(?=[^\]\n]*\]\([^)\n]*\))/gu,
  /(?<=\[[^\]\n]*)\]\([^)\n]*\)/gu,
  /^\s*\n/gmu,
];

function signsIn(text: string): Range[] {
  const found = SIGNS.flatMap((sign) =>
    [...text.matchAll(sign)].map((match) => ({ start: match.index, end: match.index + match[0].length })),
  ).sort((a, b) => a.start - b.start || b.end - a.end);
  const merged: Range[] = [];
  for (const range of found) {
    const last = merged.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else if (range.end > range.start) merged.push({ ...range });
  }
  return merged;
}

/** Takes the ranges out of the text, and moves the highlights with the words they mark. */
function without(text: string, removed: Range[], highlights: readonly Range[]): ReadablePassage {
  const moved = (at: number) =>
    at - removed.reduce((sum, { start, end }) => sum + Math.max(0, Math.min(at, end) - start), 0);
  let kept = "";
  let from = 0;
  for (const { start, end } of removed) {
    kept += text.slice(from, start);
    from = end;
  }
  kept += text.slice(from);
  return {
    text: kept,
    highlights: highlights
      .map(({ start, end }) => ({ start: moved(start), end: moved(end) }))
      .filter(({ start, end }) => end > start),
  };
}

/** A line that only wraps a paragraph goes on after a space; list items and table rows keep theirs. */
function unwrapped(text: string): string {
  return text
    .replaceAll(/\n(?!\s*(?:[-*+|>]|\d+[.)])\s)/gu, " ")
    .replaceAll(/^(\s*)[-*+](?=\s)/gmu, "$1•")
    .replaceAll(" | ", " · ");
}

/** Begins a long quotation at the sentence before its first match. */
function nearMatch({ text, highlights }: ReadablePassage): ReadablePassage {
  const first = highlights[0];
  if (first === undefined || first.start <= LEAD) return { text, highlights };
  const before = text.slice(0, first.start);
  const sentence = Math.max(before.lastIndexOf(". "), before.lastIndexOf("\n"), before.lastIndexOf("| ")) + 1;
  const cut =
    sentence > 0 && first.start - sentence < LEAD ? sentence : before.lastIndexOf(" ", first.start - LEAD / 2) + 1;
  const rest = text.slice(cut);
  const spaces = rest.length - rest.trimStart().length;
  const shift = cut + spaces - 2;
  return {
    text: `… ${rest.trimStart()}`,
    highlights: highlights
      .map(({ start, end }) => ({ start: start - shift, end: end - shift }))
      .filter(({ start }) => start >= 2),
  };
}

/** A passage as a person quotes it: the words without the signs, from where they matter. */
export function readablePassage(text: string, highlights: readonly Range[]): ReadablePassage {
  const sorted = [...highlights].sort((a, b) => a.start - b.start);
  const plain = without(text, signsIn(text), sorted);
  const readable = nearMatch({ ...plain, text: unwrapped(plain.text.trimEnd()) });
  return readable.text === "" ? { text, highlights: sorted } : readable;
}
