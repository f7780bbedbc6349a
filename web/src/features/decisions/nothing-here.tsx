import type { JSX } from "react";

import { Button } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { statusName } from "@/ui/status";

import { isNarrowed, type LogSearch, splitList, statusesOf } from "./filters";
import { NoDecisions } from "./no-decisions";
import { t } from "./texts/log-empty";

/** Why a log shows no decisions, and what to do about it. */
export function NothingHere({ search, onClear }: { search: LogSearch; onClear: () => void }): JSX.Element {
  if (search.deleted === "yes") {
    return <Empty title={t.nothingDeleted}>{t.nothingDeletedWhy}</Empty>;
  }
  if (isNarrowed(search)) {
    return (
      <Empty title={t.noMatch} actions={<Button onClick={onClear}>{t.clearFilters}</Button>}>
        {[
          search.text !== undefined && t.textMust(search.text),
          search.status !== undefined && t.statusMust(statusesOf(search).map(statusName)),
          search.tag !== undefined && t.tagMust(splitList(search.tag)),
          search.owner !== undefined && t.ownerMust,
          search.governs !== undefined && t.governsMust,
        ]
          .filter((reason) => reason !== false)
          .join(" ")}
      </Empty>
    );
  }
  return <NoDecisions />;
}
