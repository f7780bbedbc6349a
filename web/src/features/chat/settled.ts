const FENCE = /^ {0,3}(`{3,}|~{3,})/u;
/** A line that belongs to the block before it, though a blank line stands between: the item of a list, or its text. */
const GOES_ON = /^(?:[ \t]|[-+*](?:\s|$)|\d{1,9}(?:$|[.)](?:\s|$))|<)/u;

/**
 * An answer that is being written, cut where Markdown's blocks end: what stands before the tail is never drawn again.
 * Where a cut could change a meaning (lists, raw HTML, code), there is none; the whole is drawn once more at its end.
 */
export function settledBlocks(text: string): { blocks: string[]; tail: string } {
  const blocks: string[] = [];
  let begin = 0;
  let at = 0;
  let fence = "";
  let blank = false;
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1] ?? "";
    const raw = text.startsWith("<", begin);
    if (blank && fence === "" && line.trim() !== "" && !GOES_ON.test(line) && !raw) {
      blocks.push(text.slice(begin, at));
      begin = at;
    }
    if (fence === "") fence = mark;
    else if (mark.startsWith(fence) && line.trim() === mark) fence = "";
    blank = line.trim() === "";
    at += line.length + 1;
  }
  return { blocks, tail: text.slice(begin) };
}
