import { expect, test } from "vitest";

import { placeReviews } from "./horizon-places";

const NOW = Date.UTC(2026, 10, 17);

test("a review stands where its day is, and what is late before today", () => {
  const { today, places, marks } = placeReviews([0, -42, 6], NOW);
  expect(places[0]?.at).toBe(today);
  expect(places[1]?.at).toBeCloseTo((7 + 42) / 91);
  expect(places[2]?.at).toBeLessThan(today);
  expect(marks[0]?.isoDate).toBe("2026-12-01");
});

test("names of days that are near each other stand in lanes of their own", () => {
  const { places, lanes } = placeReviews([-10, -11, -12, -30], NOW);
  expect(places.map((place) => place?.lane)).toEqual([0, 1, 2, 0]);
  expect(lanes).toBe(3);
});

test("what is very late stays in sight, what is far ahead is left to the list", () => {
  const { places } = placeReviews([400, -200], NOW);
  expect(places[0]?.at).toBeGreaterThan(0);
  expect(places[1]).toBeUndefined();
});
