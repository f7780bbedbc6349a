import "./home.css";

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { type DecisionSummary, Status, type StatusCount } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Composer } from "@/features/chat/composer";
import { conversationsQuery } from "@/features/chat/queries";
import { InboxRows } from "@/features/decisions/inbox-rows";
import { logsQuery, recentQuery } from "@/features/decisions/queries";
import { inboxQuery } from "@/features/decisions/review-queries";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { standing, STATUSES, statusKey, statusName } from "@/ui/status";
import { Stone } from "@/ui/stone";
import { age, count, dateOf, fullMoment } from "@/ui/time";

const RECENT = 9;
const QUESTIONS = 3;
const WAITING = 5;

function Recent({ decisions }: { decisions: DecisionSummary[] }): JSX.Element {
  return (
    <section className="needs">
      <SectionHead title="Recent changes">
        <Link to="/decisions" search={{ sort: "updated" }} className="link">
          Open as a view
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
                  {decision.successor && <>, superseded by {decision.successor.ref}</>}
                  {decision.deciders.length > 0 && <> · {decision.deciders.join(", ")}</>}
                </div>
              </div>
              <div className="act">
                {updated && (
                  <time dateTime={updated.toISOString()} title={fullMoment(updated)}>
                    {decision.version === 1 ? "written" : "edited"} {age(updated)}
                    {age(updated) !== "now" && " ago"}
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
      <SectionHead title="By status" />
      <ul>
        {STATUSES.filter((status) => (byStatus.get(status) ?? 0) > 0).map((status) => (
          <li key={status}>
            <Link to="/decisions" search={{ status: statusKey(status) }} className="row hover:text-accent">
              <Stone status={status} beside />
              <span>{statusName(status)}</span>
              <span className="num dim">{byStatus.get(status)?.toLocaleString("en")}</span>
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
      {count(open, "decision")} {open === 1 ? "waits" : "wait"} for an answer.{" "}
      <Link to="/decisions" search={{ status: "draft,proposed" }} className="link">
        See {open === 1 ? "it" : "them"}
      </Link>
    </p>
  );
}

/** What was asked, what changed, how things stand. */
export function HomePage(): JSX.Element {
  const clients = useClients();
  const navigate = useNavigate();
  const recent = useQuery(recentQuery(clients, RECENT));
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const conversations = useQuery(conversationsQuery(clients)).data?.conversations ?? [];
  // A question that was asked twice stands here once, with its latest answer.
  const asked = [...new Map(conversations.toReversed().map((one) => [one.title, one])).values()].toReversed();
  const waiting = useQuery(inboxQuery(clients)).data?.items ?? [];
  const counts = recent.data?.statusCounts ?? [];
  const open = counts
    .filter(({ status }) => status === Status.DRAFT || status === Status.PROPOSED)
    .reduce((sum, entry) => sum + entry.count, 0);
  const total = recent.data?.total ?? 0;
  return (
    <Page title="Home" heading="Home" crumbs={[{ label: "Home" }]}>
      <div className="home">
        <section className="full" aria-label="Ask">
          <Composer
            placeholder="Ask what was decided, and why"
            note={
              recent.data &&
              `Searches ${count(total, "decision")} in ${count(logs.length, "log")}. Every claim names its passage.`
            }
            onAsk={(question) => void navigate({ to: "/ask", search: { q: question } })}
          />
          {conversations.length > 0 && (
            <div className="try">
              <span className="dim">Asked before</span>
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
            title="The latest changes could not be read."
            error={recent.error}
            onRetry={() => void recent.refetch()}
          />
        )}
        {recent.data && total === 0 && (
          <Empty
            title="No decisions yet"
            actions={
              <>
                <Link to="/import" className={buttonClass("primary")}>
                  Import a folder
                </Link>
                <Link to="/decisions/new" className={buttonClass()}>
                  Write one
                </Link>
              </>
            }
          >
            Bring the records you have, in any of the usual formats, or write the first one here.
          </Empty>
        )}
        {recent.data && total > 0 && (
          <>
            <div className="grid content-start gap-8">
              {waiting.length > 0 && (
                <section className="needs">
                  <SectionHead title="Needs you">
                    <Link to="/inbox" className="link">
                      {waiting.length > WAITING ? `All ${waiting.length} in the inbox` : "Open the inbox"}
                    </Link>
                  </SectionHead>
                  <InboxRows items={waiting.slice(0, WAITING)} />
                </section>
              )}
              <Recent decisions={recent.data.decisions} />
            </div>
            <div>
              <Standing counts={counts} />
              <Open open={open} />
            </div>
          </>
        )}
      </div>
    </Page>
  );
}
