import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, Suspense, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { CurationService, type SavedFilter } from "@/api/gen/cairn/decisions/v1/curation_pb";
import { lazyPart } from "@/text/lazy";
import { useToast } from "@/ui/toast";

import type { LogSearch } from "../filters";
import { t } from "../texts/views";

const SaveDialog = lazyPart(async () => (await import("./save-view-dialog")).SaveDialog);

const KEY = ["filters"];

/** Keeps the view that is shown, or lets it go where it is kept already. */
export function ViewTools({ search, kept }: { search: LogSearch; kept: SavedFilter | undefined }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [saving, setSaving] = useState(false);
  const again = async (filter: SavedFilter) => {
    try {
      await clients(CurationService).saveFilter({ filter });
      await queryClient.invalidateQueries({ queryKey: KEY });
    } catch (error) {
      toast.show({ message: t.viewNotBack(messageOf(error)) });
    }
  };
  const remove = useMutation({
    mutationFn: (filter: SavedFilter) => clients(CurationService).deleteFilter({ id: filter.id }),
    onSuccess: async (_, filter) => {
      await queryClient.invalidateQueries({ queryKey: KEY });
      toast.show({
        message: t.viewGone(filter.name),
        action: { label: t.undo, run: () => void again(filter) },
      });
    },
    onError: (error) => toast.show({ message: t.viewStays(messageOf(error)) }),
  });
  return (
    <>
      {kept === undefined ? (
        <button type="button" className="save" onClick={() => setSaving(true)}>
          {t.saveView}
        </button>
      ) : (
        <button type="button" className="save" onClick={() => remove.mutate(kept)}>
          {t.removeView}
        </button>
      )}
      {saving && (
        <Suspense>
          <SaveDialog search={search} onClose={() => setSaving(false)} />
        </Suspense>
      )}
    </>
  );
}
