import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { FinishReason } from "@/api/gen/cairn/chat/v1/chat_pb";
import { rich } from "@/text/rich";
import { Button, buttonClass } from "@/ui/button";
import { Note } from "@/ui/note";
import { duration } from "@/ui/time";

import { Answer } from "./answer";
import type { Placed } from "./branches";
import { t as answers } from "./texts/answers";
import { t } from "./texts/conversations";
import type { TurnStep, TurnView } from "./turn";
import { TurnActions } from "./turn-actions";

// What went wrong differs among these, and only the server's own words tell it.
const DETAILED = new Set(["provider_error", "provider_refused_request", "internal"]);

function detailOf({ code, detail, values: [what = "", day = ""], records, failed }: TurnStep): string {
  if (code === "") return detail;
  return code === "found" || code === "taken_up" ? answers.found(Number(what), records, day) : answers.looked(what, failed);
}

function Steps({ turn }: { turn: TurnView }): JSX.Element | null {
  const running = turn.outcome.kind === "running";
  const { now } = answers;
  if (turn.steps.length === 0 && !running) return null;
  return (
    <ol className="steps" aria-label={answers.steps}>
      {turn.steps.map((step, index) => (
        <li key={`${index}${step.label}`}>
          <span>
            <b>{answers.looks[step.code] ?? step.label}</b> {detailOf(step)}
          </span>
          <time>{duration(step.elapsedMs)}</time>
        </li>
      ))}
      {running && (
        <li className="now">
          <span>
            <b>{turn.answer === "" ? (turn.generationId === "" ? now.asking : now.reading) : now.writing}</b>
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
      {answers.again}
    </Button>
  );
  switch (outcome.kind) {
    case "running":
      return null;
    case "failed": {
      const told = answers.failures[outcome.code];
      return (
        <Note tone="danger" title={told ?? outcome.message} action={again}>
          {told !== undefined && DETAILED.has(outcome.code) && (
            <>
              {answers.serverSays} <span lang="en">{outcome.message}</span>{" "}
            </>
          )}
          {turn.answer !== "" && answers.above}
        </Note>
      );
    }
    case "lost":
      return (
        <Note
          tone="caution"
          title={answers.lost}
          action={
            <Button className="mt-2 flex" onClick={onResume}>
              {answers.readOn}
            </Button>
          }
        >
          {answers.lostKept(outcome.message)}
        </Note>
      );
    case "finished":
      if (outcome.reason === FinishReason.STOPPED) {
        return (
          <Note tone="caution" title={answers.stopped} action={again}>
            {turn.answer !== "" && answers.stoppedKept}
          </Note>
        );
      }
      if (outcome.reason === FinishReason.LENGTH) {
        return (
          <Note tone="caution" title={answers.length}>
            {answers.lengthNext}
          </Note>
        );
      }
      if (outcome.reason === FinishReason.NOTHING_FOUND && turn.answer === "") {
        return (
          <Note tone="caution" title={answers.nothing}>
            {answers.nothingNext}
          </Note>
        );
      }
      return null;
  }
}

/** When the logs are silent: what was asked becomes the beginning of a decision. */
function DraftOffer({ question }: { question: string }): JSX.Element {
  return (
    <Note
      tone="caution"
      title={t.draftTitle}
      action={
        <Link to="/decisions/new" search={{ about: question }} className={buttonClass("plain", "mt-2 flex")}>
          {t.draftIt}
        </Link>
      }
    >
      {t.draftHint}
    </Note>
  );
}

export interface TurnSectionProps {
  placed: Placed;
  first: boolean;
  mayAsk: boolean;
  onActive: (citation: number | null) => void;
  onAsk: (question: string) => void;
  onBranch: (generationId: string) => void;
  onResume: () => void;
}

/** A question, the steps taken for it, its answer, how it ended, and what can be done with it. */
export function TurnSection({ placed, first, mayAsk, onActive, onAsk, onBranch, onResume }: TurnSectionProps): JSX.Element {
  const { turn } = placed;
  const Heading = first ? "h1" : "h2";
  const { outcome } = turn;
  const over = outcome.kind !== "running";
  const silent = outcome.kind === "finished" && outcome.reason === FinishReason.NOTHING_FOUND;
  return (
    <section className="turn">
      <Heading className="q">{turn.question}</Heading>
      {turn.withheld ? (
        <Note tone="caution" title={t.withheld} />
      ) : (
        <>
          <Steps turn={turn} />
          {turn.extractsOnly && turn.citations.length > 0 && (
            <p className="extracts">{rich(answers.extracts, { b: (words) => <b>{words}</b> })}</p>
          )}
          <Answer turn={turn} onActive={onActive} />
          <Ending turn={turn} onAgain={() => onAsk(turn.question)} onResume={onResume} />
          {silent && mayAsk && <DraftOffer question={turn.question} />}
        </>
      )}
      {over && <TurnActions placed={placed} mayAsk={mayAsk} onBranch={onBranch} onAsk={onAsk} />}
    </section>
  );
}
