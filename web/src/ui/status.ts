import { Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";

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
  const key = KEYS[status];
  return status === Status.UNSPECIFIED ? "No status" : key.charAt(0).toUpperCase() + key.slice(1);
}

export function statusFromKey(key: string): Status | undefined {
  return STATUSES.find((status) => KEYS[status] === key);
}

/** What a status means for somebody who must act on the decision. */
export function standing(status: Status): string {
  switch (status) {
    case Status.ACCEPTED:
      return "in force";
    case Status.SUPERSEDED:
    case Status.DEPRECATED:
    case Status.REJECTED:
      return status === Status.REJECTED ? "rejected" : "no longer in force";
    case Status.PROPOSED:
      return "proposed, not in force";
    case Status.UNSPECIFIED:
    case Status.DRAFT:
      return "not decided yet";
  }
}
