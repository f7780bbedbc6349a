import { type DecisionSummary, LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import type { GetGraphResponse } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";

/** One relation as it is drawn: from what was there to what came of it. Numbers are places in `decisions`. */
export interface Arrow {
  kind: LinkKind;
  from: number;
  to: number;
  section: string;
}

export interface Graph {
  decisions: DecisionSummary[];
  arrows: Arrow[];
  truncated: boolean;
}

/** The kinds that are drawn, the strongest first. */
export const KINDS = [
  LinkKind.SUPERSEDES,
  LinkKind.AMENDS,
  LinkKind.DEPENDS_ON,
  LinkKind.IMPLEMENTS,
  LinkKind.CONFLICTS_WITH,
  LinkKind.RELATES_TO,
] as const;

export type Kind = (typeof KINDS)[number];

export const KIND_KEYS: Record<Kind, string> = {
  [LinkKind.SUPERSEDES]: "supersedes",
  [LinkKind.AMENDS]: "amends",
  [LinkKind.DEPENDS_ON]: "depends",
  [LinkKind.IMPLEMENTS]: "implements",
  [LinkKind.CONFLICTS_WITH]: "conflicts",
  [LinkKind.RELATES_TO]: "relates",
};

export function isKind(kind: LinkKind): kind is Kind {
  return KINDS.some((one) => one === kind);
}

/** Relations without a direction are drawn as time goes. */
const SYMMETRIC: readonly LinkKind[] = [LinkKind.CONFLICTS_WITH, LinkKind.RELATES_TO];

export function graphOf({ decisions, edges, truncated }: GetGraphResponse): Graph {
  const arrows = edges
    .filter((edge) => isKind(edge.kind))
    .map(({ kind, source, target, section }) => {
      const swap = SYMMETRIC.includes(kind) ? source > target : true;
      return { kind, from: swap ? target : source, to: swap ? source : target, section };
    });
  // A mention says nothing where something stronger is said of the same two.
  const pair = ({ from, to }: Arrow) => `${Math.min(from, to)} ${Math.max(from, to)}`;
  const stated = new Set(arrows.filter((arrow) => arrow.kind !== LinkKind.RELATES_TO).map(pair));
  return {
    decisions,
    truncated,
    arrows: arrows.filter((arrow) => arrow.kind !== LinkKind.RELATES_TO || !stated.has(pair(arrow))),
  };
}

/** The part of a graph that is looked at: chosen kinds, with or without what stands alone. */
export function partOf(graph: Graph, kinds: readonly LinkKind[], alone: boolean): Graph {
  const arrows = graph.arrows.filter((arrow) => kinds.includes(arrow.kind));
  const linked = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const kept = graph.decisions.map((_, place) => place).filter((place) => alone || linked.has(place));
  const places = new Map(kept.map((before, after) => [before, after]));
  return {
    truncated: graph.truncated,
    decisions: kept.map((place) => graph.decisions[place]).filter((one) => one !== undefined),
    arrows: arrows.map((arrow) => ({
      ...arrow,
      from: places.get(arrow.from) ?? 0,
      to: places.get(arrow.to) ?? 0,
    })),
  };
}

/** A decision and those that one relation joins to it. */
export function neighboursOf(graph: Graph, place: number): Set<number> {
  const near = new Set([place]);
  for (const { from, to } of graph.arrows) {
    if (from === place) near.add(to);
    if (to === place) near.add(from);
  }
  return near;
}
