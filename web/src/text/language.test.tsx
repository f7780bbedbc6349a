import { render } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

async function speaking(languages: string[], stored?: string) {
  vi.resetModules();
  vi.spyOn(navigator, "languages", "get").mockReturnValue(languages);
  if (stored !== undefined) localStorage.setItem("cairn.language", stored);
  return import("./language");
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.resetModules();
});

test.each([
  [["de-CH", "en"], undefined, "de", "de-CH"],
  [["fr-FR", "de"], undefined, "de", "de-DE"],
  [["fr-FR"], undefined, "en", "en-GB"],
  [["en-US", "de"], undefined, "en", "en-US"],
  [["en-US"], "de", "de", "de-DE"],
  [["de-AT"], "en", "en", "en-GB"],
  [["de"], "klingon", "de", "de-DE"],
])("a browser that asks for %j with %j chosen reads %s as in %s", async (asked, stored, language, locale) => {
  const found = await speaking(asked, stored);
  expect([found.language, found.locale]).toEqual([language, locale]);
});

test("numbers and their nouns follow the language", async () => {
  const forms = { one: "# record", other: "# records" };
  const english = await speaking(["en-GB"]);
  expect([english.plural(1, forms), english.plural(1240, forms)]).toEqual(["1 record", "1,240 records"]);
  const german = await speaking(["de-DE"]);
  expect(german.plural(1240, { one: "# Eintrag", other: "# Einträge" })).toBe("1.240 Einträge");
});

test("texts are there in the other language once they are ready", async () => {
  const { textsReady } = await speaking(["de"]);
  const { t } = await import("@/app/texts/home");
  await textsReady();
  expect(t.needsYou).toBe("Wartet auf Sie");
  expect(t.searches(18, 1)).toBe("Durchsucht 18 Entscheidungen in 1 Protokoll. Jede Aussage nennt ihre Stelle.");
});

test("a language that cannot be loaded is told, not passed over", async () => {
  const { catalogue, textsReady } = await speaking(["de"]);
  catalogue({ word: "word" }, { de: () => Promise.reject(new Error("offline")) });
  await expect(textsReady()).rejects.toThrow("offline");
});

test("a sentence holds more than words", async () => {
  const { rich } = await import("./rich");
  const view = render(
    <p>{rich("Before <a>the link</a>, <b>strong</b> and <c>left</c>.", { a: (w) => <a href="/x">{w}</a>, b: (w) => <b>{w}</b> })}</p>,
  );
  expect(view.container.innerHTML).toBe('<p>Before <a href="/x">the link</a>, <b>strong</b> and left.</p>');
});
