import { Code, ConnectError } from "@connectrpc/connect";

import { t as phrases } from "@/text/phrases";
import { t } from "@/ui/texts";

/** True when the write was refused because somebody saved a newer version first. */
export function isStale(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Aborted;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.NotFound;
}

/** True when what was asked for cannot be meant, as a name that several decisions have. */
export function isInvalid(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.InvalidArgument;
}

/** True when Cairn does not know who asks: the session or the token has ended. */
export function isUnauthenticated(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Unauthenticated;
}

export function isAborted(error: unknown): boolean {
  return error instanceof ConnectError && error.code === Code.Canceled;
}

/** True when no answer came from Cairn: it is down, restarting, or the network is. */
export function isUnreachable(error: unknown): boolean {
  const connectError = ConnectError.from(error);
  return connectError.code === Code.Unavailable || connectError.cause instanceof TypeError;
}

/** The sentence to show. The server writes its messages for people; only a missing server needs ours. */
export function messageOf(error: unknown): string {
  if (isUnreachable(error)) return t.unreachable;
  const connectError = ConnectError.from(error);
  return phrases.error(connectError) ?? (connectError.rawMessage || t.noReason);
}

/** The language of that sentence, where it is not the page's: a voice reads it out by this. */
export function languageOf(error: unknown): "en" | undefined {
  const english = error instanceof ConnectError && !isUnreachable(error) && phrases.error(error) === undefined;
  return english ? "en" : undefined;
}

/** Retries reads that failed for want of a server; anything else is an answer. */
export function shouldRetry(failures: number, error: unknown): boolean {
  return failures < 2 && isUnreachable(error);
}
