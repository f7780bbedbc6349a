import "./record.css";

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type JSX, Suspense, useEffect, useMemo, useRef, useState } from "react";

import { type Reading, useClients } from "@/api/clients";
import { isInvalid, isNotFound, messageOf } from "@/api/errors";
import { CurationService } from "@/api/gen/cairn/decisions/v1/curation_pb";
import { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { finishHtml, type OutlineEntry } from "@/text/finish";
import { lazyPart } from "@/text/lazy";
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
import { knownLinks, partialLinks } from "./links";
import { Outline } from "./outline";
import { decisionQuery, type LoadedDecision } from "./queries";
import { useOwnStatusName } from "./status-names";
import { t } from "./texts/record";
import type { Place } from "./talk/queries";

const parts = () => import("./record-parts");
const Approvals = lazyPart(async () => (await parts()).Approvals);
const Discussion = lazyPart(async () => (await parts()).Discussion);
const Gutter = lazyPart(async () => (await parts()).Gutter);
const Margin = lazyPart(async () => (await parts()).Margin);
const StatusActions = lazyPart(async () => (await parts()).StatusActions);
const Sweep = lazyPart(async () => (await import("@/features/chat/writing/sweep")).default);
const DeletedNotice = lazyPart(async () => (await import("./curate/deleted-notice")).DeletedNotice);

const route = getRouteApi("/decisions/$ref");
/** Who may still accept it wants to know what it contradicts. */
const OPEN: ReadonlySet<Status> = new Set([Status.DRAFT, Status.PROPOSED]);
const WORDS_A_MINUTE = 220;
/** Places of the page that no text names. */
const OWN_PARTS = ["approvals", "discussion"];

function readingMinutes(body: string): number {
  return Math.max(1, Math.round(body.split(/\s+/u).length / WORDS_A_MINUTE));
}

/** Brings the fragment of the address into view; one that the section had before leads to what it is called today. */
function useFragment(decisionId: string, outline: readonly OutlineEntry[]): void {
  const clients = useClients();
  const fragment = useLocation({ select: (location) => location.hash });
  const here = OWN_PARTS.includes(fragment) || outline.some((entry) => entry.id === fragment) || document.getElementById(fragment) !== null;
  const former = useQuery({
    queryKey: ["decisions", "anchor", decisionId, fragment],
    queryFn: ({ signal }) => clients(CurationService).resolveName({ name: decisionId, anchor: fragment }, { signal }),
    enabled: fragment !== "" && !here,
    retry: false,
  });
  const shown = here ? fragment : former.data?.pageAnchor;
  useEffect(() => {
    if (shown !== undefined && shown !== "") document.getElementById(shown)?.scrollIntoView();
  }, [shown]);
}

/** A record that is not found may have had this name before: its page is the one of today. */
function useFormerName(ref: string, missing: boolean): void {
  const clients = useClients();
  const navigate = useNavigate();
  const { data } = useQuery({
    queryKey: ["decisions", "former", ref],
    queryFn: ({ signal }) => clients(CurationService).resolveName({ name: ref }, { signal }),
    enabled: missing,
    retry: false,
  });
  const id = data?.decision?.id;
  useEffect(() => {
    if (id !== undefined) void navigate({ to: "/decisions/$ref", params: { ref: id }, replace: true });
  }, [id, navigate]);
}

function Facts({ decision }: { decision: LoadedDecision }): JSX.Element {
  const { summary } = decision;
  const ownName = useOwnStatusName();
  return (
    <div className="meta">
      <StatusLabel status={summary.status} name={ownName(summary)} />
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
    () =>
      finishHtml(decision.html, {
        links: knownLinks(decision.links),
        lines: true,
        partial: partialLinks([...decision.links, ...decision.backlinks]),
      }),
    [decision.html, decision.links, decision.backlinks],
  );
  const [place, setPlace] = useState<Place | null>(null);
  const spoken = useRef<HTMLDivElement>(null);
  const form = useRef<HTMLDivElement>(null);
  useFragment(summary.id, text.outline);
  const kept = decision.deletedAt === undefined;
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
            {t.version}{" "}
            <Link to="/decisions/$ref/history" params={{ ref: summary.id }}>
              <Hash value={decision.contentHash} />
            </Link>
          </span>
          <span>{t.readingTime(readingMinutes(decision.body))}</span>
        </div>
        {decision.deletedAt && (
          <Suspense>
            <DeletedNotice summary={summary} deletedAt={decision.deletedAt} />
          </Suspense>
        )}
        <SupersededNotice summary={summary} />
        <Lineage decision={decision} />
        {decision.body.trim() === "" ? (
          <p className="sub py-6">{t.noText}</p>
        ) : (
          <div className="spoken" ref={spoken}>
            <Prose html={text.html} className="mt-7" />
            <Suspense>
              {kept && (
                <Gutter
                  decision={summary}
                  html={text.html}
                  root={spoken}
                  onComment={(chosen) => {
                    setPlace(chosen);
                    requestAnimationFrame(() => form.current?.scrollIntoView({ block: "center" }));
                  }}
                />
              )}
            </Suspense>
          </div>
        )}
        <Suspense>
          <Approvals decision={decision} />
          {OPEN.has(summary.status) && kept && (
            <Suspense>
              <Sweep decisionId={summary.id} />
            </Suspense>
          )}
          <Discussion
            decision={summary}
            joinable={kept}
            outline={text.outline}
            place={place}
            form={form}
            onPlaceDone={() => setPlace(null)}
            text={spoken}
          />
        </Suspense>
      </div>
      <Suspense>
        <Margin decision={decision} />
      </Suspense>
    </article>
  );
}

/** Reads what the page shows first. */
export async function warm({ clients, queryClient }: Reading): Promise<void> {
  await queryClient.query(decisionQuery(clients, decodeURIComponent(location.pathname.split("/")[2] ?? "")));
}

export function RecordPage(): JSX.Element {
  const clients = useClients();
  const { ref } = route.useParams();
  const { data: decision, error, isPending, refetch } = useQuery(decisionQuery(clients, ref));
  useFormerName(ref, error !== null && isNotFound(error));
  const title = decision?.summary.title ?? ref;
  const name = decision?.summary.ref ?? t.decision;
  return (
    <Page
      title={title}
      crumbs={[{ label: t.decisions, link: { to: "/decisions" } }, { label: name }]}
      actions={
        decision && (
          <>
            <Suspense>{decision.deletedAt === undefined && <StatusActions decision={decision} />}</Suspense>
            <Link to="/ask" search={{ record: decision.summary.id }} className={buttonClass("ghost", "wide-only")}>
              {t.askAbout}
            </Link>
            <Link to="/decisions/$ref/history" params={{ ref }} className={buttonClass("plain", "wide-only")}>
              {t.history}
            </Link>
            {decision.deletedAt === undefined && (
              <Link to="/decisions/$ref/edit" params={{ ref }} className={buttonClass()}>
                {t.edit}
              </Link>
            )}
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
          title={t.notHere}
          actions={
            <>
              <Link to="/decisions" className={buttonClass()}>
                {t.allDecisions}
              </Link>
              <Link to="/decisions" search={{ deleted: "yes" }} className={buttonClass("ghost")}>
                {t.deletedOnes}
              </Link>
            </>
          }
        >
          {messageOf(error)}
        </Empty>
      )}
      {error && isInvalid(error) && (
        <Empty
          title={t.several(ref)}
          actions={
            <Link to="/decisions" search={{ text: ref }} className={buttonClass("primary")}>
              {t.showSeveral}
            </Link>
          }
        >
          {t.severalWhy}
        </Empty>
      )}
      {error && !isNotFound(error) && !isInvalid(error) && !decision && (
        <div className="p-4 wide:p-9">
          <Failure title={t.notRead} error={error} onRetry={() => void refetch()} />
        </div>
      )}
    </Page>
  );
}
