export interface Section {
  /** Empty for what stands before the first heading. */
  heading: string;
  /** With its heading line, without space around it. */
  text: string;
}

const HEADING = /^##\s+(.+?)\s*#*$/u;
const FENCE = /^\s*(?:`{3,}|~{3,})/u;

/** The second-level sections of a text. Headings inside of code are code. */
export function sectionsOf(text: string): Section[] {
  const sections: { heading: string; lines: string[] }[] = [{ heading: "", lines: [] }];
  let fenced = false;
  for (const line of text.split("\n")) {
    if (FENCE.test(line)) fenced = !fenced;
    const heading = fenced ? undefined : HEADING.exec(line)?.[1];
    if (heading === undefined) sections.at(-1)?.lines.push(line);
    else sections.push({ heading, lines: [line] });
  }
  return sections
    .map(({ heading, lines }) => ({ heading, text: lines.join("\n").trim() }))
    .filter(({ text: own }) => own !== "");
}

/** The suggested title, and the text without it. */
export function splitTitle(suggestion: string): { title: string; body: string } {
  const match = /^\s*#\s+([^\n]*)\n?/u.exec(suggestion);
  return match ? { title: match[1]?.trim() ?? "", body: suggestion.slice(match[0].length) } : { title: "", body: suggestion };
}

const key = (heading: string) => heading.trim().toLowerCase();

/** The text with a section in the place of its own of that heading, or at the end where it has none. */
export function withSection(body: string, section: Section): string {
  const sections = sectionsOf(body);
  const at = sections.findIndex((one) => key(one.heading) === key(section.heading));
  const next = at < 0 ? [...sections, section] : sections.with(at, section);
  return `${next.map(({ text }) => text).join("\n\n")}\n`;
}

/** The part of a text that changed last: its paragraph. */
export function changedParagraph(before: string, after: string): string {
  let at = 0;
  while (at < after.length && before[at] === after[at]) at += 1;
  const start = after.lastIndexOf("\n\n", Math.max(0, at - 1));
  const end = after.indexOf("\n\n", at);
  return after.slice(start < 0 ? 0 : start, end < 0 ? undefined : end).trim();
}
