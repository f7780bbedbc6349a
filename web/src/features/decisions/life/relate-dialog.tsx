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
import { alsoChanged } from "./use-transition";

interface Way {
  value: string;
  label: string;
  kind: LinkKind;
  /** The record that is shown stands on the other end. */
  reversed: boolean;
}

const way = (label: string, kind: LinkKind, reversed = false): Way => ({ value: label, label, kind, reversed });

const WAYS: readonly Way[] = [
  way("supersedes", LinkKind.SUPERSEDES),
  way("is superseded by", LinkKind.SUPERSEDES, true),
  way("amends", LinkKind.AMENDS),
  way("is amended by", LinkKind.AMENDS, true),
  way("depends on", LinkKind.DEPENDS_ON),
  way("is needed by", LinkKind.DEPENDS_ON, true),
  way("implements", LinkKind.IMPLEMENTS),
  way("is implemented by", LinkKind.IMPLEMENTS, true),
  way("conflicts with", LinkKind.CONFLICTS_WITH),
  way("relates to", LinkKind.RELATES_TO),
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
      toast.show({ message: `The relation is gone.${alsoChanged(others)}` });
    } catch (error) {
      toast.show({ message: `Nothing was undone. ${messageOf(error)}` });
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
        message: `${decision.summary.ref} ${chosen.label} ${other.ref}.${alsoChanged(others, decision.summary.id)}`,
        ...(id !== "" && { action: { label: "Undo", run: () => void undo(id) } }),
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
  const [kind, setKind] = useState(supersede ? "is superseded by" : "depends on");
  const [other, setOther] = useState<DecisionSummary>();
  const [section, setSection] = useState("");
  const chosen = WAYS.find((one) => one.value === kind) ?? way("relates to", LinkKind.RELATES_TO);
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
      title={supersede ? `Supersede ${summary.ref}` : `Relate ${summary.ref}`}
      onClose={onClose}
      footer={
        <>
          <Button
            look="primary"
            busy={relate.isPending}
            disabled={other === undefined}
            onClick={() => other && relate.mutate({ chosen, other, section: part })}
          >
            {supersede ? "Supersede" : "Add relation"}
          </Button>
          <Button look="ghost" onClick={onClose}>
            Cancel
          </Button>
        </>
      }
    >
      <div className="form">
        {relate.isError && <Failure title="Nothing was related." error={relate.error} />}
        {!supersede && (
          <SelectField label={`${summary.ref}, this one,`} value={kind} options={WAYS} onChange={setKind} />
        )}
        <DecisionPicker
          label={supersede ? "The decision that takes its place" : "The other decision"}
          except={summary.id}
          chosen={other}
          onChoose={setOther}
        />
        {inPart && sections.length > 0 && (
          <SelectField
            label={chosen.kind === LinkKind.SUPERSEDES ? "What it takes over" : "What it amends"}
            value={part}
            options={[{ value: "", label: "The whole decision" }, ...sections.map((one) => ({ value: one, label: one }))]}
            onChange={setSection}
          />
        )}
        {successor && successor.status !== Status.ACCEPTED && (
          <Note tone="caution" title="This takes effect later.">
            {successor.ref} is not accepted yet; until it is, both stay as they are.
          </Note>
        )}
      </div>
    </Dialog>
  );
}
