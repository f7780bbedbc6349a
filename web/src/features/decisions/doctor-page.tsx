import "./governs.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import {
  type Finding,
  type Fix,
  FixKind,
  GovernanceService,
  type Problem,
  Severity,
} from "@/api/gen/cairn/decisions/v1/governance_pb";
import { number } from "@/text/language";
import { t as phrases } from "@/text/phrases";
import { phrasesReady } from "@/text/phrases-ready";
import { rich } from "@/text/rich";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Pick } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { SectionHead } from "@/ui/marks";
import { Menu } from "@/ui/menu";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { useToast } from "@/ui/toast";

import { undoOf } from "./doctor-fixes";
import { decisionsChanged, logsQuery } from "./queries";
import { t } from "./texts/doctor";

const route = getRouteApi("/doctor");
const SHOWN_AT_ONCE = 25;
const FINDINGS_MOST = 1_000;

const SEVERITIES: Record<Severity, string> = {
  [Severity.UNSPECIFIED]: "note",
  [Severity.ERROR]: "error",
  [Severity.WARNING]: "warning",
  [Severity.NOTE]: "note",
};

/** The server's sentence without the name that it begins with, which stands before it in its own face. */
function afterName(sentence: string, name: string): string {
  return name !== "" && sentence.startsWith(`${name} `) ? sentence.slice(name.length + 1) : sentence;
}

function useMend() {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async ({ finding, kind }: { finding: Finding; kind: FixKind }) => {
      const undo = await undoOf(clients, finding, kind);
      const { results } = await clients(GovernanceService).applyFixes({ fixes: [{ key: finding.key, kind }] });
      await phrasesReady();
      return { undo, result: results[0] };
    },
    onSuccess: async ({ undo, result }, { finding, kind }) => {
      await decisionsChanged(queryClient);
      const run = async () => {
        try {
          await undo?.();
          await decisionsChanged(queryClient);
          toast.show({ message: t.asItWas(finding.ref) });
        } catch (error) {
          toast.show({ message: t.notUndone(messageOf(error)) });
        }
      };
      const done = result?.done === true;
      toast.show({
        message: done
          ? t.mended(finding.ref, phrases.said(result.message, result.phrase), kind === FixKind.RENUMBER)
          : t.notMended(phrases.said(result?.message ?? "", result?.phrase)),
        ...(done && undo && { action: { label: t.undo, run: () => void run() } }),
      });
    },
    onError: (error) => toast.show({ message: t.notMended(messageOf(error)) }),
  });
}

interface RowProps {
  finding: Finding;
  busy: boolean;
  onMend: (fix: Fix) => void;
}

function FindingRow({ finding, busy, onMend }: RowProps): JSX.Element {
  const [first, ...others] = finding.fixes;
  const severity = SEVERITIES[finding.severity];
  return (
    <li className="finding" data-severity={severity}>
      <Icon name={severity === "note" ? "file" : "warn"} size={14} />
      <div className="min-w-0">
        <span className="sr">{t.severities[finding.severity]}: </span>
        {finding.decisionId !== "" && (
          <Link to="/decisions/$ref" params={{ ref: finding.decisionId }} className="id hover:text-accent">
            {finding.ref}
          </Link>
        )}{" "}
        {afterName(phrases.said(finding.message, finding.phrase), finding.ref)}
      </div>
      <div className="fix">
        {first && (
          <Button busy={busy} onClick={() => onMend(first)}>
            {t.fix(first)}
          </Button>
        )}
        {others.length > 0 && (
          <Menu
            label={t.moreFor(finding.ref)}
            items={others.map((fix, index) => ({
              key: `${fix.kind}${index}`,
              label: t.fixInMenu(fix),
              run: () => onMend(fix),
            }))}
          />
        )}
      </div>
    </li>
  );
}

function Group({ problem, findings, total }: { problem: Problem; findings: Finding[]; total: number }): JSX.Element {
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  const mend = useMend();
  return (
    <section>
      <SectionHead title={t.problems[problem]}>{number(total)}</SectionHead>
      <ul>
        {findings.slice(0, shown).map((finding) => (
          <FindingRow
            key={finding.key}
            finding={finding}
            busy={mend.isPending && mend.variables.finding.key === finding.key}
            onMend={(fix) => mend.mutate({ finding, kind: fix.kind })}
          />
        ))}
      </ul>
      {findings.length > shown && (
        <Button look="ghost" className="mt-2" onClick={() => setShown(shown + 100)}>
          {t.showMore(total)}
        </Button>
      )}
    </section>
  );
}

function Left({ acknowledged }: { acknowledged: number }): JSX.Element | null {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const again = useMutation({
    mutationFn: () => clients(GovernanceService).reportAgain({}),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["decisions", "doctor"] }),
    onError: (error) => toast.show({ message: t.unchanged(messageOf(error)) }),
  });
  if (acknowledged === 0) return null;
  return (
    <p className="sub pt-8 text-13">
      {t.left(acknowledged)}{" "}
      <button type="button" className="link" disabled={again.isPending} onClick={() => again.mutate()}>
        {t.reportAgain(acknowledged)}
      </button>
    </p>
  );
}

/** What is out of order in the logs, the worst first, each with what mends it. */
export function DoctorPage(): JSX.Element {
  const clients = useClients();
  const { log } = route.useSearch();
  const navigate = route.useNavigate();
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["decisions", "doctor", log],
    queryFn: async ({ signal }) => {
      const limits = { limit: FINDINGS_MOST, logSlugs: log === undefined ? [] : [log] };
      const found = await clients(GovernanceService).runDoctor(limits, { signal });
      await phrasesReady();
      return found;
    },
  });
  const totals = new Map(data?.counts.map((one) => [one.problem, one.count]));
  const problems = [...new Set(data?.findings.map((finding) => finding.problem))];
  const all = [...totals.values()].reduce((sum, found) => sum + found, 0);
  return (
    <Page title={t.doctor} heading={t.doctor} crumbs={[{ label: t.doctor }]}>
      <div className="doctor">
        <div className="flex flex-wrap items-center gap-3 text-13">
          <p role="status">
            {data &&
              rich(t.found(all, data.records), {
                a: (words) => <b className="med">{words}</b>,
                b: (words) => <span className="sub">{words}</span>,
              })}
          </p>
          {logs.length > 1 && (
            <span className="ml-auto">
              <Pick
                label={t.log}
                shown={logs.find((one) => one.slug === log)?.name ?? t.everyLog}
                value={log ?? ""}
                options={[
                  { value: "", label: t.everyLog },
                  ...logs.map((one) => ({ value: one.slug, label: one.name })),
                ]}
                onChange={(slug) => void navigate({ search: { log: slug === "" ? undefined : slug }, replace: true })}
              />
            </span>
          )}
        </div>
        {isPending && <SkeletonRows />}
        {error && <Failure title={t.notExamined} error={error} onRetry={() => void refetch()} />}
        {data && all === 0 && (
          <Empty title={t.inOrder}>
            {t.inOrderWhy}
          </Empty>
        )}
        {problems.map((problem) => (
          <Group
            key={problem}
            problem={problem}
            findings={data?.findings.filter((finding) => finding.problem === problem) ?? []}
            total={totals.get(problem) ?? 0}
          />
        ))}
        <Left acknowledged={data?.acknowledged ?? 0} />
      </div>
    </Page>
  );
}
