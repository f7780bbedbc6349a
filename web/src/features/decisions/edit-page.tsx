import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type JSX, useMemo, useState } from "react";

import { useClients } from "@/api/clients";
import { isStale, messageOf } from "@/api/errors";
import { Button, buttonClass } from "@/ui/button";
import { Failure, Note } from "@/ui/note";
import { Page } from "@/ui/page";
import { SkeletonText } from "@/ui/skeleton";
import { useToast } from "@/ui/toast";
import { momentInWords } from "@/ui/time";

import { Conflict } from "./conflict";
import { contentOf, type DraftState, draftOf, useDraft } from "./drafts";
import { EditorForm } from "./editor-form";
import { knownLinks } from "./links";
import { decisionQuery, decisionsChanged, type LoadedDecision } from "./queries";
import { t } from "./texts/writing";
import { versionQuery } from "./version-queries";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";

/** A place that a merge left open. */
const CONFLICT_MARK = /^(?:<{7} mine|>{7} theirs)$/mu;

const route = getRouteApi("/decisions/$ref/edit");

/** Appends the draft as a version; a newer one on the server becomes a conflict, and nothing is lost. */
function useSave(decision: LoadedDecision, state: DraftState) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { id, ref } = decision.summary;
  const [theirs, setTheirs] = useState<LoadedDecision | null>(null);
  const save = useMutation({
    mutationFn: (expectedVersion: number) =>
      clients(DecisionsService).updateDecision({
        id,
        expectedVersion,
        content: contentOf(state.draft),
        message: state.draft.message,
      }),
    onSuccess: async (response) => {
      state.clear();
      toast.show({ message: t.savedAs(ref, response.decision?.summary?.version ?? "") });
      await decisionsChanged(queryClient);
      await navigate({ to: "/decisions/$ref", params: { ref: id } });
    },
    onError: async (error) => {
      if (isStale(error)) setTheirs(await queryClient.query({ ...decisionQuery(clients, id), staleTime: 0 }));
    },
  });
  const merge = async (latest: LoadedDecision) => {
    const mine = state.draft;
    const from = state.version;
    try {
      const [base, { mergeDrafts }] = await Promise.all([
        queryClient.query(versionQuery(clients, id, from)),
        import("./merge"),
      ]);
      const { draft, conflicts } = mergeDrafts(mine, draftOf(base), draftOfDecision(latest));
      state.change(draft);
      state.setVersion(latest.summary.version);
      setTheirs(null);
      toast.show({
        message:
          conflicts === 0
            ? t.merged
            : t.mergedTwice(conflicts),
        action: {
          label: t.undo,
          run: () => {
            state.change(mine);
            state.setVersion(from);
          },
        },
      });
    } catch (error) {
      toast.show({ message: t.notMerged(messageOf(error)) });
    }
  };
  return { save, theirs, settle: () => setTheirs(null), merge };
}

function draftOfDecision(decision: LoadedDecision) {
  return draftOf({ ...decision.summary, body: decision.body, scope: decision.scope });
}

function Editor({ decision }: { decision: LoadedDecision }): JSX.Element {
  const { summary } = decision;
  const state = useDraft(summary.id, draftOfDecision(decision), summary.version);
  const { save, theirs, settle, merge } = useSave(decision, state);
  const links = useMemo(() => knownLinks(decision.links), [decision.links]);
  const unresolved = CONFLICT_MARK.test(state.draft.body);
  const failed = save.isError && !isStale(save.error);
  return (
    <Page
      title={t.editOf(summary.ref)}
      heading={t.editOfTitle(summary.ref, summary.title)}
      crumbs={[
        { label: t.decisions, link: { to: "/decisions" } },
        { label: summary.ref, link: { to: "/decisions/$ref", params: { ref: summary.id } } },
        { label: t.edit },
      ]}
      actions={
        <>
          <Link to="/decisions/$ref" params={{ ref: summary.id }} className={buttonClass("ghost")}>
            {state.dirty ? t.later : t.cancel}
          </Link>
          <Button
            look="primary"
            busy={save.isPending}
            disabled={theirs !== null || unresolved}
            onClick={() => save.mutate(state.version)}
          >
            {t.saveVersion}
          </Button>
        </>
      }
    >
      <EditorForm
        decisionId={decision.summary.id}
        state={state}
        links={links}
        logSlug={summary.logSlug}
        onSave={() => {
          if (!save.isPending && theirs === null && !unresolved) save.mutate(state.version);
        }}
        asksWhy
        notes={
          <>
            {unresolved && (
              <Note tone="caution" title={t.marksLeft}>
                {t.marksLeftWhy}
              </Note>
            )}
            {failed && <Failure title={t.versionNotSaved} error={save.error} />}
            {theirs === null && state.restoredAt && (
              <Note
                tone="caution"
                title={t.restored(momentInWords(state.restoredAt))}
                action={
                  <button type="button" className="link" onClick={state.discard}>
                    {t.beginAgainWith(summary.version)}
                  </button>
                }
              >
                {state.version < summary.version && t.savedSince(summary.version)}
              </Note>
            )}
          </>
        }
        aside={
          theirs && (
            <Conflict
              theirs={theirs}
              mine={state.draft}
              busy={save.isPending}
              onSaveMine={() => {
                state.setVersion(theirs.summary.version);
                settle();
                save.mutate(theirs.summary.version);
              }}
              onMerge={() => void merge(theirs)}
              onTakeTheirs={() => {
                state.change({ ...draftOfDecision(theirs), message: state.draft.message });
                state.setVersion(theirs.summary.version);
                settle();
              }}
            />
          )
        }
      />
    </Page>
  );
}

export function EditPage(): JSX.Element {
  const clients = useClients();
  const { ref } = route.useParams();
  // What is being edited must not change under the hands: a newer version is met when saving.
  const { data, error, refetch } = useQuery({ ...decisionQuery(clients, ref), refetchOnWindowFocus: false });
  if (data) return <Editor key={data.summary.id} decision={data} />;
  return (
    <Page title={t.edit} heading={t.edit} crumbs={[{ label: t.decisions, link: { to: "/decisions" } }, { label: t.edit }]}>
      <div className="p-4 wide:p-9">
        {error ? (
          <Failure title={t.recordNotRead} error={error} onRetry={() => void refetch()} />
        ) : (
          <SkeletonText />
        )}
      </div>
    </Page>
  );
}
