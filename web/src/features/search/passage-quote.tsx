import { Fragment, type JSX } from "react";

import type { Passage } from "@/api/gen/cairn/search/v1/search_pb";

interface Part {
  at: number;
  text: string;
  marked: boolean;
}

/** Cuts a text at its highlights; overlapping ones count once, and ones outside of the text not at all. */
export function markedParts(text: string, highlights: readonly { start: number; end: number }[]): Part[] {
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

/** Line breaks that only wrap a paragraph become spaces; the length stays, and so the highlights. */
function unwrapped(text: string): string {
  return text.replaceAll(/\n(?!\s*(?:[-*+|>#]|\d+[.)]|\n|$))(?<!\n\n)/gu, " ");
}

/** The words without the signs of Markdown, which a quotation does not need. */
function plain(text: string): string {
  return text
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .replaceAll(/\*\*|__|`+/gu, "")
    .replaceAll(/^#{1,6}\s+/gmu, "");
}

/** The words of a passage, with those that matched. */
export function PassageQuote({ passage }: { passage: Passage }): JSX.Element {
  return (
    <p className="quote">
      {markedParts(unwrapped(passage.text), passage.highlights).map((part) => (
        <Fragment key={part.at}>{part.marked ? <mark>{plain(part.text)}</mark> : plain(part.text)}</Fragment>
      ))}
    </p>
  );
}
