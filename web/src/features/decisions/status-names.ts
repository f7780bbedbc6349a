import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";

import { useClients } from "@/api/clients";
import type { DecisionSummary } from "@/api/gen/cairn/decisions/v1/decisions_pb";

import { logsQuery } from "./queries";

/** Tells what a decision's log calls its status, where the log has a name of its own for it. */
export function useOwnStatusName(): (decision: Pick<DecisionSummary, "logId" | "status">) => string | undefined {
  const logs = useQuery(logsQuery(useClients())).data?.logs;
  return useCallback(
    ({ logId, status }) =>
      logs?.find((log) => log.id === logId)?.ownStatusNames.find((own) => own.status === status)?.name,
    [logs],
  );
}
