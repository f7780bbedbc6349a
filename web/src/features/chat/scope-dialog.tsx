import { useQuery } from "@tanstack/react-query";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { DecisionPicker } from "@/features/decisions/decision-picker";
import { logsQuery } from "@/features/decisions/queries";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";

import { t } from "./texts/conversations";
import { EVERYTHING, type TurnScope } from "./turn-scope";

interface ScopeDialogProps {
  scope: TurnScope;
  record: DecisionSummary | undefined;
  onRecord: (record: DecisionSummary | undefined) => void;
  onChange: (scope: TurnScope) => void;
  onClose: () => void;
}

/** Where the way to change what the next answer may rest on leads. */
export function ScopeDialog({ scope, record, onRecord, onChange, onClose }: ScopeDialogProps): JSX.Element {
  const logs = useQuery(logsQuery(useClients())).data?.logs ?? [];
  return (
    <Dialog
      title={t.scope}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" onClick={onClose}>
            {t.done}
          </Button>
          <Button
            look="ghost"
            onClick={() => {
              onRecord(undefined);
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
            onRecord(one);
            onChange({ ...scope, decisionIds: one ? [one.id] : [] });
          }}
        />
      </div>
    </Dialog>
  );
}
