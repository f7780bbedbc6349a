import { expect, test } from "vitest";

import { EMPTY_DRAFT } from "./drafts";
import { mergeDrafts } from "./merge";

const BASE = { ...EMPTY_DRAFT, title: "Bell", tags: "fog", body: "one\n\ntwo\n\nthree\n" };

test("changes to different places are both kept", () => {
  const mine = { ...BASE, body: "one, mine\n\ntwo\n\nthree\n", message: "why" };
  const theirs = { ...BASE, tags: "fog, bell", body: "one\n\ntwo\n\nthree, theirs\n" };
  const { draft, conflicts } = mergeDrafts(mine, BASE, theirs);
  expect(conflicts).toBe(0);
  expect(draft).toEqual({ ...BASE, tags: "fog, bell", message: "why", body: "one, mine\n\ntwo\n\nthree, theirs\n" });
});

test("a place that both changed holds both, between marks", () => {
  const { draft, conflicts } = mergeDrafts(
    { ...BASE, body: "one\n\ntwo, mine\n\nthree\n" },
    BASE,
    { ...BASE, title: "The bell", body: "one\n\ntwo, theirs\n\nthree\n" },
  );
  expect(conflicts).toBe(1);
  expect(draft.title).toBe("The bell");
  expect(draft.body).toContain("<<<<<<< mine\ntwo, mine\n=======\ntwo, theirs\n>>>>>>> theirs");
});
