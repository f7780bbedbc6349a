import type { Interceptor } from "@connectrpc/connect";

import { phrasesReady } from "@/text/phrases-ready";

type Next = Parameters<Interceptor>[0];

async function* wordedStream<Message>(messages: AsyncIterable<Message>): AsyncIterable<Message> {
  try {
    yield* messages;
  } catch (error) {
    await phrasesReady();
    throw error;
  }
}

/** Sends a request, and holds an error back until the page has the words for it. */
export async function worded(next: Next, request: Parameters<Next>[0]): ReturnType<Next> {
  try {
    const response = await next(request);
    return response.stream ? { ...response, message: wordedStream(response.message) } : response;
  } catch (error) {
    await phrasesReady();
    throw error;
  }
}
