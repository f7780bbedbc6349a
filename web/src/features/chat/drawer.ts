import type { MarkdownOptions } from "@/text/finish";
import { renderMarkdown } from "@/text/markdown";

import { settledBlocks } from "./settled";

/** Draws an answer as it grows: a block that is whole is drawn once, and again only when one of its sources changes. */
export class Drawer {
  readonly #drawn = new Map<string, string>();

  growing(text: string, options: MarkdownOptions): { settled: string[]; tail: string } {
    const { blocks, tail } = settledBlocks(text);
    return {
      settled: blocks.map((block) => this.#block(block, options)),
      tail: renderMarkdown(tail, options).html,
    };
  }

  #block(text: string, options: MarkdownOptions): string {
    const sources = [...text.matchAll(/\[(\d{1,3})\]/gu)].map(([, number]) => options.citations?.get(Number(number)));
    const key = JSON.stringify([text, sources, options.unsupported?.words]);
    const html = this.#drawn.get(key) ?? renderMarkdown(text, options).html;
    this.#drawn.set(key, html);
    return html;
  }
}
