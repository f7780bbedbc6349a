import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { JSX } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import { type DecisionSummary, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { type Publication, PublishingService } from "@/api/gen/cairn/decisions/v1/publishing_pb";
import { sessionQuery } from "@/features/tenancy/queries";
import { rich } from "@/text/rich";
import { useToast } from "@/ui/toast";

import { t } from "../texts/publish";
import { mayPublish, publicationQuery } from "./queries";

/** Which version of a record readers without an account see, and the change of that. */
export function RecordPublication({ summary }: { summary: DecisionSummary }): JSX.Element | null {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const role = useQuery(sessionQuery(clients)).data?.role;
  const now = useQuery(publicationQuery(clients, { decisionId: summary.id })).data?.publication;
  const settled = {
    onError: (error: Error) => toast.show({ message: `${t.recordNot(summary.ref)} ${messageOf(error)}` }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["publication"] }),
  };
  const restore = useMutation({
    mutationFn: async (before: Publication) => {
      const decisionId = summary.id;
      if (!before.chosen) await clients(PublishingService).followLog({ decisionId });
      else if (before.version > 0) await clients(PublishingService).publishDecision({ decisionId, version: before.version });
      else await clients(PublishingService).withdrawDecision({ decisionId });
    },
    ...settled,
  });
  const told = (message: string, before: Publication) =>
    toast.show({ message, action: { label: t.undo, run: () => restore.mutate(before) } });
  const publish = useMutation<unknown, Error, Publication>({
    mutationFn: () =>
      clients(PublishingService).publishDecision({ decisionId: summary.id, version: summary.version }),
    onSuccess: (_, before) => told(t.recordPublished(summary.ref), before),
    ...settled,
  });
  const withdraw = useMutation<unknown, Error, Publication>({
    mutationFn: () => clients(PublishingService).withdrawDecision({ decisionId: summary.id }),
    onSuccess: (_, before) => told(t.recordWithdrawn(summary.ref), before),
    ...settled,
  });
  const shown = now?.version ?? 0;
  const may = mayPublish(role) && summary.status !== Status.DRAFT;
  if (now === undefined || (shown === 0 && !may)) return null;
  return (
    <section>
      <h2>{t.record}</h2>
      <ul>
        <li>
          {shown === 0
            ? t.recordHidden
            : rich(t.recordSeen(shown), {
                a: (words) => (
                  <a href={now.recordPath} className="link">
                    {words}
                  </a>
                ),
              })}
        </li>
        {may && shown !== summary.version && (
          <li>
            <button type="button" className="link" onClick={() => publish.mutate(now)}>
              {shown === 0 ? t.publishRecord : t.newer(summary.version)}
            </button>
          </li>
        )}
        {may && shown > 0 && (
          <li>
            <button type="button" className="link" onClick={() => withdraw.mutate(now)}>
              {t.withdraw}
            </button>
          </li>
        )}
      </ul>
    </section>
  );
}
