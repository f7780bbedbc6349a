import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type JSX, Suspense, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { CurationService, type SavedFilter } from "@/api/gen/cairn/decisions/v1/curation_pb";
import { lazyPart } from "@/text/lazy";
import { useToast } from "@/ui/toast";

import { joinList, type LogSearch, statusList } from "../filters";
import { t } from "../texts/views";

const SaveDialog = lazyPart(async () => (await import("./save-view-dialog")).SaveDialog);

const KEY = ["filters"];

function searchOf(filter: SavedFilter): LogSearch {
  return {
    text: filter.text === "" ? undefined : filter.text,
    status: statusList(filter.statuses),
    tag: joinList(filter.tags),
    log: joinList(filter.logSlugs),
  };
}

const sameSearch = (a: LogSearch, b: LogSearch) =>
  a.deleted === b.deleted && a.text === b.text && a.status === b.status && a.tag === b.tag && a.log === b.log;

/** Views that people keep, and a way to keep the one that is shown or to let it go. */
export function SavedViews({ search }: { search: LogSearch }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [saving, setSaving] = useState(false);
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => clients(CurationService).listFilters({}, { signal }),
  });
  const filters = data?.filters ?? [];
  const current = filters.find((filter) => sameSearch(searchOf(filter), search));
  const narrowed = [search.text, search.status, search.tag].some((value) => value !== undefined);
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
      {filters.map((filter) => (
        <Link
          key={filter.id}
          to="/decisions"
          search={searchOf(filter)}
          activeOptions={{ exact: true, includeSearch: true }}
        >
          {filter.name}
        </Link>
      ))}
      {narrowed && current === undefined && search.deleted === undefined && (
        <button type="button" className="save" onClick={() => setSaving(true)}>
          {t.saveView}
        </button>
      )}
      {current?.own === true && (
        <button type="button" className="save" onClick={() => remove.mutate(current)}>
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
