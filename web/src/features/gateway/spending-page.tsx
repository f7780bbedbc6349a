import { useQuery } from "@tanstack/react-query";
import { type JSX, Suspense, useState } from "react";

import { useClients } from "@/api/clients";
import type { GetSpendingResponse, SpendingEvent } from "@/api/gen/cairn/gateway/v1/spending_pb";
import { sessionQuery } from "@/features/tenancy/queries";
import { SettingsTabs } from "@/features/tenancy/settings-tabs";
import { lazyPart } from "@/text/lazy";
import { Button } from "@/ui/button";
import { SectionHead } from "@/ui/marks";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { fullMoment } from "@/ui/time";

import { StopDialog } from "./spend-stop";
import { Usage } from "./spend-usage";
import { money, spendingQuery } from "./spending-queries";
import { t } from "./texts/spending";

const Limits = lazyPart(async () => (await import("./spend-limits")).Limits);

const WHOLE = 100;
const CAUTION_PERCENT = 70;
const DANGER_PERCENT = 95;
const ALERTS = [CAUTION_PERCENT, 85, DANGER_PERCENT];

function Budget({ spending }: { spending: GetSpendingResponse }): JSX.Element {
  const rule = spending.rules.find((one) => one.subject === "organisation");
  const budget = rule?.budgetMicros;
  const spent = spending.monthMicros;
  const percent = budget === undefined || budget === 0n ? 0 : Math.floor((Number(spent) / Number(budget)) * WHOLE);
  const tone = percent >= DANGER_PERCENT ? "bg-danger" : percent >= CAUTION_PERCENT ? "bg-caution" : "bg-accent";
  return (
    <section className="grid gap-2">
      <SectionHead title={t.thisMonth} />
      <p className="pt-2 text-28 tabular-nums">
        {budget === undefined ? money(spent) : t.ofBudget(money(spent), money(budget))}
      </p>
      {budget !== undefined && (
        <div
          className="relative h-2 overflow-hidden rounded-1 bg-sunken"
          role="meter"
          aria-valuenow={percent}
          aria-valuemin={0}
          aria-valuemax={WHOLE}
          aria-label={t.budgetUsed(percent)}
        >
          <div className={`h-full ${tone}`} style={{ width: `${Math.min(WHOLE, percent)}%` }} />
          {ALERTS.map((level) => (
            <span key={level} className="absolute top-0 h-full w-px bg-line-strong" style={{ left: `${level}%` }} />
          ))}
        </div>
      )}
      <p className="sub text-13">
        {budget === undefined ? t.noBudget : `${t.budgetUsed(percent)}. ${rule?.soft === true ? t.soft : t.hard}`}
        {". "}
        {t.projected(money(spending.projectedMicros))}.
      </p>
    </section>
  );
}

function nameOf(event: SpendingEvent): string {
  const names: Record<string, string> = {
    alert: t.alert,
    stopped: t.stoppedEvent,
    resumed: t.resumed,
    rule_changed: t.ruleChanged,
  };
  return names[event.kind] ?? event.kind;
}

function Events({ events }: { events: SpendingEvent[] }): JSX.Element {
  return (
    <section>
      <SectionHead title={t.events} />
      {events.length === 0 && <p className="sub pt-3">{t.noEvents}</p>}
      <ul>
        {events.map((event) => (
          <li key={`${event.at}${event.kind}${event.level}`} className="row grid-cols-[minmax(0,1fr)_auto]">
            <span className="min-w-0">
              <span className="t">{nameOf(event)}</span>
              <span className="why block">{event.detail}</span>
            </span>
            <span className="sub text-12">{fullMoment(new Date(event.at))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What models cost, what may be spent, and who stopped or lifted it. */
export function SpendingPage(): JSX.Element {
  const clients = useClients();
  const spending = useQuery(spendingQuery(clients));
  const admin = useQuery(sessionQuery(clients)).data?.role === "admin";
  const [dialog, setDialog] = useState<"stop" | "resume" | null>(null);
  const stopped = spending.data?.stopped === true;
  return (
    <Page
      title={t.spending}
      heading={t.spending}
      crumbs={[{ label: t.settings }, { label: t.spending }]}
      actions={
        admin &&
        spending.data &&
        !stopped && (
          <Button className="text-danger!" onClick={() => setDialog("stop")}>
            {t.stop}
          </Button>
        )
      }
    >
      <div className="grid max-w-[50rem] gap-8 px-4 py-5 wide:mx-auto wide:px-9 wide:py-8">
        <SettingsTabs />
        {spending.isPending && <SkeletonRows count={6} />}
        {spending.isError && (
          <Failure title={t.unread} error={spending.error} onRetry={() => void spending.refetch()} />
        )}
        {spending.data && (
          <>
            {stopped && (
              <Note
                tone="danger"
                title={t.stopped}
                action={admin && <Button onClick={() => setDialog("resume")}>{t.resume}</Button>}
              >
                {t.stoppedWhy}
              </Note>
            )}
            {spending.data.overrideUntil !== "" && (
              <Note tone="caution" title={t.lifted(fullMoment(new Date(spending.data.overrideUntil)))} />
            )}
            <Budget spending={spending.data} />
            <Usage admin={admin} />
            <Suspense>
              <Limits rules={spending.data.rules} admin={admin} />
            </Suspense>
            <Events events={spending.data.events} />
          </>
        )}
      </div>
      {dialog && <StopDialog resume={dialog === "resume"} onClose={() => setDialog(null)} />}
    </Page>
  );
}
