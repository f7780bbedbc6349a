import "@/app/home.css";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type DueReview, ReviewService } from "@/api/gen/cairn/decisions/v1/review_pb";
import { number } from "@/text/language";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Empty } from "@/ui/empty";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { Stone } from "@/ui/stone";
import { longDate } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { t } from "./texts/inbox";
import { InboxRows } from "./inbox-rows";
import { dueQuery, inboxQuery } from "./review-queries";

function DueRow({ review }: { review: DueReview }): JSX.Element | null {
  const { decision, daysOverdue } = review;
  if (!decision) return null;
  return (
    <li className="row">
      <Stone status={decision.status} />
      <div className="min-w-0">
        <Link to="/decisions/$ref" params={{ ref: decision.id }} className="hover:text-accent">
          {decision.title}
        </Link>
        <div className="sub sm">
          <span className="id">{decision.ref}</span>
          {review.ownerName !== "" && ` · ${review.ownerName}`}
        </div>
      </div>
      <span className={classes("sm num", daysOverdue > 0 ? "due" : "sub")}>
        {daysOverdue > 0 ? t.late(daysOverdue) : longDate(review.reviewOn)}
      </span>
    </li>
  );
}

/** The address of a calendar is a secret: it is made on request and shown once. */
function CalendarFeed(): JSX.Element {
  const clients = useClients();
  const toast = useToast();
  const feed = useMutation({
    mutationFn: () => clients(ReviewService).createCalendarFeed({}),
    onError: (error) => toast.show({ message: t.notMade(messageOf(error)) }),
  });
  const address = feed.data === undefined ? "" : location.origin + feed.data.path;
  return (
    <section className="grid gap-2">
      <SectionHead title={t.calendar} />
      {address === "" ? (
        <>
          <p className="sub text-13">
            {t.calendarWhy}
          </p>
          <div>
            <Button busy={feed.isPending} onClick={() => feed.mutate()}>
              {t.makeAddress}
            </Button>
          </div>
        </>
      ) : (
        <>
          <label className="label" htmlFor="feed">
            {t.subscribe}
          </label>
          <input id="feed" className="inp mono text-12!" readOnly value={address} onFocus={(event) => event.target.select()} />
          <div>
            <Button
              onClick={() =>
                void navigator.clipboard.writeText(address).then(
                  () => toast.show({ message: t.copied }),
                  () => toast.show({ message: t.notCopied }),
                )
              }
            >
              {t.copy}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

/** What awaits the reader, and what is to be looked at again. */
export function InboxPage(): JSX.Element {
  const clients = useClients();
  const inbox = useQuery(inboxQuery(clients));
  const due = useQuery(dueQuery(clients));
  const items = inbox.data?.items ?? [];
  const reviews = due.data?.reviews ?? [];
  return (
    <Page title={t.inbox} heading={t.inbox} crumbs={[{ label: t.inbox }]}>
      <div className="home">
        <section className="needs">
          <SectionHead title={t.needsYou}>{items.length > 0 && number(items.length)}</SectionHead>
          {inbox.isPending && <SkeletonRows count={5} />}
          {inbox.isError && (
            <Failure title={t.notRead} error={inbox.error} onRetry={() => void inbox.refetch()} />
          )}
          {inbox.isSuccess && items.length === 0 && (
            <Empty title={t.nothing}>
              {t.nothingWhy}
            </Empty>
          )}
          <InboxRows items={items} />
        </section>
        <div className="grid content-start gap-8">
          <section className="chg">
            <SectionHead title={t.reviews} />
            {due.isError && (
              <Failure title={t.reviewsNotRead} error={due.error} onRetry={() => void due.refetch()} />
            )}
            {due.isSuccess && reviews.length === 0 && (
              <p className="sub pt-3 text-13">{t.noReviews}</p>
            )}
            <ul>
              {reviews.map((review) => (
                <DueRow key={review.decision?.id} review={review} />
              ))}
            </ul>
          </section>
          <CalendarFeed />
        </div>
      </div>
    </Page>
  );
}
