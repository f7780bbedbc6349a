import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type BulkResult, CurationService } from "@/api/gen/cairn/decisions/v1/curation_pb";
import { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField, TextField } from "@/ui/field";
import { Failure, Note } from "@/ui/note";
import { STATUSES, statusFromKey, statusKey, statusName } from "@/ui/status";
import { useToast } from "@/ui/toast";

import { commaSeparated } from "../drafts";
import { decisionsChanged } from "../queries";
import { t } from "../texts/curate";
import { BulkUpkeep, UPKEEP_AS_IT_IS, upkeepSent } from "./bulk-upkeep";

function statusOptions() {
  return [
    { value: "", label: t.asItIs },
    ...STATUSES.map((status) => ({ value: statusKey(status), label: statusName(status) })),
  ];
}

interface BulkDialogProps {
  ids: readonly string[];
  onClose: () => void;
  onDone: () => void;
}

/** Records that nobody changed since get the text they had; the others are told. */
function useUndo() {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  return async (id: string) => {
    try {
      const { results } = await clients(CurationService).undoBulkEdit({ id });
      await decisionsChanged(queryClient);
      const kept = results.filter((one) => !one.done);
      toast.show({
        message:
          kept.length === 0
            ? t.asBefore(results.length)
            : t.changedSince(kept.length, kept.map((one) => one.ref).join(", ")),
      });
    } catch (error) {
      toast.show({ message: t.notUndone(messageOf(error)) });
    }
  };
}

/** One change to many records, each as a new version where its text changes; what cannot be changed is told, and the rest is done. */
export function BulkDialog({ ids, onClose, onDone }: BulkDialogProps): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const undo = useUndo();
  const [fields, setFields] = useState({ add: "", remove: "", categories: "", components: "", status: "", why: "" });
  const [upkeep, setUpkeep] = useState(UPKEEP_AS_IT_IS);
  const [refused, setRefused] = useState<BulkResult[]>([]);
  const set = (name: keyof typeof fields) => (value: string) => setFields((old) => ({ ...old, [name]: value }));
  const edit = useMutation({
    mutationFn: () =>
      clients(CurationService).bulkEdit({
        decisionIds: [...ids],
        addTags: commaSeparated(fields.add),
        removeTags: commaSeparated(fields.remove),
        addScope: { categories: commaSeparated(fields.categories), components: commaSeparated(fields.components) },
        status: statusFromKey(fields.status) ?? Status.UNSPECIFIED,
        message: fields.why.trim(),
        ...upkeepSent(upkeep),
      }),
    onSuccess: async ({ id, results }) => {
      const done = results.filter((one) => one.done).length;
      setRefused(results.filter((one) => !one.done));
      await decisionsChanged(queryClient);
      toast.show({
        message: done === 0 ? t.unchanged : t.changed(done),
        ...(id !== "" && { action: { label: t.undo, run: () => void undo(id) } }),
      });
      if (done === results.length) onDone();
    },
  });
  const texts = [fields.add, fields.remove, fields.categories, fields.components, fields.status];
  const empty = texts.every((value) => value.trim() === "") && Object.keys(upkeepSent(upkeep)).length === 0;
  const unsaid = upkeep.review === "planned" && upkeep.reviewOn === "";
  return (
    <Dialog
      title={t.editMany(ids.length)}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" busy={edit.isPending} disabled={empty || unsaid} onClick={() => edit.mutate()}>
            {t.changeMany(ids.length)}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {refused.length > 0 ? t.close : t.cancel}
          </Button>
        </>
      }
    >
      <div className="form">
        {edit.isError && <Failure title={t.unchanged} error={edit.error} />}
        {refused.length > 0 && (
          <Note tone="caution" title={t.stayed(refused.length)}>
            {refused.map((one) => (
              <span key={one.decisionId} className="block">
                <span className="mono">{one.ref}</span> {one.message}
              </span>
            ))}
          </Note>
        )}
        <TextField label={t.addTags} placeholder={t.withCommas} value={fields.add} onChange={set("add")} />
        <TextField label={t.removeTags} placeholder={t.withCommas} value={fields.remove} onChange={set("remove")} />
        <TextField label={t.addCategories} value={fields.categories} onChange={set("categories")} />
        <TextField label={t.addComponents} value={fields.components} onChange={set("components")} />
        <SelectField label={t.status} value={fields.status} options={statusOptions()} onChange={set("status")} />
        <BulkUpkeep value={upkeep} onChange={setUpkeep} />
        <TextField label={t.why} placeholder={t.whyHint} value={fields.why} onChange={set("why")} />
      </div>
    </Dialog>
  );
}
