import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";

import { language } from "@/text/language";

// A browser lets 64 KiB of such bodies be under way at once and refuses the rest, so long texts go without: the editor
// keeps those as drafts.
const OUTLIVES_BYTES_MOST = 8 * 1024;

// What index.html asked for before the code was there (build/begin.js), by address and message.
function takeBegun(address: string, body: Uint8Array): Promise<Response> | undefined {
  const key = address + String.fromCodePoint(...body);
  const begun = globalThis.cairnBegun?.get(key);
  globalThis.cairnBegun?.delete(key);
  return begun;
}

declare global {
  var cairnBegun: Map<string, Promise<Response>> | undefined;
}

/** Nobody sees an error before it can be said in the page's language. */
const wordErrors: Interceptor = (next) =>
  language === "en" ? next : async (request) => (await import("./worded-errors")).worded(next, request);

/**
 * The server over HTTP. A write goes out even where its page is left in the same moment: who presses Enter and goes on
 * has asked. Reads end with the page that wanted them.
 */
export function createTransport(baseUrl: string): Transport {
  const writes = new WeakSet<Headers>();
  const noteWrites: Interceptor = (next) => (request) => {
    if (request.method.idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS) writes.add(request.header);
    return next(request);
  };
  const send: typeof fetch = (input, init) => {
    const { headers, body } = init ?? {};
    const outlives =
      headers instanceof Headers &&
      writes.has(headers) &&
      body instanceof Uint8Array &&
      body.byteLength <= OUTLIVES_BYTES_MOST;
    const known = typeof input === "string" && body instanceof Uint8Array && body.byteLength <= OUTLIVES_BYTES_MOST;
    const begun = known ? takeBegun(input, body) : undefined;
    if (begun !== undefined) return begun;
    // The one place that sends: the generated clients stand on it.
    // eslint-disable-next-line no-restricted-globals
    return fetch(input, { ...init, keepalive: outlives });
  };
  return createConnectTransport({ baseUrl, useBinaryFormat: true, interceptors: [noteWrites, wordErrors], fetch: send });
}
