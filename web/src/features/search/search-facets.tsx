import { type JSX, memo } from "react";

import type { Log } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { Facet } from "@/api/gen/cairn/search/v1/search_pb";
import { number } from "@/text/language";
import { classes } from "@/ui/classes";
import { statusFromKey, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";

import { t } from "./texts/search";

const VALUES_SHOWN = 8;
const FIELDS = ["status", "log", "tag", "year"] as const;

export type FacetField = (typeof FIELDS)[number];

function Label({ field, value, logs }: { field: FacetField; value: string; logs: Log[] }): JSX.Element {
  const status = field === "status" ? statusFromKey(value) : undefined;
  if (status !== undefined) {
    return (
      <>
        <Stone status={status} beside />
        {statusName(status)}
      </>
    );
  }
  const name = field === "log" ? logs.find((log) => log.slug === value)?.name : undefined;
  return <span className="trunc">{name ?? value}</span>;
}

interface SearchFacetsProps {
  facets: readonly Facet[];
  chosen: Partial<Record<FacetField, string | undefined>>;
  logs: Log[];
  onChoose: (field: FacetField, value: string | undefined) => void;
}

/** What the matches are, counted; a press narrows the search, another one widens it again. */
export const SearchFacets = memo(function SearchFacets({
  facets,
  chosen,
  logs,
  onChoose,
}: SearchFacetsProps): JSX.Element {
  return (
    <aside className="search-facets" aria-label={t.facets}>
      {FIELDS.map((field) => {
        const values = facets.find((facet) => facet.field === field)?.values ?? [];
        const current = chosen[field];
        const shown = values.filter((one, index) => index < VALUES_SHOWN || one.value === current);
        if (shown.length === 0 || (shown.length === 1 && current === undefined)) return null;
        return (
          <section key={field}>
            <h2>{t.fields[field]}</h2>
            {shown.map(({ value, count }) => (
              <button
                key={value}
                type="button"
                className={classes(value === current && "on")}
                aria-pressed={value === current}
                onClick={() => onChoose(field, value === current ? undefined : value)}
              >
                <Label field={field} value={value} logs={logs} />
                <span className="n">{number(count)}</span>
              </button>
            ))}
          </section>
        );
      })}
    </aside>
  );
});
