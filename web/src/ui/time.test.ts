import { expect, test } from "vitest";

import { age, longDate, momentInWords } from "./time";

const NOW = new Date("2026-11-20T12:00:00");
const before = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);

test.each([
  [0, "now"],
  [0.5, "30 min"],
  [5, "5 h"],
  [24 * 9, "9 d"],
  [24 * 30, "4 w"],
  [24 * 200, "6 mo"],
  [24 * 800, "2 y"],
])("%d hours ago is %j", (hours, expected) => {
  expect(age(before(hours), NOW)).toBe(expected);
});

test("dates that are none are shown as they are", () => {
  expect(longDate("2025-03-14")).toBe("14 March 2025");
  expect(longDate("2024-023-2706")).toBe("2024-023-2706");
  expect(longDate("2024-02-31x")).toBe("2024-02-31x");
});

test("a moment is told as people do", () => {
  expect(momentInWords(before(1), NOW)).toBe("today 11:00");
  expect(momentInWords(before(20), NOW)).toBe("yesterday 16:00");
});
