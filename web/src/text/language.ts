/** The languages that the pages speak. To add one: name it here, then write what TypeScript says is missing. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export type Language = keyof typeof LANGUAGES;
type Other = Exclude<Language, "en">;

const KEY = "cairn.language";
// Day before month, as Cairn has always written it, unless the browser names a place that does otherwise.
const USUAL_LOCALE: Record<Language, string> = { en: "en-GB", de: "de-DE" };

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag);
}

function baseOf(tag: string): string {
  return tag.split("-", 1)[0] ?? "";
}

function chosenLanguage(): Language {
  const stored = localStorage.getItem(KEY) ?? "";
  return isLanguage(stored) ? stored : (navigator.languages.map(baseOf).find(isLanguage) ?? "en");
}

/** The language of this page, as chosen or as the browser asks. It stays until the page is loaded again. */
export const language: Language = chosenLanguage();

/** How numbers and dates are written: as the browser's own place does it, where that speaks the page's language. */
export const locale: string =
  navigator.languages.find((tag) => tag.includes("-") && baseOf(tag) === language) ?? USUAL_LOCALE[language];

/** Chooses a language and loads the page anew in it. Drafts are kept, as on every reload. */
export function setLanguage(chosen: Language): void {
  localStorage.setItem(KEY, chosen);
  location.reload();
}

const coming: Promise<void>[] = [];

/**
 * The texts of one feature: English, and where to find them in the other languages, which load only for those who read
 * them. Read a text where it is shown, never while a module loads: it may still be on its way then.
 */
export function catalogue<Texts extends object>(
  english: Texts,
  others: Record<Other, () => Promise<{ texts: Texts }>>,
): Texts {
  if (language !== "en") coming.push(others[language]().then(({ texts }) => void Object.assign(english, texts)));
  return english;
}

/** Resolves when the texts of every module loaded so far are there in the page's language. */
export async function textsReady(): Promise<void> {
  await Promise.all(coming);
}

const NUMBER = new Intl.NumberFormat(locale);
const RULES = new Intl.PluralRules(locale);

/** `1,240`. */
export function number(value: number): string {
  return NUMBER.format(value);
}

/** The form that a number asks for in the page's language, with `#` replaced by the number: `1,240 records`. */
export function plural(value: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string {
  return (forms[RULES.select(value)] ?? forms.other).replaceAll("#", number(value));
}
