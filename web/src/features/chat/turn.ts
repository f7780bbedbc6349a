import type { Citation, Finished, GenerationEvent, Mark, Step, Turn } from "@/api/gen/cairn/chat/v1/chat_pb";
import { FinishReason } from "@/api/gen/cairn/chat/v1/chat_pb";

import { EVERYTHING, type TurnScope } from "./turn-scope";

export interface TurnStep {
  label: string;
  detail: string;
  elapsedMs: number;
  /** What label and detail say, for other languages than the server's; empty for one that is not known. */
  code: string;
  values: readonly string[];
  records: number;
  failed: boolean;
}

export type Outcome =
  | { kind: "running" }
  | { kind: "finished"; reason: FinishReason; tokens: number; costMicros: bigint }
  | { kind: "failed"; message: string; code: string }
  /** The stream was cut and could not be resumed; the server may still be writing. */
  | { kind: "lost"; message: string };

/** A question and what is known of its answer so far. */
export interface TurnView {
  /** Empty until the server has begun. */
  generationId: string;
  conversationId: string;
  question: string;
  model: string;
  extractsOnly: boolean;
  steps: readonly TurnStep[];
  answer: string;
  citations: readonly Citation[];
  /** Words of the answer that no cited passage holds. */
  marks: readonly Mark[];
  outcome: Outcome;
  lastSequence: bigint;
  /** The answer that this question follows; those with the same one are branches. */
  afterId: string;
  scope: TurnScope;
  /** The answer rests on records that the reader may not see. */
  withheld: boolean;
}

export function newTurn(question: string, conversationId: string): TurnView {
  return {
    generationId: "",
    conversationId,
    question,
    model: "",
    extractsOnly: false,
    steps: [],
    answer: "",
    citations: [],
    marks: [],
    outcome: { kind: "running" },
    lastSequence: 0n,
    afterId: "",
    scope: EVERYTHING,
    withheld: false,
  };
}

export function turnOf(turn: Turn, conversationId: string): TurnView {
  const { generationId, question, model, extractsOnly, answer, citations, marks, lastSequence, outcome } = turn;
  return {
    ...newTurn(question, conversationId),
    generationId,
    model,
    extractsOnly,
    answer,
    citations,
    marks,
    lastSequence,
    steps: turn.steps.map(stepOf),
    afterId: turn.afterGenerationId,
    scope: { logIds: turn.logIds, decisionIds: turn.decisionIds, tags: turn.tags, asOf: turn.asOf },
    withheld: turn.withheld,
    outcome:
      outcome.case === "finished"
        ? finished(outcome.value)
        : outcome.case === "failed"
          ? { kind: "failed", message: outcome.value.message, code: outcome.value.code }
          : { kind: "running" },
  };
}

function stepOf({ label, detail, elapsedMs, code, values, decisionIds, failed }: Step): TurnStep {
  return { label, detail, elapsedMs, code, values, records: decisionIds.length, failed };
}

function finished({ reason, inputTokens, outputTokens, costMicros }: Finished): Outcome {
  return { kind: "finished", reason, tokens: inputTokens + outputTokens, costMicros };
}

/** The citations with one more; it takes the place of the one of its number, of which more is quoted now. */
function withCitation(citations: readonly Citation[], added: Citation): Citation[] {
  const at = citations.findIndex((one) => one.number === added.number);
  return at < 0 ? [...citations, added] : citations.with(at, added);
}

/** The turn after one more event of its log; an event that was seen before changes nothing. */
export function withEvent(turn: TurnView, { sequence, event }: GenerationEvent): TurnView {
  if (sequence <= turn.lastSequence) return turn;
  const next = { ...turn, lastSequence: sequence };
  switch (event.case) {
    case "started": {
      const { generationId, conversationId, model, extractsOnly } = event.value;
      return { ...next, generationId, conversationId, model, extractsOnly };
    }
    case "step": {
      return { ...next, steps: [...turn.steps, stepOf(event.value)] };
    }
    case "delta":
      return { ...next, answer: turn.answer + event.value.text };
    case "citation":
      return { ...next, citations: withCitation(turn.citations, event.value) };
    case "mark":
      return { ...next, marks: [...turn.marks, event.value] };
    case "finished":
      return { ...next, outcome: finished(event.value) };
    case "failed":
      return { ...next, outcome: { kind: "failed", message: event.value.message, code: event.value.code } };
    case undefined:
      // An event of a newer server: its sequence counts, its content is not known here.
      return next;
  }
}
