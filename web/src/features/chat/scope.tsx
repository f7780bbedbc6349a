import { useQuery } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { DecisionPicker } from "@/features/decisions/decision-picker";
import { decisionQuery, logsQuery } from "@/features/decisions/queries";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { longDate } from "@/ui/time";

import { t } from "./texts/conversations";
import { EVERYTHING, type TurnScope } from "./turn";

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
        <Dialog
          title={t.scope}
          onClose={() => setOpen(false)}
          footer={
            <>
              <Button look="primary" onClick={() => setOpen(false)}>
                {t.done}
              </Button>
              <Button
                look="ghost"
                onClick={() => {
                  setRecord(undefined);
                  onChange(EVERYTHING);
                }}
              >
                {t.clear}
              </Button>
            </>
          }
        >
          <div className="grid gap-4">
            <SelectField
              label={t.log}
              value={scope.logIds[0] ?? ""}
              options={[{ value: "", label: t.everyLog }, ...logs.map(({ id, name }) => ({ value: id, label: name }))]}
              onChange={(id) => onChange({ ...scope, logIds: id === "" ? [] : [id] })}
            />
            <TextField
              label={t.tag}
              hint={t.tagHint}
              value={scope.tags[0] ?? ""}
              onChange={(tag) => onChange({ ...scope, tags: tag === "" ? [] : [tag] })}
            />
            <TextField
              label={t.asOf}
              hint={t.asOfHint}
              type="date"
              value={scope.asOf}
              onChange={(asOf) => onChange({ ...scope, asOf })}
            />
            <DecisionPicker
              label={t.record}
              hint={t.recordHint}
              except=""
              chosen={record}
              onChoose={(one) => {
                setRecord(one);
                onChange({ ...scope, decisionIds: one ? [one.id] : [] });
              }}
            />
          </div>
        </Dialog>
      )}
    </>
  );
}
