import { useQuery } from "@tanstack/react-query";
import { type JSX, type RefObject, useEffect, useLayoutEffect, useMemo, useState } from "react";

import { useClients } from "@/api/clients";
import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { Comment } from "@/api/gen/cairn/decisions/v1/versions_pb";
import { classes } from "@/ui/classes";
import { Icon } from "@/ui/icons";

import { t } from "../texts/talk";
import { commentsQuery, type Place } from "./queries";

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
function useMarks(root: RefObject<HTMLElement | null>, html: string, comments: readonly Comment[]): Mark[] {
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

/** Leads to a thread, and waits a little for one whose place below the text is not drawn yet. */
function showThread(comment: Comment): void {
  const show = () => {
    const thread = document.getElementById(`comment-${comment.id}`);
    thread?.scrollIntoView({ block: "center" });
    thread?.focus({ preventScroll: true });
    return thread !== null;
  };
  if (show()) return;
  const awaited = new MutationObserver(() => show() && awaited.disconnect());
  awaited.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => awaited.disconnect(), PATIENCE_MS);
}

interface GutterProps {
  decision: DecisionSummary;
  html: string;
  onComment: (place: Place) => void;
  /** Holds the text; the gutter stands in it, beside the blocks. */
  root: RefObject<HTMLDivElement | null>;
}

const PATIENCE_MS = 5_000;
const NO_COMMENTS: readonly Comment[] = [];

/** Beside the text: a comment begins at the block under the pointer or at what is selected. */
export function Gutter({ decision, html, onComment, root }: GutterProps): JSX.Element {
  const clients = useClients();
  const comments = useQuery(commentsQuery(clients, decision.id, decision.version)).data?.comments ?? NO_COMMENTS;
  const open = useMemo(
    () => comments.filter((comment) => comment.parentId === "" && comment.resolvedAt === undefined),
    [comments],
  );
  const marks = useMarks(root, html, open);
  const [over, setOver] = useState<{ top: number; place: Place } | null>(null);
  const [selected, setSelected] = useState<{ top: number; place: Place } | null>(null);
  useEffect(() => {
    const text = root.current;
    if (text === null) return undefined;
    const topOf = (element: Element) => element.getBoundingClientRect().top - text.getBoundingClientRect().top;
    const onSelect = () => {
      const found = placeOfSelection(text);
      setSelected(found && { top: topOf(found.at), place: found.place });
    };
    // The pointer only shows a short cut; the form below the text does the same for the keyboard.
    const pointAt = (target: EventTarget | null) => {
      const block = target instanceof Element ? blockOf(target) : undefined;
      if (block === undefined) return;
      const quote = shortened(block.element.textContent);
      setOver({ top: topOf(block.element), place: { firstLine: block.first, lastLine: block.last, quote } });
    };
    const onMove = (event: PointerEvent) => {
      if (event.pointerType !== "touch") pointAt(event.target);
    };
    const onLeave = () => setOver(null);
    document.addEventListener("selectionchange", onSelect);
    text.addEventListener("pointermove", onMove);
    text.addEventListener("pointerleave", onLeave);
    // The text stood before this code came: the pointer may rest on it, and words be selected.
    pointAt([...text.querySelectorAll("[data-lines]:hover")].at(-1) ?? null);
    onSelect();
    return () => {
      document.removeEventListener("selectionchange", onSelect);
      text.removeEventListener("pointermove", onMove);
      text.removeEventListener("pointerleave", onLeave);
    };
  }, [root]);
  const target = selected ?? over;
  return (
    <>
      {marks.map((mark) => (
        <button
          key={mark.comments[0]?.id}
          type="button"
          className="talk-mark"
          style={{ top: mark.top }}
          aria-label={t.openHere(mark.comments.length)}
          onClick={() => mark.comments[0] && showThread(mark.comments[0])}
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
    </>
  );
}
