import type { ConnectError } from "@connectrpc/connect";

import type { Phrase } from "@/api/gen/cairn/text/v1/text_pb";

export interface Texts {
  /** A sentence of the server's, which writes English, in the page's language. */
  said: (sentence: string, phrase: Phrase | undefined) => string;
  /** What an error says, where that is known in another language than English. */
  error: (error: ConnectError) => string | undefined;
}

/** English until `phrasesReady` has resolved. */
export const t: Texts = { said: (sentence) => sentence, error: () => undefined };
