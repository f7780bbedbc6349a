import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import type { Citation } from "@/api/gen/cairn/chat/v1/chat_pb";
import { classes } from "@/ui/classes";
import { SectionHead } from "@/ui/marks";
import { standing, statusKey } from "@/ui/status";
import { Stone } from "@/ui/stone";

import { t } from "./texts/answers";

function Source({ citation, active }: { citation: Citation; active: boolean }): JSX.Element | null {
  const { decision, passage } = citation;
  if (!decision) return null;
  return (
    <li className={classes("src", active && "on")} data-s={statusKey(decision.status)}>
      <span className="k">{citation.number}</span>
      <Stone status={decision.status} />
      <div className="min-w-0">
        <Link
          to="/decisions/$ref"
          params={{ ref: decision.id }}
          {...(passage && passage.anchor !== "" && { hash: passage.anchor })}
          className="med hover:text-accent"
        >
          {decision.title}
        </Link>
        <div className="sub sm">
          {decision.ref} · {decision.successor ? t.supersededBy(decision.successor.ref) : standing(decision.status)}
          {passage && passage.headingPath.length > 0 && <> · {passage.headingPath.at(-1)}</>}
        </div>
      </div>
    </li>
  );
}

/** Everything an answer rests on, in the order of first use. */
export function Sources({ citations, active }: { citations: readonly Citation[]; active: number | null }): JSX.Element {
  return (
    <aside className="srcs" aria-label={t.sources}>
      <SectionHead title={t.sources}>
        <span className="num">{t.cited(citations.length)}</span>
      </SectionHead>
      {citations.length === 0 && <p className="sub sm pt-3">{t.noSources}</p>}
      <ul>
        {citations.map((citation) => (
          <Source key={citation.number} citation={citation} active={citation.number === active} />
        ))}
      </ul>
    </aside>
  );
}
