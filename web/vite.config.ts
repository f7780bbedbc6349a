import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

import { begin } from "./build/begin.ts";
import { brotliBeside } from "./build/compress.ts";
import { firstSight } from "./build/first-sight.ts";
import { ALIAS } from "./build/run.ts";

/** `npm run dev:fake` serves the pages on the in-memory double of the server that the unit tests use. */
function fakeServer(mode: string): Plugin {
  return {
    name: "cairn-fake-server",
    transformIndexHtml: (html) => (mode === "fake" ? html.replace("/src/main.tsx", "/src/test/main-fake.tsx") : html),
  };
}

/**
 * The pages speak Protobuf's binary form only, and Connect's own errors are plain JSON: the codec between messages and
 * JSON, 6 KB compressed on every first visit, is left out of the build.
 */
function binaryOnly(): Plugin {
  const exportsOf: Record<string, string[]> = {
    "from-json.js": [
      "fromJson",
      "fromJsonString",
      "mergeFromJson",
      "mergeFromJsonString",
      "enumFromJson",
      "isEnumJson",
    ],
    "to-json.js": ["toJson", "toJsonString", "enumToJson"],
  };
  const load = (id: string) => {
    const file = /@bufbuild\/protobuf\/dist\/esm\/([a-z-]+\.js)$/u.exec(id)?.[1] ?? "";
    return exportsOf[file]
      ?.map((name) => `export function ${name}() { throw new Error("${name} is not in this build"); }`)
      .join("\n");
  };
  return { name: "cairn-binary-only", apply: "build", enforce: "pre", load };
}

/**
 * Contracts travel in the pages as bytes, not in base64, which hides from gzip what repeats in them: 3 KB less on the
 * first visit.
 */
function plainContracts(): Plugin {
  const change = (id: string, code: string, from: RegExp, to: (found: string) => string) => {
    if (!from.test(code)) throw new Error(`${id} holds no ${from.source}: is this another Protobuf-ES?`);
    return { code: code.replace(from, (_, found: string) => to(found)), map: null };
  };
  return {
    name: "cairn-plain-contracts",
    apply: "build",
    enforce: "pre",
    transform(code, id) {
      if (/@bufbuild\/protobuf\/dist\/esm\/codegenv2\/file\.js$/u.test(id)) {
        return change(id, code, /(base64Decode\(b64\))/u, () => "Uint8Array.from(b64, (byte) => byte.charCodeAt(0))");
      }
      if (!/_pb\.[jt]s$/u.test(id) || !code.includes("fileDesc(")) return undefined;
      const bytes = (base64: string) => JSON.stringify(atob(base64));
      return change(id, code, /(?<=fileDesc\()"([\w+/=]+)"/u, bytes);
    },
  };
}

const GROUND =
  /node_modules\/(?:react|react-dom|scheduler|use-sync-external-store|@tanstack|@connectrpc|@bufbuild)\/|src\/ui\/(?:page|button|classes|field|icons|marks|skeleton|status|stone|stone-shapes|time|toast|empty|note|texts)\.(?!de)|src\/text\/(?:language|lazy|phrases|rich)\.(?!de)|src\/app\/(?:router|mount|pressed|theme|places|session-end|shell|shortcuts|failures|texts\/shell)\.(?!de)|src\/api\/(?:clients|errors|transport)\.|src\/features\/(?:decisions|tenancy)\/(?:queries|status-names)\./u;

// The log asks for these once its list stands there.
const BESIDE_LIST = /src\/features\/decisions\/(?:curate\/saved-views|more-facets|texts\/facets)\.(?!de)/u;

// What was asked, on home and where one asks; the contract of answers holds passages that were found.
const ASKED = /src\/(?:features\/chat\/(?:queries|composer|turn-scope)|api\/gen\/cairn\/chat\/v1\/chat_pb)\.(?!de)/u;
const ASKING = /src\/features\/chat\/(?:texts\/(?:answers|conversations)|dock|scope|send-question|use-ask)\.(?!de)/u;
const ANSWERED = /src\/api\/gen\/cairn\/search\/v1\/search_pb\./u;
const FOUND = /src\/(?:text\/passage|features\/search\/(?:queries|index-state|texts\/index-state))\.(?!de)/u;
// Small things that several pages read: what depends on them would take them along.
const MODELS = /src\/(?:features\/chat\/models-query|api\/gen\/cairn\/gateway\/v1\/gateway_pb)\./u;
const FILTERS = /src\/features\/decisions\/(?:filters|dates)\.(?!css)/u;
// How decisions hang together, for the graph and the timeline.
const LINKED = /src\/features\/decisions\/graph\/(?:model|graph-query)\.|src\/api\/gen\/cairn\/decisions\/v1\/lifecycle_pb\./u;
// What waits for somebody, on home, in the inbox and beside a record.
const WAITING = /src\/(?:features\/decisions\/(?:inbox-rows|review-queries|texts\/waiting)|api\/gen\/cairn\/decisions\/v1\/review_pb)\.(?!de)/u;
// What is shared by a record and those that write, compare or cite it.
const READING = /src\/(?:text\/(?:finish|slug|texts)|ui\/prose|features\/decisions\/(?:links|texts\/record))\.(?!de|css)/u;
const OPENED = /src\/ui\/(dialog|menu)\./u;
const PUBLISHING = /src\/features\/decisions\/(?:publish\/queries|texts\/publish)\.(?!de)/u;
// What stands beside and below a record, and leads its life, comes once its text stands.
const PARTS =
  /src\/features\/(?:search\/related|decisions\/(?:record-parts|margin|source-dialog|texts\/talk|life\/(?:approvals|care|relations)|talk\/[\w-]+|publish\/record-publication))\.(?!de|css)/u;
const RECORD = /src\/features\/decisions\/(?:record-page|lineage|outline)\.(?!de|css)/u;
const LIFE = /src\/features\/decisions\/(?:texts\/life|life\/(?:queries|status-actions|use-transition))\.(?!de)/u;
// Every other contract by itself: pages share them in all ways.
const CONTRACT = /src\/api\/gen\/.*\/(\w+_pb)\.ts$/u;

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), fakeServer(mode), binaryOnly(), plainContracts(), firstSight(), begin(), brotliBeside()],
  resolve: { alias: ALIAS },
  server: { proxy: { "^/cairn\\.": "http://127.0.0.1:7766" } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    // Every browser that reads this target preloads modules itself.
    modulePreload: {
      polyfill: false,
      // A page's files are asked for as its link is pointed at. The names of those they stand on would be 1.3 KB more on
      // every first visit; styles must be there before what they dress.
      resolveDependencies: (_, files) => files.filter((file) => file.endsWith(".css")),
    },
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      // The second one is the style of the pages that the server draws.
      input: { index: "index.html", public: "src/ui/public.css" },
      // What every page stands on travels in one piece, which compresses better than twenty.
      output: {
        // Hashes do not compress, and the first visit brings a hundred names of files that may come later.
        chunkFileNames: "assets/[name]-[hash:7].js",
        codeSplitting: {
          groups: [
            { name: "ground", test: GROUND },
            { name: "linked", test: LINKED },
            { name: "models", test: MODELS },
            { name: "filters", test: FILTERS },
            { name: "answered", test: ANSWERED },
            { name: "found", test: FOUND },
            { name: "asked", test: ASKED },
            { name: "waiting", test: WAITING },
            { name: "asking", test: ASKING },
            { name: (id) => CONTRACT.exec(id)?.[1] ?? null, test: CONTRACT },
            { name: "beside-list", test: BESIDE_LIST },
            { name: (id) => OPENED.exec(id)?.[1] ?? null, test: OPENED },
            { name: "reading", test: READING },
            { name: "publishing", test: PUBLISHING },
            { name: "life", test: LIFE },
            { name: "record-parts", test: PARTS },
            { name: "record", test: RECORD },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 90_000,
  },
}));
