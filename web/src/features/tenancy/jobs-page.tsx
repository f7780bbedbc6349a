import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type JSX, useEffect, useState } from "react";

import { type Clients, useClients } from "@/api/clients";
import type { Import } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { type IndexTotals, SearchService } from "@/api/gen/cairn/search/v1/search_pb";
import { importsQuery } from "@/features/decisions/import-queries";
import { number } from "@/text/language";
import { Button } from "@/ui/button";
import { SectionHead, Tag } from "@/ui/marks";
import { Failure, Note } from "@/ui/note";
import { SkeletonRows } from "@/ui/skeleton";
import { dateOf, momentInWords } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { sessionQuery } from "./queries";
import { SettingsFrame } from "./settings-frame";
import { t } from "./texts/settings";

const RETRY_MS = 3_000;
const LOOKS_AGAIN_MS = 2_000;

/** How much of everything can be found, as the worker tells it while the page is open. */
function useTotals(clients: Clients): IndexTotals | undefined {
  const [totals, setTotals] = useState<IndexTotals>();
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = async () => {
      try {
        for await (const { event } of clients(SearchService).watchIndexState({}, { signal: abort.signal })) {
          if (event.case === "totals") setTotals(event.value);
        }
      } catch {
        // Live progress is a convenience: when the stream is cut, it is begun again while the page is open.
        if (!abort.signal.aborted) timer = setTimeout(() => void follow(), RETRY_MS);
      }
    };
    void follow();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [clients]);
  return totals;
}

function Progress({ label, done, all }: { label: string; done: number; all: number }): JSX.Element {
  return (
    <div className="grid gap-1">
      <span className="flex justify-between gap-3 text-13">
        <span>{label}</span>
        <span className="sub num">{t.ofAll(number(done), number(all))}</span>
      </span>
      <progress className="bar-progress" max={Math.max(1, all)} value={all === 0 ? 1 : done} aria-label={label} />
    </div>
  );
}

function Index({ admin }: { admin: boolean }): JSX.Element {
  const clients = useClients();
  const toast = useToast();
  const totals = useTotals(clients);
  const reindex = useMutation({
    mutationFn: () => clients(SearchService).reindex({}),
    onSuccess: (answer) => toast.show({ message: t.reindexed(answer.decisions) }),
  });
  const check = useMutation({ mutationFn: () => clients(SearchService).checkIndex({}) });
  return (
    <section>
      <SectionHead title={t.index} />
      <div className="grid max-w-[34rem] gap-4 pt-4">
        {totals ? (
          <>
            <Progress label={t.byWords} done={totals.wordsCurrent} all={totals.decisions} />
            <Progress label={t.byMeaning} done={totals.meaningCurrent} all={totals.decisions} />
          </>
        ) : (
          <p className="sub">{t.connecting}</p>
        )}
        <div className="acts">
          <Button busy={check.isPending} onClick={() => check.mutate()}>
            {t.check}
          </Button>
          {admin && (
            <Button busy={reindex.isPending} onClick={() => reindex.mutate()}>
              {t.reindex}
            </Button>
          )}
        </div>
        {check.isError && <Failure title={t.notChecked} error={check.error} />}
        {reindex.isError && <Failure title={t.notReindexed} error={reindex.error} />}
        {check.data?.problems.length === 0 && <p role="status">{t.sound}</p>}
        {check.data && check.data.problems.length > 0 && (
          <Note tone="caution" title={t.problems(check.data.problems.length)}>
            {check.data.problems[0]?.problem}
          </Note>
        )}
      </div>
    </section>
  );
}

function ImportRow({ run }: { run: Import }): JSX.Element {
  const started = dateOf(run.startedAt);
  return (
    <li className="setting-row">
      <span className="min-w-0">
        <Link to="/import/$importId" params={{ importId: run.id }} className="med hover:text-accent">
          {run.source}
        </Link>
        <span className="sub block text-13">
          {run.logSlug} · {t.importCounts(run.created, run.updated, run.failed)}
          {started && ` · ${momentInWords(started)}`}
        </span>
      </span>
      <Tag>{run.finishedAt ? t.finished : t.running}</Tag>
    </li>
  );
}

/** What works in the background: imports and the index, as they go on. */
export function JobsPage(): JSX.Element {
  const clients = useClients();
  const admin = useQuery(sessionQuery(clients)).data?.role === "admin";
  const imports = useQuery({ ...importsQuery(clients), refetchInterval: LOOKS_AGAIN_MS });
  return (
    <SettingsFrame title={t.jobs}>
      <p className="sub">{t.live}</p>
      <Index admin={admin} />
      <section>
        <SectionHead title={t.imports} />
        {imports.isPending && <SkeletonRows count={3} />}
        {imports.isError && (
          <Failure title={t.importsUnread} error={imports.error} onRetry={() => void imports.refetch()} />
        )}
        {imports.data?.imports.length === 0 && <p className="sub pt-3">{t.noImports}</p>}
        <ul aria-label={t.imports}>
          {imports.data?.imports.map((run) => <ImportRow key={run.id} run={run} />)}
        </ul>
      </section>
    </SettingsFrame>
  );
}
