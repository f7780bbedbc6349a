import { expect, test } from "vitest";

import { Slugger } from "./slug";

test.each([
  ["Why not Kafka?", "why-not-kafka"],
  ["Use `psycopg_pool`, not pgbouncer", "use-psycopg_pool-not-pgbouncer".replace("`", "")],
  ["9.1 Statut décidé", "91-statut-décidé"],
  ["  two  spaces", "--two--spaces"],
])("the fragment of %j is %j", (heading, expected) => {
  expect(new Slugger().slug(heading)).toBe(expected);
});

test("headings of one name are told apart, in order, and never take a name that is taken", () => {
  const slugger = new Slugger();
  expect(["Options", "Options", "Options-1", "Options"].map((heading) => slugger.slug(heading))).toEqual([
    "options",
    "options-1",
    "options-1-1",
    "options-2",
  ]);
});
