const AHEAD_DAYS = 84;
/** What is late stands before today, and no farther than this. */
const BEHIND_DAYS = 7;
const MARK_DAYS = 14;
const DAY_MS = 86_400_000;
/** A name is about so many days wide where the whole is 1,000 pixels. */
const NAME_DAYS = 6;
const SPAN = BEHIND_DAYS + AHEAD_DAYS;

export interface Horizon {
  /** From 0, the left end, to 1. */
  today: number;
  marks: { at: number; isoDate: string }[];
  /** In the order of what was given; nothing for what lies beyond. */
  places: ({ at: number; lane: number } | undefined)[];
  lanes: number;
}

/** Places reviews, given by how many days they are late (negative: to come), in lanes so that no two names overlap. */
export function placeReviews(daysLate: readonly number[], now: number): Horizon {
  const at = (days: number) => (BEHIND_DAYS + days) / SPAN;
  const marks = [];
  for (let days = MARK_DAYS; days < AHEAD_DAYS; days += MARK_DAYS) {
    marks.push({ at: at(days), isoDate: new Date(now + days * DAY_MS).toISOString().slice(0, 10) });
  }
  // The last name in each lane ends here.
  const ends: number[] = [];
  const places: Horizon["places"] = daysLate.map(() => undefined);
  const inOrder = daysLate.map((late, index) => ({ due: Math.max(-late, NAME_DAYS / 2 - BEHIND_DAYS), index }));
  for (const { due, index } of inOrder.sort((a, b) => a.due - b.due)) {
    if (due > AHEAD_DAYS - NAME_DAYS / 2) continue;
    const free = ends.findIndex((end) => end <= due);
    const lane = free < 0 ? ends.length : free;
    ends[lane] = due + NAME_DAYS;
    places[index] = { at: at(due), lane };
  }
  return { today: at(0), marks, places, lanes: Math.max(1, ends.length) };
}
