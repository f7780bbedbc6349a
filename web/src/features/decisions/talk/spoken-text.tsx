import { type JSX, useCallback, useEffect, useLayoutEffect, useState } from "react";

import type { Comment } from "@/api/gen/cairn/decisions/v1/versions_pb";
import { classes } from "@/ui/classes";
import { Icon } from "@/ui/icons";
import { Prose } from "@/ui/prose";

import { t } from "../texts/talk";
import type { Place } from "./queries";

const QUOTE_CHARACTERS = 280;

interface Block {
  element: HTMLElement;
  first: number;
  last: number;
}

function blockOf(element: Element | null): Block | undefined {
  const found = element?.closest<HTMLElement>("[data-lines]");
  const [first, last] = (found?.dataset["lines"] ?? "").split("-").map(Number);
  return found && first !== undefined && last !== undefined ? { element: found, first, last } : undefined;
}

function shortened(text: string): string {
  const words = text.replaceAll(/\s+/gu, " ").trim();
  return words.length > QUOTE_CHARACTERS ? `${words.slice(0, QUOTE_CHARACTERS)}…` : words;
}

/** The blocks from the one where a selection begins to the one where it ends. */
function placeOfSelection(root: HTMLElement): { place: Place; at: HTMLElement } | null {
  const selection = getSelection();
  if (selection === null || selection.isCollapsed || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  const elementOf = (node: Node) => (node instanceof Element ? node : node.parentElement);
  if (!root.contains(range.commonAncestorContainer)) return null;
  const from = blockOf(elementOf(range.startContainer));
  const to = blockOf(elementOf(range.endContainer)) ?? from;
  const quote = shortened(selection.toString());
  if (from === undefined || to === undefined || quote === "") return null;
  return {
    place: { firstLine: Math.min(from.first, to.first), lastLine: Math.max(from.last, to.last), quote },
    at: from.element,
  };
}

interface Mark {
  top: number;
  comments: Comment[];
}

/** Beside each block that is spoken about: how many open comments there are. */
function useMarks(root: React.RefObject<HTMLElement | null>, html: string, comments: readonly Comment[]): Mark[] {
  const [marks, setMarks] = useState<Mark[]>([]);
  useLayoutEffect(() => {
    const element = root.current;
    if (element === null) return undefined;
    const place = () => {
      const blocks = [...element.querySelectorAll("[data-lines]")].map(blockOf).filter((block) => block !== undefined);
      const found = new Map<HTMLElement, Comment[]>();
      for (const comment of comments) {
        const block = blocks.find((one) => comment.shownFirstLine > 0 && one.last >= comment.shownFirstLine);
        if (block) found.set(block.element, [...(found.get(block.element) ?? []), comment]);
      }
      const above = element.getBoundingClientRect().top;
      setMarks(
        [...found].map(([block, all]) => ({ top: block.getBoundingClientRect().top - above, comments: all })),
      );
    };
    place();
    const observer = new ResizeObserver(place);
    observer.observe(element);
    return () => observer.disconnect();
  }, [root, html, comments]);
  return marks;
}

/** The block lines that hold a comment, brought into view and marked for a moment by the focus. */
export function showLines(root: HTMLElement | null, comment: Comment): void {
  const blocks = [...(root?.querySelectorAll("[data-lines]") ?? [])].map(blockOf);
  const block = blocks.find((one) => one !== undefined && one.last >= comment.shownFirstLine);
  if (block === undefined) return;
  block.element.tabIndex = -1;
  block.element.focus({ preventScroll: true });
  block.element.scrollIntoView({ block: "center" });
}

interface SpokenTextProps {
  html: string;
  comments: readonly Comment[];
  onComment: (place: Place) => void;
  onOpen: (comment: Comment) => void;
  root: React.RefObject<HTMLDivElement | null>;
}

/** The text with its gutter: a comment begins at the block under the pointer or at what is selected. */
export function SpokenText({ html, comments, onComment, onOpen, root }: SpokenTextProps): JSX.Element {
  const marks = useMarks(root, html, comments);
  const [over, setOver] = useState<{ top: number; place: Place } | null>(null);
  const [selected, setSelected] = useState<{ top: number; place: Place } | null>(null);
  const topOf = useCallback((element: Element) => {
    const above = root.current?.getBoundingClientRect().top ?? 0;
    return element.getBoundingClientRect().top - above;
  }, [root]);
  useEffect(() => {
    const onSelect = () => {
      const found = root.current === null ? null : placeOfSelection(root.current);
      setSelected(found && { top: topOf(found.at), place: found.place });
    };
    document.addEventListener("selectionchange", onSelect);
    return () => document.removeEventListener("selectionchange", onSelect);
  }, [root, topOf]);
  const target = selected ?? over;
  return (
    // The pointer only shows a short cut; the form below the text does the same for the keyboard.
    <div
      className="spoken"
      ref={root}
      onPointerMove={(event) => {
        const block = event.target instanceof Element ? blockOf(event.target) : undefined;
        if (block === undefined || event.pointerType === "touch") return;
        const quote = shortened(block.element.textContent);
        setOver({ top: topOf(block.element), place: { firstLine: block.first, lastLine: block.last, quote } });
      }}
      onPointerLeave={() => setOver(null)}
    >
      <Prose html={html} className="mt-7" />
      {marks.map((mark) => (
        <button
          key={mark.comments[0]?.id}
          type="button"
          className="talk-mark"
          style={{ top: mark.top }}
          aria-label={t.openHere(mark.comments.length)}
          onClick={() => mark.comments[0] && onOpen(mark.comments[0])}
        >
          {mark.comments.length}
        </button>
      ))}
      {target && (
        <button
          type="button"
          className={classes("talk-add", selected && "on-selection")}
          style={{ top: target.top }}
          aria-label={selected ? t.onSelection : t.onPassage}
          title={selected ? t.onSelection : t.onPassage}
          // A press must not take the selection away before it is read.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            onComment(target.place);
            getSelection()?.removeAllRanges();
          }}
        >
          <Icon name="talk" />
        </button>
      )}
    </div>
  );
}
