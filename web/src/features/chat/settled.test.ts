import { expect, test } from "vitest";

import { renderMarkdown } from "@/text/markdown";

import { settledBlocks } from "./settled";

const ANSWER = `The **manifest** decides [1].

## What follows

- One asks.

- Another waits.

  Its second paragraph.

| a | b |
|---|---|
| 1 | 2 |

\`\`\`python
first = 1

## no heading
\`\`\`

1. One.

2. Two.

The end.`;

test("the blocks and the tail are the text", () => {
  for (let length = 0; length <= ANSWER.length; length += 1) {
    const { blocks, tail } = settledBlocks(ANSWER.slice(0, length));
    expect(blocks.join("") + tail).toBe(ANSWER.slice(0, length));
  }
});

test("drawn one by one they are what the whole is", () => {
  const { blocks, tail } = settledBlocks(ANSWER);
  expect(blocks).toHaveLength(4);
  const drawn = [...blocks, tail].map((block) => renderMarkdown(block).html).join("");
  expect(drawn.replaceAll("\n", "")).toBe(renderMarkdown(ANSWER).html.replaceAll("\n", ""));
});

test("what was settled stays so, whatever comes", () => {
  let before: string[] = [];
  for (let length = 0; length <= ANSWER.length; length += 1) {
    const { blocks } = settledBlocks(ANSWER.slice(0, length));
    expect(blocks.slice(0, before.length)).toEqual(before);
    before = blocks;
  }
});

test("raw HTML is never cut", () => {
  expect(settledBlocks("<details>\n\nInside.\n\nStill.\n\n</details>\n\nAfter.").blocks).toEqual([]);
});
