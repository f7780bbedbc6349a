import "./horizon.css";

import { Link } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import type { DueReview } from "@/api/gen/cairn/decisions/v1/review_pb";
import { classes } from "@/ui/classes";
import { SectionHead } from "@/ui/marks";
import { Stone } from "@/ui/stone";
import { longDate } from "@/ui/time";

import { dayOf } from "./dates";
import { placeReviews } from "./horizon-places";
import { t } from "./texts/horizon";

/** Where a thing stands, for the style sheet. */
function placed(values: Record<`--${string}`, number>): React.CSSProperties {
  return values;
}

/** The reviews of the next weeks where they fall; the list in the inbox holds the same dates. */
export function Horizon({ reviews }: { reviews: readonly DueReview[] }): JSX.Element {
  const [now] = useState(Date.now);
  const { today, marks, places, lanes } = placeReviews(
    reviews.map((review) => review.daysOverdue),
    now,
  );
  return (
    <section className="full">
      <SectionHead title={t.title}>
        <Link to="/inbox" className="link">
          {t.asList}
        </Link>
      </SectionHead>
      {/* What scrolls takes the focus, so that the keys can scroll it too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="horizon" role="region" aria-label={t.title} tabIndex={0}>
        <div className="sky" style={placed({ "--lanes": lanes })}>
          {marks.map(({ at, isoDate }) => (
            <span key={isoDate} className="mark" style={placed({ "--at": at })} aria-hidden="true">
              {dayOf(isoDate)}
            </span>
          ))}
          <span className="today" style={placed({ "--at": today })} aria-hidden="true">
            {t.today}
          </span>
          <ul>
            {reviews.map(({ decision, reviewOn, daysOverdue }, index) => {
              const place = places[index];
              if (decision === undefined || place === undefined) return null;
              const late = daysOverdue > 0;
              const short = decision.number === undefined ? decision.ref : decision.ref.replace(/^\D+/u, "");
              const words = late ? t.reviewLate : t.review;
              return (
                <li key={decision.id} style={placed({ "--at": place.at, "--lane": place.lane })}>
                  <Link
                    to="/decisions/$ref"
                    params={{ ref: decision.id }}
                    className={classes(late && "late")}
                    aria-label={words(decision.ref, decision.title, longDate(reviewOn))}
                  >
                    <span>{late ? t.late(short) : short}</span>
                    <Stone status={decision.status} beside />
                  </Link>
                </li>
              );
            })}
          </ul>
        </div>
      </div>
    </section>
  );
}
