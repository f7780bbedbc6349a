import type { JSX } from "react";

import { newTurn } from "./turn";
import { TurnSection } from "./turn-section";

const nothing = () => undefined;

/** A question that has gone out and has no answer yet. */
export function Asked({ question }: { question: string }): JSX.Element {
  return (
    <TurnSection
      placed={{ turn: newTurn(question, ""), branches: [] }}
      first
      mayAsk={false}
      onActive={nothing}
      onAsk={nothing}
      onBranch={nothing}
      onResume={nothing}
    />
  );
}
