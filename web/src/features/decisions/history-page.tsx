import "./history.css";

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { Version } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { Approval } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { locale } from "@/text/language";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { Hash } from "@/ui/marks";
import { Failure } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonRows } from "@/ui/skeleton";
import { Stone } from "@/ui/stone";
import { dateOf, fullMoment, momentInWords } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { Comparison } from "./comparison";
import { lifecycleQuery } from "./life/queries";
import { StatusActions } from "./life/status-actions";
import { decisionQuery, decisionsChanged } from "./queries";
import { t } from "./texts/history";
import { versionsQuery } from "./version-queries";
import { VersionsService } from "@/api/gen/cairn/decisions/v1/versions_pb";

const route = getRouteApi("/decisions/$ref/history");
const PEOPLE = new Intl.ListFormat(locale);

interface VersionRowProps {
  version: Version;
  mark: "A" | "B" | undefined;
  /** Approvals of an earlier text, which count no longer since this version. */
  voided: Approval[];
  onShow: () => void;
  onCompareFrom: () => void;
}

function VersionRow({ version, mark, voided, onShow, onCompareFrom }: VersionRowProps): JSX.Element {
  const at = dateOf(version.createdAt);
  return (
    <li className={classes(mark && "on")}>
      <Stone status={version.status} />
      <div className="min-w-0">
        <button type="button" className="block w-full" aria-pressed={mark === "B"} onClick={onShow}>
          <b>
            {version.message === ""
              ? version.version === 1
                ? t.firstWords
                : t.version(version.version)
              : version.message}
          </b>
          {mark && <span className="ab">{mark}</span>}
          {at && (
            <span className="sub sm block" title={fullMoment(at)}>
              {version.authorName === "" ? "" : `${version.authorName}, `}
              {momentInWords(at)}
            </span>
          )}
        </button>
        {voided.length > 0 && (
          <p className="soon sm">
            {t.voided(voided.length, PEOPLE.format(voided.map((one) => one.personName)))}
          </p>
        )}
        <Hash value={version.contentHash} />
        {mark === undefined && (
          <button type="button" className="link sm ml-2" onClick={onCompareFrom}>
            {t.compareFromHere}
          </button>
        )}
      </div>
    </li>
  );
}

function useRestore(decisionId: string, latest: number) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const roll = (version: number, expectedVersion: number, message: string) =>
    clients(VersionsService).rollBackDecision({ decisionId, version, expectedVersion, message });
  const undo = async () => {
    try {
      await roll(latest, latest + 1, t.undone);
      await decisionsChanged(queryClient);
      toast.show({ message: t.textAgain(latest) });
    } catch (error) {
      toast.show({ message: t.notUndone(messageOf(error)) });
    }
  };
  return useMutation({
    mutationFn: (old: Version) => roll(old.version, latest, ""),
    onSuccess: async (_, old) => {
      await decisionsChanged(queryClient);
      await navigate({ to: "/decisions/$ref", params: { ref: decisionId } });
      toast.show({
        message: t.broughtBack(old.version, latest + 1),
        action: { label: t.undo, run: () => void undo() },
      });
    },
    onError: (error) => toast.show({ message: t.notBroughtBack(messageOf(error)) }),
  });
}

export function HistoryPage(): JSX.Element {
  const clients = useClients();
  const { ref } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const decision = useQuery(decisionQuery(clients, ref));
  const summary = decision.data?.summary;
  const id = summary?.id ?? "";
  const list = useInfiniteQuery({ ...versionsQuery(clients, id), enabled: id !== "" });
  const approvals = useQuery({ ...lifecycleQuery(clients, id), enabled: id !== "" }).data?.approvals ?? [];
  const versions = list.data?.pages.flatMap((page) => page.versions) ?? [];
  const latest = summary?.version ?? 0;
  const b = Number(search.b ?? latest);
  const a = Number(search.a ?? b - 1);
  const restore = useRestore(id, latest);
  const compare = (from: number, to: number) =>
    void navigate({
      search: (old) => ({ ...old, a: String(Math.min(from, to)), b: String(Math.max(from, to)) }),
      replace: true,
    });
  const failure = decision.error ?? list.error;
  const name = summary?.ref ?? ref;
  return (
    <Page
      title={t.historyOf(name)}
      crumbs={[
        { label: t.decisions, link: { to: "/decisions" } },
        { label: name, link: { to: "/decisions/$ref", params: { ref } } },
        { label: t.history },
      ]}
      actions={decision.data && <StatusActions decision={decision.data} />}
    >
      {failure && (
        <div className="p-4 wide:p-9">
          <Failure title={t.notRead} error={failure} onRetry={() => void list.refetch()} />
        </div>
      )}
      {!failure && !summary && <SkeletonRows />}
      {summary && (
        <div className="hist">
          <aside className="revs" aria-label={t.versions}>
            <div className="sec border-0! pb-3.5!">
              <h2>{t.versions}</h2>
              <span className="end num">{latest}</span>
            </div>
            <ol>
              {versions.map((version) => (
                <VersionRow
                  key={version.id}
                  version={version}
                  mark={version.version === b ? "B" : version.version === a ? "A" : undefined}
                  voided={approvals.filter((one) => one.voidSince === version.version)}
                  onShow={() => compare(version.version - 1, version.version)}
                  onCompareFrom={() => compare(version.version, b)}
                />
              ))}
            </ol>
            {list.hasNextPage && (
              <Button look="ghost" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                {t.earlier}
              </Button>
            )}
          </aside>
          <Comparison
            decision={summary}
            a={a}
            b={b}
            view={search.view}
            onView={(view) => void navigate({ search: (old) => ({ ...old, view }), replace: true })}
            onRestore={b < latest ? (version) => restore.mutate(version) : undefined}
          />
        </div>
      )}
    </Page>
  );
}
