/** What an answer may rest on; everything where nothing is named. */
export interface TurnScope {
  logIds: readonly string[];
  decisionIds: readonly string[];
  tags: readonly string[];
  asOf: string;
}

export const EVERYTHING: TurnScope = { logIds: [], decisionIds: [], tags: [], asOf: "" };
