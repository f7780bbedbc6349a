import { useQuery } from "@tanstack/react-query";
import { type JSX, Suspense, useState } from "react";

import { useClients } from "@/api/clients";
import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { decisionQuery, logsQuery } from "@/features/decisions/queries";
import { lazyPart } from "@/text/lazy";
import { longDate } from "@/ui/time";

import { t } from "./texts/conversations";
import type { TurnScope } from "./turn-scope";

const ScopeDialog = lazyPart(async () => (await import("./scope-dialog")).ScopeDialog);

interface ScopeProps {
  scope: TurnScope;
  onChange: (scope: TurnScope) => void;
}

/** What the next answer may rest on, in words, and the way to change it. */
export function ScopeControl({ scope, onChange }: ScopeProps): JSX.Element {
  const clients = useClients();
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const [open, setOpen] = useState(false);
  const [picked, setRecord] = useState<DecisionSummary>();
  const recordId = scope.decisionIds[0] ?? "";
  const asked = useQuery({ ...decisionQuery(clients, recordId), enabled: recordId !== "" && picked === undefined });
  const record = recordId === "" ? undefined : (picked ?? asked.data?.summary);
  const log = logs.find((one) => one.id === scope.logIds[0]);
  const told = [
    ...(log ? [t.inLog(log.name)] : []),
    ...(scope.decisionIds.length > 0 ? [t.inRecord(record?.ref ?? t.record)] : []),
    ...scope.tags.map(t.withTag),
    ...(scope.asOf === "" ? [] : [t.onDay(longDate(scope.asOf))]),
  ];
  return (
    <>
      <span className="dim">{told.length === 0 ? t.everything : told.join(", ")}</span>
      <button type="button" className="link" onClick={() => setOpen(true)}>
        {t.scope}
      </button>
      {open && (
        <Suspense>
          <ScopeDialog scope={scope} record={record} onRecord={setRecord} onChange={onChange} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
