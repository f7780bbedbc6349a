import { useQuery } from "@tanstack/react-query";
import { type JSX, Suspense, useState } from "react";

import { useClients } from "@/api/clients";
import { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { GetLifecycleResponse, NextStatus } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { sessionQuery } from "@/features/tenancy/queries";
import { lazyPart } from "@/text/lazy";
import { Button } from "@/ui/button";
import { Menu, type MenuItem } from "@/ui/menu";
import { statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";

import type { LoadedDecision } from "../queries";
import { useOwnStatusName } from "../status-names";
import { t } from "../texts/life";
import { useApproval, useIsOwnText } from "./approvals";
import { lifecycleQuery } from "./queries";
import { useTransition } from "./use-transition";

const ReasonDialog = lazyPart(async () => (await import("./reason-dialog")).ReasonDialog);
const RelateDialog = lazyPart(async () => (await import("./relate-dialog")).RelateDialog);

/** What a person does to get there; the same status is reached in different ways. */
function verb(from: Status, to: Status): string {
  switch (to) {
    case Status.DRAFT:
      return t.toDraft;
    case Status.PROPOSED:
      return from === Status.DRAFT ? t.propose : t.reopen;
    case Status.ACCEPTED:
      return from === Status.PROPOSED ? t.accept : t.reinstate;
    case Status.REJECTED:
      return t.reject;
    case Status.DEPRECATED:
      return t.deprecate;
    case Status.SUPERSEDED:
      return t.supersede;
    case Status.UNSPECIFIED:
      return t.changeStatus;
  }
}

/** The step that a decision waits for; what is in force waits for nothing. */
const FORWARD: Partial<Record<Status, Status>> = {
  [Status.DRAFT]: Status.PROPOSED,
  [Status.PROPOSED]: Status.ACCEPTED,
};

const ASKS_WHY: readonly Status[] = [Status.REJECTED, Status.DEPRECATED, Status.DRAFT];

type Open = { kind: "reason"; next: NextStatus } | { kind: "supersede" } | null;

interface ReadyProps {
  decision: LoadedDecision;
  lifecycle: GetLifecycleResponse;
}

function Ready({ decision, lifecycle }: ReadyProps): JSX.Element {
  const clients = useClients();
  const me = useQuery(sessionQuery(clients)).data?.personId ?? "";
  const [open, setOpen] = useState<Open>(null);
  const { summary } = decision;
  const ownName = useOwnStatusName();
  const nameOf = ({ status }: NextStatus) => ownName({ logId: summary.logId, status }) ?? statusName(status);
  const transition = useTransition(summary);
  const approval = useApproval(summary, lifecycle);
  const forward = lifecycle.next.find((next) => next.status === FORWARD[summary.status]);
  const lacks = lifecycle.requiredApprovals - lifecycle.approvalsCount;
  const approved = lifecycle.approvals.some((one) => one.personId === me && one.counts);
  const own = useIsOwnText(decision);
  const approves = summary.status === Status.PROPOSED && lacks > 0 && !approved && !own;
  const start = (next: NextStatus) => {
    // A supersession begins with the record that takes over; the status follows from it.
    if (next.status === Status.SUPERSEDED) setOpen({ kind: "supersede" });
    else if (ASKS_WHY.includes(next.status)) setOpen({ kind: "reason", next });
    else transition.mutate({ status: next.status, name: nameOf(next), message: "" });
  };
  const primary = !approves && forward?.refusal === "" ? forward : undefined;
  const items: MenuItem[] = lifecycle.next
    .filter((next) => next !== primary)
    .map((next) => ({
      key: String(next.status),
      label: `${verb(summary.status, next.status)}${next.status === Status.SUPERSEDED || ASKS_WHY.includes(next.status) ? "…" : ""}`,
      mark: <Stone status={next.status} beside />,
      run: () => start(next),
      ...(next.refusal !== "" && next.status !== Status.SUPERSEDED && { refusal: next.refusal }),
    }));
  return (
    <>
      {approves && (
        <Button look="primary" busy={approval.approve.isPending} onClick={() => approval.approve.mutate()}>
          {t.approve} <span className="mono wide-only opacity-85">{decision.contentHash.slice(0, 6)}</span>
        </Button>
      )}
      {primary && (
        <Button look="primary" busy={transition.isPending} onClick={() => start(primary)}>
          {verb(summary.status, primary.status)}
        </Button>
      )}
      {items.length > 0 && <Menu label={t.changeTheStatus} items={items} />}
      <Suspense>
        {open?.kind === "reason" && (
          <ReasonDialog
            title={t.doTo(verb(summary.status, open.next.status), summary.ref)}
            action={verb(summary.status, open.next.status)}
            onClose={() => setOpen(null)}
            onDone={(message) => {
              setOpen(null);
              transition.mutate({ status: open.next.status, name: nameOf(open.next), message });
            }}
          />
        )}
        {open?.kind === "supersede" && <RelateDialog decision={decision} supersede onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  );
}

/** What may happen next to a decision: its next step as a button, the rest in a menu with the reason why not. */
export function StatusActions({ decision }: { decision: LoadedDecision }): JSX.Element | null {
  const clients = useClients();
  const { data } = useQuery(lifecycleQuery(clients, decision.summary.id));
  return data ? <Ready decision={decision} lifecycle={data} /> : null;
}

