import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";

import type { ChatService, GenerationEvent, Turn } from "@/api/gen/cairn/chat/v1/chat_pb";
import { ConversationSchema, DeltaSchema, FinishReason, GenerationEventSchema, TurnSchema } from "@/api/gen/cairn/chat/v1/chat_pb";
import type { GatewayService, Provider } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import { ProviderKind, ProviderSchema } from "@/api/gen/cairn/gateway/v1/gateway_pb";
import type { Passage, SearchService } from "@/api/gen/cairn/search/v1/search_pb";
import { Mode, PassageSchema } from "@/api/gen/cairn/search/v1/search_pb";

import { current, type FakeStore, type Stored } from "./fake-store";

const WORD = /[\p{L}\p{N}]{3,}/gu;

/** The first paragraph that holds one of the words, with where it stands. */
function passageOf(stored: Stored, words: string[]): Passage | undefined {
  const { body, version } = current(stored);
  let heading = "";
  for (const block of body.split(/\n\n+/u)) {
    if (block.startsWith("#")) heading = block.replace(/^#+ /u, "");
    const highlights = words.flatMap((word) => {
      const start = block.toLowerCase().indexOf(word);
      return start < 0 ? [] : [{ start, end: start + word.length }];
    });
    if (highlights.length > 0 && !block.startsWith("#")) {
      const anchor = heading.toLowerCase().replaceAll(" ", "-");
      return create(PassageSchema, {
        id: `${stored.id}-${anchor}`,
        decisionId: stored.id,
        version,
        headingPath: heading === "" ? [] : [heading],
        anchor,
        text: block,
        highlights: highlights.sort((a, b) => a.start - b.start),
      });
    }
  }
  return undefined;
}

function find(store: FakeStore, query: string) {
  const words = [...query.toLowerCase().matchAll(WORD)]
    .map(([word]) => word)
    .filter((word) => !["why", "did", "the", "what", "how"].includes(word));
  return [...store.decisions.values()]
    .filter((stored) => !stored.deleted)
    .flatMap((stored) => {
      const passage = passageOf(stored, words);
      const inTitle = words.filter((word) => current(stored).title.toLowerCase().includes(word)).length;
      if (passage === undefined && inTitle === 0) return [];
      return [{ stored, passage, score: inTitle * 2 + (passage?.highlights.length ?? 0) }];
    })
    .sort((a, b) => b.score - a.score);
}

export function fakeSearch(store: FakeStore): Partial<ServiceImpl<typeof SearchService>> {
  const state = (decisionId: string) => {
    const { version } = current(store.living(decisionId));
    return { decisionId, version, wordsVersion: version, meaningVersion: version };
  };
  return {
    search: ({ query, mode, statuses }) => ({
      mode: mode === Mode.UNSPECIFIED ? Mode.HYBRID : mode,
      results: find(store, query)
        .filter(({ stored }) => statuses.length === 0 || statuses.includes(current(stored).status))
        .slice(0, 10)
        .map(({ stored, passage, score }) => ({
          decision: store.summary(stored),
          score,
          passages: passage ? [passage] : [],
          matchedWords: true,
          matchedMeaning: score > 2,
        })),
    }),
    getIndexState: ({ decisionId }) => ({ state: state(decisionId) }),
    async *watchIndexState({ decisionId }) {
      await Promise.resolve();
      const size = store.decisions.size;
      yield decisionId === ""
        ? { event: { case: "totals" as const, value: { decisions: size, wordsCurrent: size, meaningCurrent: size } } }
        : { event: { case: "state" as const, value: state(decisionId) } };
    },
  };
}

interface Generation {
  events: GenerationEvent[];
  done: boolean;
  stopped: boolean;
}

/** Answers with extracts, word by word, as the built-in model `quotes` does. */
export function fakeChat(store: FakeStore, wordMs: number): Partial<ServiceImpl<typeof ChatService>> {
  const generations = new Map<string, Generation>();
  const conversations = new Map<string, { title: string; turns: Turn[] }>();
  const pause = () => new Promise((resolve) => setTimeout(resolve, wordMs));

  async function* write(
    generation: Generation,
    generationId: string,
    conversationId: string,
    question: string,
  ): AsyncGenerator<GenerationEvent> {
    const turn = create(TurnSchema, {
      generationId,
      question,
      model: "quotes",
      extractsOnly: true,
      createdAt: timestampFromDate(store.now),
    });
    conversations.get(conversationId)?.turns.push(turn);
    const event = (next: GenerationEvent["event"]) => {
      const made = create(GenerationEventSchema, { sequence: BigInt(generation.events.length + 1), event: next });
      generation.events.push(made);
      turn.lastSequence = made.sequence;
      return made;
    };
    yield event({
      case: "started",
      value: { $typeName: "cairn.chat.v1.Started", generationId, conversationId, model: "quotes", extractsOnly: true },
    });
    const found = find(store, question)
      .filter(({ passage }) => passage !== undefined)
      .slice(0, 3);
    await pause();
    yield event({
      case: "step",
      value: {
        $typeName: "cairn.chat.v1.Step",
        label: "Searched",
        detail: `“${question}”, ${found.length} records`,
        elapsedMs: 412,
        decisionIds: [],
        code: "",
        values: [],
        failed: false,
      },
    });
    for (const [index, { stored, passage }] of found.entries()) {
      const citation = {
        $typeName: "cairn.chat.v1.Citation" as const,
        number: index + 1,
        gone: false,
        decision: store.summary(stored),
        ...(passage && { passage }),
      };
      turn.citations.push(citation);
      yield event({ case: "citation", value: citation });
      const words = `${current(stored).title} says: “${passage?.text.split("\n")[0] ?? ""}” [${index + 1}]\n\n`.split(
        /(?<= )/u,
      );
      for (const word of words) {
        if (generation.stopped) break;
        await pause();
        turn.answer += word;
        yield event({ case: "delta", value: create(DeltaSchema, { text: word }) });
      }
    }
    const reason = generation.stopped
      ? FinishReason.STOPPED
      : found.length === 0
        ? FinishReason.NOTHING_FOUND
        : FinishReason.COMPLETE;
    const finished = { $typeName: "cairn.chat.v1.Finished" as const, reason, inputTokens: 0, outputTokens: 0, costMicros: 0n };
    turn.outcome = { case: "finished", value: finished };
    generation.done = true;
    yield event({ case: "finished", value: finished });
  }

  const conversationOf = (id: string) => {
    const found = conversations.get(id);
    if (found === undefined) throw new ConnectError("This conversation is not here any more.", Code.NotFound);
    const at = timestampFromDate(store.now);
    return { found, message: create(ConversationSchema, { id, title: found.title, createdAt: at, updatedAt: at }) };
  };
  return {
    async *ask({ question, conversationId }) {
      const id = conversationId === "" ? `conversation-${conversations.size + 1}` : conversationId;
      if (!conversations.has(id)) conversations.set(id, { title: question, turns: [] });
      const generationId = `generation-${generations.size + 1}`;
      const generation: Generation = { events: [], done: false, stopped: false };
      generations.set(generationId, generation);
      for await (const event of write(generation, generationId, id, question)) yield { event };
    },
    async *followGeneration({ generationId, afterSequence }) {
      const generation = generations.get(generationId);
      if (generation === undefined) throw new ConnectError("This answer is not here any more.", Code.NotFound);
      let next = Number(afterSequence);
      for (;;) {
        const event = generation.events[next];
        if (event !== undefined) {
          next += 1;
          yield { event };
        } else if (generation.done) return;
        else await pause();
      }
    },
    stopGeneration: ({ generationId }) => {
      const generation = generations.get(generationId);
      if (generation) generation.stopped = true;
      return {};
    },
    listConversations: () => ({
      conversations: [...conversations.keys()].toReversed().map((id) => conversationOf(id).message),
    }),
    getConversation: ({ id }) => ({ conversation: conversationOf(id).message, turns: conversationOf(id).found.turns }),
    deleteConversation: ({ id }) => {
      conversations.delete(id);
      return {};
    },
  };
}

export function fakeGateway(): Partial<ServiceImpl<typeof GatewayService>> {
  const providers = new Map<string, Provider>();
  return {
    listModels: () => ({
      models: [
        { name: "quotes", provider: "", extractsOnly: true, default: true },
        ...[...providers.values()].flatMap((one) =>
          one.models.map((model) => ({ name: `${one.name}/${model}`, provider: one.name })),
        ),
      ],
    }),
    listProviders: () => ({ providers: [...providers.values()] }),
    saveProvider: ({ id, kind, name, baseUrl, models, key }) => {
      if (name === "")
        throw new ConnectError("A provider needs a name. Its models are called by it.", Code.InvalidArgument);
      const before = providers.get(id);
      const provider = create(ProviderSchema, {
        id: id === "" ? `provider-${providers.size + 1}` : id,
        kind,
        name,
        baseUrl,
        models,
        hasKey: key === undefined ? (before?.hasKey ?? false) : key !== "",
      });
      providers.set(provider.id, provider);
      return { provider };
    },
    deleteProvider: ({ id }) => {
      providers.delete(id);
      return {};
    },
    testProvider: ({ id }) => {
      const refused = providers.get(id)?.kind === ProviderKind.OPENAI;
      return refused
        ? {
            ok: false,
            message: "The provider refused the key. Paste a key that is valid for this address.",
            firstTokenMs: 0,
          }
        : { ok: true, message: "It answered.", firstTokenMs: 184 };
    },
  };
}
