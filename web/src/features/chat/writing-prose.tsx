import { type JSX, useLayoutEffect, useRef } from "react";

interface WritingProseProps {
  /** Trusted HTML, from `renderMarkdown`: of the blocks that are whole, and of the one being written. */
  settled: readonly string[];
  tail: string;
}

/** An answer while it is written: whole blocks are put in once and stay, so that a word costs its own block only. */
export function WritingProse({ settled, tail }: WritingProseProps): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const drawn = useRef<{ blocks: readonly string[]; nodes: number }>({ blocks: [], nodes: 0 });
  useLayoutEffect(() => {
    const root = element.current;
    if (root === null) return;
    const before = drawn.current;
    const kept = before.blocks.every((block, place) => settled[place] === block);
    const keep = kept ? before.nodes : 0;
    while (root.childNodes.length > keep) root.lastChild?.remove();
    root.insertAdjacentHTML("beforeend", settled.slice(kept ? before.blocks.length : 0).join(""));
    drawn.current = { blocks: settled, nodes: root.childNodes.length };
    root.insertAdjacentHTML("beforeend", tail);
  }, [settled, tail]);
  return <div ref={element} className="prose writing" />;
}
