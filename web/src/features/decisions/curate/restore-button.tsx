import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { DecisionsService, type DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { Button } from "@/ui/button";
import { useToast } from "@/ui/toast";

import { decisionsChanged } from "../queries";
import { t } from "../texts/log-empty";

/** Brings a deleted record back into its log. */
export function RestoreButton({ decision }: { decision: DecisionSummary }): JSX.Element {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const restore = useMutation({
    mutationFn: () => clients(DecisionsService).restoreDecision({ id: decision.id }),
    onSuccess: async () => {
      toast.show({ message: t.restored(decision.ref) });
      await decisionsChanged(queryClient);
    },
    onError: (error) => toast.show({ message: t.notRestored(decision.ref, messageOf(error)) }),
  });
  return (
    <Button busy={restore.isPending} onClick={() => restore.mutate()}>
      {t.restore}
    </Button>
  );
}
