import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type JSX, useMemo, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type DecisionSummary, LinkKind, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { renderMarkdown } from "@/text/markdown";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { SelectField } from "@/ui/field";
import { Failure, Note } from "@/ui/note";
import { useToast } from "@/ui/toast";

import { DecisionPicker } from "../decision-picker";
import { decisionQuery, decisionsChanged, type LoadedDecision } from "../queries";
import { t, type WayKey } from "../texts/life";
import { alsoChanged } from "./use-transition";

interface Way {
  value: WayKey;
  kind: LinkKind;
  /** The record that is shown stands on the other end. */
  reversed: boolean;
}

const way = (value: WayKey, kind: LinkKind, reversed = false): Way => ({ value, kind, reversed });
const RELATES = way("relatesTo", LinkKind.RELATES_TO);

const WAYS: readonly Way[] = [
  way("supersedes", LinkKind.SUPERSEDES),
  way("supersededBy", LinkKind.SUPERSEDES, true),
  way("amends", LinkKind.AMENDS),
  way("amendedBy", LinkKind.AMENDS, true),
  way("dependsOn", LinkKind.DEPENDS_ON),
  way("neededBy", LinkKind.DEPENDS_ON, true),
  way("implements", LinkKind.IMPLEMENTS),
  way("implementedBy", LinkKind.IMPLEMENTS, true),
  way("conflictsWith", LinkKind.CONFLICTS_WITH),
  RELATES,
];

/** Only these can be about a part of the other record. */
const IN_PART: readonly LinkKind[] = [LinkKind.SUPERSEDES, LinkKind.AMENDS];

function useRelate(decision: LoadedDecision, onDone: () => void) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const undo = async (relationId: string) => {
    try {
      const { alsoChanged: others } = await clients(LifecycleService).unrelateDecisions({ relationId });
      await decisionsChanged(queryClient);
      toast.show({ message: `${t.relationGone}${alsoChanged(others)}` });
    } catch (error) {
      toast.show({ message: t.notUndone(messageOf(error)) });
    }
  };
  return useMutation({
    mutationFn: ({ chosen, other, section }: { chosen: Way; other: DecisionSummary; section: string }) => {
      const { id } = decision.summary;
      return clients(LifecycleService).relateDecisions({
        sourceId: chosen.reversed ? other.id : id,
        targetId: chosen.reversed ? id : other.id,
        kind: chosen.kind,
        section,
      });
    },
    onSuccess: async ({ relation, alsoChanged: others }, { chosen, other }) => {
      onDone();
      await decisionsChanged(queryClient);
      const id = relation?.id ?? "";
      toast.show({
        message: `${t.related(decision.summary.ref, chosen.value, other.ref)}${alsoChanged(others, decision.summary.id)}`,
        ...(id !== "" && { action: { label: t.undo, run: () => void undo(id) } }),
      });
    },
  });
}

function useSections(target: LoadedDecision | undefined): string[] {
  return useMemo(
    () => (target === undefined ? [] : renderMarkdown(target.body).outline.map((entry) => entry.text)),
    [target],
  );
}

interface RelateDialogProps {
  decision: LoadedDecision;
  /** Opened to name the record that takes this one's place. */
  supersede?: boolean;
  onClose: () => void;
}

/** States how this record stands to another one. One that would close a circle is refused, and the circle is shown. */
export function RelateDialog({ decision, supersede = false, onClose }: RelateDialogProps): JSX.Element {
  const clients = useClients();
  const { summary } = decision;
  const [kind, setKind] = useState<string>(supersede ? "supersededBy" : "dependsOn");
  const [other, setOther] = useState<DecisionSummary>();
  const [section, setSection] = useState("");
  const chosen = WAYS.find((one) => one.value === kind) ?? RELATES;
  const inPart = IN_PART.includes(chosen.kind);
  const loaded = useQuery({
    ...decisionQuery(clients, other?.id ?? ""),
    enabled: inPart && !chosen.reversed && other !== undefined,
  });
  const sections = useSections(chosen.reversed ? decision : loaded.data);
  const relate = useRelate(decision, onClose);
  const successor = chosen.kind === LinkKind.SUPERSEDES ? (chosen.reversed ? other : summary) : undefined;
  const part = inPart && sections.includes(section) ? section : "";
  return (
    <Dialog
      title={supersede ? t.doTo(t.supersede, summary.ref) : t.relate(summary.ref)}
      onClose={onClose}
      footer={
        <>
          <Button
            look="primary"
            busy={relate.isPending}
            disabled={other === undefined}
            onClick={() => other && relate.mutate({ chosen, other, section: part })}
          >
            {supersede ? t.supersede : t.addRelation}
          </Button>
          <Button look="ghost" onClick={onClose}>
            {t.cancel}
          </Button>
        </>
      }
    >
      <div className="form">
        {relate.isError && <Failure title={t.notRelated} error={relate.error} />}
        {!supersede && (
          <SelectField 
            label={t.thisOne(summary.ref)}
            value={kind}
            options={WAYS.map(({ value }) => ({ value, label: t.ways[value] }))}
            onChange={setKind}
          />
        )}
        <DecisionPicker
          label={supersede ? t.successor : t.otherDecision}
          except={summary.id}
          chosen={other}
          onChoose={setOther}
        />
        {inPart && sections.length > 0 && (
          <SelectField
            label={chosen.kind === LinkKind.SUPERSEDES ? t.takesOver : t.amends}
            value={part}
            options={[{ value: "", label: t.whole }, ...sections.map((one) => ({ value: one, label: one }))]}
            onChange={setSection}
          />
        )}
        {successor && successor.status !== Status.ACCEPTED && (
          <Note tone="caution" title={t.later}>
            {t.laterWhy(successor.ref)}
          </Note>
        )}
      </div>
    </Dialog>
  );
}
