import { type InfiniteData, useMutation, useQueryClient } from "@tanstack/react-query";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { DecisionSummary, ListDecisionsResponse, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { statusName } from "@/ui/status";
import { useToast } from "@/ui/toast";

import { decisionsChanged, listQuery, type ListFilter } from "../queries";
import { t } from "../texts/board";

export interface Move {
  decision: DecisionSummary;
  to: Status;
  message: string;
}

type Pages = InfiniteData<ListDecisionsResponse, string>;

/** Changes the status of a card at once, and takes that back when the server refuses; what was done can be undone. */
export function useMove(filter: ListFilter) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const keyOf = (status: Status) => listQuery(clients, { ...filter, statuses: [status] }).queryKey;
  const undo = async ({ id, ref, status }: DecisionSummary) => {
    try {
      await clients(LifecycleService).transitionDecision({ decisionId: id, status, message: t.undone });
      await decisionsChanged(queryClient);
      toast.show({ message: t.asBefore(ref) });
    } catch (error) {
      toast.show({ message: t.notUndone(messageOf(error)) });
    }
  };
  return useMutation({
    mutationFn: ({ decision, to, message }: Move) =>
      clients(LifecycleService).transitionDecision({
        decisionId: decision.id,
        status: to,
        expectedVersion: decision.version,
        message,
      }),
    onMutate: async ({ decision, to }) => {
      await queryClient.cancelQueries({ queryKey: ["decisions", "list"] });
      const before = [keyOf(decision.status), keyOf(to)].map((key) => ({ key, pages: queryClient.getQueryData<Pages>(key) }));
      const change = (status: Status, edit: (cards: DecisionSummary[], page: number) => DecisionSummary[]) =>
        queryClient.setQueryData<Pages>(keyOf(status), (old) =>
          old === undefined
            ? old
            : { ...old, pages: old.pages.map((page, at) => ({ ...page, decisions: edit(page.decisions, at) })) },
        );
      change(decision.status, (cards) => cards.filter((card) => card.id !== decision.id));
      change(to, (cards, page) => (page === 0 ? [{ ...decision, status: to }, ...cards] : cards));
      return { before };
    },
    onSuccess: async ({ alsoChanged }, { decision, to }) => {
      const others = alsoChanged.filter((one) => one.id !== decision.id).map((one) => one.ref);
      toast.show({
        message: t.moved(decision.ref, statusName(to), others.join(", ")),
        action: { label: t.undo, run: () => void undo(decision) },
      });
      await decisionsChanged(queryClient);
    },
    onError: (error, { decision }, context) => {
      for (const { key, pages } of context?.before ?? []) queryClient.setQueryData(key, pages);
      toast.show({ message: t.stays(decision.ref, messageOf(error)) });
    },
  });
}
