import type { JSX } from "react";

import type { StatusCount, TagCount } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { number } from "@/text/language";
import { classes } from "@/ui/classes";
import { STATUSES, statusKey, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";

import { type LogSearch, splitList, statusesOf, toggled } from "./filters";
import { t } from "./texts/log";

const TAGS_SHOWN = 14;

interface FacetsProps {
  search: LogSearch;
  statusCounts: StatusCount[];
  tagCounts: TagCount[];
  onChange: (change: LogSearch) => void;
}

interface BoxProps {
  checked: boolean;
  onChange: () => void;
  count: number;
  children: JSX.Element | string;
}

function Box({ checked, onChange, count, children }: BoxProps): JSX.Element {
  return (
    <label className={classes(checked && "on")}>
      <input type="checkbox" className="check" checked={checked} onChange={onChange} />
      {children}
      <span className="n">{number(count)}</span>
    </label>
  );
}

/** Statuses and tags with their counts; each box is one filter in the address. */
export function Facets({ search, statusCounts, tagCounts, onChange }: FacetsProps): JSX.Element {
  const chosen = statusesOf(search);
  const chosenTags = splitList(search.tag);
  const counts = new Map(statusCounts.map((entry) => [entry.status, entry.count]));
  const tags = [...tagCounts].sort((a, b) => b.count - a.count || a.tag.localeCompare(b.tag));
  const shown = tags.filter((entry, index) => index < TAGS_SHOWN || chosenTags.includes(entry.tag));
  return (
    <aside className="facets" aria-label={t.facets}>
      <h2>{t.status}</h2>
      {STATUSES.map((status) => (
        <Box
          key={status}
          checked={chosen.includes(status)}
          count={counts.get(status) ?? 0}
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
    </aside>
  );
}
