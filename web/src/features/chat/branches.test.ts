import { expect, test } from "vitest";

import { pathOf } from "./branches";
import { newTurn } from "./turn";

const turn = (generationId: string, afterId: string) => ({ ...newTurn(`${generationId}?`, "c"), generationId, afterId });
const TURNS = [turn("a", ""), turn("b", "a"), turn("c", "a"), turn("d", "b"), turn("e", "")];
const names = (chosen: [string, string][]) => pathOf(TURNS, new Map(chosen)).map(({ turn: { generationId } }) => generationId);

test("the latest branch is shown unless another is chosen", () => {
  expect(names([])).toEqual(["e"]);
  expect(names([["", "a"]])).toEqual(["a", "c"]);
  expect(
    names([
      ["", "a"],
      ["a", "b"],
    ]),
  ).toEqual(["a", "b", "d"]);
});

test("a turn knows its branches", () => {
  const [first] = pathOf(TURNS, new Map());
  expect(first?.branches.map((one) => one.generationId)).toEqual(["a", "e"]);
});

test("a circle, which no server sends, ends", () => {
  expect(pathOf([turn("a", "b"), turn("b", "a")], new Map())).toEqual([]);
});
