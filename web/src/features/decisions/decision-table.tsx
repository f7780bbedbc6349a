import { useRouter } from "@tanstack/react-router";
import { type CSSProperties, type JSX, memo, useEffect, useLayoutEffect, useMemo, useRef } from "react";

import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { locale } from "@/text/language";
import { classes } from "@/ui/classes";
import { Avatar, Tag } from "@/ui/marks";
import { statusName as usualName } from "@/ui/status";
import { StatusLabel } from "@/ui/stone";
import { age, dateOf, fullMoment, longDate } from "@/ui/time";

import type { Selection } from "./curate/selection";
import { BLOCK_ROWS, useRowWindow } from "./row-window";
import { useOwnStatusName } from "./status-names";
import { t } from "./texts/log";

const TAGS_IN_ROW = 2;
const SOON_DAYS = 30;
/** Further away, the month and its year say more than the day. */
const NEAR_DAYS = 300;
const DAY_MS = 86_400_000;
const NEAR = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const FAR = new Intl.DateTimeFormat(locale, { month: "short", year: "numeric" });

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable);
}

/** J and K move the focus from row to row; Enter opens the row, as it does any link. */
function useRowKeys(table: React.RefObject<HTMLTableElement | null>, selection: Selection | undefined): void {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inDialog = event.target instanceof Element && event.target.closest("dialog") !== null;
      if (selection && !inDialog && !isTyping(event.target)) {
        const row = document.activeElement?.closest<HTMLElement>("tr[data-id]");
        if (event.key === "x" && row?.dataset["id"] !== undefined) selection.toggle(row.dataset["id"]);
        if (event.key === "Escape") selection.clear();
      }
      const step = { j: 1, k: -1 }[event.key];
      if (step === undefined || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      const links = [...(table.current?.querySelectorAll<HTMLElement>("tbody .c-t a") ?? [])];
      const current = links.findIndex((link) => link === document.activeElement);
      const next = links[Math.min(Math.max(current + step, 0), links.length - 1)];
      next?.focus({ preventScroll: true });
      next?.closest("tr")?.scrollIntoView({ block: "nearest" });
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [table, selection]);
}

/**
 * Opens rows without leaving the page, and fetches their page's code when a pointer comes near. The router's own links
 * do that one by one, which costs more than all else in a row. A press beside the link is one on the link: were the link
 * laid over its row, each row would be a layer of its own to paint.
 */
function useRowLinks(table: React.RefObject<HTMLTableElement | null>): void {
  const router = useRouter();
  useEffect(() => {
    const element = table.current;
    if (element === null) return undefined;
    const linkOf = ({ target }: Event) =>
      target instanceof Element && target.closest(".c-x, button") === null
        ? target.closest("tr[data-id]")?.querySelector<HTMLAnchorElement>(".c-t a")
        : null;
    const refOf = (link: HTMLElement) => link.closest<HTMLElement>("tr[data-id]")?.dataset["id"] ?? "";
    const open = (event: MouseEvent) => {
      const link = linkOf(event);
      if (link == null) return;
      if (event.target instanceof Node && !link.contains(event.target)) {
        link.dispatchEvent(new MouseEvent("click", event));
        return;
      }
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      void router.navigate({ to: "/decisions/$ref", params: { ref: refOf(link) } });
    };
    const near = (event: Event) => {
      const link = linkOf(event);
      if (link != null) void router.preloadRoute({ to: "/decisions/$ref", params: { ref: refOf(link) } });
    };
    element.addEventListener("click", open);
    element.addEventListener("pointerover", near);
    return () => {
      element.removeEventListener("click", open);
      element.removeEventListener("pointerover", near);
    };
  }, [table, router]);
}

/** When a decision is looked at again: how late it is, a day that is near, or a month. */
function ReviewDay({ on }: { on: string }): JSX.Element {
  const now = new Date();
  const days = Math.round((Date.parse(on) - Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())) / DAY_MS);
  const late = days < 0;
  return (
    <time
      dateTime={on}
      title={t.reviewOn(longDate(on))}
      className={late ? "due" : days <= SOON_DAYS ? "soon" : undefined}
    >
      {late ? t.late(-days) : (days < NEAR_DAYS ? NEAR : FAR).format(new Date(`${on}T12:00`))}
    </time>
  );
}

/** What a column takes at most, in letters of usual width: what is longer is cut short. */
const MOST = { status: 13, number: 19, tags: 26, person: 17 };

/** How wide a text is, in letters of usual width. */
function letters(text: string): number {
  const wide = text.match(/[A-ZÀ-Þmw@%&]/gu)?.length ?? 0;
  const double = text.match(/[\u2e80-\uffef]/gu)?.length ?? 0;
  return text.length + 0.4 * wide + double;
}

/** The same of the tags that a row shows. */
function lettersOf(tags: readonly string[]): number {
  return letters(tags.slice(0, TAGS_IN_ROW).join("")) + Math.min(tags.length, TAGS_IN_ROW + 1) * 2;
}

/** The width of a column whose longest text has so many letters, in rem. */
function roomFor(longest: number, room: { letter: number; least: number; most: number; beside: number }): string {
  return `${Math.max(Math.min(longest, room.most) * room.letter + room.beside, room.least).toFixed(2)}rem`;
}

/** Columns are as wide as what these decisions need: rows that know nothing of each other cannot ask them. */
function columnsOf(decisions: readonly DecisionSummary[], acts: boolean): CSSProperties & Record<`--${string}`, string> {
  const longest = { number: 0, tags: 0, person: 0 };
  let reviews = false;
  for (const { number, ref, tags, deciders, ownerName, reviewOn } of decisions) {
    if (number !== undefined) longest.number = Math.max(longest.number, letters(ref));
    longest.tags = Math.max(longest.tags, lettersOf(tags));
    longest.person = Math.max(longest.person, letters(ownerName || deciders[0] || ""));
    reviews ||= reviewOn !== "";
  }
  return {
    "--c-n": roomFor(longest.number, { letter: 0.46, least: 3.75, most: MOST.number, beside: 0 }),
    "--c-tags": roomFor(longest.tags, { letter: 0.37, least: 2.5, most: MOST.tags, beside: 0.25 }),
    "--c-own": roomFor(longest.person, { letter: 0.4, least: 5.5, most: MOST.person, beside: 1.85 }),
    "--c-last": acts ? "9.5rem" : reviews ? "4.75rem" : "3.75rem",
  };
}

interface RowProps {
  place: number;
  decision: DecisionSummary;
  rowAction: TableProps["rowAction"];
  /** Whether it is chosen; undefined where rows cannot be. */
  chosen: boolean | undefined;
  onToggle: ((id: string) => void) | undefined;
  statusName: string | undefined;
}

function responsible({ ownerName, deciders }: DecisionSummary): string {
  const said = [ownerName !== "" && t.ownedBy(ownerName), deciders.length > 0 && t.decidedBy(deciders.join(", "))];
  return said.filter((part) => part !== false).join("\n");
}

/** Drawn again only when something of its own changes: a scroll through thousands draws those that come. */
const Row = memo(function Row({ place, decision, rowAction, chosen, onToggle, statusName }: RowProps): JSX.Element {
  const action = rowAction?.(decision);
  const updated = dateOf(decision.updatedAt);
  const [decider, ...others] = decision.ownerName === "" ? decision.deciders : [decision.ownerName];
  const hidden = decision.tags.length - TAGS_IN_ROW;
  return (
    <tr
      role="row"
      data-id={decision.id}
      data-row={place}
      aria-rowindex={place + 2}
      className={chosen === true ? "sel" : undefined}
    >
      {chosen !== undefined && (
        <td role="cell" className="c-x">
          <input
            type="checkbox"
            className="check"
            aria-label={t.select(decision.ref)}
            checked={chosen}
            onChange={() => onToggle?.(decision.id)}
          />
        </td>
      )}
      <td role="cell" className={classes("c-st", letters(statusName ?? usualName(decision.status)) > MOST.status && "long")}>
        <StatusLabel status={decision.status} name={statusName} />
      </td>
      <td role="cell" className="c-n">
        {/* The name of a record without a number says no more than its title. */}
        {decision.number === undefined ? (
          <span className="dim" title={decision.ref}>
            <span aria-hidden>–</span>
            <span className="sr">{t.noNumber}</span>
          </span>
        ) : (
          <span className={classes("id", letters(decision.ref) > MOST.number && "trunc")}>{decision.ref}</span>
        )}
      </td>
      <td role="cell" className="c-t" title={action === undefined ? undefined : decision.title}>
        {action === undefined ? (
          <a href={`/decisions/${decision.id}`}>{decision.title}</a>
        ) : (
          decision.title
        )}
      </td>
      <td role="cell" className={classes("c-tags", lettersOf(decision.tags) > MOST.tags && "long")}>
        {decision.tags.slice(0, TAGS_IN_ROW).map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
        {hidden > 0 && (
          <span className="tag" title={decision.tags.slice(TAGS_IN_ROW).join(", ")}>
            +{hidden}
          </span>
        )}
      </td>
      <td role="cell" className="c-own" title={responsible(decision)}>
        {decider !== undefined && (
          <div>
            <Avatar name={decider} />
            <span className={classes("max-w-28", letters(decider) > MOST.person && "trunc")}>{decider}</span>
            {others.length > 0 && <span className="dim">+{others.length}</span>}
          </div>
        )}
      </td>
      <td role="cell" className="c-up">
        {updated && (
          <time dateTime={updated.toISOString()} title={fullMoment(updated)}>
            {age(updated)}
          </time>
        )}
      </td>
      {action === undefined ? (
        <td role="cell" className="c-rev">
          {decision.reviewOn !== "" && <ReviewDay on={decision.reviewOn} />}
        </td>
      ) : (
        <td role="cell" className="c-act">
          {action}
        </td>
      )}
    </tr>
  );
});

interface BlockProps extends Pick<TableProps, "decisions" | "rowAction" | "selection"> {
  block: number;
  statusName: (decision: DecisionSummary) => string | undefined;
}

/** Rows that are laid out and painted as one: those of other blocks are left alone when they come or go. */
const Block = memo(function Block({ block, decisions, rowAction, selection, statusName }: BlockProps): JSX.Element {
  const first = block * BLOCK_ROWS;
  return (
    <tbody data-block={block}>
      {decisions.slice(first, first + BLOCK_ROWS).map((decision, index) => (
        <Row
          key={decision.id}
          place={first + index}
          decision={decision}
          rowAction={rowAction}
          chosen={selection?.has(decision.id)}
          onToggle={selection?.toggle}
          statusName={statusName(decision)}
        />
      ))}
    </tbody>
  );
});

interface BlocksProps extends Omit<BlockProps, "block"> {
  table: React.RefObject<HTMLTableElement | null>;
}

/** The blocks that are near, and the room of the others. Nothing else is drawn again while one scrolls. */
function Blocks({ table, ...rest }: BlocksProps): JSX.Element {
  const { from, to, before, after } = useRowWindow(table, rest.decisions.length);
  return (
    <>
      {before > 0 && <tbody aria-hidden="true" style={{ height: before }} />}
      {Array.from({ length: to - from }, (_, index) => (
        <Block key={from + index} block={from + index} {...rest} />
      ))}
      {after > 0 && <tbody aria-hidden="true" style={{ height: after }} />}
    </>
  );
}

interface TableProps {
  /** How many there are, whether or not they have come yet. */
  total?: number | undefined;
  decisions: DecisionSummary[];
  /** Set for lists whose rows are acted on instead of opened. */
  rowAction?: ((decision: DecisionSummary) => JSX.Element) | undefined;
  /** Set for lists whose rows can be chosen, to act on many at once. */
  selection?: Selection | undefined;
}

/** The log as a table from 900 px, and as rows of two lines below; the roles are kept for both. */
export const DecisionTable = memo(function DecisionTable({
  decisions,
  total,
  rowAction,
  selection,
}: TableProps): JSX.Element {
  const table = useRef<HTMLTableElement>(null);
  useRowKeys(table, selection);
  useRowLinks(table);
  const statusName = useOwnStatusName();
  const ids = useMemo(() => decisions.map((decision) => decision.id), [decisions]);
  const columns = useMemo(() => columnsOf(decisions, rowAction !== undefined), [decisions, rowAction]);
  return (
    <table
      className={classes("tbl", selection && "chooses", rowAction && "acts")}
      role="table"
      ref={table}
      style={columns}
      aria-rowcount={(total ?? decisions.length) + 1}
    >
      <thead>
        <tr role="row" aria-rowindex={1}>
          {selection && (
            <th role="columnheader" className="c-x">
              <input
                type="checkbox"
                className="check"
                aria-label={t.selectAll}
                checked={selection.ids.length > 0 && selection.ids.length === ids.length}
                onChange={() => selection.toggleAll(ids)}
              />
            </th>
          )}
          <th role="columnheader">{t.status}</th>
          <th role="columnheader">{t.number}</th>
          <th role="columnheader">{t.title}</th>
          <th role="columnheader" className="c-tags">
            {t.tags}
          </th>
          <th role="columnheader">{t.responsible}</th>
          <th role="columnheader">{rowAction ? t.deleted : t.updated}</th>
          <th role="columnheader">{rowAction ? <span className="sr">{t.action}</span> : t.review}</th>
        </tr>
      </thead>
      <Blocks
        table={table}
        decisions={decisions}
        rowAction={rowAction}
        selection={selection}
        statusName={statusName}
      />
    </table>
  );
});
