import type { Citation } from "@/api/gen/cairn/chat/v1/chat_pb";
import type { KnownCitation } from "@/text/finish";
import { statusKey, statusName } from "@/ui/status";
import { stoneHtml } from "@/ui/stone-shapes";

import { t } from "./texts/answers";

/** The address of the passage a citation rests on. */
export function passageHref(citation: Citation): string {
  const anchor = citation.passage?.anchor ?? "";
  return `/decisions/${citation.decision?.id ?? ""}${anchor === "" ? "" : `#${anchor}`}`;
}

export function knownCitations(citations: readonly Citation[]): Map<number, KnownCitation> {
  const known = new Map<number, KnownCitation>();
  for (const citation of citations) {
    const { decision } = citation;
    if (!decision) continue;
    const name = statusName(decision.status).toLowerCase();
    known.set(citation.number, {
      href: passageHref(citation),
      status: statusKey(decision.status),
      stone: stoneHtml(statusKey(decision.status), name).replace('role="img"', 'aria-hidden="true"'),
      label: t.sourceIs(citation.number, decision.ref, name),
    });
  }
  return known;
}
