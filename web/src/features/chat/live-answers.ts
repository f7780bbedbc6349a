import { Code, ConnectError } from "@connectrpc/connect";
import { useSyncExternalStore } from "react";

import type { Clients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { AskResponse } from "@/api/gen/cairn/chat/v1/chat_pb";

import { type Question, type SentQuestion, sendQuestion } from "./send-question";
import { t } from "./texts/answers";
import { newTurn, type TurnView, withEvent } from "./turn";
import { ChatService } from "@/api/gen/cairn/chat/v1/chat_pb";

// A server that is started anew is back within seconds, and takes the answer up; a minute is given to a slow one.
const RESUME_TRIES = 32;
const RESUME_AFTER_MS = 400;
const RESUME_AFTER_MS_MOST = 2_000;
/** What another try would only be told again. */
const FINAL: readonly Code[] = [Code.NotFound, Code.Unauthenticated, Code.PermissionDenied];
const PHRASE_MS = 30;

/**
 * The answers being written, outside of any page: one can leave for a record and come back, and the words keep coming.
 * A lost connection is not a stop; the generation's log is read on from the last event that arrived.
 */
export class LiveAnswers {
  readonly #clients: Clients;
  readonly #turns = new Map<string, TurnView>();
  readonly #listeners = new Set<() => void>();
  /** Why a stream broke last; shown when it cannot be resumed. */
  readonly #errors = new Map<string, unknown>();
  /** The frame in which the listeners are told, or 0. */
  #asked = 0;
  #told = 0;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get(generationId: string): TurnView | undefined {
    return this.#turns.get(generationId);
  }

  /** The live turns of a conversation, oldest first. */
  of(conversationId: string): TurnView[] {
    return [...this.#turns.values()].filter((turn) => turn.conversationId === conversationId);
  }

  /** Asks, and gives the turn once the server has begun it. Raises what the server refused it with. */
  async ask(question: Question, sent: SentQuestion = sendQuestion(this.#clients, question)): Promise<TurnView> {
    const { scope, insteadOf, afterId = "" } = question;
    const { events, first } = sent;
    const place = insteadOf?.afterId ?? afterId;
    let turn = { ...newTurn(question.text, question.conversationId), afterId: place, scope };
    let next = first;
    while (turn.generationId === "") {
      const came = await next;
      if (came.done === true) throw new Error(t.endedEarly);
      if (came.value.event) turn = withEvent(turn, came.value.event);
      if (turn.generationId === "") next = events.next();
    }
    this.#set(turn);
    void this.#read(turn.generationId, events);
    return turn;
  }

  /** Reads on where the turn stands, unless that is being done already. */
  follow(turn: TurnView): void {
    if (this.#turns.get(turn.generationId)?.outcome.kind === "running") return;
    this.#set({ ...turn, outcome: { kind: "running" } });
    void this.#resume(turn.generationId, 0);
  }

  async stop(generationId: string): Promise<void> {
    await this.#clients(ChatService).stopGeneration({ generationId });
  }

  #set(turn: TurnView): void {
    const before = this.#turns.get(turn.generationId);
    this.#turns.set(turn.generationId, turn);
    if (before?.outcome.kind !== turn.outcome.kind || document.hidden) this.#tell();
    else if (this.#asked === 0) this.#asked = requestAnimationFrame((now) => this.#frame(now));
  }

  /** Words that arrive close to each other are drawn at once, as a phrase, with every other frame. */
  #frame(now: number): void {
    this.#asked = 0;
    if (now - this.#told >= PHRASE_MS) this.#tell();
    else this.#asked = requestAnimationFrame((next) => this.#frame(next));
  }

  /** How an answer began and ended is told without waiting for a frame. */
  #tell(): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = 0;
    this.#told = performance.now();
    for (const listener of this.#listeners) listener();
  }

  #running(generationId: string): TurnView | undefined {
    const turn = this.#turns.get(generationId);
    return turn?.outcome.kind === "running" ? turn : undefined;
  }

  async #read(generationId: string, events: AsyncIterator<AskResponse>): Promise<void> {
    let tries = 0;
    try {
      for (;;) {
        const next = await events.next();
        if (next.done === true) break;
        const turn = this.#turns.get(generationId);
        if (turn && next.value.event) this.#set(withEvent(turn, next.value.event));
      }
    } catch (error) {
      this.#errors.set(generationId, error);
      tries = 1;
    }
    if (this.#running(generationId)) await this.#resume(generationId, tries);
  }

  async #resume(generationId: string, tries: number): Promise<void> {
    const turn = this.#running(generationId);
    if (turn === undefined) return;
    const error = this.#errors.get(generationId);
    if (tries > RESUME_TRIES || (tries > 0 && error instanceof ConnectError && FINAL.includes(error.code))) {
      this.#set({ ...turn, outcome: { kind: "lost", message: messageOf(error) } });
      return;
    }
    if (tries > 0) await new Promise((resolve) => setTimeout(resolve, pause(tries)));
    const before = turn.lastSequence;
    try {
      for await (const { event } of this.#clients(ChatService).followGeneration({
        generationId,
        afterSequence: before,
      })) {
        const current = this.#turns.get(generationId);
        if (current && event) this.#set(withEvent(current, event));
      }
    } catch (error) {
      this.#errors.set(generationId, error);
    }
    const after = this.#running(generationId);
    if (after) await this.#resume(generationId, after.lastSequence > before ? 1 : tries + 1);
  }
}

function pause(tries: number): number {
  return Math.min(RESUME_AFTER_MS * 2 ** (tries - 1), RESUME_AFTER_MS_MOST);
}

const kept = new WeakMap<Clients, LiveAnswers>();

/** One store for each set of clients, for as long as the application runs. */
export function liveAnswers(clients: Clients): LiveAnswers {
  const found = kept.get(clients);
  if (found) return found;
  const made = new LiveAnswers(clients);
  kept.set(clients, made);
  return made;
}

/** The turn as it stands now, word by word; the given one where it is not being written. */
export function useLiveTurn(live: LiveAnswers, turn: TurnView): TurnView {
  return useSyncExternalStore(live.subscribe, () => live.get(turn.generationId) ?? turn);
}
