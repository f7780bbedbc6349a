import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { CurationService } from "@/api/gen/cairn/decisions/v1/curation_pb";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { Failure } from "@/ui/note";
import { useToast } from "@/ui/toast";

import { type LogSearch, splitList, statusesOf } from "../filters";
import { t } from "../texts/curate";

/** Asks for the name under which the filters of the log are kept. */
export function SaveDialog({ search, onClose }: { search: LogSearch; onClose: () => void }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      clients(CurationService).saveFilter({
        filter: {
          name: name.trim(),
          shared,
          text: search.text ?? "",
          statuses: statusesOf(search),
          tags: splitList(search.tag),
          logSlugs: splitList(search.log),
          ownerIds: splitList(search.owner),
          governs: search.governs === "yes",
        },
      }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["filters"] });
      toast.show({ message: t.viewKept(name.trim()) });
      onClose();
    },
  });
  return (
    <Dialog title={t.saveView} onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") save.mutate();
        }}
      >
        {save.isError && <Failure title={t.viewNotSaved} error={save.error} />}
        <TextField label={t.name} value={name} onChange={setName} maxLength={100} required />
        <label className="flex items-center gap-2 text-13">
          <input type="checkbox" className="check" checked={shared} onChange={() => setShared(!shared)} />
          {t.everybody}
        </label>
        <div>
          <Button type="submit" look="primary" busy={save.isPending} disabled={name.trim() === ""}>
            {t.save}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
