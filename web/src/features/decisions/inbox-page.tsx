import "@/app/home.css";

import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type DueReview, ReviewService } from "@/api/gen/cairn/decisions/v1/review_pb";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Empty } from "@/ui/empty";
import { SectionHead } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { Stone } from "@/ui/stone";
import { count, longDate } from "@/ui/time";
import { useToast } from "@/ui/toast";

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
        {daysOverdue > 0 ? `${count(daysOverdue, "day")} late` : longDate(review.reviewOn)}
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
    onError: (error) => toast.show({ message: `No address was made. ${messageOf(error)}` }),
  });
  const address = feed.data === undefined ? "" : location.origin + feed.data.path;
  return (
    <section className="grid gap-2">
      <SectionHead title="In your calendar" />
      {address === "" ? (
        <>
          <p className="sub text-13">
            A calendar that subscribes to your own address shows every review date. Making an address ends the one
            before.
          </p>
          <div>
            <Button busy={feed.isPending} onClick={() => feed.mutate()}>
              Make a calendar address
            </Button>
          </div>
        </>
      ) : (
        <>
          <label className="label" htmlFor="feed">
            Subscribe your calendar to this address; it is shown once
          </label>
          <input id="feed" className="inp mono text-12!" readOnly value={address} onFocus={(event) => event.target.select()} />
          <div>
            <Button
              onClick={() =>
                void navigator.clipboard.writeText(address).then(
                  () => toast.show({ message: "The address is in the clipboard." }),
                  () => toast.show({ message: "The browser refused the clipboard; select the address and copy it." }),
                )
              }
            >
              Copy
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
    <Page title="Inbox" heading="Inbox" crumbs={[{ label: "Inbox" }]}>
      <div className="home">
        <section className="needs">
          <SectionHead title="Needs you">{items.length > 0 && items.length.toLocaleString("en")}</SectionHead>
          {inbox.isPending && <SkeletonRows count={5} />}
          {inbox.isError && (
            <Failure title="The inbox could not be read." error={inbox.error} onRetry={() => void inbox.refetch()} />
          )}
          {inbox.isSuccess && items.length === 0 && (
            <Empty title="Nothing waits for you">
              Reviews that are due, approvals you may give, open discussions of yours and changes of what you watch come
              here.
            </Empty>
          )}
          <InboxRows items={items} />
        </section>
        <div className="grid content-start gap-8">
          <section className="chg">
            <SectionHead title="Reviews in the next three months" />
            {due.isError && (
              <Failure title="The reviews could not be read." error={due.error} onRetry={() => void due.refetch()} />
            )}
            {due.isSuccess && reviews.length === 0 && (
              <p className="sub pt-3 text-13">None is planned. A record’s margin has a date for it.</p>
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
