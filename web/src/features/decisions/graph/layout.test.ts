import { describe, expect, test } from "vitest";

import { LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";

import { COLUMN_PX, layOut, ROW_PX, spread } from "./layout";
import type { Arrow } from "./model";

const arrow = (from: number, to: number, kind: LinkKind = LinkKind.SUPERSEDES): Arrow => ({ kind, from, to, section: "" });

/** The same numbers every time. */
function someArrows(nodes: number, many: number): Arrow[] {
  let seed = 7;
  const next = () => (seed = (seed * 48271) % 2147483647);
  return Array.from({ length: many }, () => {
    const to = 1 + (next() % (nodes - 1));
    return arrow(next() % to, to, next() % 3 === 0 ? LinkKind.SUPERSEDES : LinkKind.RELATES_TO);
  });
}

describe("the layout of the graph", () => {
  test("goes from left to right as time goes, and begins years where they begin", () => {
    const { nodes, years } = layOut(["2024", "2024", "2025", "2026"], [arrow(0, 2), arrow(2, 3)]);
    const xs = nodes.map((node) => node.x);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
    expect(years.map(({ year }) => year)).toEqual(["2024", "2025", "2026"]);
    expect(years[1]?.x).toBeLessThan(xs[2] ?? 0);
    expect(years[1]?.x).toBeGreaterThan(xs[1] ?? 0);
  });

  test("puts what supersedes right of what it supersedes, and both in one line", () => {
    const { nodes } = layOut(["2024", "2024"], [arrow(0, 1)]);
    expect((nodes[1]?.x ?? 0) - (nodes[0]?.x ?? 0)).toBe(COLUMN_PX);
    expect(nodes[1]?.y).toBeCloseTo(nodes[0]?.y ?? 0);
  });

  test("lets no two stones of a column touch, and needs little time for a thousand", () => {
    const years = Array.from({ length: 1000 }, (_, place) => String(2016 + Math.floor(place / 100)));
    const before = performance.now();
    const { nodes, width, height } = layOut(years, someArrows(1000, 1800));
    expect(performance.now() - before).toBeLessThan(1_500);
    for (const x of new Set(nodes.map((node) => node.x))) {
      const column = nodes.filter((node) => node.x === x);
      const ys = column.map((node) => node.y).sort((a, b) => a - b);
      for (const [index, y] of ys.slice(1).entries()) expect(y - (ys[index] ?? 0)).toBeGreaterThan(ROW_PX - 0.01);
    }
    expect(width / height).toBeGreaterThan(0.5);
    expect(Math.min(...nodes.map((node) => node.y))).toBeGreaterThan(0);
  });

  test("leads arrows past what stands between their ends, and below titles", () => {
    const years = Array.from({ length: 40 }, (_, place) => String(2016 + Math.floor(place / 8)));
    const arrows = someArrows(40, 30);
    const { nodes, routes } = layOut(years, arrows);
    const passing = arrows.filter((one) => (routes.get(one)?.length ?? 0) > 0);
    expect(passing.length).toBeGreaterThan(5);
    for (const { from, to } of passing) expect(nodes[from]?.x).not.toBe(nodes[to]?.x);
    for (const one of passing) {
      const xs = [nodes[one.from], ...(routes.get(one) ?? []), nodes[one.to]].map((stop) => stop?.x ?? 0);
      for (const [index, x] of xs.slice(1).entries()) expect(Math.abs(x - (xs[index] ?? 0))).toBe(COLUMN_PX);
    }
    for (const stop of [...routes.values()].flat()) {
      for (const node of nodes.filter(({ x }) => x === stop.x)) {
        const rows = (stop.y - node.y) / ROW_PX;
        expect(rows < 0 ? -rows : rows).toBeGreaterThan(rows < 0 ? 0.41 : 0.59);
      }
    }
  });

  test("is no ribbon, however often a decision is superseded by the next", () => {
    const years = Array.from({ length: 1000 }, (_, place) => String(2016 + Math.floor(place / 100)));
    const chain = Array.from({ length: 200 }, (_, place) => arrow(place * 5, place * 5 + 1));
    const { width, height } = layOut(years, chain);
    expect(width / height).toBeLessThan(6);
  });

  test("spreads wishes by the least that is needed", () => {
    expect(spread([0, 5, 9])).toEqual([0, 5, 9]);
    expect(spread([3, 3, 3])).toEqual([2, 3, 4]);
    expect(spread([])).toEqual([]);
    expect(spread([1, 1, 1], [0.5, 0.25]).map((row) => row.toFixed(3))).toEqual(["0.583", "1.083", "1.333"]);
  });
});
