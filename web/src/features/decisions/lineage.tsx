import { Link as RouterLink } from "@tanstack/react-router";
import type { JSX } from "react";

import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { rich } from "@/text/rich";
import { standing, statusKey } from "@/ui/status";
import { Stone } from "@/ui/stone";

import { byDecision, partialLinks, type ResolvedLink } from "./links";
import type { LoadedDecision } from "./queries";
import { t } from "./texts/record";

/** `Supersedes ADR-3`, `Superseded in part by ADR-3`: a link to one section leaves the rest in force. */
function relationOf(link: ResolvedLink): string {
  const words = link.kind === LinkKind.SUPERSEDES ? t.supersedes : t.supersededBy;
  return words(link.decision.ref, link.section !== "");
}

function Neighbour({ decision, relation }: { decision: DecisionSummary; relation: string }): JSX.Element {
  return (
    <RouterLink to="/decisions/$ref" params={{ ref: decision.id }} className="hover:bg-hover">
      <Stone status={decision.status} />
      <span>{decision.title}</span>
      <span className="rel">
        {rich(relation, { a: (ref) => <span className="mono">{ref}</span> })}
      </span>
    </RouterLink>
  );
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What this decision took the place of, and what took its place. Absent where there is neither. */
export function Lineage({ decision }: { decision: LoadedDecision }): JSX.Element | null {
  const all = [...decision.links, ...decision.backlinks];
  const before = byDecision(all.filter((link) => link.kind === LinkKind.SUPERSEDES));
  const after = byDecision(all.filter((link) => link.kind === LinkKind.SUPERSEDED_BY));
  const sections = [...partialLinks(all).keys()];
  const successor = decision.summary.successor;
  const missing = successor && !after.some((link) => link.decision.id === successor.id) ? successor : undefined;
  const stands = capital(standing(decision.summary.status));
  if (before.length + after.length === 0 && missing === undefined) return null;
  return (
    <nav className="lineage" aria-label={t.lineage}>
      {before.map((link) => (
        <Neighbour key={link.decision.id} decision={link.decision} relation={relationOf(link)} />
      ))}
      <div className="here" aria-current="true">
        <Stone status={decision.summary.status} />
        <span className="med">{t.thisDecision}</span>
        <span className="rel">
          {sections.length > 0 ? t.except(stands, sections.join(", ")) : stands}
        </span>
      </div>
      {after.map((link) => (
        <Neighbour key={link.decision.id} decision={link.decision} relation={relationOf(link)} />
      ))}
      {missing && (
        <RouterLink to="/decisions/$ref" params={{ ref: missing.id }} className="hover:bg-hover">
          <span />
          <span>{missing.title}</span>
          <span className="rel">
            {rich(t.supersededBy(missing.ref, false), { a: (ref) => <span className="mono">{ref}</span> })}
          </span>
        </RouterLink>
      )}
    </nav>
  );
}

/** Says first what a reader must know: this is not how things are done any more. */
export function SupersededNotice({ summary }: { summary: DecisionSummary }): JSX.Element | null {
  if (!summary.successor) return null;
  return (
    <div className="note mt-5" data-s={statusKey(summary.status)}>
      <Stone status={summary.status} />
      <div>
        <span className="med">{t.ended}</span>{" "}
        <span className="sub">
          {t.tookPlace(summary.successor.ref, summary.successor.title)}
        </span>{" "}
        <RouterLink to="/decisions/$ref" params={{ ref: summary.successor.id }} className="link">
          {t.readThat}
        </RouterLink>
      </div>
    </div>
  );
}
