import { type RefObject, startTransition, useLayoutEffect, useRef, useState } from "react";

/** Lists shorter than this are drawn whole. */
const WHOLE_ROWS = 80;
const BEYOND_PX = 900;
const GUESSED_PX = 39;
/** Rows come and go by so many at once: one by one, every frame of a scroll would draw. */
const STEP = 12;

export interface RowWindow {
  from: number;
  to: number;
  /** The room that the rows above and below take. */
  before: number;
  after: number;
}

/** What is known of the heights of rows; one that was never seen is guessed at the mean of what was. */
class Heights {
  readonly #heights: (number | undefined)[] = [];
  #sum = 0;
  #seen = 0;

  note(row: number, element: HTMLElement): void {
    if (this.#heights[row] !== undefined) return;
    this.#heights[row] = element.offsetHeight;
    this.#sum += element.offsetHeight;
    this.#seen += 1;
  }

  /** The rows that touch what lies between two distances from the top, in whole steps. */
  window(rows: number, top: number, bottom: number): RowWindow {
    const usual = this.#seen === 0 ? GUESSED_PX : this.#sum / this.#seen;
    const next = { from: rows, to: rows, before: 0, after: 0 };
    let at = 0;
    for (let first = 0; first < rows; first += STEP) {
      const last = Math.min(first + STEP, rows);
      let height = 0;
      for (let row = first; row < last; row += 1) height += this.#heights[row] ?? usual;
      if (at + height <= top) next.before += height;
      else if (at < bottom) {
        next.from = Math.min(next.from, first);
        next.to = last;
      } else next.after += height;
      at += height;
    }
    return next;
  }
}

/**
 * Which rows of a long table are near enough to be drawn. Heights are measured as rows come by, because on a phone a
 * title may need two lines.
 */
export function useRowWindow(table: RefObject<HTMLTableElement | null>, rows: number): RowWindow {
  const [shown, setShown] = useState<RowWindow>({ from: 0, to: Math.min(rows, WHOLE_ROWS), before: 0, after: 0 });
  const heights = useRef<Heights>(null);
  useLayoutEffect(() => {
    if (rows <= WHOLE_ROWS) return undefined;
    let asked = 0;
    const look = () => {
      asked = 0;
      const body = table.current?.tBodies[0];
      if (body === undefined) return;
      const known = (heights.current ??= new Heights());
      const top = -body.getBoundingClientRect().top - BEYOND_PX;
      // At the beginning of a frame the page is laid out already, so that to measure costs nothing.
      for (const row of body.querySelectorAll<HTMLElement>("tr[data-row]")) known.note(Number(row.dataset["row"]), row);
      const next = known.window(rows, top, top + innerHeight + 2 * BEYOND_PX);
      // In slices between the frames of the scroll: the rows that come are out of sight yet.
      startTransition(() =>
        setShown((old) =>
          old.from === next.from && old.to === next.to && Math.abs(old.after - next.after) < 1 ? old : next,
        ),
      );
    };
    const soon = () => {
      if (asked === 0) asked = requestAnimationFrame(look);
    };
    const anew = () => {
      heights.current = null;
      soon();
    };
    look();
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", anew);
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener("scroll", soon);
      removeEventListener("resize", anew);
    };
  }, [table, rows]);
  return rows <= WHOLE_ROWS ? { from: 0, to: rows, before: 0, after: 0 } : { ...shown, to: Math.min(shown.to, rows) };
}
