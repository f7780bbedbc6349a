import type { TurnView } from "./turn";

export interface Placed {
  turn: TurnView;
  /** The branches of this question in the order they were asked, this one among them. */
  branches: readonly TurnView[];
}

/**
 * The turns that are shown: from the first question on, the branch that was chosen at each place, or else the latest.
 * `chosen` names turns by the one they follow.
 */
export function pathOf(turns: readonly TurnView[], chosen: ReadonlyMap<string, string>): Placed[] {
  const following = new Map<string, TurnView[]>();
  for (const turn of turns) {
    const known = following.get(turn.afterId);
    if (known) known.push(turn);
    else following.set(turn.afterId, [turn]);
  }
  const path: Placed[] = [];
  const seen = new Set<string>();
  let at = "";
  for (;;) {
    const branches = following.get(at);
    const turn = branches?.find((one) => one.generationId === chosen.get(at)) ?? branches?.at(-1);
    if (turn === undefined || branches === undefined || seen.has(turn.generationId)) return path;
    seen.add(turn.generationId);
    path.push({ turn, branches });
    at = turn.generationId;
  }
}
