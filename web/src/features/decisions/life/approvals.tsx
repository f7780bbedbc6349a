import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type JSX, useEffect, useRef } from "react";

import { useClients } from "@/api/clients";
import { isStale, messageOf } from "@/api/errors";
import { type DecisionSummary, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { type Approval, type GetLifecycleResponse, LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { sessionQuery } from "@/features/tenancy/queries";
import { Button } from "@/ui/button";
import { Avatar, Hash } from "@/ui/marks";
import { dateOf, momentInWords } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { decisionsChanged, type LoadedDecision } from "../queries";
import { t } from "../texts/life";
import { lifecycleQuery } from "./queries";

/** Approving the text that is shown, and taking that back. */
export function useApproval(summary: DecisionSummary, lifecycle: GetLifecycleResponse) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const withdraw = useMutation({
    mutationFn: () => clients(LifecycleService).withdrawApproval({ decisionId: summary.id }),
    onSuccess: async () => {
      await decisionsChanged(queryClient);
      toast.show({ message: t.withdrawn });
    },
    onError: (error) => toast.show({ message: t.notWithdrawn(messageOf(error)) }),
  });
  const approve = useMutation({
    mutationFn: () => clients(LifecycleService).approveDecision({ decisionId: summary.id, version: summary.version }),
    onSuccess: async ({ approvalsCount, requiredApprovals }) => {
      await decisionsChanged(queryClient);
      toast.show({
        message: t.youApproved(summary.version, approvalsCount, requiredApprovals),
        action: { label: t.undo, run: () => withdraw.mutate() },
      });
    },
    onError: async (error) => {
      // The text changed while it was read: the page shows the new one before anybody approves it.
      if (isStale(error)) await decisionsChanged(queryClient);
      toast.show({ message: t.notApproved(messageOf(error)) });
    },
  });
  return { approve, withdraw, lifecycle };
}

/** Nobody approves their own text; the server refuses it, and the page does not offer it. */
export function useIsOwnText(decision: LoadedDecision): boolean {
  const clients = useClients();
  const me = useQuery(sessionQuery(clients)).data;
  return me !== undefined && me.personName === decision.authorName;
}

function wordsOf(approval: Approval): string {
  if (approval.withdrawnAt) return t.tookBack;
  if (!approval.counts) return t.approvedOlder;
  return approval.note === "" ? t.approved : t.approvedSaying(approval.note);
}

function Row({ approval, current, id }: { approval: Approval; current: number; id: string }): JSX.Element {
  const at = dateOf(approval.createdAt);
  const hash = <Hash value={approval.contentHash} old={!approval.counts} />;
  return (
    <li>
      <Avatar name={approval.personName} large />
      <div>
        <span className="med">{approval.personName}</span> <span className="sub">{wordsOf(approval)}</span>
        {at && <span className="dim sm block">{momentInWords(at)}</span>}
      </div>
      {approval.version < current && !approval.counts ? (
        <Link
          to="/decisions/$ref/history"
          params={{ ref: id }}
          search={{ a: String(approval.version), b: String(current) }}
          title={t.changedSince}
        >
          {hash}
        </Link>
      ) : (
        hash
      )}
    </li>
  );
}

function Box({ decision, lifecycle }: { decision: LoadedDecision; lifecycle: GetLifecycleResponse }): JSX.Element {
  const clients = useClients();
  const me = useQuery(sessionQuery(clients)).data?.personId ?? "";
  const { summary } = decision;
  const { approve, withdraw } = useApproval(summary, lifecycle);
  const { approvals, requiredApprovals: required, approvalsCount: counted } = lifecycle;
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    // The address may lead here; the box comes after the text.
    if (location.hash === "#approvals") section.current?.scrollIntoView({ block: "center" });
  }, []);
  const mine = approvals.some((one) => one.personId === me && one.counts);
  const own = useIsOwnText(decision);
  return (
    <section ref={section} className="appr" id="approvals" aria-labelledby="approvals-heading">
      <header>
        <h2 id="approvals-heading">{t.approvals}</h2>
        <span className="sub sm">
          {t.approvalsCount(counted, required)}
        </span>
        <span className="ml-auto">
          {mine ? (
            <Button look="danger" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>
              {t.withdraw}
            </Button>
          ) : own ? (
            <span className="dim sm">{t.ownText}</span>
          ) : (
            <Button busy={approve.isPending} onClick={() => approve.mutate()}>
              {t.approveText}
            </Button>
          )}
        </span>
      </header>
      <ul>
        {approvals.map((approval) => (
          <Row key={approval.id} approval={approval} current={summary.version} id={summary.id} />
        ))}
        {approvals.length === 0 && (
          <li>
            <span className="dot" aria-hidden="true" />
            <span className="sub">{t.nobodyApproved}</span>
          </li>
        )}
      </ul>
    </section>
  );
}

/** Who approved which text. An approval of an older text stands there struck, and does not count. */
export function Approvals({ decision }: { decision: LoadedDecision }): JSX.Element | null {
  const clients = useClients();
  const { data } = useQuery(lifecycleQuery(clients, decision.summary.id));
  const waits = decision.summary.status === Status.PROPOSED;
  if (!data || (data.approvals.length === 0 && (data.requiredApprovals === 0 || !waits))) return null;
  return <Box decision={decision} lifecycle={data} />;
}
