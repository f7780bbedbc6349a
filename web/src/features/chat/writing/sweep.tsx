import "./writing.css";

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { type Finding, FindingKind, WritingService } from "@/api/gen/cairn/chat/v1/writing_pb";
import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { PassageQuote } from "@/features/search/passage-quote";
import { t as phrases } from "@/text/phrases";
import { phrasesReady } from "@/text/phrases-ready";
import { Button } from "@/ui/button";
import { Failure } from "@/ui/note";
import { Stone } from "@/ui/stone";

import { t } from "../texts/writing";
import { useModel } from "./use-model";

const KINDS: Record<FindingKind, keyof typeof t.kinds> = {
  [FindingKind.UNSPECIFIED]: "candidate",
  [FindingKind.CONTRADICTION]: "contradiction",
  [FindingKind.DUPLICATE]: "duplicate",
  [FindingKind.CANDIDATE]: "candidate",
  [FindingKind.MISSING_OPTIONS]: "missing_options",
  [FindingKind.MISSING_CONSEQUENCES]: "missing_consequences",
  [FindingKind.MISSING_CONTEXT]: "missing_context",
  [FindingKind.UNSUPPORTED_CLAIM]: "unsupported_claim",
};

export function RecordLine({ decision }: { decision: DecisionSummary }): JSX.Element {
  return (
    <li className="bk">
      <Stone status={decision.status} />
      <div>
        <Link to="/decisions/$ref" params={{ ref: decision.id }} target="_blank" className="hover:text-accent">
          {decision.title}
        </Link>
        <span className="rel mono">{decision.ref}</span>
      </div>
    </li>
  );
}

function Found({ finding, judged }: { finding: Finding; judged: boolean }): JSX.Element {
  const { decision, passage, ours, theirs, kind } = finding;
  // What a model says of another record is in its own words; all else is known by its kind.
  const fixed = !judged || decision === undefined ? t.reasons[KINDS[kind]] : undefined;
  return (
    <li className="found">
      <p className="med">{t.kinds[KINDS[kind]]}</p>
      {decision && (
        <ul>
          <RecordLine decision={decision} />
        </ul>
      )}
      <p className="sub sm">{fixed ?? finding.reason}</p>
      {ours !== "" && (
        <blockquote>
          <span className="sub sm">{t.ours}</span> {ours}
        </blockquote>
      )}
      {passage && <PassageQuote passage={passage} {...(theirs !== "" && { quoted: theirs })} />}
    </li>
  );
}

interface SweepProps {
  decisionId: string;
  /** What is being written; empty for the record as it is stored. */
  title?: string;
  body?: string;
  model?: string;
}

/** What contradicts or repeats a record in any log, and what it lacks: looked for when asked, in nobody's way. */
export function Sweep({ decisionId, title = "", body = "", model: chosen }: SweepProps): JSX.Element {
  const clients = useClients();
  const { model: usual } = useModel();
  const model = chosen ?? usual;
  // Kept beside the page, not in it: what was found stays when the record is drawn anew.
  const sweep = useQuery({
    queryKey: ["sweep", decisionId],
    queryFn: async () => {
      const found = await clients(WritingService).sweep({ decisionId, title, body, model });
      await phrasesReady();
      return found;
    },
    enabled: false,
    retry: false,
    ...(decisionId === "" && { gcTime: 0 }),
  });
  const findings = sweep.data?.findings ?? [];
  const compared = findings.some((finding) => finding.decision !== undefined);
  return (
    <section className="sweep" aria-label={t.sweep}>
      <h2>{t.sweep}</h2>
      <p className="sub sm">{t.sweepHint}</p>
      <Button busy={sweep.isFetching} onClick={() => void sweep.refetch()}>
        {sweep.isSuccess ? t.checkAgain : t.check}
      </Button>
      <div role="status">
        {sweep.isError && <Failure title={t.sweep} error={sweep.error} />}
        {sweep.isSuccess && findings.length === 0 && <p>{t.nothing}</p>}
        {sweep.isSuccess && compared && <p className="sub sm">{sweep.data.judged ? t.judged : t.unjudged}</p>}
        {sweep.data !== undefined && sweep.data.notice !== "" && <p className="sub sm">{phrases.said(sweep.data.notice, sweep.data.phrase)}</p>}
        <ul>
          {findings.map((finding, index) => (
            <Found key={`${index}${finding.reason}`} finding={finding} judged={sweep.data?.judged ?? false} />
          ))}
        </ul>
      </div>
    </section>
  );
}

export default Sweep;
