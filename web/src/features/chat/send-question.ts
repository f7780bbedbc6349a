import type { Clients } from "@/api/clients";
import { type AskResponse, ChatService } from "@/api/gen/cairn/chat/v1/chat_pb";
import { language } from "@/text/language";

import type { TurnScope } from "./turn-scope";

export interface Question {
  text: string;
  conversationId: string;
  model: string;
  scope: TurnScope;
  /** The answer it follows; the latest where it is empty. */
  afterId?: string;
  /** The turn in whose place it is asked, as another branch. */
  insteadOf?: { generationId: string; afterId: string };
}

export interface SentQuestion {
  events: AsyncIterator<AskResponse>;
  first: Promise<IteratorResult<AskResponse>>;
}

/** Sends a question in this very moment: who presses Enter and goes on has asked. */
export function sendQuestion(clients: Clients, question: Question): SentQuestion {
  const { scope, insteadOf, afterId = "" } = question;
  const stream = clients(ChatService).ask({
    question: question.text,
    conversationId: question.conversationId,
    model: question.model,
    logIds: [...scope.logIds],
    decisionIds: [...scope.decisionIds],
    tags: [...scope.tags],
    asOf: scope.asOf,
    afterGenerationId: afterId,
    insteadOfGenerationId: insteadOf?.generationId ?? "",
    language,
  });
  const events = stream[Symbol.asyncIterator]();
  const first = events.next();
  // Whoever reads the answer is told of a refusal; until then nobody has missed it.
  first.catch(() => undefined);
  return { events, first };
}
