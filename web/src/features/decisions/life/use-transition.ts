import { useMutation, useQueryClient } from "@tanstack/react-query";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { DecisionSummary, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { useToast } from "@/ui/toast";

import { decisionsChanged } from "../queries";
import { t } from "../texts/life";

interface Change {
  status: Status;
  name: string;
  message: string;
}

/** The statuses that changed with a write, beside that of the record it was about. */
export function alsoChanged(others: readonly DecisionSummary[], but = ""): string {
  const changed = others.filter((other) => other.id !== but);
  return changed.length === 0 ? "" : ` ${t.alsoChanged(changed.map((other) => other.ref).join(", "))}`;
}

/** Changes the status of a decision, says so, and offers to undo it. */
export function useTransition(decision: DecisionSummary) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { id, ref, status: before } = decision;
  const undo = async () => {
    try {
      await clients(LifecycleService).transitionDecision({ decisionId: id, status: before, message: t.undone });
      await decisionsChanged(queryClient);
      toast.show({ message: t.asBefore(ref) });
    } catch (error) {
      toast.show({ message: t.notUndone(messageOf(error)) });
    }
  };
  return useMutation({
    mutationFn: ({ status, message }: Change) =>
      clients(LifecycleService).transitionDecision({
        decisionId: id,
        status,
        expectedVersion: decision.version,
        message,
      }),
    onSuccess: async (response, { name }) => {
      await decisionsChanged(queryClient);
      toast.show({
        message: `${t.becomes(ref, name)}${alsoChanged(response.alsoChanged, id)}`,
        action: { label: t.undo, run: () => void undo() },
      });
    },
    onError: (error) => toast.show({ message: t.stays(ref, messageOf(error)) }),
  });
}
