import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { type InboxItem, InboxKind } from "@/api/gen/cairn/decisions/v1/review_pb";
import { buttonClass } from "@/ui/button";
import { Stone } from "@/ui/stone";
import { age, dateOf, fullMoment } from "@/ui/time";

import { t } from "./texts/waiting";

/** What to do, after the record's name; of a kind that the page does not know yet, in the server's words. */
function wordsOf({ kind, text, count }: InboxItem): string {
  switch (kind) {
    case InboxKind.REVIEW:
      return t.review(count);
    case InboxKind.APPROVAL:
      return t.approval(count);
    case InboxKind.COMMENT:
      return t.comment(count);
    case InboxKind.CHANGE:
      return t.change(count);
    case InboxKind.UNSPECIFIED:
      return text;
  }
}

/** What awaits a person, each with the place where it is done. */
export function InboxRows({ items }: { items: readonly InboxItem[] }): JSX.Element {
  return (
    <ul>
      {items.map((item, index) => {
        const { kind, decision, at } = item;
        if (!decision) return null;
        const since = dateOf(at);
        const params = { ref: decision.id };
        const label = t.act[kind];
        return (
          <li key={`${kind}${decision.id}${index}`} className="row">
            <Stone status={decision.status} />
            <div className="min-w-0">
              <div className="t">
                <Link to="/decisions/$ref" params={params} className="hover:text-accent">
                  {decision.title}
                </Link>
              </div>
              <div className="why">
                <span className="id">{decision.ref}</span> {wordsOf(item)}
              </div>
            </div>
            <div className="act">
              {since && (
                <time dateTime={since.toISOString()} title={fullMoment(since)}>
                  {age(since)}
                </time>
              )}
              {kind === InboxKind.CHANGE ? (
                <Link to="/decisions/$ref/history" params={params} className={buttonClass()}>
                  {label}
                </Link>
              ) : (
                <Link
                  to="/decisions/$ref"
                  params={params}
                  {...(kind === InboxKind.APPROVAL && { hash: "approvals" })}
                  {...(kind === InboxKind.COMMENT && { hash: "discussion" })}
                  className={buttonClass()}
                >
                  {label}
                </Link>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
