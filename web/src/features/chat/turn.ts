import type { Citation, GenerationEvent, Turn } from "@/api/gen/cairn/chat/v1/chat_pb";
import { FinishReason } from "@/api/gen/cairn/chat/v1/chat_pb";

export interface TurnStep {
  label: string;
  detail: string;
  elapsedMs: number;
}

export type Outcome =
  | { kind: "running" }
  | { kind: "finished"; reason: FinishReason }
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
  outcome: Outcome;
  lastSequence: bigint;
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
    outcome: { kind: "running" },
    lastSequence: 0n,
  };
}

export function turnOf(turn: Turn, conversationId: string): TurnView {
  const { generationId, question, model, extractsOnly, answer, citations, lastSequence, outcome } = turn;
  return {
    ...newTurn(question, conversationId),
    generationId,
    model,
    extractsOnly,
    answer,
    citations,
    lastSequence,
    outcome:
      outcome.case === "finished"
        ? { kind: "finished", reason: outcome.value.reason }
        : outcome.case === "failed"
          ? { kind: "failed", message: outcome.value.message, code: outcome.value.code }
          : { kind: "running" },
  };
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
      const { label, detail, elapsedMs } = event.value;
      return { ...next, steps: [...turn.steps, { label, detail, elapsedMs }] };
    }
    case "delta":
      return { ...next, answer: turn.answer + event.value.text };
    case "citation":
      return { ...next, citations: [...turn.citations, event.value] };
    case "finished":
      return { ...next, outcome: { kind: "finished", reason: event.value.reason } };
    case "failed":
      return { ...next, outcome: { kind: "failed", message: event.value.message, code: event.value.code } };
    case undefined:
      // An event of a newer server: its sequence counts, its content is not known here.
      return next;
  }
}
