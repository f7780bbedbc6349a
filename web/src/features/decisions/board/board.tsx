import "./board.css";

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type DragEvent, type JSX, type KeyboardEvent, Suspense, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type DecisionSummary, Status, type StatusCount } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { number } from "@/text/language";
import { lazyPart } from "@/text/lazy";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Avatar, Tag } from "@/ui/marks";
import { Menu } from "@/ui/menu";
import { Failure } from "@/ui/note";
import { STATUSES, statusKey, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";
import { age, dateOf } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { lifecycleQuery } from "../life/queries";
import { decisionQuery, type ListFilter, listQuery, type LoadedDecision } from "../queries";
import { t } from "../texts/board";
import { type Move, useMove } from "./use-move";

const ReasonDialog = lazyPart(async () => (await import("../life/reason-dialog")).ReasonDialog);
const RelateDialog = lazyPart(async () => (await import("../life/relate-dialog")).RelateDialog);

/** These ask why, as on the record's page. */
const ASKS_WHY: readonly Status[] = [Status.REJECTED, Status.DEPRECATED, Status.DRAFT];
const TAGS = 3;

interface CardProps {
  decision: DecisionSummary;
  onMove: (to: Status) => void;
  onDrag: (dragged: DecisionSummary | null) => void;
}

function Card({ decision, onMove, onDrag }: CardProps): JSX.Element {
  const updated = dateOf(decision.updatedAt);
  const [decider] = decision.deciders;
  const others = STATUSES.filter((status) => status !== decision.status);
  return (
    // What the pointer drags, the menu of the card does for keys and touch.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      className="card"
      draggable
      onDragStart={(event) => {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", decision.ref);
        onDrag(decision);
      }}
      onDragEnd={() => onDrag(null)}
    >
      <Link to="/decisions/$ref" params={{ ref: decision.id }} className="t" draggable={false}>
        {decision.title}
      </Link>
      <Menu
        label={t.move(decision.ref)}
        items={others.map((status) => ({
          key: statusKey(status),
          label: statusName(status),
          mark: <Stone status={status} beside />,
          run: () => onMove(status),
        }))}
      />
      <span className="why">
        <span className="id">{decision.ref}</span>
        {decision.tags.slice(0, TAGS).map((tag) => (
          <Tag key={tag}>{tag}</Tag>
        ))}
        <span className="end">
          {updated && <span className="num">{age(updated)}</span>}
          {decider !== undefined && <Avatar name={decider} />}
        </span>
      </span>
    </li>
  );
}

interface ColumnProps {
  status: Status;
  filter: ListFilter;
  count: number;
  dragged: DecisionSummary | null;
  onDrag: (dragged: DecisionSummary | null) => void;
  onMove: (decision: DecisionSummary, to: Status) => void;
}

/** Why the dragged card may not lie in this column; empty where it may. */
function useRefusal(dragged: DecisionSummary | null, status: Status): string {
  const clients = useClients();
  const { data } = useQuery({ ...lifecycleQuery(clients, dragged?.id ?? ""), enabled: dragged !== null });
  if (dragged === null || data === undefined || dragged.status === status || status === Status.SUPERSEDED) return "";
  const next = data.next.find((one) => one.status === status);
  return next === undefined ? t.notInOneStep : next.refusal;
}

function Column({ status, filter, count, dragged, onDrag, onMove }: ColumnProps): JSX.Element {
  const clients = useClients();
  const list = useInfiniteQuery(listQuery(clients, { ...filter, statuses: [status] }));
  const [over, setOver] = useState(false);
  const refusal = useRefusal(dragged, status);
  const cards = list.data?.pages.flatMap((page) => page.decisions) ?? [];
  const takes = dragged !== null && dragged.status !== status && refusal === "";
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (dragged !== null && takes) onMove(dragged, status);
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      className={classes("col", over && takes && "over", dragged !== null && !takes && dragged.status !== status && "shut")}
      aria-label={statusName(status)}
      onDragOver={(event) => {
        if (!takes) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
      }}
      onDrop={drop}
    >
      <h2 className="st" data-s={statusKey(status)}>
        <Stone status={status} beside />
        {statusName(status)}
        <span className="n num">{number(count)}</span>
      </h2>
      {refusal !== "" && <p className="refusal">{refusal}</p>}
      {list.isError && <Failure title={t.notRead} error={list.error} onRetry={() => void list.refetch()} />}
      <ul>
        {cards.map((decision) => (
          <Card key={decision.id} decision={decision} onDrag={onDrag} onMove={(to) => onMove(decision, to)} />
        ))}
      </ul>
      {list.isSuccess && cards.length === 0 && <p className="none">{t.none}</p>}
      {list.hasNextPage && (
        <Button look="ghost" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t.more}
        </Button>
      )}
    </section>
  );
}

/** The arrows go from card to card and from column to column; M opens the statuses of the card. */
function onKeys(event: KeyboardEvent<HTMLElement>): void {
  if (event.metaKey || event.ctrlKey || event.altKey || !(event.target instanceof HTMLElement)) return;
  const card = event.target.closest<HTMLElement>(".card");
  if (card === null || event.target.closest("[role=menu]") !== null) return;
  if (event.key.toLowerCase() === "m") {
    event.preventDefault();
    card.querySelector<HTMLElement>("button[aria-haspopup]")?.click();
    return;
  }
  const columns = [...event.currentTarget.querySelectorAll<HTMLElement>(".col")].map((column) => [
    ...column.querySelectorAll<HTMLElement>(".card .t"),
  ]);
  const link = card.querySelector<HTMLElement>(".t");
  const column = columns.findIndex((links) => link !== null && links.includes(link));
  const row = link === null ? -1 : (columns[column]?.indexOf(link) ?? -1);
  const beside = (step: number) => {
    for (let at = column + step; at >= 0 && at < columns.length; at += step) {
      const links = columns[at] ?? [];
      if (links.length > 0) return links[Math.min(row, links.length - 1)];
    }
    return undefined;
  };
  const ways: Partial<Record<string, () => HTMLElement | undefined>> = {
    ArrowDown: () => columns[column]?.[row + 1],
    ArrowUp: () => columns[column]?.[row - 1],
    ArrowRight: () => beside(1),
    ArrowLeft: () => beside(-1),
  };
  const to = ways[event.key]?.();
  if (to === undefined) return;
  event.preventDefault();
  to.focus();
}

type Open = { kind: "reason"; move: Move } | { kind: "supersede"; decision: LoadedDecision } | null;

interface BoardProps {
  filter: ListFilter;
  counts: readonly StatusCount[];
}

/** The log by status, with cards that move from column to column. */
export function Board({ filter, counts }: BoardProps): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const move = useMove(filter);
  const [dragged, setDragged] = useState<DecisionSummary | null>(null);
  const [open, setOpen] = useState<Open>(null);
  const shown = filter.statuses.length > 0 ? STATUSES.filter((one) => filter.statuses.includes(one)) : STATUSES;
  const start = async (decision: DecisionSummary, to: Status) => {
    if (to === Status.SUPERSEDED) {
      // A supersession begins with the record that takes over; the status follows from it.
      try {
        setOpen({ kind: "supersede", decision: await queryClient.query(decisionQuery(clients, decision.id)) });
      } catch (error) {
        toast.show({ message: t.stays(decision.ref, messageOf(error)) });
      }
    } else if (ASKS_WHY.includes(to)) setOpen({ kind: "reason", move: { decision, to, message: "" } });
    else move.mutate({ decision, to, message: "" });
  };
  return (
    <>
      {/* It scrolls sideways by itself, so it takes the focus. The keys of the cards pass here. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
      <div className="board" role="region" aria-label={t.board} tabIndex={0} onKeyDown={onKeys}>
        {shown.map((status) => (
          <Column
            key={status}
            status={status}
            filter={filter}
            count={counts.find((one) => one.status === status)?.count ?? 0}
            dragged={dragged}
            onDrag={setDragged}
            onMove={(decision, to) => void start(decision, to)}
          />
        ))}
      </div>
      <Suspense>
        {open?.kind === "reason" && (
          <ReasonDialog
            title={t.to(open.move.decision.ref, statusName(open.move.to))}
            action={t.change}
            onClose={() => setOpen(null)}
            onDone={(message) => {
              setOpen(null);
              move.mutate({ ...open.move, message });
            }}
          />
        )}
        {open?.kind === "supersede" && (
          <RelateDialog decision={open.decision} supersede onClose={() => setOpen(null)} />
        )}
      </Suspense>
    </>
  );
}
