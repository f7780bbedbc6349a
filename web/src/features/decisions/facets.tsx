import { type JSX, Suspense } from "react";

import type { ListDecisionsResponse } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { number } from "@/text/language";
import { lazyPart } from "@/text/lazy";
import { classes } from "@/ui/classes";
import { STATUSES, statusKey, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";

import { type LogSearch, splitList, statusesOf, toggled } from "./filters";
import type { ListFilter } from "./queries";
import { t } from "./texts/log";

const MoreFacets = lazyPart(async () => (await import("./more-facets")).MoreFacets);
const TAGS_SHOWN = 14;

interface FacetsProps {
  search: LogSearch;
  filter: ListFilter;
  /** The first page, which counts. Without it no number is known, which is not 0. */
  first: ListDecisionsResponse | undefined;
  onChange: (change: LogSearch) => void;
}

interface BoxProps {
  checked: boolean;
  onChange: () => void;
  count: number | undefined;
  children: JSX.Element | string;
}

export function Box({ checked, onChange, count, children }: BoxProps): JSX.Element {
  return (
    <label className={classes(checked && "on")}>
      <input type="checkbox" className="check" checked={checked} onChange={onChange} />
      {children}
      <span className="n">{count !== undefined && number(count)}</span>
    </label>
  );
}

/** What the list can be narrowed to, with the counts; each box is one filter in the address. */
export function Facets({ search, filter, first, onChange }: FacetsProps): JSX.Element {
  const chosen = statusesOf(search);
  const chosenTags = splitList(search.tag);
  const counts = new Map(first?.statusCounts.map((entry) => [entry.status, entry.count]));
  const tags = [...(first?.tagCounts ?? [])].sort((a, b) => b.count - a.count || a.tag.localeCompare(b.tag));
  const shown = tags.filter((entry, index) => index < TAGS_SHOWN || chosenTags.includes(entry.tag));
  return (
    <aside className="facets" aria-label={t.facets}>
      <h2>{t.status}</h2>
      {STATUSES.map((status) => (
        <Box
          key={status}
          checked={chosen.includes(status)}
          count={first && (counts.get(status) ?? 0)}
          onChange={() => onChange({ status: toggled(search.status, statusKey(status)) })}
        >
          <>
            <Stone status={status} beside />
            {statusName(status)}
          </>
        </Box>
      ))}
      {shown.length > 0 && <h2>{t.tag}</h2>}
      {shown.map(({ tag, count }) => (
        <Box
          key={tag}
          checked={chosenTags.includes(tag)}
          count={count}
          onChange={() => onChange({ tag: toggled(search.tag, tag) })}
        >
          <span className="trunc">{tag}</span>
        </Box>
      ))}
      {first && (
        <Suspense>
          <MoreFacets search={search} filter={filter} onChange={onChange} />
        </Suspense>
      )}
    </aside>
  );
}
