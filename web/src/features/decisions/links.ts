import type { DecisionSummary, Link } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LinkKind, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { KnownLink } from "@/text/markdown";
import { statusKey, statusName } from "@/ui/status";
import { stoneHtml } from "@/ui/stone-shapes";

export type ResolvedLink = Link & { decision: DecisionSummary };

export function isResolved(link: Link): link is ResolvedLink {
  return link.decision !== undefined;
}

/** Links as they are written in the text, to the records they mean. */
export function knownLinks(links: readonly Pick<Link, "target" | "decision">[]): Map<string, KnownLink> {
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

/** The sections that an accepted record took over, by heading. */
export function partialLinks(links: readonly Link[]): Map<string, KnownLink & { label: string }> {
  const inForceOnce: readonly Status[] = [Status.ACCEPTED, Status.DEPRECATED, Status.SUPERSEDED];
  const taken = new Map<string, KnownLink & { label: string }>();
  for (const { kind, section, decision } of links) {
    if (kind !== LinkKind.SUPERSEDED_BY || section === "" || decision === undefined) continue;
    if (!inForceOnce.includes(decision.status)) continue;
    taken.set(section, {
      href: `/decisions/${decision.id}`,
      // The mark of what became of the section, not of the record that took it over.
      stone: stoneHtml("superseded", "Superseded"),
      title: decision.title,
      label: `${decision.ref}, ${decision.title}`,
    });
  }
  return taken;
}

/** How the other record stands to this one; links are given as seen from the record that is shown. */
const RELATIONS: Record<LinkKind, string> = {
  [LinkKind.UNSPECIFIED]: "",
  [LinkKind.RELATES_TO]: "",
  [LinkKind.SUPERSEDES]: "superseded by this",
  [LinkKind.AMENDS]: "amended by this",
  [LinkKind.DEPENDS_ON]: "needed by this",
  [LinkKind.SUPERSEDED_BY]: "supersedes this",
  [LinkKind.AMENDED_BY]: "amends this",
  [LinkKind.REQUIRED_BY]: "depends on this",
  [LinkKind.CONFLICTS_WITH]: "conflicts with this",
  [LinkKind.IMPLEMENTS]: "implemented by this",
  [LinkKind.IMPLEMENTED_BY]: "implements this",
};

export function linkWords(kind: LinkKind, direction: "from" | "to"): string {
  // A server newer than the page may know kinds that the page does not.
  return RELATIONS[kind] || (direction === "from" ? "mentioned here" : "mentions this");
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
