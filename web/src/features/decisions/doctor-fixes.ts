import type { Clients } from "@/api/clients";
import { DecisionsService, LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { type Finding, FixKind, GovernanceService } from "@/api/gen/cairn/decisions/v1/governance_pb";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { ReviewService } from "@/api/gen/cairn/decisions/v1/review_pb";
import { VersionsService } from "@/api/gen/cairn/decisions/v1/versions_pb";

import { t } from "./texts/doctor";

type Undo = () => Promise<unknown>;

async function statedSupersessions(clients: Clients, decisionId: string): Promise<string[]> {
  const { relations } = await clients(LifecycleService).getLifecycle({ decisionId });
  return relations
    .filter((one) => one.kind === LinkKind.SUPERSEDES && one.source?.id === decisionId && one.id !== "")
    .map((one) => one.id);
}

/**
 * Looks at what a fix is about to change, and gives what takes it back; undefined where nothing can. A new number needs
 * none: the old one goes on leading to the record.
 */
export async function undoOf(clients: Clients, finding: Finding, kind: FixKind): Promise<Undo | undefined> {
  const { decisionId, key } = finding;
  switch (kind) {
    case FixKind.ACKNOWLEDGE:
      return () => clients(GovernanceService).reportAgain({ keys: [key] });
    case FixKind.SET_STATUS:
    case FixKind.CLEAR_STATUS_TEXT: {
      const { decision } = await clients(DecisionsService).getDecision({ ref: decisionId });
      const version = decision?.summary?.version ?? 0;
      const message = t.undone;
      return () =>
        clients(VersionsService).rollBackDecision({ decisionId, version, expectedVersion: version + 1, message });
    }
    case FixKind.POSTPONE_REVIEW: {
      const { care } = await clients(ReviewService).getCare({ decisionId });
      return () =>
        clients(ReviewService).setReview({
          decisionId,
          reviewOn: care?.reviewOn ?? "",
          everyMonths: care?.everyMonths ?? 0,
        });
    }
    case FixKind.STATE_RELATION: {
      const before = await statedSupersessions(clients, decisionId);
      return async () => {
        const now = await statedSupersessions(clients, decisionId);
        const relationId = now.find((id) => !before.includes(id)) ?? "";
        await clients(LifecycleService).unrelateDecisions({ relationId });
      };
    }
    case FixKind.RENUMBER:
    case FixKind.RESOLVE_LINK:
    case FixKind.UNSPECIFIED:
      return undefined;
  }
}
