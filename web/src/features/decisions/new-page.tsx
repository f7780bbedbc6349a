import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import type { Log } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Button, buttonClass } from "@/ui/button";
import { SelectField, TextField } from "@/ui/field";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonText } from "@/ui/skeleton";
import { momentInWords } from "@/ui/time";
import { useToast } from "@/ui/toast";

import { templatesQuery } from "./curate/log-queries";
import { TemplatePick } from "./curate/template-pick";
import { contentOf, type Draft, EMPTY_DRAFT, useDraft } from "./drafts";
import { EditorForm } from "./editor-form";
import { decisionsChanged, logsQuery } from "./queries";
import { t } from "./texts/writing";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";

const route = getRouteApi("/decisions/new");
const NO_LINKS = new Map<string, never>();

function slugOf(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replaceAll(/^-|-$/gu, "");
}

function Writing({ logs, start }: { logs: Log[]; start: Draft }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { log: asked, about = "" } = route.useSearch();
  const [logId, setLogId] = useState((logs.find((log) => log.slug === asked) ?? logs[0])?.id ?? "");
  const [logName, setLogName] = useState(t.firstLog);
  const [tried, setTried] = useState(false);
  const state = useDraft("new", start, 0);
  const create = useMutation({
    mutationFn: async () => {
      let inLog = logId;
      if (inLog === "") {
        const made = await clients(DecisionsService).createLog({ name: logName, slug: slugOf(logName) });
        inLog = made.log?.id ?? "";
      }
      return clients(DecisionsService).createDecision({ logId: inLog, content: contentOf(state.draft) });
    },
    onSuccess: async ({ decision }) => {
      state.clear();
      const summary = decision?.summary;
      toast.show({ message: t.saved(summary?.ref ?? t.theDecision) });
      await decisionsChanged(queryClient);
      if (summary) await navigate({ to: "/decisions/$ref", params: { ref: summary.id } });
    },
  });
  const untitled = state.draft.title.trim() === "";
  const save = () => {
    setTried(true);
    if (!untitled && !create.isPending) create.mutate();
  };
  return (
    <Page
      title={t.newDecision}
      heading={t.newDecision}
      crumbs={[{ label: t.decisions, link: { to: "/decisions" } }, { label: t.newDecision }]}
      actions={
        <>
          <Link to="/decisions" className={buttonClass("ghost")}>
            {state.dirty ? t.later : t.cancel}
          </Link>
          <Button
            look="primary"
            busy={create.isPending}
            onClick={save}
          >
            {t.saveDecision}
          </Button>
        </>
      }
    >
      <EditorForm
        about={about}
        state={state}
        links={NO_LINKS}
        logSlug={logs.find((log) => log.id === logId)?.slug ?? ""}
        onSave={save}
        titleError={tried && untitled ? t.titleMissing : undefined}
        first={
          logs.length === 0 ? (
            <TextField
              label={t.log}
              value={logName}
              hint={t.firstLogHint}
              onChange={setLogName}
            />
          ) : (
            <div className="pair">
              {logs.length > 1 && (
                <SelectField
                  label={t.log}
                  value={logId}
                  options={logs.map((log) => ({ value: log.id, label: log.name }))}
                  onChange={setLogId}
                />
              )}
              <TemplatePick
                logId={logId}
                logSlug={logs.find((log) => log.id === logId)?.slug ?? ""}
                body={state.draft.body}
                onBody={(body) => state.change({ body })}
              />
            </div>
          )
        }
        notes={
          <>
            {create.isError && (
              <Failure title={t.notSaved} error={create.error} />
            )}
            {state.restoredAt && (
              <Note
                tone="caution"
                title={t.restored(momentInWords(state.restoredAt))}
                action={
                  <button type="button" className="link" onClick={state.discard}>
                    {t.beginAgain}
                  </button>
                }
              />
            )}
          </>
        }
      />
    </Page>
  );
}

export function NewPage(): JSX.Element {
  const clients = useClients();
  const { data, error, refetch } = useQuery(logsQuery(clients));
  const asked = route.useSearch().log;
  const first = data?.logs.find((log) => log.slug === asked) ?? data?.logs[0];
  const templates = useQuery(templatesQuery(clients, first?.id ?? ""));
  // The text begins with the template that the log chose; without templates at hand one writes all the same.
  if (data && (first === undefined || !templates.isPending)) {
    const chosen = templates.data?.templates.find((template) => template.chosen);
    return <Writing logs={data.logs} start={{ ...EMPTY_DRAFT, body: chosen?.body ?? t.emptyBody }} />;
  }
  return (
    <Page title={t.newDecision} heading={t.newDecision} crumbs={[{ label: t.newDecision }]}>
      <div className="p-4 wide:p-9">
        {error ? (
          <Failure title={t.logsNotRead} error={error} onRetry={() => void refetch()} />
        ) : (
          <SkeletonText />
        )}
      </div>
    </Page>
  );
}
