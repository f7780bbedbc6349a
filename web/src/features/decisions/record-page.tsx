import "./record.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useLocation } from "@tanstack/react-router";
import { type JSX, useEffect, useMemo } from "react";

import { useClients } from "@/api/clients";
import { isNotFound, messageOf } from "@/api/errors";
import { renderMarkdown } from "@/text/markdown";
import { buttonClass } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { Avatar, Hash, Tag } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { Prose } from "@/ui/prose";
import { SkeletonText } from "@/ui/skeleton";
import { StatusLabel } from "@/ui/stone";
import { longDate } from "@/ui/time";

import { Lineage, SupersededNotice } from "./lineage";
import { knownLinks } from "./links";
import { Margin } from "./margin";
import { Outline } from "./outline";
import { decisionQuery, type LoadedDecision } from "./queries";

const route = getRouteApi("/decisions/$ref");
const WORDS_A_MINUTE = 220;

function readingMinutes(body: string): number {
  return Math.max(1, Math.round(body.split(/\s+/u).length / WORDS_A_MINUTE));
}

/** Brings the fragment of the address into view once the text is there. */
function useFragment(ready: boolean): void {
  const fragment = useLocation({ select: (location) => location.hash });
  useEffect(() => {
    if (!ready || fragment === "") return;
    document.getElementById(fragment)?.scrollIntoView();
  }, [ready, fragment]);
}

function Facts({ decision }: { decision: LoadedDecision }): JSX.Element {
  const { summary } = decision;
  return (
    <div className="meta">
      <StatusLabel status={summary.status} />
      <span className="id">{summary.ref}</span>
      {summary.decidedOn !== "" && <span className="num">{longDate(summary.decidedOn)}</span>}
      {summary.deciders.map((person) => (
        <span key={person}>
          <Avatar name={person} />
          {person}
        </span>
      ))}
    </div>
  );
}

function Article({ decision }: { decision: LoadedDecision }): JSX.Element {
  const { summary } = decision;
  const text = useMemo(
    () => renderMarkdown(decision.body, { links: knownLinks(decision.links) }),
    [decision.body, decision.links],
  );
  useFragment(true);
  return (
    <article className="rec">
      <Outline outline={text.outline} />
      <div className="doc">
        <Facts decision={decision} />
        <h1>{summary.title}</h1>
        <div className="meta">
          {summary.tags.length > 0 && (
            <span className="tags flex-wrap">
              {summary.tags.map((tag) => (
                <Link key={tag} to="/decisions" search={{ tag }} className="hover:text-accent">
                  <Tag>{tag}</Tag>
                </Link>
              ))}
            </span>
          )}
          <span>
            Version{" "}
            <Link to="/decisions/$ref/history" params={{ ref: summary.id }}>
              <Hash value={decision.contentHash} />
            </Link>
          </span>
          <span>{readingMinutes(decision.body)} min read</span>
        </div>
        <SupersededNotice summary={summary} />
        <Lineage decision={decision} />
        {decision.body.trim() === "" ? (
          <p className="sub py-6">This record has a title and fields, and no text.</p>
        ) : (
          <Prose html={text.html} className="mt-7" />
        )}
      </div>
      <Margin decision={decision} />
    </article>
  );
}

export function RecordPage(): JSX.Element {
  const clients = useClients();
  const { ref } = route.useParams();
  const { data: decision, error, isPending, refetch } = useQuery(decisionQuery(clients, ref));
  const title = decision?.summary.title ?? ref;
  const name = decision?.summary.ref ?? "Decision";
  return (
    <Page
      title={title}
      crumbs={[{ label: "Decisions", link: { to: "/decisions" } }, { label: name }]}
      actions={
        decision && (
          <>
            <Link to="/decisions/$ref/history" params={{ ref }} className={buttonClass("plain", "wide-only")}>
              History
            </Link>
            <Link to="/decisions/$ref/edit" params={{ ref }} className={buttonClass()}>
              Edit
            </Link>
          </>
        )
      }
    >
      {decision && <Article key={decision.summary.id} decision={decision} />}
      {isPending && (
        <div className="rec">
          <span className="toc" />
          <div className="doc">
            <SkeletonText />
          </div>
        </div>
      )}
      {error && isNotFound(error) && (
        <Empty
          title="This record is not here"
          actions={
            <>
              <Link to="/decisions" className={buttonClass()}>
                All decisions
              </Link>
              <Link to="/decisions" search={{ deleted: "yes" }} className={buttonClass("ghost")}>
                Deleted ones
              </Link>
            </>
          }
        >
          {messageOf(error)}
        </Empty>
      )}
      {error && !isNotFound(error) && !decision && (
        <div className="p-4 wide:p-9">
          <Failure title="The record could not be read." error={error} onRetry={() => void refetch()} />
        </div>
      )}
    </Page>
  );
}
