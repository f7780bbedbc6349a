import { type JSX, useEffect, useMemo, useRef, useState } from "react";

import { renderMarkdown } from "@/text/markdown";
import { Prose } from "@/ui/prose";

import { knownCitations } from "./citations";
import { Drawer } from "./drawer";
import { sentencesOf } from "./sentences";
import { SourceCard } from "./source-card";
import { t } from "./texts/conversations";
import type { TurnView } from "./turn";
import { WritingProse } from "./writing-prose";

const CLOSES_AFTER_MS = 180;
const CARD_WIDTH_PX = 544;
const CARD_HEIGHT_PX = 240;
const GAP_PX = 10;

/** Where the card stands and where its arrow points, for the style sheet. */
type CardStyle = React.CSSProperties & Record<"--at" | "--arrow", string>;

interface Open {
  number: number;
  /** The words that stand before the marker. */
  quoted: string;
  style: CardStyle;
}

/** Below the marker, or above it where there is no room; always inside of the text's width. */
function place(marker: Element, frame: Element): CardStyle {
  const at = marker.getBoundingClientRect();
  const box = frame.getBoundingClientRect();
  const center = at.left - box.left + at.width / 2;
  const left = Math.max(0, Math.min(center - 90, box.width - Math.min(CARD_WIDTH_PX, box.width)));
  const above = at.bottom + CARD_HEIGHT_PX > innerHeight && at.top > CARD_HEIGHT_PX;
  const vertical = above ? { bottom: box.bottom - at.top + GAP_PX } : { top: at.bottom - box.top + GAP_PX };
  return { ...vertical, left, "--at": `${center - left - 6}px`, "--arrow": above ? "none" : "block" };
}

/** What the answer quotes at a marker: its block quotation, or else the last words in quotation marks before it. */
function quotedBefore(marker: Element): string {
  const block = marker.closest("blockquote, li, p, td");
  if (block === null) return "";
  const range = document.createRange();
  range.setStart(block, 0);
  range.setEndBefore(marker);
  const before = range.toString();
  if (marker.closest("blockquote") !== null) return before;
  return /[“"]([^“”"]+)[”"][^“”"]*$/u.exec(before)?.[1] ?? "";
}

/** Opens the card of the marker that the pointer or the focus is on, and closes it when both have left. */
function useCard(frame: React.RefObject<HTMLDivElement | null>) {
  const [open, setOpen] = useState<Open | null>(null);
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = frame.current;
    if (root === null) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const markerOf = (event: Event) => (event.target instanceof Element ? event.target.closest(".cite") : null);
    const show = (event: Event) => {
      const marker = markerOf(event);
      if (marker !== null) {
        clearTimeout(timer);
        setOpen({
          number: Number(marker.getAttribute("data-cite")),
          quoted: quotedBefore(marker),
          style: place(marker, root),
        });
      } else if (event.target instanceof Node && card.current?.contains(event.target)) clearTimeout(timer);
    };
    const hide = (event: Event) => {
      if (markerOf(event) === null && !(event.target instanceof Node && card.current?.contains(event.target))) return;
      clearTimeout(timer);
      timer = setTimeout(() => setOpen(null), CLOSES_AFTER_MS);
    };
    const onTouch = (event: PointerEvent) => {
      // On a touch screen the first tap shows the source; its link leads on.
      if (event.pointerType !== "mouse" && markerOf(event) !== null) event.preventDefault();
    };
    const onClick = (event: Event) => {
      if (markerOf(event) !== null && matchMedia("(hover: none)").matches) {
        event.preventDefault();
        event.stopPropagation();
        show(event);
      }
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || card.current === null) return;
      event.stopPropagation();
      setOpen(null);
    };
    root.addEventListener("pointerover", show);
    root.addEventListener("focusin", show);
    root.addEventListener("pointerout", hide);
    root.addEventListener("focusout", hide);
    root.addEventListener("pointerdown", onTouch);
    root.addEventListener("click", onClick, true);
    document.addEventListener("keydown", onKey, true);
    return () => {
      clearTimeout(timer);
      root.removeEventListener("pointerover", show);
      root.removeEventListener("focusin", show);
      root.removeEventListener("pointerout", hide);
      root.removeEventListener("focusout", hide);
      root.removeEventListener("pointerdown", onTouch);
      root.removeEventListener("click", onClick, true);
      document.removeEventListener("keydown", onKey, true);
    };
  }, [frame]);
  return { open, card, close: () => setOpen(null) };
}

interface AnswerProps {
  turn: TurnView;
  onActive: (citation: number | null) => void;
}

/** The words of an answer, on paper, with the stones of what they rest on. */
export function Answer({ turn, onActive }: AnswerProps): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const { open, card, close } = useCard(frame);
  const running = turn.outcome.kind === "running";
  const known = useMemo(() => knownCitations(turn.citations), [turn.citations]);
  const [drawer] = useState(() => new Drawer());
  const written = useMemo(() => {
    const options = {
      citations: known,
      idPrefix: `${turn.generationId}-`,
      inert: true,
      unsupported: { words: turn.marks.map((mark) => mark.text), label: t.unsupported },
    };
    if (running) return drawer.growing(turn.answer, options);
    return { settled: [], tail: renderMarkdown(turn.answer, options).html };
  }, [drawer, known, turn.answer, turn.generationId, turn.marks, running]);
  const said = running ? sentencesOf(turn.answer.replaceAll(/ ?\[\d+\]/gu, "")) : [];
  const citation = open && turn.citations.find((one) => one.number === open.number);
  useEffect(() => onActive(open?.number ?? null), [open?.number, onActive]);
  return (
    <div className="answer" ref={frame} data-cite-open={open?.number}>
      {running && turn.answer !== "" ? <WritingProse {...written} /> : <Prose html={written.tail} />}
      {running && turn.answer === "" && <span className="caret" aria-hidden="true" />}
      <div className="sr" aria-live="polite" aria-atomic="false">
        {/* Each in an element of its own, so that only what was added is read out. */}
        {said.map((sentence, place) => (
          <span key={`${place}${sentence.length}`}>{sentence}</span>
        ))}
      </div>
      {open && citation && (
        <SourceCard citation={citation} quoted={open.quoted} style={open.style} ref={card} onClose={close} />
      )}
    </div>
  );
}
