import { useQuery } from "@tanstack/react-query";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { UsageSum } from "@/api/gen/cairn/gateway/v1/spending_pb";
import { number } from "@/text/language";
import { Segmented } from "@/ui/field";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { SkeletonRows } from "@/ui/skeleton";

import { type Grouping, lastDays, money, usageQuery } from "./spending-queries";
import { t } from "./texts/spending";

const SPANS = ["7", "30", "90"] as const;
type Span = (typeof SPANS)[number];

/** A bar for each day, as high as it cost; by tokens where nothing cost anything. */
function DayChart({ sums, days }: { sums: UsageSum[]; days: number }): JSX.Element {
  const byDay = new Map(sums.map((sum) => [sum.name, sum]));
  const free = sums.every((sum) => sum.costMicros === 0n);
  const weigh = (sum: UsageSum | undefined) =>
    sum ? Number(free ? sum.inputTokens + sum.outputTokens : sum.costMicros) : 0;
  const most = Math.max(1, ...sums.map(weigh));
  const total = sums.reduce((all, sum) => all + sum.costMicros, 0n);
  const shown = lastDays(days);
  return (
    <div role="img" aria-label={t.chart(days, money(total))}>
      <div className="flex h-28 items-end gap-px border-b border-line pt-2">
        {shown.map((day) => {
        const sum = byDay.get(day);
        const share = weigh(sum) / most;
        return (
          <div
            key={day}
            className={share > 0 ? "min-h-px flex-1 rounded-t-1 bg-accent" : "h-px flex-1 bg-line"}
            style={share > 0 ? { height: `${Math.max(2, share * 100)}%` } : undefined}
            title={`${day}: ${money(sum?.costMicros ?? 0n)}, ${number(Number(sum?.calls ?? 0n))} ${t.calls}`}
          />
        );
      })}
      </div>
      <p className="flex justify-between pt-1 text-11 text-ink-2 tabular-nums">
        <span>{shown[0]}</span>
        <span>{shown[shown.length - 1]}</span>
      </p>
    </div>
  );
}

function UsageTable({ sums, by }: { sums: UsageSum[]; by: Grouping }): JSX.Element {
  const most = Math.max(1, ...sums.map((sum) => Number(sum.costMicros)));
  const ordered = by === "day" ? [...sums].reverse() : [...sums].sort((a, b) => Number(b.costMicros - a.costMicros));
  const figure = "py-2 pl-4 text-right tabular-nums";
  return (
    // Scrollable regions take the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={t.where}>
      <table className="w-full text-13">
        <thead className="text-12 text-ink-2">
          <tr className="border-b border-line">
            <th className="py-2 text-left font-medium">{t[by]}</th>
            <th className={`${figure} font-medium`}>{t.calls}</th>
            <th className={`${figure} font-medium`}>{t.tokens}</th>
            <th className={`${figure} font-medium`}>{t.cost}</th>
          </tr>
        </thead>
        <tbody>
          {ordered.map((sum) => (
            <tr key={sum.name} className="border-b border-line-soft">
              <td className="py-2">
                <span className={by === "model" ? "mono text-12" : ""}>{sum.name === "" ? t.byCairn : sum.name}</span>
                {by !== "day" && (
                  <span
                    className="mt-1 block h-1 rounded-1 bg-accent-line"
                    style={{ width: `${(Number(sum.costMicros) / most) * 100}%` }}
                    aria-hidden="true"
                  />
                )}
              </td>
              <td className={figure}>{number(Number(sum.calls))}</td>
              <td className={figure}>{number(Number(sum.inputTokens + sum.outputTokens))}</td>
              <td className={figure}>{money(sum.costMicros)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Calls added up: a chart by day, and a table by what one chooses. */
export function Usage({ admin }: { admin: boolean }): JSX.Element {
  const clients = useClients();
  const [by, setBy] = useState<Grouping>("model");
  const [span, setSpan] = useState<Span>("30");
  const days = Number(span);
  const daily = useQuery(usageQuery(clients, "day", days));
  const grouped = useQuery(usageQuery(clients, by, days));
  const sums = grouped.data?.sums ?? [];
  const estimated = Number(sums.reduce((all, sum) => all + sum.estimatedCalls, 0n));
  return (
    <section className="grid gap-3">
      <SectionHead title={t.where}>
        <Segmented
          label={t.days}
          value={span}
          options={SPANS.map((one) => ({ value: one, label: t.lastDays(Number(one)) }))}
          onChange={setSpan}
        />
      </SectionHead>
      {grouped.isError && (
        <Failure title={t.usageUnread} error={grouped.error} onRetry={() => void grouped.refetch()} />
      )}
      {grouped.isPending && <SkeletonRows count={4} />}
      {grouped.data && sums.length === 0 && <p className="sub">{t.nothingSpent}</p>}
      {sums.length > 0 && (
        <>
          <DayChart sums={daily.data?.sums ?? []} days={days} />
          <Segmented
            label={t.by}
            className="justify-self-start"
            value={by}
            options={(["day", "person", "model", "outcome"] as const).map((one) => ({ value: one, label: t[one] }))}
            onChange={setBy}
          />
          <UsageTable sums={sums} by={by} />
          {estimated > 0 && <p className="sub text-12">{t.estimated(estimated)}</p>}
        </>
      )}
      {!admin && <p className="sub text-12">{t.ownOnly}</p>}
    </section>
  );
}
