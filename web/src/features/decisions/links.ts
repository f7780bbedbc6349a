import type { DecisionSummary, Link } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { KnownLink } from "@/text/markdown";
import { statusKey, statusName } from "@/ui/status";
import { stoneHtml } from "@/ui/stone-shapes";

export type ResolvedLink = Link & { decision: DecisionSummary };

export function isResolved(link: Link): link is ResolvedLink {
  return link.decision !== undefined;
}

/** Links as they are written in the text, to the records they mean. */
export function knownLinks(links: readonly Link[]): Map<string, KnownLink> {
  const known = new Map<string, KnownLink>();
  for (const { target, decision } of links) {
    if (decision === undefined || target === "") continue;
    const name = statusName(decision.status);
    const link = {
      href: `/decisions/${decision.id}`,
      stone: stoneHtml(statusKey(decision.status), name),
      title: `${decision.ref} ${decision.title} (${name.toLowerCase()})`,
    };
    known.set(target, link);
    known.set(target.split("#", 1)[0] ?? target, link);
  }
  return known;
}

const OUTGOING: Record<LinkKind, string> = {
  [LinkKind.UNSPECIFIED]: "relates to",
  [LinkKind.RELATES_TO]: "relates to",
  [LinkKind.SUPERSEDES]: "supersedes",
  [LinkKind.AMENDS]: "amends",
  [LinkKind.DEPENDS_ON]: "depends on",
};

const INCOMING: Record<LinkKind, string> = {
  [LinkKind.UNSPECIFIED]: "mentions this",
  [LinkKind.RELATES_TO]: "mentions this",
  [LinkKind.SUPERSEDES]: "supersedes this",
  [LinkKind.AMENDS]: "amends this",
  [LinkKind.DEPENDS_ON]: "depends on this",
};

export function linkWords(kind: LinkKind, direction: "from" | "to"): string {
  return direction === "from" ? OUTGOING[kind] : INCOMING[kind];
}

/** One link for each record, the strongest kind first: a supersession says more than a mention. */
export function byDecision(links: readonly Link[]): ResolvedLink[] {
  const strength = (kind: LinkKind) => (kind === LinkKind.RELATES_TO || kind === LinkKind.UNSPECIFIED ? 0 : 1);
  const found = new Map<string, ResolvedLink>();
  for (const link of links.filter(isResolved)) {
    const before = found.get(link.decision.id);
    if (before === undefined || strength(link.kind) > strength(before.kind)) found.set(link.decision.id, link);
  }
  return [...found.values()];
}
