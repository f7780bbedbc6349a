import { expect, test } from "vitest";

import { changedParagraph, sectionsOf, splitTitle, withSection } from "./sections";

const BODY = "Intro.\n\n## Context\n\nOld.\n\n```\n## not a heading\n```\n\n## Decision\n\nKept.\n";

test("sections are told apart by their headings, outside of code", () => {
  expect(sectionsOf(BODY).map(({ heading }) => heading)).toEqual(["", "Context", "Decision"]);
});

test("a section takes the place of its own and leaves the others", () => {
  const changed = withSection(BODY, { heading: "context", text: "## Context\n\nNew." });
  expect(changed).toBe("Intro.\n\n## Context\n\nNew.\n\n## Decision\n\nKept.\n");
  expect(withSection("", { heading: "Context", text: "## Context" })).toBe("## Context\n");
  expect(withSection("## A\n\nx", { heading: "B", text: "## B\n\ny" })).toBe("## A\n\nx\n\n## B\n\ny\n");
});

test("the title is taken off", () => {
  expect(splitTitle("# Use Redis\n\n## Context\n")).toEqual({ title: "Use Redis", body: "\n## Context\n" });
  expect(splitTitle("## Context\n")).toEqual({ title: "", body: "## Context\n" });
});

test("what changed last is its paragraph", () => {
  expect(changedParagraph("One.\n\nTwo.\n\nThree.", "One.\n\nTwo and more.\n\nThree.")).toBe("Two and more.");
  expect(changedParagraph("", "First words")).toBe("First words");
});
