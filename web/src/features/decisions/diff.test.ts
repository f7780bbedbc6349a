import { expect, test } from "vitest";

import { blocksOf, diffTexts } from "./diff";

const BEFORE =
  "## Context\n\nOne.\n\nTwo.\n\nThree.\n\n## Decision\n\nKeys are rotated when a receiver asks, and the old key is revoked at once.\n\nEnd.";
const AFTER = BEFORE.replace("when a receiver asks", "every 30 days").replace("End.", "End.\n\nA line more.");

test("a changed paragraph shows the words that went and came, the rest is folded", () => {
  const { blocks, wordsAdded, wordsRemoved } = diffTexts(BEFORE, AFTER);
  expect(blocks.map((block) => block.kind)).toEqual(["fold", "same", "removed", "added", "same", "added"]);
  const gone = blocks.flatMap((block) =>
    block.kind === "removed" ? block.spans.filter((span) => span.kind === "removed") : [],
  );
  expect(gone.map((span) => span.text).join("")).toContain("when a receiver asks");
  expect([wordsAdded, wordsRemoved]).toEqual([6, 4]);
});

test("paragraphs with little in common are one that went and one that came", () => {
  const { blocks } = diffTexts("Cats sleep all day long.", "We will use an outbox with a relay instead.");
  expect(blocks.map((block) => ("spans" in block ? block.spans.length : 0))).toEqual([1, 1]);
});

test("the same text has no changes", () => {
  expect(diffTexts(BEFORE, BEFORE).blocks.every((block) => block.kind === "fold")).toBe(true);
});

test("a code block is one block, blank lines and all", () => {
  expect(blocksOf("a\n\n```sql\nselect 1;\n\nselect 2;\n```\n\nb")).toEqual([
    "a",
    "```sql\nselect 1;\n\nselect 2;\n```",
    "b",
  ]);
});
