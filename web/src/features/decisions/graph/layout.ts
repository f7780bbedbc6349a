import { LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";

import type { Arrow } from "./model";

export const COLUMN_PX = 184;
export const ROW_PX = 100;
/** A title is no wider than this; it stands below its stone. */
export const LABEL_PX = 164;
const SWEEPS = 14;
const LARGE = 150;

export interface Placed {
  x: number;
  y: number;
}

export interface Layout {
  nodes: Placed[];
  /** Where an arrow passes the columns between its ends, beside what stands there. In a large graph arrows go straight. */
  routes: ReadonlyMap<Arrow, readonly Placed[]>;
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
 * Places values as near to where they want to be as the gaps between them allow, each 1 where none is given, in the
 * least-squares sense: isotonic regression of the wishes by pooling adjacent violators (Ayer et al. 1955). The wishes
 * come in order.
 */
export function spread(wishes: readonly number[], gaps: readonly number[] = []): number[] {
  const pools: { sum: number; size: number }[] = [];
  const least = [0];
  for (const [index] of wishes.entries()) least.push((least[index] ?? 0) + (gaps[index] ?? 1));
  wishes.forEach((wish, index) => {
    let pool = { sum: wish - (least[index] ?? 0), size: 1 };
    for (let last = pools.at(-1); last && last.sum / last.size > pool.sum / pool.size; last = pools.at(-1)) {
      pool = { sum: last.sum + pool.sum, size: last.size + pool.size };
      pools.pop();
    }
    pools.push(pool);
  });
  const placed: number[] = [];
  for (const { sum, size } of pools) {
    for (let count = 0; count < size; count += 1) placed.push(sum / size + (least[placed.length] ?? 0));
  }
  return placed;
}

const WEIGHTS: Partial<Record<LinkKind, number>> = { [LinkKind.RELATES_TO]: 0.4, [LinkKind.CONFLICTS_WITH]: 0.7 };

/** A stone has its number above and its title below, which a line that passes leaves free. Lines lie closer. */
const PASSES = { below: 0.6, above: 0.42, beside: 0.12 };

/** The rows that lie at least between two that follow each other in a column, where each is a stone or a line. */
function gapBetween(upper: boolean, lower: boolean): number {
  if (upper && lower) return 1;
  return upper ? PASSES.below : lower ? PASSES.above : PASSES.beside;
}

/** Places where arrows pass the columns between their ends: they come after the nodes, and are laid out like these. */
function passagesOf(columns: readonly number[], arrows: readonly Arrow[]) {
  const passed: number[] = [];
  const links: { from: number; to: number; weight: number }[] = [];
  const places = new Map<Arrow, number[]>();
  for (const arrow of arrows) {
    const weight = WEIGHTS[arrow.kind] ?? 1;
    const [begin, end] = [columns[arrow.from] ?? 0, columns[arrow.to] ?? 0];
    const own: number[] = [];
    if (columns.length <= LARGE) {
      const way = Math.sign(end - begin);
      for (let column = begin + way; way !== 0 && column !== end; column += way) {
        own.push(columns.length + passed.length);
        passed.push(column);
      }
    }
    const stops = [arrow.from, ...own, arrow.to];
    // What passes is drawn straight before it is drawn short.
    const pull = own.length === 0 ? weight : 2 * weight;
    for (const [index, from] of stops.slice(0, -1).entries()) links.push({ from, to: stops[index + 1] ?? from, weight: pull });
    places.set(arrow, own);
  }
  return { columns: [...columns, ...passed], links, places };
}

/** Rows: each node as near to the middle of its neighbours as those beside it allow; forth and back through time. */
function rowsOf({ columns, links }: ReturnType<typeof passagesOf>, nodes: number): number[] {
  const near: { place: number; weight: number }[][] = columns.map(() => []);
  for (const { from, to, weight } of links) {
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
    const gaps = wishes
      .slice(1)
      .map(({ place }, index) => gapBetween((wishes[index]?.place ?? 0) < nodes, place < nodes));
    spread(
      wishes.map(({ wish }) => wish),
      gaps,
    ).forEach((row, index) => {
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
  if (years.length === 0) return { nodes: [], routes: new Map(), years: [], width: 0, height: 0 };
  const columns = columnsOf(years, arrows);
  const passages = passagesOf(columns, arrows);
  const rows = rowsOf(passages, columns.length);
  const top = Math.min(...rows);
  const places = passages.columns.map((column, place) => ({
    x: (column + 0.5) * COLUMN_PX,
    y: ((rows[place] ?? 0) - top + 0.5) * ROW_PX,
  }));
  const begins = years
    .map((year, place) => ({ year, x: (columns[place] ?? 0) * COLUMN_PX }))
    .filter(({ year }, place) => year !== "" && year !== years[place - 1]);
  const stops = (passed: readonly number[]) => passed.flatMap((place) => places[place] ?? []);
  return {
    nodes: places.slice(0, columns.length),
    routes: new Map([...passages.places].map(([arrow, passed]) => [arrow, stops(passed)])),
    years: begins,
    width: ((columns.at(-1) ?? 0) + 1) * COLUMN_PX,
    height: (Math.max(...rows) - top + 1) * ROW_PX,
  };
}
