import { type RefObject, startTransition, useEffect, useRef, useState } from "react";

/** Rows come and go by blocks of so many: one by one, every frame of a scroll would draw. */
export const BLOCK_ROWS = 4;
/** Lists shorter than this are drawn whole, once the first sight stands. */
const WHOLE_ROWS = 80;
const BEYOND_PX = 900;
/** So many blocks may stay that are no longer near. */
const SPARE = 2;
const GUESSED_PX = 39 * BLOCK_ROWS;

export interface BlockWindow {
  from: number;
  to: number;
  /** The room that the blocks above and below take. */
  before: number;
  after: number;
  /** How many blocks there were. */
  of: number;
}

/** What is known of the heights of blocks; one that was never seen is guessed at the mean of what was. */
class Heights {
  readonly #heights: (number | undefined)[] = [];
  #sum = 0;
  #seen = 0;

  note(block: number, height: number): void {
    const known = this.#heights[block];
    this.#heights[block] = height;
    this.#sum += height - (known ?? 0);
    if (known === undefined) this.#seen += 1;
  }

  /** The blocks that touch what lies between two distances from the top. */
  window(blocks: number, top: number, bottom: number): BlockWindow {
    const usual = this.#seen === 0 ? GUESSED_PX : this.#sum / this.#seen;
    const next = { from: blocks, to: blocks, before: 0, after: 0, of: blocks };
    let at = 0;
    for (let block = 0; block < blocks; block += 1) {
      const height = this.#heights[block] ?? usual;
      if (at + height <= top) next.before += height;
      else if (at < bottom) {
        next.from = Math.min(next.from, block);
        next.to = block + 1;
      } else next.after += height;
      at += height;
    }
    return next;
  }
}

/** Blocks go when others come: each change is laid out and painted, whether it is one or two. */
function suffices(old: BlockWindow, next: BlockWindow): boolean {
  const spare = old.to - old.from - next.to + next.from;
  return old.of === next.of && old.from <= next.from && old.to >= next.to && spare <= SPARE;
}

/** As many as fill the window, and the room of the others: what is first drawn is seen, and nothing else. */
function firstSight(blocks: number): BlockWindow {
  const to = Math.min(blocks, Math.ceil(innerHeight / GUESSED_PX));
  return { from: 0, to, before: 0, after: (blocks - to) * GUESSED_PX, of: blocks };
}

/**
 * Which blocks of a table's rows are near enough to be drawn. Heights are measured as blocks come by, because on a phone
 * a title may need two lines. What is next to the first sight is drawn once that stands.
 */
export function useRowWindow(table: RefObject<HTMLTableElement | null>, rows: number): BlockWindow {
  const blocks = Math.ceil(rows / BLOCK_ROWS);
  const [shown, setShown] = useState(() => firstSight(blocks));
  const heights = useRef<Heights>(null);
  useEffect(() => {
    let asked = 0;
    const look = () => {
      asked = 0;
      const element = table.current;
      if (element === null) return;
      const fresh = heights.current === null;
      const known = (heights.current ??= new Heights());
      const head = element.tHead?.offsetHeight ?? 0;
      const top = -element.getBoundingClientRect().top - head - BEYOND_PX;
      for (const body of element.tBodies) {
        // The last block may be short, and says nothing of the others.
        const block = Number(body.dataset["block"] ?? Infinity);
        if (block < blocks - 1) known.note(block, body.offsetHeight);
      }
      const next =
        rows <= WHOLE_ROWS
          ? { from: 0, to: blocks, before: 0, after: 0, of: blocks }
          : known.window(blocks, top, top + innerHeight + 2 * BEYOND_PX);
      // In slices between the frames of the scroll: the rows that come are out of sight yet.
      startTransition(() => setShown((old) => (!fresh && suffices(old, next) ? old : next)));
    };
    // At the beginning of a frame the page is laid out already, so that to measure costs nothing.
    const soon = () => {
      if (asked === 0) asked = requestAnimationFrame(look);
    };
    const anew = () => {
      heights.current = null;
      soon();
    };
    soon();
    addEventListener("scroll", soon, { passive: true });
    addEventListener("resize", anew);
    return () => {
      cancelAnimationFrame(asked);
      removeEventListener("scroll", soon);
      removeEventListener("resize", anew);
    };
  }, [table, rows, blocks]);
  // A list that grew or shrank since: what it has now, until the next look.
  const first = firstSight(blocks);
  if (shown.to > blocks || (shown.from === 0 && shown.to < first.to)) return first;
  // Without room for what has come, its end would seem near, and the next page would be asked for at once.
  return { ...shown, after: shown.after + (blocks - shown.of) * GUESSED_PX };
}
