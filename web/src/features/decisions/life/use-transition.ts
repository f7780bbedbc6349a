import { useMutation, useQueryClient } from "@tanstack/react-query";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { DecisionSummary, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { useToast } from "@/ui/toast";

import { decisionsChanged } from "../queries";

interface Change {
  status: Status;
  name: string;
  message: string;
}

/** The statuses that changed with a write, beside that of the record it was about. */
export function alsoChanged(others: readonly DecisionSummary[], but = ""): string {
  const changed = others.filter((other) => other.id !== but);
  return changed.length === 0 ? "" : ` ${changed.map((other) => other.ref).join(", ")} changed with it.`;
}

/** Changes the status of a decision, says so, and offers to undo it. */
export function useTransition(decision: DecisionSummary) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { id, ref, status: before } = decision;
  const undo = async () => {
    try {
      await clients(LifecycleService).transitionDecision({ decisionId: id, status: before, message: "Undone" });
      await decisionsChanged(queryClient);
      toast.show({ message: `${ref} has the status it had before.` });
    } catch (error) {
      toast.show({ message: `Nothing was undone. ${messageOf(error)}` });
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
        message: `${ref} is ${name.toLowerCase()}.${alsoChanged(response.alsoChanged, id)}`,
        action: { label: "Undo", run: () => void undo() },
      });
    },
    onError: (error) => toast.show({ message: `${ref} stays as it is. ${messageOf(error)}` }),
  });
}
