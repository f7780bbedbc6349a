import { Fragment, type JSX, useMemo } from "react";

import type { Passage } from "@/api/gen/cairn/search/v1/search_pb";
import { type Range, readablePassage } from "@/text/passage";

interface Part {
  at: number;
  text: string;
  marked: boolean;
}

/** Cuts a text at its highlights; overlapping ones count once, and ones outside of the text not at all. */
export function markedParts(text: string, highlights: readonly Range[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const { start, end } of [...highlights].sort((a, b) => a.start - b.start)) {
    const from = Math.max(start, at);
    const to = Math.min(end, text.length);
    if (to <= from) continue;
    if (from > at) parts.push({ at, text: text.slice(at, from), marked: false });
    parts.push({ at: from, text: text.slice(from, to), marked: true });
    at = to;
  }
  if (at < text.length) parts.push({ at, text: text.slice(at), marked: false });
  return parts;
}

/** Where the quoted words stand in the passage; nothing where they were put otherwise. */
function rangeOf(text: string, quoted: string): Range[] {
  const pattern = quoted
    .trim()
    .split(/\s+/u)
    .map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`))
    .join(String.raw`\s+`);
  const match = pattern === "" ? null : new RegExp(pattern, "u").exec(text);
  return match ? [{ start: match.index, end: match.index + match[0].length }] : [];
}

interface PassageQuoteProps {
  passage: Passage;
  /** Words of the passage that were quoted: they are marked instead of the words that matched. */
  quoted?: string | undefined;
}

/** True when the words stand in the passage exactly as they were quoted. */
export function holdsQuote(passage: Passage, quoted: string): boolean {
  return rangeOf(readablePassage(passage.text, []).text, quoted).length > 0;
}

/** The words of a passage, with those that matched or were quoted. */
export function PassageQuote({ passage, quoted }: PassageQuoteProps): JSX.Element {
  const parts = useMemo(() => {
    if (quoted === undefined) {
      const { text, highlights } = readablePassage(passage.text, passage.highlights);
      return markedParts(text, highlights);
    }
    const { text } = readablePassage(passage.text, []);
    return markedParts(text, rangeOf(text, quoted));
  }, [passage, quoted]);
  return (
    <p className="quote">
      {parts.map((part) => (
        <Fragment key={part.at}>{part.marked ? <mark>{part.text}</mark> : part.text}</Fragment>
      ))}
    </p>
  );
}
