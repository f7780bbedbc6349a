import { type RefObject, useLayoutEffect, useState } from "react";

/** Lists shorter than this are drawn whole. */
const WHOLE_ROWS = 80;
const BEYOND_PX = 900;
const GUESSED_PX = 39;

export interface RowWindow {
  from: number;
  to: number;
  /** The room that the rows above and below take. */
  before: number;
  after: number;
}

/**
 * Which rows of a long table are near enough to be drawn. Heights are measured as rows come by, because on a phone a
 * title may need two lines; what was never seen is guessed at the mean of what was.
 */
export function useRowWindow(table: RefObject<HTMLTableElement | null>, rows: number): RowWindow {
  const [shown, setShown] = useState<RowWindow>({ from: 0, to: Math.min(rows, WHOLE_ROWS), before: 0, after: 0 });
  useLayoutEffect(() => {
    const body = table.current?.tBodies[0];
    if (body === undefined || rows <= WHOLE_ROWS) return undefined;
    const heights: (number | undefined)[] = [];
    let asked = 0;
    const look = () => {
      asked = 0;
      for (const row of body.querySelectorAll<HTMLElement>("tr[data-row]")) heights[Number(row.dataset["row"])] = row.offsetHeight;
      let sum = 0;
      let seen = 0;
      for (const height of heights) {
        if (height === undefined) continue;
        sum += height;
        seen += 1;
      }
      const usual = seen === 0 ? GUESSED_PX : sum / seen;
      const top = -body.getBoundingClientRect().top - BEYOND_PX;
      const bottom = top + innerHeight + 2 * BEYOND_PX;
      const next = { from: rows, to: rows, before: 0, after: 0 };
      let at = 0;
      for (let row = 0; row < rows; row += 1) {
        const height = heights[row] ?? usual;
        if (at + height <= top) next.before += height;
        else if (at < bottom) {
          next.from = Math.min(next.from, row);
          next.to = row + 1;
        } else {
          if (next.to === rows) next.to = row;
          next.after += height;
        }
        at += height;
      }
      setShown((old) =>
        old.from === next.from && old.to === next.to && Math.abs(old.after - next.after) < 1 ? old : next,
      );
    };
    const soon = () => {
      if (asked === 0) asked = requestAnimationFrame(look);
    };
    look();
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener("scroll", soon);
      removeEventListener("resize", soon);
    };
  }, [table, rows]);
  return rows <= WHOLE_ROWS ? { from: 0, to: rows, before: 0, after: 0 } : { ...shown, to: Math.min(shown.to, rows) };
}
