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
import { count, dateOf, momentInWords } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { decisionsChanged, type LoadedDecision } from "../queries";
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
      toast.show({ message: "Your approval was taken back." });
    },
    onError: (error) => toast.show({ message: `Your approval stands. ${messageOf(error)}` }),
  });
  const approve = useMutation({
    mutationFn: () => clients(LifecycleService).approveDecision({ decisionId: summary.id, version: summary.version }),
    onSuccess: async ({ approvalsCount, requiredApprovals }) => {
      await decisionsChanged(queryClient);
      const there = requiredApprovals > 0 ? ` ${approvalsCount} of ${requiredApprovals} are there.` : "";
      toast.show({
        message: `You approved version ${summary.version}.${there}`,
        action: { label: "Undo", run: () => withdraw.mutate() },
      });
    },
    onError: async (error) => {
      // The text changed while it was read: the page shows the new one before anybody approves it.
      if (isStale(error)) await decisionsChanged(queryClient);
      toast.show({ message: `Nothing was approved. ${messageOf(error)}` });
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
  if (approval.withdrawnAt) return "took the approval back";
  if (!approval.counts) return "approved an older text; does not count";
  return approval.note === "" ? "approved" : `approved: ${approval.note}`;
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
          title="What changed since"
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
        <h2 id="approvals-heading">Approvals</h2>
        <span className="sub sm">
          {required > 0 ? `${counted} of ${required} count for this text` : count(counted, "approval")}
        </span>
        <span className="ml-auto">
          {mine ? (
            <Button look="danger" busy={withdraw.isPending} onClick={() => withdraw.mutate()}>
              Withdraw
            </Button>
          ) : own ? (
            <span className="dim sm">You wrote this text</span>
          ) : (
            <Button busy={approve.isPending} onClick={() => approve.mutate()}>
              Approve this text
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
            <span className="sub">Nobody has approved this text yet.</span>
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
