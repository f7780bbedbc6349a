import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { finishHtml } from "./finish";
import { renderMarkdown, safeHtml } from "./markdown";

const TEXTS = join(import.meta.dirname, "../../../tests/unit/decisions/formats/rendered");

/** Without what only the server puts in: the colours of code. */
function plain(html: string): string {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  for (const word of holder.content.querySelectorAll("span[class^=hljs-]")) word.replaceWith(...word.childNodes);
  for (const code of holder.content.querySelectorAll("[data-done]")) code.removeAttribute("data-done");
  for (const one of holder.content.querySelectorAll("*")) {
    const attributes = [...one.attributes].map(({ name, value }): [string, string] => [name, value]).toSorted();
    for (const [name] of attributes) one.removeAttribute(name);
    for (const [name, value] of attributes) one.setAttribute(name, value);
  }
  return holder.innerHTML;
}

test("a record that the server renders is the one that its editor shows", () => {
  const source = readFileSync(join(TEXTS, "record.md"), "utf8");
  const served = readFileSync(join(TEXTS, "record.html"), "utf8");
  expect(plain(safeHtml(source, true))).toBe(plain(served));
  const { html, outline } = finishHtml(served, { lines: true });
  const written = renderMarkdown(source, { lines: true });
  expect(plain(html)).toBe(plain(written.html));
  expect(outline).toEqual(written.outline);
});
