import { readFileSync } from "node:fs";

import type { Plugin, Rolldown } from "vite";

import type { FIRST_READS, RECORD } from "../src/app/first-reads";
import { runAtBuild } from "./run.ts";

type Bundle = Rolldown.OutputBundle;
type Chunk = Rolldown.OutputChunk;

interface FirstReads {
  FIRST_READS: typeof FIRST_READS;
  RECORD: typeof RECORD;
}

/** What each file of a first visit stands on: the files themselves, and those for who reads German. */
interface Pieces {
  files: string[];
  german: string[];
}

// As router.tsx writes a page: its path, and where its code is.
const ROUTE = /path: "([^"]+)",[^{}]*?import\("([^"]+)"\)/gu;
// What records, questions and passages are read in: asked for before a style names it.
const READING_FACE = /source-serif-4-latin-wght-normal-[^.]+\.woff2$/u;
const READING = "^/(?:$|ask|search|decisions/)";
const GERMAN_TEXTS = /\/(?:texts\/[\w-]+|texts)\.de\.ts$/u;

function chunksOf(bundle: Bundle): Chunk[] {
  return Object.values(bundle).filter((one) => one.type === "chunk");
}

function piecesOf(bundle: Bundle, first: Chunk): Pieces {
  const files = new Set<string>();
  const german = new Set<string>();
  const add = (chunk: Chunk) => {
    if (files.has(chunk.fileName)) return;
    files.add(chunk.fileName);
    for (const file of chunk.viteMetadata?.importedCss ?? []) files.add(file);
    for (const name of chunk.imports) {
      const next = bundle[name];
      if (next?.type === "chunk") add(next);
    }
    for (const name of chunk.dynamicImports) {
      const next = bundle[name];
      if (next?.type === "chunk" && GERMAN_TEXTS.test(next.facadeModuleId ?? "")) german.add(name);
    }
  };
  add(first);
  return { files: [...files], german: [...german] };
}

/** `/decisions/$ref` as a pattern that no longer path fits. */
function pattern(path: string): string {
  return `^${path.replaceAll(/\$\w+/gu, "[^/]+")}/?$`;
}

function pagesOf(bundle: Bundle, ground: Pieces): [string, string[], string[]][] {
  const source = readFileSync(new URL("../src/app/router.tsx", import.meta.url), "utf8");
  const routes = [...source.matchAll(ROUTE)].map(([, path = "", module = ""]) => ({ path, module }));
  if (routes.length === 0) throw new Error("router.tsx names no page as build/begin.ts expects it.");
  // `/decisions/new` before `/decisions/$ref`.
  routes.sort((one, other) => one.path.split("$").length - other.path.split("$").length);
  return routes.map(({ path, module }) => {
    const file = module.replace("@/", "/src/").replace("./", "/src/app/");
    const chunk = chunksOf(bundle).find((one) => one.facadeModuleId?.endsWith(`${file}.tsx`));
    if (chunk === undefined) throw new Error(`The page of ${path}, ${module}, has no file of its own.`);
    const { files, german } = piecesOf(bundle, chunk);
    const more = (name: string) => !ground.files.includes(name) && !ground.german.includes(name);
    return [pattern(path), files.filter(more), german.filter(more)];
  });
}

/**
 * Puts the style of the frame and the beginning of the code into index.html: the frame is drawn as soon as the page is
 * there, and only then does the code run. What the page at this address needs, files and reads, is asked for at once.
 */
export function begin(): Plugin {
  const handler = async (html: string, bundle: Bundle): Promise<string> => {
    const entry = chunksOf(bundle).find((one) => one.isEntry && one.name === "index");
    if (entry === undefined) throw new Error("The build has no entry named index.");
    const ground = piecesOf(bundle, entry);
    const style = ground.files.find((name) => name.endsWith(".css"));
    const sheet = style === undefined ? undefined : bundle[style];
    if (style === undefined || sheet?.type !== "asset") throw new Error("The entry has no style sheet.");
    const { FIRST_READS: reads, RECORD: record } = await runAtBuild<FirstReads>("/src/app/first-reads.ts");
    const source = (name: string) => readFileSync(new URL(name, import.meta.url), "utf8");
    const written = `${source("record-text.js")}${source("begin.js")}`;
    const script = written.replaceAll(/^\s*\/\/.*\n/gmu, "").replaceAll(/^ +/gmu, "");
    const pieces = JSON.stringify({
      entry: entry.fileName,
      files: ground.files.filter((name) => name !== style && name !== entry.fileName),
      german: ground.german,
      pages: pagesOf(bundle, ground),
      reads,
      record,
      face: Object.keys(bundle).find((name) => READING_FACE.test(name)) ?? "",
      reading: READING,
    });
    const left = html
      .replaceAll(/\s*<script type="module"[^>]*><\/script>/gu, "")
      .replaceAll(/\s*<link rel="modulepreload"[^>]*>/gu, "")
      .replace(/<link rel="stylesheet"[^>]*>/u, () => `<style>${String(sheet.source)}</style>`);
    return left.replace("</body>", () => `  <script>${script.replace("PIECES", () => pieces)}</script>\n  </body>`);
  };
  return {
    name: "cairn-begin",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (html, { bundle }) => {
        if (bundle === undefined) throw new Error("The beginning of the pages is put in by a build only.");
        return handler(html, bundle);
      },
    },
  };
}
