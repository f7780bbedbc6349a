import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { expect, test, vi } from "vitest";

import { createClients } from "@/api/clients";
import { ChatService, DeltaSchema, FinishReason, type GenerationEvent } from "@/api/gen/cairn/chat/v1/chat_pb";
import { createFakeTransport } from "@/test/fake-server";
import { FakeStore } from "@/test/fake-store";

import { LiveAnswers } from "./live-answers";
import { sentencesOf } from "./sentences";
import { EVERYTHING } from "./turn-scope";
import type { TurnView } from "./turn";

const PATIENCE_MS = 20_000;
const QUESTION = { text: "Why one manifest?", conversationId: "", model: "", scope: EVERYTHING };

function whenOver(live: LiveAnswers, generationId: string): Promise<TurnView> {
  return vi.waitFor(() => {
    const turn = live.get(generationId);
    if (turn === undefined || turn.outcome.kind === "running") throw new Error("still running");
    return turn;
  }, PATIENCE_MS);
}

test("an answer is asked, grows word by word and names its sources", async () => {
  const live = new LiveAnswers(createClients(createFakeTransport()));
  const begun = await live.ask(QUESTION);
  const turn = await whenOver(live, begun.generationId);
  expect(turn.outcome).toMatchObject({ kind: "finished", reason: FinishReason.COMPLETE });
  expect(turn.answer).toContain("One manifest takes every seat");
  expect(turn.citations.map((citation) => citation.number)).toEqual([1, 2, 3].slice(0, turn.citations.length));
  expect(turn.extractsOnly).toBe(true);
});

test("Stop ends the answer and keeps what was written", async () => {
  const live = new LiveAnswers(createClients(createFakeTransport(new FakeStore(), 5)));
  const begun = await live.ask(QUESTION);
  await vi.waitFor(() => expect(live.get(begun.generationId)?.answer).not.toBe(""), PATIENCE_MS);
  await live.stop(begun.generationId);
  const turn = await whenOver(live, begun.generationId);
  expect(turn.outcome).toMatchObject({ kind: "finished", reason: FinishReason.STOPPED });
  expect(turn.answer).not.toBe("");
});

/** A server whose stream breaks after two events, and whose log holds the rest. */
function breaking(refusal?: Code): { live: LiveAnswers; follows: bigint[] } {
  const follows: bigint[] = [];
  const log: Pick<GenerationEvent, "sequence" | "event">[] = [
    {
      sequence: 1n,
      event: {
        case: "started",
        value: {
          $typeName: "cairn.chat.v1.Started",
          generationId: "g",
          conversationId: "c",
          model: "m",
          extractsOnly: false,
        },
      },
    },
    { sequence: 2n, event: { case: "delta", value: create(DeltaSchema, { text: "One " }) } },
    { sequence: 3n, event: { case: "delta", value: create(DeltaSchema, { text: "two." }) } },
    {
      sequence: 4n,
      event: {
        case: "finished",
        value: { $typeName: "cairn.chat.v1.Finished", reason: FinishReason.COMPLETE, inputTokens: 0, outputTokens: 0, costMicros: 0n },
      },
    },
  ];
  const transport = createRouterTransport(({ rpc }) => {
    rpc(ChatService.method.ask, async function* () {
      await Promise.resolve();
      yield { event: log[0] };
      yield { event: log[1] };
      throw new ConnectError("cut", Code.Unavailable);
    });
    rpc(ChatService.method.followGeneration, async function* ({ afterSequence }) {
      await Promise.resolve();
      follows.push(afterSequence);
      if (refusal !== undefined) throw new ConnectError("not now", refusal);
      // Events that were seen before come once more: they must not be written twice.
      for (const event of log.slice(Number(afterSequence) - 1)) yield { event };
    });
  });
  return { live: new LiveAnswers(createClients(transport)), follows };
}

test("a cut stream is read on after the last event, and no word comes twice", async () => {
  const { live, follows } = breaking();
  await live.ask(QUESTION);
  const turn = await whenOver(live, "g");
  expect(turn.answer).toBe("One two.");
  expect(follows).toEqual([2n]);
});

test("a server that stays away is given up on, with what was written kept", async () => {
  vi.useFakeTimers();
  const { live, follows } = breaking(Code.Unavailable);
  const asked = live.ask(QUESTION);
  await vi.runAllTimersAsync();
  await asked;
  vi.useRealTimers();
  const turn = await whenOver(live, "g");
  expect(turn.outcome.kind).toBe("lost");
  expect(turn.answer).toBe("One ");
  expect(follows.length).toBeGreaterThan(10);
  expect(follows.length).toBeLessThan(50);
});

test("an answer whose conversation was deleted meanwhile is not asked for again and again", async () => {
  const { live, follows } = breaking(Code.NotFound);
  await live.ask(QUESTION);
  const turn = await whenOver(live, "g");
  expect(turn.outcome.kind).toBe("lost");
  expect(follows).toHaveLength(1);
});

test.each([
  ["", ""],
  ["Yes. The rel", "Yes."],
  ["It is 4.2 ms fast", ""],
  ["He said “stop!” and", "He said “stop!"],
])("of %j the finished sentences are %j", (text, expected) => {
  expect(sentencesOf(text).join("")).toBe(expected);
});
