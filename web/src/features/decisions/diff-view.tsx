import "./history.css";

import { Fragment, type JSX, type ReactNode } from "react";

import { classes } from "@/ui/classes";

import type { DiffBlock, Span } from "./diff";
import { t } from "./texts/history";

function Words({ spans }: { spans: Span[] }): JSX.Element {
  return (
    <>
      {spans.map((span, index) => {
        const key = `${index}${span.kind}`;
        if (span.kind === "added") return <ins key={key}>{span.text}</ins>;
        if (span.kind === "removed") return <del key={key}>{span.text}</del>;
        return <Fragment key={key}>{span.text}</Fragment>;
      })}
    </>
  );
}

/** A block of Markdown as its author wrote it, in the face of what it is. */
function Block({ text, children }: { text: string; children: ReactNode }): JSX.Element {
  if (/^#{1,6}\s[^\n]*$/u.test(text)) return <h2 className="m-0!">{children}</h2>;
  if (/^\s*(?:```|~~~|\|)/u.test(text)) return <pre>{children}</pre>;
  // The lines of a list are lines; those of a paragraph are only where its author wrapped.
  return <p className={/^\s*(?:[-*+>]|\d+[.)])\s/mu.test(text) ? "whitespace-pre-line" : undefined}>{children}</p>;
}

const SIGNS = { added: { sign: "+", look: "a" }, removed: { sign: "−", look: "r" } } as const;

function Row({ block }: { block: DiffBlock }): JSX.Element {
  if (block.kind === "fold") {
    const what = t.paragraphsUnchanged(block.count);
    return <div className="fold">{block.heading === "" ? what : `${block.heading}, ${what}`}</div>;
  }
  if (block.kind === "same") {
    return (
      <div className="d">
        <i />
        <div className="prose">
          <Block text={block.text}>{block.text.replace(/^#{1,6}\s+/u, "")}</Block>
        </div>
      </div>
    );
  }
  const { sign, look } = SIGNS[block.kind];
  const text = block.spans.map((span) => span.text).join("");
  return (
    <div className={classes("d", look)}>
      <i role="img" aria-label={block.kind === "added" ? t.lineAdded : t.lineRemoved}>
        {sign}
      </i>
      <div className="prose">
        <Block text={text}>
          <Words spans={block.spans} />
        </Block>
      </div>
    </div>
  );
}

/** Sign in the gutter, underline or strike, then tint: the difference reads without colour. */
export function DiffBlocks({ blocks }: { blocks: DiffBlock[] }): JSX.Element {
  if (blocks.every((block) => block.kind === "fold")) return <p className="sub py-4">{t.sameText}</p>;
  return (
    <>
      {blocks.map((block, index) => (
        // The list is derived as a whole; its blocks have no identity of their own.
        <Row key={`${index}${block.kind}`} block={block} />
      ))}
    </>
  );
}
