import "./home.css";

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type JSX, Suspense } from "react";

import { type Reading, useClients } from "@/api/clients";
import { type DecisionSummary, Status, type StatusCount } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Composer } from "@/features/chat/composer";
import { conversationsQuery } from "@/features/chat/queries";
import { InboxRows } from "@/features/decisions/inbox-rows";
import { logsQuery, RECENT_AT_HOME, recentQuery } from "@/features/decisions/queries";
import { dueQuery, inboxQuery } from "@/features/decisions/review-queries";
import { number } from "@/text/language";
import { lazyPart } from "@/text/lazy";
import { rich } from "@/text/rich";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { standing, STATUSES, statusKey, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";
import { age, dateOf, fullMoment } from "@/ui/time";

import { t } from "./texts/home";

const NoDecisions = lazyPart(async () => (await import("@/features/decisions/no-decisions")).NoDecisions);
const Horizon = lazyPart(async () => (await import("@/features/decisions/horizon")).Horizon);

const IN_SHORT = 6;
const QUESTIONS = 3;
const WAITING = 5;
const MINUTE = 60_000;

function changed(first: boolean, at: Date): string {
  if (Date.now() - at.getTime() < MINUTE) return first ? t.writtenNow : t.editedNow;
  return (first ? t.written : t.edited)(age(at));
}

/** Beside what waits for the reader there is room for the short form only. */
function RecentInShort({ decisions }: { decisions: DecisionSummary[] }): JSX.Element {
  return (
    <section className="chg">
      <SectionHead title={t.recent}>
        <Link to="/decisions" search={{ sort: "updated" }} className="link">
          {t.openAsView}
        </Link>
      </SectionHead>
      <ul>
        {decisions.map((decision) => {
          const updated = dateOf(decision.updatedAt);
          return (
            <li key={decision.id} className="row">
              <Stone status={decision.status} />
              <div className="min-w-0">
                <Link to="/decisions/$ref" params={{ ref: decision.id }} className="hover:text-accent">
                  {decision.title}
                </Link>
                <div className="sub sm">
                  <span className="id">{decision.ref}</span> ·{" "}
                  {decision.successor ? t.supersededBy(decision.successor.ref) : standing(decision.status)}
                </div>
              </div>
              {updated && (
                <time className="dim sm num" dateTime={updated.toISOString()} title={fullMoment(updated)}>
                  {age(updated)}
                </time>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Recent({ decisions }: { decisions: DecisionSummary[] }): JSX.Element {
  return (
    <section className="needs">
      <SectionHead title={t.recent}>
        <Link to="/decisions" search={{ sort: "updated" }} className="link">
          {t.openAsView}
        </Link>
      </SectionHead>
      <ul>
        {decisions.map((decision) => {
          const updated = dateOf(decision.updatedAt);
          return (
            <li key={decision.id} className="row">
              <Stone status={decision.status} />
              <div className="min-w-0">
                <div className="t">
                  <Link to="/decisions/$ref" params={{ ref: decision.id }} className="hover:text-accent">
                    {decision.title}
                  </Link>
                </div>
                <div className="why">
                  <span className="id">{decision.ref}</span> · {standing(decision.status)}
                  {decision.successor && <>, {t.supersededBy(decision.successor.ref)}</>}
                  {decision.deciders.length > 0 && <> · {decision.deciders.join(", ")}</>}
                </div>
              </div>
              <div className="act">
                {updated && (
                  <time dateTime={updated.toISOString()} title={fullMoment(updated)}>
                    {changed(decision.version === 1, updated)}
                  </time>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Standing({ counts }: { counts: StatusCount[] }): JSX.Element {
  const byStatus = new Map(counts.map((entry) => [entry.status, entry.count]));
  return (
    <section className="chg">
      <SectionHead title={t.byStatus} />
      <ul>
        {STATUSES.filter((status) => (byStatus.get(status) ?? 0) > 0).map((status) => (
          <li key={status}>
            <Link to="/decisions" search={{ status: statusKey(status) }} className="row hover:text-accent">
              <Stone status={status} beside />
              <span>{statusName(status)}</span>
              <span className="num dim">{number(byStatus.get(status) ?? 0)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Open({ open }: { open: number }): JSX.Element | null {
  if (open === 0) return null;
  return (
    <p className="sub pt-3 text-13">
      {rich(t.waiting(open), {
        a: (words) => (
          <Link to="/decisions" search={{ status: "draft,proposed" }} className="link">
            {words}
          </Link>
        ),
      })}
    </p>
  );
}

/** Reads what the page shows first. */
export async function warm({ clients, queryClient }: Reading): Promise<void> {
  await Promise.all([
    queryClient.query(recentQuery(clients, RECENT_AT_HOME)),
    queryClient.query(inboxQuery(clients)),
    queryClient.query(conversationsQuery(clients)),
    queryClient.query(dueQuery(clients)),
  ]);
}

/** What was asked, what changed, how things stand. */
export function HomePage(): JSX.Element {
  const clients = useClients();
  const navigate = useNavigate();
  const recent = useQuery(recentQuery(clients, RECENT_AT_HOME));
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const conversations = useQuery(conversationsQuery(clients)).data?.conversations ?? [];
  // A question that was asked twice stands here once, with its latest answer.
  const asked = [...new Map(conversations.toReversed().map((one) => [one.title, one])).values()].toReversed();
  const waiting = useQuery(inboxQuery(clients)).data?.items ?? [];
  const reviews = useQuery(dueQuery(clients)).data?.reviews ?? [];
  const counts = recent.data?.statusCounts ?? [];
  const open = counts
    .filter(({ status }) => status === Status.DRAFT || status === Status.PROPOSED)
    .reduce((sum, entry) => sum + entry.count, 0);
  const total = recent.data?.total ?? 0;
  return (
    <Page title={t.home} heading={t.home} crumbs={[{ label: t.home }]}>
      <div className="home">
        <section className="full" aria-label={t.ask}>
          <Composer
            placeholder={t.askHint}
            action={t.ask}
            note={
              recent.data && t.searches(total, logs.length)
            }
            onAsk={(question) => void navigate({ to: "/ask", search: { q: question } })}
          />
          {conversations.length > 0 && (
            <div className="try">
              <span className="dim">{t.askedBefore}</span>
              {asked.slice(0, QUESTIONS).map((conversation) => (
                <Link key={conversation.id} to="/ask/$conversationId" params={{ conversationId: conversation.id }}>
                  {conversation.title}
                </Link>
              ))}
            </div>
          )}
        </section>
        {recent.isPending && <SkeletonRows />}
        {recent.isError && (
          <Failure
            title={t.unread}
            error={recent.error}
            onRetry={() => void recent.refetch()}
          />
        )}
        {recent.data && total === 0 && (
          <Suspense>
            <NoDecisions />
          </Suspense>
        )}
        {recent.data && total > 0 && (
          <>
            <div className="grid content-start gap-8">
              {waiting.length > 0 && (
                <section className="needs">
                  <SectionHead title={t.needsYou}>
                    <Link to="/inbox" className="link">
                      {waiting.length > WAITING ? t.allInInbox(waiting.length) : t.openInbox}
                    </Link>
                  </SectionHead>
                  <InboxRows items={waiting.slice(0, WAITING)} />
                </section>
              )}
              {waiting.length === 0 && <Recent decisions={recent.data.decisions} />}
              {waiting.length > 0 && <Standing counts={counts} />}
            </div>
            {waiting.length > 0 ? (
              <RecentInShort decisions={recent.data.decisions.slice(0, IN_SHORT)} />
            ) : (
              <div>
                <Standing counts={counts} />
                <Open open={open} />
              </div>
            )}
            {reviews.length > 0 && (
              <Suspense>
                <Horizon reviews={reviews} />
              </Suspense>
            )}
          </>
        )}
      </div>
    </Page>
  );
}
