import { diff3Merge } from "node-diff3";

import type { Draft } from "./drafts";

export interface Merged {
  draft: Draft;
  /** Places where both changed the same lines; the text marks them. */
  conflicts: number;
}

const MARKS = { mine: "<<<<<<< mine", middle: "=======", theirs: ">>>>>>> theirs" };

function mergeTexts(mine: string, base: string, theirs: string): { text: string; conflicts: number } {
  const lines: string[] = [];
  let conflicts = 0;
  // The server keeps no blank lines at the end; that they are missing is nobody's change.
  const linesOf = (text: string) => text.trimEnd().split("\n");
  const regions = diff3Merge(linesOf(mine), linesOf(base), linesOf(theirs), { excludeFalseConflicts: true });
  for (const region of regions) {
    if (region.ok) lines.push(...region.ok);
    if (region.conflict) {
      conflicts += 1;
      lines.push(MARKS.mine, ...region.conflict.a, MARKS.middle, ...region.conflict.b, MARKS.theirs);
    }
  }
  return { text: `${lines.join("\n")}\n`, conflicts };
}

/** Both changes to one text. Where only one side changed something, that side holds; a field that both changed is mine. */
export function mergeDrafts(mine: Draft, base: Draft, theirs: Draft): Merged {
  const { text, conflicts } = mergeTexts(mine.body, base.body, theirs.body);
  const field = <Key extends keyof Draft>(key: Key): Draft[Key] => (mine[key] === base[key] ? theirs[key] : mine[key]);
  return {
    draft: {
      title: field("title"),
      status: field("status"),
      decidedOn: field("decidedOn"),
      deciders: field("deciders"),
      tags: field("tags"),
      paths: field("paths"),
      components: field("components"),
      categories: field("categories"),
      body: text,
      message: mine.message,
    },
    conflicts,
  };
}
