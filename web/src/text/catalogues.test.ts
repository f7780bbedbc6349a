import { expect, test } from "vitest";

type Value = string | ((...values: never[]) => string) | { readonly [key: string]: Value };

const english = import.meta.glob<{ t?: Value }>(["@/**/texts.ts", "@/**/texts/*.ts", "!@/**/*.de.ts"], { eager: true });
const german = import.meta.glob<{ texts?: Value }>(["@/**/texts.de.ts", "@/**/texts/*.de.ts"], { eager: true });

// Written alike in both languages.
const ALIKE = new Set([
  ...["Cairn", ", Cairn", "Code", "Graph", "in", "Links", "Name", "Organisation", "Person", "Status", "Text"],
  ...["Text, in Markdown", "Tokens", "Version"],
]);

/** The texts of a catalogue by their names: of those that put words around others, the program that does. */
function flat(value: Value, name: string): [string, string][] {
  if (typeof value !== "object") return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, one]) => flat(one, `${name}.${key}`));
}

/** The words that a text shows, without what is put into it. */
function wordsOf(text: string): string {
  const program = text.includes("=>") || text.includes("function");
  // Words may stand inside of what is put in, as the forms of a plural do.
  const quoted = program ? [...text.matchAll(/"[^"]*"/gu)].join(" ") : "";
  const shown = program ? [...text.matchAll(/`[^`]*`/gu)].join(" ") : text;
  return `${quoted} ${shown.replaceAll(/\$\{[^}]*\}/gu, " ")}`.replaceAll(/<\/?\w+>|["`]/gu, " ").trim();
}

test("every catalogue has its German beside it", () => {
  expect(Object.keys(english).length).toBeGreaterThan(10);
  expect(Object.keys(german).sort()).toEqual(Object.keys(english).map((path) => path.replace(/\.ts$/u, ".de.ts")).sort());
});

test("no text was left in English", () => {
  const left = Object.entries(english).flatMap(([path, { t }]) => {
    const texts = german[path.replace(/\.ts$/u, ".de.ts")]?.texts;
    const other = new Map(flat(texts ?? {}, path));
    return flat(t ?? {}, path)
      .filter(([name, text]) => wordsOf(text) === wordsOf(other.get(name) ?? "") && /\p{L}{2}/u.test(wordsOf(text)))
      .filter(([, text]) => !ALIKE.has(wordsOf(text)))
      .map(([name, text]) => `${name}: ${text}`);
  });
  expect(left).toEqual([]);
});
