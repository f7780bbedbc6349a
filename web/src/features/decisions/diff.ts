import { diffArrays, diffWordsWithSpace } from "diff";

export interface Span {
  kind: "same" | "added" | "removed";
  text: string;
}

export type DiffBlock =
  | { kind: "same"; text: string }
  | { kind: "added" | "removed"; spans: Span[] }
  /** Unchanged blocks that are not shown. */
  | { kind: "fold"; count: number; heading: string };

export interface TextDiff {
  blocks: DiffBlock[];
  wordsAdded: number;
  wordsRemoved: number;
}

/** Unchanged blocks shown before and after a change. */
const CONTEXT = 1;
/** Below this share of common text, two paragraphs are different ones and not one that changed. */
const ALIKE = 0.35;

/** Paragraphs, headings and whole code blocks, in order. */
export function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence = false;
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    if (/^\s*(?:```|~~~)/u.test(line)) fence = !fence;
    if (line.trim() === "" && !fence) {
      if (block.length > 0) blocks.push(block.join("\n"));
      block = [];
    } else block.push(line);
  }
  if (block.length > 0) blocks.push(block.join("\n"));
  return blocks;
}

function wordCount(text: string): number {
  return text.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

/** Word by word; a lone space between two changes belongs to both, so that a changed phrase stays one. */
function wordSpans(before: string, after: string): Span[] {
  const parts = diffWordsWithSpace(before, after).map(({ added, removed, value }): Span => ({
    kind: added ? "added" : removed ? "removed" : "same",
    text: value,
  }));
  return parts.flatMap((part, index): Span[] => {
    const lone = part.kind === "same" && part.text.trim() === "";
    const between = (parts[index - 1]?.kind ?? "same") !== "same" && (parts[index + 1]?.kind ?? "same") !== "same";
    if (!lone || !between) return [part];
    return [
      { kind: "removed", text: part.text },
      { kind: "added", text: part.text },
    ];
  });
}

function joined(spans: Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last?.kind === span.kind) last.text += span.text;
    else result.push({ ...span });
  }
  return result;
}

/** The same paragraph before and after, with the words that went and came; null when they have too little in common. */
function changedPair(before: string, after: string): { removed: Span[]; added: Span[] } | null {
  const spans = wordSpans(before, after);
  const common = spans.filter((span) => span.kind === "same").reduce((sum, span) => sum + span.text.length, 0);
  if (common < ALIKE * Math.max(before.length, after.length)) return null;
  return {
    removed: joined(spans.filter((span) => span.kind !== "added")),
    added: joined(spans.filter((span) => span.kind !== "removed")),
  };
}

function whole(kind: "added" | "removed", text: string): DiffBlock {
  return { kind, spans: [{ kind, text }] };
}

function changedRun(removed: string[], added: string[]): DiffBlock[] {
  const blocks: DiffBlock[] = [];
  const length = Math.max(removed.length, added.length);
  for (let index = 0; index < length; index += 1) {
    const before = removed[index];
    const after = added[index];
    const pair = before !== undefined && after !== undefined ? changedPair(before, after) : null;
    if (pair) blocks.push({ kind: "removed", spans: pair.removed }, { kind: "added", spans: pair.added });
    else {
      if (before !== undefined) blocks.push(whole("removed", before));
      if (after !== undefined) blocks.push(whole("added", after));
    }
  }
  return blocks;
}

function fold(blocks: DiffBlock[]): DiffBlock[] {
  const near = blocks.map((_, index) =>
    blocks.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((block) => block.kind !== "same"),
  );
  const folded: DiffBlock[] = [];
  for (const [index, block] of blocks.entries()) {
    const last = folded.at(-1);
    if (block.kind !== "same" || near[index] === true) folded.push(block);
    else if (last?.kind === "fold") last.count += 1;
    else folded.push({ kind: "fold", count: 1, heading: /^#+\s+(.+)$/mu.exec(block.text)?.[1] ?? "" });
  }
  return folded;
}

/** What changed between two texts, by paragraph and word, with what did not change folded away. */
export function diffTexts(before: string, after: string): TextDiff {
  const blocks: DiffBlock[] = [];
  let removed: string[] = [];
  for (const part of diffArrays(blocksOf(before), blocksOf(after))) {
    if (part.removed) removed = part.value;
    else {
      blocks.push(...changedRun(removed, part.added ? part.value : []));
      removed = [];
      if (!part.added) blocks.push(...part.value.map((text): DiffBlock => ({ kind: "same", text })));
    }
  }
  blocks.push(...changedRun(removed, []));
  const count = (kind: "added" | "removed") =>
    blocks
      .flatMap((block) => ("spans" in block ? block.spans : []))
      .filter((span) => span.kind === kind)
      .reduce((sum, span) => sum + wordCount(span.text), 0);
  return { blocks: fold(blocks), wordsAdded: count("added"), wordsRemoved: count("removed") };
}
