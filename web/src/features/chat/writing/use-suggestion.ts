import { useCallback, useEffect, useRef, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { ChatService, type Citation, type GenerationEvent } from "@/api/gen/cairn/chat/v1/chat_pb";

export interface Suggestion {
  text: string;
  citations: readonly Citation[];
  /** Words that stand in no record and not in the author's text. */
  unsupported: readonly string[];
  extractsOnly: boolean;
  running: boolean;
  error: string;
}

const NONE: Suggestion = { text: "", citations: [], unsupported: [], extractsOnly: false, running: false, error: "" };

function withEvent(before: Suggestion, { event }: GenerationEvent): Suggestion {
  switch (event.case) {
    case "started":
      return { ...before, extractsOnly: event.value.extractsOnly };
    case "delta":
      return { ...before, text: before.text + event.value.text };
    case "citation":
      return { ...before, citations: [...before.citations, event.value] };
    case "mark":
      return { ...before, unsupported: [...before.unsupported, event.value.text] };
    case "failed":
      return { ...before, error: event.value.message };
    default:
      return before;
  }
}

/** A suggestion as it is written. Leaving the page ends it at the server too. */
export function useSuggestion() {
  const clients = useClients();
  const [suggestion, setSuggestion] = useState<Suggestion | null>(null);
  const current = useRef<{ generationId: string; abort: AbortController } | null>(null);
  const stop = useCallback(() => {
    const running = current.current;
    current.current = null;
    if (running === null) return;
    // The stream that is left says nothing of a stop that failed; grace ends the generation then.
    const ended = running.generationId === "" ? Promise.resolve() : stopGeneration(clients, running.generationId);
    void ended.finally(() => running.abort.abort());
    setSuggestion((before) => before && { ...before, running: false });
  }, [clients]);
  const begin = useCallback(
    async (ask: (signal: AbortSignal) => AsyncIterable<{ event?: GenerationEvent | undefined }>) => {
      stop();
      const own = { generationId: "", abort: new AbortController() };
      current.current = own;
      setSuggestion({ ...NONE, running: true });
      const mine = () => current.current === own;
      try {
        for await (const { event } of ask(own.abort.signal)) {
          if (!mine()) break;
          if (event === undefined) continue;
          if (event.event.case === "started") own.generationId = event.event.value.generationId;
          setSuggestion((before) => before && withEvent(before, event));
        }
      } catch (error) {
        if (mine()) setSuggestion((before) => before && { ...before, error: messageOf(error) });
      }
      if (mine()) {
        current.current = null;
        setSuggestion((before) => before && { ...before, running: false });
      }
    },
    [stop],
  );
  const discard = useCallback(() => {
    stop();
    setSuggestion(null);
  }, [stop]);
  useEffect(() => stop, [stop]);
  return { suggestion, begin, stop, discard };
}

async function stopGeneration(clients: ReturnType<typeof useClients>, generationId: string): Promise<void> {
  try {
    await clients(ChatService).stopGeneration({ generationId });
  } catch {
    // It ends by itself when nobody listens.
  }
}
