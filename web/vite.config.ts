import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { type Plugin, runnerImport } from "vite";
import { defineConfig } from "vitest/config";

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

const ALIAS = {
  "@": new URL("./src", import.meta.url).pathname,
  // The same for a React that has the hook itself, as ours does.
  "use-sync-external-store/shim/with-selector": "use-sync-external-store/with-selector",
};

/** Draws the frame of every page into index.html, so that it stands there before its code does. */
function firstSight(): Plugin {
  return {
    name: "cairn-first-sight",
    apply: "build",
    transformIndexHtml: async (html) => {
      // What the words ask the browser for when they load: which language.
      Object.assign(globalThis, { localStorage: { getItem: () => "en" }, navigator: { languages: ["en"] } });
      const { module } = await runnerImport<{ FIRST_SIGHT: string }>("/src/app/first-sight.tsx", {
        configFile: false,
        plugins: [react()],
        resolve: { alias: ALIAS },
      });
      return html.replace('<div id="root"></div>', `<div id="root">${module.FIRST_SIGHT}</div>`);
    },
  };
}

const GROUND =
  /node_modules\/(?:react|react-dom|scheduler|use-sync-external-store|@tanstack|@connectrpc|@bufbuild)\/|src\/ui\/(?:page|button|classes|icons|marks|skeleton|status|stone|stone-shapes|time|toast|empty|note|texts)\.(?!de)|src\/text\/(?:language|lazy|phrases|rich)\.(?!de)|src\/app\/(?:theme|places|session-end|shell|shortcuts|failures|texts\/shell)\.(?!de)|src\/api\/(?:clients|errors)\.|src\/features\/(?:decisions|tenancy)\/(?:queries|status-names)\./u;

// The log asks for these once its list stands there.
const BESIDE_LIST = /src\/features\/decisions\/(?:curate\/saved-views|more-facets|texts\/facets)\.(?!de)/u;

// Home needs these together: what waits, and what was asked.
const ASKED =
  /src\/(?:features\/(?:decisions\/(?:inbox-rows|review-queries|texts\/waiting)|chat\/(?:queries|composer))|api\/gen\/cairn\/(?:decisions\/v1\/review|chat\/v1\/chat|search\/v1\/search)_pb)\.(?!de)/u;

export default defineConfig(({ mode }) => ({
  plugins: [react(), tailwindcss(), fakeServer(mode), binaryOnly(), plainContracts(), firstSight()],
  resolve: { alias: ALIAS },
  server: { proxy: { "^/cairn\\.": "http://127.0.0.1:7766" } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    // Every browser that reads this target preloads modules itself.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      // The second one is the style of the pages that the server draws.
      input: { index: "index.html", public: "src/ui/public.css" },
      // What every page stands on travels in one piece, which compresses better than twenty.
      output: {
        codeSplitting: {
          groups: [
            { name: "ground", test: GROUND },
            { name: "asked", test: ASKED },
            { name: "beside-list", test: BESIDE_LIST },
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
