import { expect, test } from "vitest";

import { readablePassage } from "./passage";

function marked(source: string, ...words: string[]): { text: string; marks: string[] } {
  const highlights = words.map((word) => ({ start: source.indexOf(word), end: source.indexOf(word) + word.length }));
  const { text, highlights: moved } = readablePassage(source, highlights);
  return { text, marks: moved.map(({ start, end }) => text.slice(start, end)) };
}

test("signs, headings and link targets are left out, and highlights stay on their words", () => {
  expect(
    marked(
      "## Decision\n\nThe **manifest** takes [every seat](0009-run.md)\non the `ship`.",
      "manifest",
      "seat",
      "ship",
    ),
  ).toEqual({
    text: "The manifest takes every seat on the ship.",
    marks: ["manifest", "seat", "ship"],
  });
});

test("a match inside of a link's target is not shown", () => {
  expect(marked("See [0001](0001-in-rust.md) first.", "rust")).toEqual({ text: "See 0001 first.", marks: [] });
});

test("the lines of a list stay lines", () => {
  expect(marked("- Good: quick.\n- Bad: dear.").text).toBe("• Good: quick.\n• Bad: dear.");
});

test("a long quotation begins near its first match", () => {
  const { text, marks } = marked(`${"Nothing of use here. ".repeat(30)}Then the outbox came. And more.`, "outbox");
  expect(marks).toEqual(["outbox"]);
  expect(text.startsWith("… ")).toBe(true);
  expect(text.indexOf("outbox")).toBeLessThan(200);
});

test("a text of signs only is shown as it is", () => {
  expect(readablePassage("## Title only", []).text).toBe("## Title only");
});
