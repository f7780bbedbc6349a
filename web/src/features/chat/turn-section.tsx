import type { JSX } from "react";

import { FinishReason } from "@/api/gen/cairn/chat/v1/chat_pb";
import { Button } from "@/ui/button";
import { Note } from "@/ui/note";
import { duration } from "@/ui/time";

import { Answer } from "./answer";
import type { TurnView } from "./turn";

function Steps({ turn }: { turn: TurnView }): JSX.Element | null {
  const running = turn.outcome.kind === "running";
  if (turn.steps.length === 0 && !running) return null;
  return (
    <ol className="steps" aria-label="Steps taken">
      {turn.steps.map((step, index) => (
        <li key={`${index}${step.label}`}>
          <span>
            <b>{step.label}</b> {step.detail}
          </span>
          <time>{duration(step.elapsedMs)}</time>
        </li>
      ))}
      {running && (
        <li className="now">
          <span>
            <b>{turn.answer === "" ? (turn.generationId === "" ? "Asking" : "Reading") : "Writing"}</b>
          </span>
        </li>
      )}
    </ol>
  );
}

function Ending({
  turn,
  onAgain,
  onResume,
}: {
  turn: TurnView;
  onAgain: () => void;
  onResume: () => void;
}): JSX.Element | null {
  const { outcome } = turn;
  const again = (
    <Button className="mt-2 flex" onClick={onAgain}>
      Ask again
    </Button>
  );
  switch (outcome.kind) {
    case "running":
      return null;
    case "failed":
      return (
        <Note tone="danger" title={outcome.message} action={again}>
          {turn.answer !== "" && "What was written before is above."}
        </Note>
      );
    case "lost":
      return (
        <Note
          tone="caution"
          title="The connection was lost."
          action={
            <Button className="mt-2 flex" onClick={onResume}>
              Read on
            </Button>
          }
        >
          {outcome.message} The answer may still be being written, and it is kept.
        </Note>
      );
    case "finished":
      if (outcome.reason === FinishReason.STOPPED) {
        return (
          <Note tone="caution" title="You stopped this answer." action={again}>
            {turn.answer !== "" && "What was written is kept."}
          </Note>
        );
      }
      if (outcome.reason === FinishReason.LENGTH) {
        return (
          <Note tone="caution" title="The model reached its length limit.">
            Ask for the rest in a follow-up.
          </Note>
        );
      }
      if (outcome.reason === FinishReason.NOTHING_FOUND && turn.answer === "") {
        return (
          <Note tone="caution" title="Nothing in the logs answers this.">
            Other words may find more.
          </Note>
        );
      }
      return null;
  }
}

interface TurnSectionProps {
  turn: TurnView;
  first: boolean;
  onActive: (citation: number | null) => void;
  onAgain: () => void;
  onResume: () => void;
}

/** A question, the steps taken for it, its answer, and how it ended. */
export function TurnSection({ turn, first, onActive, onAgain, onResume }: TurnSectionProps): JSX.Element {
  const Heading = first ? "h1" : "h2";
  return (
    <section className="turn">
      <Heading className="q">{turn.question}</Heading>
      <Steps turn={turn} />
      {turn.extractsOnly && turn.citations.length > 0 && (
        <p className="extracts">
          <b>Extracts.</b> Passages from the records, as written; no language model wrote this.
        </p>
      )}
      <Answer turn={turn} onActive={onActive} />
      <Ending turn={turn} onAgain={onAgain} onResume={onResume} />
    </section>
  );
}
