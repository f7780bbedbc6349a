import type { DecisionSummary, Link } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LinkKind, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { KnownLink } from "@/text/finish";
import { statusKey, statusName } from "@/ui/status";
import { stoneHtml } from "@/ui/stone-shapes";

import { t } from "./texts/record";

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
      title: t.linked(decision.ref, decision.title, name),
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
      stone: stoneHtml("superseded", statusName(Status.SUPERSEDED)),
      title: decision.title,
      label: `${decision.ref}, ${decision.title}`,
    });
  }
  return taken;
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
