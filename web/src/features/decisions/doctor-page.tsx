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
  Problem,
  Severity,
} from "@/api/gen/cairn/decisions/v1/governance_pb";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Pick } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { SectionHead } from "@/ui/marks";
import { Menu } from "@/ui/menu";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { count } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { undoOf } from "./doctor-fixes";
import { afterName } from "./inbox-rows";
import { decisionsChanged, logsQuery } from "./queries";

const route = getRouteApi("/doctor");
const SHOWN_AT_ONCE = 25;
const FINDINGS_MOST = 1_000;

const PROBLEMS: Record<Problem, string> = {
  [Problem.UNSPECIFIED]: "Other findings",
  [Problem.DUPLICATE_NUMBER]: "Two records with one number",
  [Problem.CONTRADICTORY_STATUS]: "Status and words that disagree",
  [Problem.NO_SUCCESSOR]: "Superseded by nothing",
  [Problem.NO_APPROVAL]: "Accepted without the approvals asked for",
  [Problem.STALE_REVIEW]: "Reviews long past",
  [Problem.DANGLING_LINK]: "Links that lead nowhere",
  [Problem.ONE_SIDED_LINK]: "Supersessions that only one side knows",
  [Problem.NO_NUMBER]: "Records without a number",
  [Problem.MISSING_NUMBER]: "Numbers that are missing",
  [Problem.UNLINKED]: "Records that nothing links to",
};

const SEVERITIES: Record<Severity, { key: string; name: string }> = {
  [Severity.UNSPECIFIED]: { key: "note", name: "Note" },
  [Severity.ERROR]: { key: "error", name: "Error" },
  [Severity.WARNING]: { key: "warning", name: "Warning" },
  [Severity.NOTE]: { key: "note", name: "Note" },
};

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

function useMend() {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async ({ finding, kind }: { finding: Finding; kind: FixKind }) => {
      const undo = await undoOf(clients, finding, kind);
      const { results } = await clients(GovernanceService).applyFixes({ fixes: [{ key: finding.key, kind }] });
      return { undo, result: results[0] };
    },
    onSuccess: async ({ undo, result }, { finding, kind }) => {
      await decisionsChanged(queryClient);
      const name = finding.ref === "" ? "It" : finding.ref;
      const run = async () => {
        try {
          await undo?.();
          await decisionsChanged(queryClient);
          toast.show({ message: `${name} is as it was.` });
        } catch (error) {
          toast.show({ message: `Nothing was undone. ${messageOf(error)}` });
        }
      };
      const done = result?.done === true;
      const led = kind === FixKind.RENUMBER ? " The old number goes on leading to it." : "";
      toast.show({
        message: done ? `${name}: ${result.message}.${led}` : `Nothing was mended. ${result?.message ?? ""}`,
        ...(done && undo && { action: { label: "Undo", run: () => void run() } }),
      });
    },
    onError: (error) => toast.show({ message: `Nothing was mended. ${messageOf(error)}` }),
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
    <li className="finding" data-severity={severity.key}>
      <Icon name={severity.key === "note" ? "file" : "warn"} size={14} />
      <div className="min-w-0">
        <span className="sr">{severity.name}: </span>
        {finding.decisionId !== "" && (
          <Link to="/decisions/$ref" params={{ ref: finding.decisionId }} className="id hover:text-accent">
            {finding.ref}
          </Link>
        )}{" "}
        {afterName(finding.message, finding.ref)}
      </div>
      <div className="fix">
        {first && (
          <Button busy={busy} onClick={() => onMend(first)}>
            {capital(first.kind === FixKind.ACKNOWLEDGE ? "leave it as it is" : first.description)}
          </Button>
        )}
        {others.length > 0 && (
          <Menu
            label={`More for ${finding.ref === "" ? "this finding" : finding.ref}`}
            items={others.map((fix, index) => ({
              key: `${fix.kind}${index}`,
              label: capital(fix.description),
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
      <SectionHead title={PROBLEMS[problem]}>{total.toLocaleString("en")}</SectionHead>
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
          Show more of {count(total, "finding")}
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
    onError: (error) => toast.show({ message: `Nothing was changed. ${messageOf(error)}` }),
  });
  if (acknowledged === 0) return null;
  return (
    <p className="sub pt-8 text-13">
      {count(acknowledged, "finding")} {acknowledged === 1 ? "was" : "were"} left as{" "}
      {acknowledged === 1 ? "it is" : "they are"}.{" "}
      <button type="button" className="link" disabled={again.isPending} onClick={() => again.mutate()}>
        Report {acknowledged === 1 ? "it" : "them"} again
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
    queryFn: ({ signal }) =>
      clients(GovernanceService).runDoctor(
        { limit: FINDINGS_MOST, logSlugs: log === undefined ? [] : [log] },
        { signal },
      ),
  });
  const totals = new Map(data?.counts.map((one) => [one.problem, one.count]));
  const problems = [...new Set(data?.findings.map((finding) => finding.problem))];
  const all = [...totals.values()].reduce((sum, number) => sum + number, 0);
  return (
    <Page title="Doctor" heading="Doctor" crumbs={[{ label: "Doctor" }]}>
      <div className="doctor">
        <div className="flex flex-wrap items-center gap-3 text-13">
          <p role="status">
            {data && (
              <>
                <b className="med">{count(all, "finding")}</b>{" "}
                <span className="sub">in {count(data.records, "record")}</span>
              </>
            )}
          </p>
          {logs.length > 1 && (
            <span className="ml-auto">
              <Pick
                label="Log"
                shown={logs.find((one) => one.slug === log)?.name ?? "Every log"}
                value={log ?? ""}
                options={[
                  { value: "", label: "Every log" },
                  ...logs.map((one) => ({ value: one.slug, label: one.name })),
                ]}
                onChange={(slug) => void navigate({ search: { log: slug === "" ? undefined : slug }, replace: true })}
              />
            </span>
          )}
        </div>
        {isPending && <SkeletonRows />}
        {error && <Failure title="The logs were not examined." error={error} onRetry={() => void refetch()} />}
        {data && all === 0 && (
          <Empty title="All is in order">
            Numbers, links, statuses, approvals and reviews were looked at, and nothing contradicts anything.
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
