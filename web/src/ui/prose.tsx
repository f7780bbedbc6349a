import { useRouter } from "@tanstack/react-router";
import { type JSX, useEffect, useRef } from "react";

import { classes } from "./classes";

const DIAGRAM = 'code[data-language="mermaid"]';
// The server has coloured what it rendered.
const PLAIN = 'code[data-language]:not([data-done], [data-language="mermaid"])';

interface ProseProps {
  /** Trusted HTML, from `renderMarkdown`. */
  html: string;
  className?: string;
}

/** Long-form text on paper: links inside Cairn stay inside the page, code is coloured and diagrams are drawn once they are there. */
export function Prose({ html, className }: ProseProps): JSX.Element {
  const router = useRouter();
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = element.current;
    if (root === null) return undefined;
    const onClick = (event: MouseEvent) => {
      const anchor = event.target instanceof Element ? event.target.closest("a") : null;
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (anchor === null || !plain || !(anchor.getAttribute("href") ?? "").startsWith("/")) return;
      event.preventDefault();
      router.history.push(anchor.getAttribute("href") ?? "/");
    };
    root.addEventListener("click", onClick);
    return () => root.removeEventListener("click", onClick);
  }, [router]);
  useEffect(() => {
    const root = element.current;
    if (root === null) return undefined;
    if (root.querySelector(PLAIN) !== null) void import("@/text/highlight").then(({ highlightIn }) => highlightIn(root));
    if (root.querySelector(DIAGRAM) === null) return undefined;
    const gone = new AbortController();
    void import("@/text/diagrams").then(({ drawDiagrams }) => drawDiagrams(root, gone.signal));
    return () => gone.abort();
  }, [html]);
  return <div ref={element} className={classes("prose", className)} dangerouslySetInnerHTML={{ __html: html }} />;
}
