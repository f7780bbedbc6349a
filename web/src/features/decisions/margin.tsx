import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link as RouterLink, useNavigate } from "@tanstack/react-router";
import { type JSX, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { Findable } from "@/features/search/index-state";
import { Related } from "@/features/search/related";
import { useToast } from "@/ui/toast";

import { Care } from "./life/care";
import { Relations } from "./life/relations";
import { RecordPublication } from "./publish/record-publication";
import { decisionsChanged, type LoadedDecision } from "./queries";
import { t } from "./texts/record";
import { SourceDialog } from "./source-dialog";
import { DecisionsService } from "@/api/gen/cairn/decisions/v1/decisions_pb";

function useDelete(decision: LoadedDecision): { run: () => void; busy: boolean } {
  const clients = useClients();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { id, ref } = decision.summary;
  const restore = async () => {
    try {
      await clients(DecisionsService).restoreDecision({ id });
      await decisionsChanged(queryClient);
      await navigate({ to: "/decisions/$ref", params: { ref: id } });
    } catch (error) {
      toast.show({ message: t.notRestored(ref, messageOf(error)) });
    }
  };
  const remove = useMutation({
    mutationFn: () => clients(DecisionsService).deleteDecision({ id }),
    onSuccess: async () => {
      await navigate({ to: "/decisions" });
      queryClient.removeQueries({ queryKey: ["decisions", "one", id] });
      // Last: an undo that overtakes the way to the log would be undone by it.
      toast.show({ message: t.deleted(ref), action: { label: t.undo, run: () => void restore() } });
      await decisionsChanged(queryClient);
    },
    onError: (error) => toast.show({ message: t.notDeleted(ref, messageOf(error)) }),
  });
  return { run: () => remove.mutate(), busy: remove.isPending };
}

function markdownOf(decision: LoadedDecision): string {
  return `# ${decision.summary.title}\n\n${decision.body}`;
}

function Actions({ decision }: { decision: LoadedDecision }): JSX.Element {
  const { id, version } = decision.summary;
  const toast = useToast();
  const remove = useDelete(decision);
  const copy = async () => {
    await navigator.clipboard.writeText(markdownOf(decision));
    toast.show({ message: t.copied });
  };
  return (
    <section>
      <h2>{t.actions}</h2>
      <ul>
        <li>
          <RouterLink to="/decisions/$ref/history" params={{ ref: id }} className="link">
            {t.historyOf(version)}
          </RouterLink>
        </li>
        <li>
          <button type="button" className="link" onClick={() => void copy()}>
            {t.copy}
          </button>
        </li>
        {decision.deletedAt === undefined && <li>
          <button type="button" className="link text-danger!" disabled={remove.busy} onClick={remove.run}>
            {t.delete}
          </button>
        </li>}
      </ul>
    </section>
  );
}

function SourceFile({ decision }: { decision: LoadedDecision }): JSX.Element | null {
  const [open, setOpen] = useState(false);
  if (decision.sourcePath === "") return null;
  return (
    <section>
      <h2>{t.sourceFile}</h2>
      <p className="path">{decision.sourcePath}</p>
      <button type="button" className="link pt-1" onClick={() => setOpen(true)}>
        {t.seeBytes}
      </button>
      {open && (
        <SourceDialog
          decisionId={decision.summary.id}
          version={decision.summary.version}
          onClose={() => setOpen(false)}
        />
      )}
    </section>
  );
}

function Governs({ decision }: { decision: LoadedDecision }): JSX.Element | null {
  const { paths = [], components = [], categories = [] } = decision.scope ?? {};
  if (paths.length + components.length + categories.length === 0) return null;
  return (
    <>
      {paths.length + components.length > 0 && (
        <section>
          <h2>{t.governs}</h2>
          <ul>
            {components.map((component) => (
              <li key={component}>{component}</li>
            ))}
            {paths.map((path) => (
              <li key={path} className="path">
                {path}
              </li>
            ))}
          </ul>
        </section>
      )}
      {categories.length > 0 && (
        <section>
          <h2>{t.categories}</h2>
          <p>{categories.join(", ")}</p>
        </section>
      )}
    </>
  );
}

/** Beside the text: what it leans on, what leans on it, where it came from, what can be done. */
export function Margin({ decision }: { decision: LoadedDecision }): JSX.Element {
  const kept = decision.deletedAt === undefined;
  return (
    <aside className="side" aria-label={t.margin}>
      <Relations decision={decision} />
      <Governs decision={decision} />
      <Related decisionId={decision.summary.id} />
      {kept && <Care decisionId={decision.summary.id} version={decision.summary.version} />}
      {kept && <Findable decisionId={decision.summary.id} version={decision.summary.version} />}
      <SourceFile decision={decision} />
      {kept && <RecordPublication summary={decision.summary} />}
      <Actions decision={decision} />
    </aside>
  );
}
