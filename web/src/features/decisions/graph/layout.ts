import { LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";

import type { Arrow } from "./model";

export const COLUMN_PX = 184;
export const ROW_PX = 100;
const SWEEPS = 14;
const LARGE = 150;

export interface Placed {
  x: number;
  y: number;
}

export interface Layout {
  nodes: Placed[];
  /** Where a year begins. */
  years: { x: number; year: string }[];
  width: number;
  height: number;
}

/**
 * Assigns columns as time goes: nodes come in the order they were decided, none stands left of an older one. A new
 * column begins with a year, when one is full, and where a strong relation would otherwise stay inside of it, unless a
 * large log has hardly begun the one before.
 */
function columnsOf(years: readonly string[], arrows: readonly Arrow[]): number[] {
  const fullest = Math.max(3, Math.round(Math.sqrt(years.length) * 0.85));
  // In a large log a column for every supersession would make a ribbon of it.
  const least = years.length > LARGE ? Math.round(fullest * 0.6) : 1;
  const before = new Map<number, number[]>();
  for (const { kind, from, to } of arrows) {
    if (kind === LinkKind.RELATES_TO || kind === LinkKind.CONFLICTS_WITH) continue;
    const [older, newer] = from < to ? [from, to] : [to, from];
    before.set(newer, [...(before.get(newer) ?? []), older]);
  }
  const columns: number[] = [];
  let column = 0;
  let inColumn = 0;
  years.forEach((year, place) => {
    const meets = (before.get(place) ?? []).some((older) => columns[older] === column);
    if (inColumn > 0 && (inColumn >= fullest || (meets && inColumn >= least) || year !== years[place - 1])) {
      column += 1;
      inColumn = 0;
    }
    columns.push(column);
    inColumn += 1;
  });
  return columns;
}

/**
 * Places values as near to where they want to be as a distance of 1 between them allows, in the least-squares sense:
 * isotonic regression of the wishes by pooling adjacent violators (Ayer et al. 1955). The wishes come in order.
 */
export function spread(wishes: readonly number[]): number[] {
  const pools: { sum: number; size: number }[] = [];
  wishes.forEach((wish, index) => {
    let pool = { sum: wish - index, size: 1 };
    for (let last = pools.at(-1); last && last.sum / last.size > pool.sum / pool.size; last = pools.at(-1)) {
      pool = { sum: last.sum + pool.sum, size: last.size + pool.size };
      pools.pop();
    }
    pools.push(pool);
  });
  const placed: number[] = [];
  for (const { sum, size } of pools) {
    for (let count = 0; count < size; count += 1) placed.push(sum / size + placed.length);
  }
  return placed;
}

const WEIGHTS: Partial<Record<LinkKind, number>> = { [LinkKind.RELATES_TO]: 0.4, [LinkKind.CONFLICTS_WITH]: 0.7 };

/** Rows: each node as near to the middle of its neighbours as those beside it allow; forth and back through time. */
function rowsOf(columns: readonly number[], arrows: readonly Arrow[]): number[] {
  const near: { place: number; weight: number }[][] = columns.map(() => []);
  for (const { kind, from, to } of arrows) {
    const weight = WEIGHTS[kind] ?? 1;
    near[from]?.push({ place: to, weight });
    near[to]?.push({ place: from, weight });
  }
  const members: number[][] = [];
  columns.forEach((column, place) => (members[column] ??= []).push(place));
  const rows: number[] = [];
  for (const group of members) group.forEach((place, index) => (rows[place] = index - (group.length - 1) / 2));
  const settle = (group: readonly number[]) => {
    const wishes = group.map((place) => {
      const around = near[place] ?? [];
      const own = rows[place] ?? 0;
      const weight = around.reduce((sum, one) => sum + one.weight, 0);
      if (weight === 0) return { place, wish: own };
      const middle = around.reduce((sum, one) => sum + one.weight * (rows[one.place] ?? 0), 0) / weight;
      return { place, wish: middle };
    });
    wishes.sort((a, b) => a.wish - b.wish || a.place - b.place);
    spread(wishes.map(({ wish }) => wish)).forEach((row, index) => {
      const place = wishes[index]?.place;
      if (place !== undefined) rows[place] = row;
    });
  };
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const group of sweep % 2 === 0 ? members : members.toReversed()) settle(group);
  }
  return rows;
}

/**
 * Places decisions from left to right as they were decided, by relations from top to bottom. `years` holds the year of
 * each in that order; arrows name places in it. About 20 ms for 1,000 decisions.
 */
export function layOut(years: readonly string[], arrows: readonly Arrow[]): Layout {
  if (years.length === 0) return { nodes: [], years: [], width: 0, height: 0 };
  const columns = columnsOf(years, arrows);
  const rows = rowsOf(columns, arrows);
  const top = Math.min(...rows);
  const nodes = columns.map((column, place) => ({
    x: (column + 0.5) * COLUMN_PX,
    y: ((rows[place] ?? 0) - top + 0.5) * ROW_PX,
  }));
  const begins = years
    .map((year, place) => ({ year, x: (columns[place] ?? 0) * COLUMN_PX }))
    .filter(({ year }, place) => year !== "" && year !== years[place - 1]);
  return {
    nodes,
    years: begins,
    width: ((columns.at(-1) ?? 0) + 1) * COLUMN_PX,
    height: (Math.max(...rows) - top + 1) * ROW_PX,
  };
}
