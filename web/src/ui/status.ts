import { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";

import { t } from "./texts";

/** The statuses in the order of a decision's life, as lists show them. */
export const STATUSES = [
  Status.DRAFT,
  Status.PROPOSED,
  Status.ACCEPTED,
  Status.REJECTED,
  Status.DEPRECATED,
  Status.SUPERSEDED,
] as const;

export type StatusKey = "draft" | "proposed" | "accepted" | "rejected" | "deprecated" | "superseded";

const KEYS: Record<Status, StatusKey> = {
  [Status.UNSPECIFIED]: "draft",
  [Status.DRAFT]: "draft",
  [Status.PROPOSED]: "proposed",
  [Status.ACCEPTED]: "accepted",
  [Status.REJECTED]: "rejected",
  [Status.DEPRECATED]: "deprecated",
  [Status.SUPERSEDED]: "superseded",
};

/** The name that style sheets and addresses use: `accepted`. */
export function statusKey(status: Status): StatusKey {
  return KEYS[status];
}

/** The word that people read: `Accepted`. */
export function statusName(status: Status): string {
  return t.status[status === Status.UNSPECIFIED ? "none" : KEYS[status]];
}

export function statusFromKey(key: string): Status | undefined {
  return STATUSES.find((status) => KEYS[status] === key);
}

/** What a status means for somebody who must act on the decision. */
export function standing(status: Status): string {
  switch (status) {
    case Status.ACCEPTED:
      return t.standing.inForce;
    case Status.REJECTED:
      return t.standing.rejected;
    case Status.SUPERSEDED:
    case Status.DEPRECATED:
      return t.standing.ended;
    case Status.PROPOSED:
      return t.standing.proposed;
    case Status.UNSPECIFIED:
    case Status.DRAFT:
      return t.standing.open;
  }
}
