import { Link } from "@tanstack/react-router";
import type { JSX } from "react";

import { type InboxItem, InboxKind } from "@/api/gen/cairn/decisions/v1/review_pb";
import { buttonClass } from "@/ui/button";
import { Stone } from "@/ui/stone";
import { age, dateOf, fullMoment } from "@/ui/time";

const ACTIONS: Record<InboxKind, string> = {
  [InboxKind.UNSPECIFIED]: "Open",
  [InboxKind.REVIEW]: "Review",
  [InboxKind.APPROVAL]: "Read and approve",
  [InboxKind.COMMENT]: "Answer",
  [InboxKind.CHANGE]: "See change",
};

/** The server's sentence without the name that it begins with, which stands before it in its own face. */
export function afterName(sentence: string, name: string): string {
  return name !== "" && sentence.startsWith(`${name} `) ? sentence.slice(name.length + 1) : sentence;
}

/** What awaits a person, each with the place where it is done. */
export function InboxRows({ items }: { items: readonly InboxItem[] }): JSX.Element {
  return (
    <ul>
      {items.map(({ kind, decision, text, at }, index) => {
        if (!decision) return null;
        const since = dateOf(at);
        const params = { ref: decision.id };
        const label = ACTIONS[kind];
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
                <span className="id">{decision.ref}</span> {afterName(text, decision.ref)}
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
