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
import { count } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { commaSeparated } from "../drafts";
import { decisionsChanged } from "../queries";

const STATUS_OPTIONS = [
  { value: "", label: "as it is" },
  ...STATUSES.map((status) => ({ value: statusKey(status), label: statusName(status) })),
];

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
            ? `${count(results.length, "decision")} ${results.length === 1 ? "is" : "are"} as before.`
            : `${count(kept.length, "decision")} changed since and stay: ${kept.map((one) => one.ref).join(", ")}.`,
      });
    } catch (error) {
      toast.show({ message: `Nothing was undone. ${messageOf(error)}` });
    }
  };
}

/** One change to many records, each as a new version; what cannot be changed is told, and the rest is done. */
export function BulkDialog({ ids, onClose, onDone }: BulkDialogProps): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const undo = useUndo();
  const [fields, setFields] = useState({ add: "", remove: "", categories: "", components: "", status: "", why: "" });
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
      }),
    onSuccess: async ({ id, results }) => {
      const done = results.filter((one) => one.done).length;
      setRefused(results.filter((one) => !one.done));
      await decisionsChanged(queryClient);
      toast.show({
        message: done === 0 ? "Nothing was changed." : `${count(done, "decision")} changed.`,
        ...(id !== "" && { action: { label: "Undo", run: () => void undo(id) } }),
      });
      if (done === results.length) onDone();
    },
  });
  const empty = [fields.add, fields.remove, fields.categories, fields.components, fields.status].every(
    (value) => value.trim() === "",
  );
  return (
    <Dialog
      title={`Edit ${count(ids.length, "decision")}`}
      onClose={onClose}
      footer={
        <>
          <Button look="primary" busy={edit.isPending} disabled={empty} onClick={() => edit.mutate()}>
            Change {count(ids.length, "decision")}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {refused.length > 0 ? "Close" : "Cancel"}
          </Button>
        </>
      }
    >
      <div className="form">
        {edit.isError && <Failure title="Nothing was changed." error={edit.error} />}
        {refused.length > 0 && (
          <Note tone="caution" title={`${count(refused.length, "decision")} stayed as they were.`}>
            {refused.map((one) => (
              <span key={one.decisionId} className="block">
                <span className="mono">{one.ref}</span> {one.message}
              </span>
            ))}
          </Note>
        )}
        <TextField label="Add tags" placeholder="Words, with commas" value={fields.add} onChange={set("add")} />
        <TextField label="Remove tags" placeholder="Words, with commas" value={fields.remove} onChange={set("remove")} />
        <TextField label="Add categories" value={fields.categories} onChange={set("categories")} />
        <TextField label="Add components" value={fields.components} onChange={set("components")} />
        <SelectField label="Status" value={fields.status} options={STATUS_OPTIONS} onChange={set("status")} />
        <TextField label="Why" placeholder="Stands in each history" value={fields.why} onChange={set("why")} />
      </div>
    </Dialog>
  );
}
