import "./import.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type DragEvent, type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { Import } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { rich } from "@/text/rich";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { SelectField } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { SectionHead } from "@/ui/marks";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { dateOf, momentInWords } from "@/ui/time";

import { importsQuery } from "./import-queries";
import { type Chosen, fromDrop, fromInput, type ImportProgress, runImport } from "./import-files";
import { decisionsChanged, logsQuery } from "./queries";
import { t } from "./texts/imports";

const NEW_LOG = "";
const AMOUNT = { a: (words: string) => <b>{words}</b> };

function Drop({
  onChosen,
  onUnread,
}: {
  onChosen: (chosen: Chosen) => void;
  onUnread: (error: unknown) => void;
}): JSX.Element {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    fromDrop(event.dataTransfer).then(onChosen, onUnread);
  };
  return (
    // Dropping is a second way; the input inside takes the keyboard and the pointer.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <label
      className={classes("drop", over && "over")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="folder" size={26} />
      <span className="font-read text-18 font-[600]">{t.choose}</span>
      <span className="sub">{t.orDrop}</span>
      <input
        type="file"
        className="sr"
        aria-label={t.choose}
        multiple
        ref={(input) => input?.setAttribute("webkitdirectory", "")}
        onChange={(event) => {
          if (event.target.files && event.target.files.length > 0) onChosen(fromInput(event.target.files));
        }}
      />
    </label>
  );
}

function PastImports({ imports }: { imports: Import[] }): JSX.Element | null {
  if (imports.length === 0) return null;
  return (
    <section>
      <SectionHead title={t.past} />
      <ul>
        {imports.map((one) => {
          const at = dateOf(one.startedAt);
          return (
            <li key={one.id}>
              <Link
                to="/import/$importId"
                params={{ importId: one.id }}
                className="row grid-cols-[minmax(0,1fr)_auto] hover:text-accent"
              >
                <span className="min-w-0">
                  <span className="t">{one.source === "" ? one.logSlug : one.source}</span>
                  <span className="why block">
                    {t.result(one.logSlug, one.created, one.updated, one.unchanged)}
                    {one.failed > 0 && <span className="due">{t.resultFailed(one.failed)}</span>}
                    {one.finishedAt === undefined && <span className="soon">{t.notFinished}</span>}
                  </span>
                </span>
                <span className="dim sm num">{at && momentInWords(at)}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Ready({
  chosen,
  onStart,
  onOther,
}: {
  chosen: Chosen;
  onStart: (logSlug: string) => void;
  onOther: () => void;
}): JSX.Element {
  const clients = useClients();
  const logs = useQuery(logsQuery(clients)).data?.logs ?? [];
  const [logSlug, setLogSlug] = useState(NEW_LOG);
  const options = [
    { value: NEW_LOG, label: t.newLog(chosen.name) },
    ...logs.map((log) => ({ value: log.slug, label: log.name })),
  ];
  return (
    <section className="ready">
      <div className="tally">
        <span>
          {rich(t.filesIn(chosen.files.length, chosen.name), AMOUNT)}
        </span>
        {chosen.skipped.length > 0 && (
          <span className="soon">{rich(t.notSent(chosen.skipped.length), AMOUNT)}</span>
        )}
      </div>
      {chosen.skipped.length > 0 && (
        <Note tone="caution" title={t.willNotBeSent(chosen.skipped.length)}>
          {chosen.skipped
            .slice(0, 3)
            .map((one) => `${one.path}: ${one.reason}`)
            .join(" ")}
        </Note>
      )}
      <SelectField
        label={t.into}
        value={logSlug}
        options={options}
        onChange={setLogSlug}
        hint={t.intoHint}
      />
      <div className="flex gap-2">
        <Button look="primary" disabled={chosen.files.length === 0} onClick={() => onStart(logSlug)}>
          {t.importFiles(chosen.files.length)}
        </Button>
        <Button look="ghost" onClick={onOther}>
          {t.otherFolder}
        </Button>
      </div>
    </section>
  );
}

function Running({ name, progress }: { name: string; progress: ImportProgress }): JSX.Element {
  return (
    <section className="ready">
      <div className="tally">
        <span>
          {rich(t.progress(progress.sent, progress.total), AMOUNT)}
        </span>
      </div>
      <progress
        className="bar-progress"
        max={Math.max(progress.total, 1)}
        value={progress.sent}
        aria-label={t.importOf(name)}
      />
      <p className="sub mono trunc" role="status">
        {progress.reports.at(-1)?.path}
      </p>
    </section>
  );
}

export function ImportPage(): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const past = useQuery(importsQuery(clients));
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [unread, setUnread] = useState<unknown>(null);
  const [progress, setProgress] = useState<ImportProgress | null>(null);
  const run = useMutation({
    mutationFn: ({ folder, logSlug }: { folder: Chosen; logSlug: string }) => {
      setProgress({ sent: 0, total: folder.files.length, reports: [] });
      return runImport(clients, folder, logSlug, setProgress);
    },
    onSettled: () =>
      Promise.all([decisionsChanged(queryClient), queryClient.invalidateQueries({ queryKey: ["imports"] })]),
    onSuccess: async (done) => {
      if (done) await navigate({ to: "/import/$importId", params: { importId: done.id } });
    },
  });
  const again = () => {
    if (run.variables) run.mutate(run.variables);
  };
  return (
    <Page title={t.import} heading={t.import} crumbs={[{ label: t.imports }]}>
      <div className="imp grid max-w-[54rem] gap-6">
        {run.isError && (
          <Failure
            title={t.stopped(progress?.sent ?? 0, progress?.total ?? 0)}
            error={run.error}
            onRetry={again}
          />
        )}
        {unread !== null && <Failure title={t.folderNotRead} error={unread} />}
        {run.isPending && progress && chosen && <Running name={chosen.name} progress={progress} />}
        {!run.isPending && chosen && (
          <Ready
            chosen={chosen}
            onStart={(logSlug) => run.mutate({ folder: chosen, logSlug })}
            onOther={() => setChosen(null)}
          />
        )}
        {!run.isPending && !chosen && (
          <Drop
            onUnread={setUnread}
            onChosen={(folder) => {
              setUnread(null);
              setChosen(folder);
            }}
          />
        )}
        {past.isError && (
          <Failure title={t.pastNotRead} error={past.error} onRetry={() => void past.refetch()} />
        )}
        <PastImports imports={past.data?.imports ?? []} />
      </div>
    </Page>
  );
}
