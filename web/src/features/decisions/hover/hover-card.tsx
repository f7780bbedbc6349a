import "./hover-card.css";

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type JSX, useEffect, useId, useLayoutEffect, useRef } from "react";

import { useClients } from "@/api/clients";
import type { Care } from "@/api/gen/cairn/decisions/v1/review_pb";
import { rich } from "@/text/rich";
import { Avatar } from "@/ui/marks";
import { standing, statusKey } from "@/ui/status";
import { Stone, StatusLabel } from "@/ui/stone";
import { age, dateOf, longDate } from "@/ui/time";

import { careQuery } from "../life/queries";
import { decisionQuery, type LoadedDecision } from "../queries";
import { useOwnStatusName } from "../status-names";
import { t } from "../texts/hover";
import type { Shown } from "./hover-cards";

const GAP_PX = 6;
const EDGE_PX = 12;

/** The line of the name that the pointer is on, or its first. */
function lineOf({ anchor, y }: Shown): DOMRect | undefined {
  const lines = [...anchor.getClientRects()];
  return lines.find((line) => y !== undefined && line.top <= y && y <= line.bottom) ?? lines[0];
}

function place(card: HTMLElement, shown: Shown): void {
  const line = lineOf(shown);
  if (line === undefined) return;
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(EDGE_PX, Math.min(line.left, innerWidth - width - EDGE_PX));
  const below = line.bottom + GAP_PX;
  const top = below + height + EDGE_PX > innerHeight ? Math.max(EDGE_PX, line.top - GAP_PX - height) : below;
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}

function Age({ decision }: { decision: LoadedDecision }): JSX.Element | null {
  const { decidedOn, updatedAt } = decision.summary;
  const decided = decidedOn === "" ? undefined : new Date(`${decidedOn}T12:00:00`);
  if (decided !== undefined && !Number.isNaN(decided.getTime())) {
    const old = age(decided);
    return (
      <>
        {longDate(decidedOn)}
        {old !== age(new Date()) && <span className="dim">, {t.ago(old)}</span>}
      </>
    );
  }
  const updated = dateOf(updatedAt);
  return updated ? <>{age(updated) === age(new Date()) ? t.changedNow : t.changed(age(updated))}</> : null;
}

function Owner({ decision, care }: { decision: LoadedDecision; care: Care | undefined }): JSX.Element {
  const [decider] = decision.summary.deciders;
  const name = care?.owner?.name ?? decider;
  if (name === undefined) return <span className="dim">{t.nobody}</span>;
  return (
    <>
      <Avatar name={name} />
      {name}
      <span className="dim">{care?.owner ? t.owner : t.decided}</span>
    </>
  );
}

/** The standing of a decision, beside its name: status, age, owner, what supersedes it. */
export function HoverCard({ shown, onGone }: { shown: Shown; onGone: () => void }): JSX.Element | null {
  const clients = useClients();
  const id = useId();
  const card = useRef<HTMLDivElement>(null);
  const ownName = useOwnStatusName();
  const { data: decision, isError } = useQuery({ ...decisionQuery(clients, shown.ref), retry: false });
  const care = useQuery({
    ...careQuery(clients, decision?.summary.id ?? ""),
    enabled: decision !== undefined,
    retry: false,
  });
  // The owner comes with the first sight of the card: it must not change under the eye.
  const ready = decision !== undefined && !care.isPending;
  useLayoutEffect(() => {
    if (!ready || card.current === null) return;
    card.current.showPopover();
    place(card.current, shown);
  }, [ready, shown]);
  useEffect(() => {
    const { anchor } = shown;
    if (!ready) return undefined;
    anchor.setAttribute("aria-describedby", id);
    return () => anchor.removeAttribute("aria-describedby");
  }, [ready, shown, id]);
  useEffect(() => {
    if (isError) onGone();
  }, [isError, onGone]);
  if (!ready) return null;
  const { summary } = decision;
  const { successor } = summary;
  return (
    <div ref={card} id={id} popover="manual" className="dcard pop" role="tooltip">
      <header>
        <StatusLabel status={summary.status} name={ownName(summary)} />
        <span className="id">{summary.ref}</span>
        <span className="dim">{decision.deletedAt === undefined ? standing(summary.status) : t.deleted}</span>
      </header>
      <p className="name">{summary.title}</p>
      <p className="facts">
        <span>
          <Age decision={decision} />
        </span>
        <span>
          <Owner decision={decision} care={care.data} />
        </span>
        {care.data !== undefined && care.data.reviewOn !== "" && <span>{t.review(longDate(care.data.reviewOn))}</span>}
      </p>
      {successor && (
        <p className="took" data-s={statusKey(summary.status)}>
          <Stone status={summary.status} beside />
          <span>
            {rich(t.supersededBy, {
              a: () => (
                <Link
                  to="/decisions/$ref"
                  params={{ ref: successor.id }}
                  className="link"
                  tabIndex={-1}
                  onClick={onGone}
                >
                  {successor.ref}, {successor.title}
                </Link>
              ),
            })}
          </span>
        </p>
      )}
    </div>
  );
}
