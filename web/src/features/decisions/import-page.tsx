import "./import.css";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type DragEvent, type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { Import } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Button } from "@/ui/button";
import { classes } from "@/ui/classes";
import { SelectField } from "@/ui/field";
import { Icon } from "@/ui/icons";
import { SectionHead } from "@/ui/marks";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { count, dateOf, momentInWords } from "@/ui/time";

import { type Chosen, fromDrop, fromInput, type ImportProgress, runImport } from "./import-files";
import { decisionsChanged, importsQuery, logsQuery } from "./queries";

const NEW_LOG = "";

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
      <span className="font-read text-18 font-[600]">Choose a folder of decisions</span>
      <span className="sub">Or drop it here. Nygard and MADR records are read; nothing else is changed or lost.</span>
      <input
        type="file"
        className="sr"
        aria-label="Choose a folder of decisions"
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
      <SectionHead title="Past imports" />
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
                    into {one.logSlug}: {one.created} created, {one.updated} updated, {one.unchanged} unchanged
                    {one.failed > 0 && <span className="due">, {one.failed} not read</span>}
                    {one.finishedAt === undefined && <span className="soon">, not finished</span>}
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
    { value: NEW_LOG, label: `The log of “${chosen.name}”` },
    ...logs.map((log) => ({ value: log.slug, label: log.name })),
  ];
  return (
    <section className="ready">
      <div className="tally">
        <span>
          <b>{chosen.files.length.toLocaleString("en")}</b>files in {chosen.name}
        </span>
        {chosen.skipped.length > 0 && (
          <span className="soon">
            <b>{chosen.skipped.length}</b>not sent
          </span>
        )}
      </div>
      {chosen.skipped.length > 0 && (
        <Note tone="caution" title={`${count(chosen.skipped.length, "file")} will not be sent.`}>
          {chosen.skipped
            .slice(0, 3)
            .map((one) => `${one.path}: ${one.reason}`)
            .join(" ")}
        </Note>
      )}
      <SelectField
        label="Into"
        value={logSlug}
        options={options}
        onChange={setLogSlug}
        hint="Records that are there already are updated, never doubled."
      />
      <div className="flex gap-2">
        <Button look="primary" disabled={chosen.files.length === 0} onClick={() => onStart(logSlug)}>
          Import {count(chosen.files.length, "file")}
        </Button>
        <Button look="ghost" onClick={onOther}>
          Another folder
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
          <b>{progress.sent.toLocaleString("en")}</b>of {progress.total.toLocaleString("en")} files read
        </span>
      </div>
      <progress
        className="bar-progress"
        max={Math.max(progress.total, 1)}
        value={progress.sent}
        aria-label={`Import of ${name}`}
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
    <Page title="Import" heading="Import" crumbs={[{ label: "Imports" }]}>
      <div className="imp grid max-w-[54rem] gap-6">
        {run.isError && (
          <Failure
            title={`The import stopped after ${progress?.sent ?? 0} of ${count(progress?.total ?? 0, "file")}. What was read is kept.`}
            error={run.error}
            onRetry={again}
          />
        )}
        {unread !== null && <Failure title="The folder could not be read." error={unread} />}
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
          <Failure title="The past imports could not be read." error={past.error} onRetry={() => void past.refetch()} />
        )}
        <PastImports imports={past.data?.imports ?? []} />
      </div>
    </Page>
  );
}
