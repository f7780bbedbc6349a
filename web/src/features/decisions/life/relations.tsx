import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link as RouterLink } from "@tanstack/react-router";
import { type JSX, Suspense, useState } from "react";

import { useClients } from "@/api/clients";
import { messageOf } from "@/api/errors";
import type { Link } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LinkKind } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { LifecycleService } from "@/api/gen/cairn/decisions/v1/lifecycle_pb";
import { lazyPart } from "@/text/lazy";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icons";
import { Stone } from "@/ui/stone";
import { useToast } from "@/ui/toast";

import { isResolved, type ResolvedLink } from "../links";
import { decisionsChanged, type LoadedDecision } from "../queries";
import { t as record } from "../texts/record";
import { t } from "../texts/life";
import { alsoChanged } from "./use-transition";

const RelateDialog = lazyPart(async () => (await import("./relate-dialog")).RelateDialog);

/** A kind as the record that acts states it, and whether that is the record which is shown. */
const STATED: Partial<Record<LinkKind, { kind: LinkKind; acts: boolean }>> = {
  [LinkKind.SUPERSEDES]: { kind: LinkKind.SUPERSEDES, acts: true },
  [LinkKind.SUPERSEDED_BY]: { kind: LinkKind.SUPERSEDES, acts: false },
  [LinkKind.AMENDS]: { kind: LinkKind.AMENDS, acts: true },
  [LinkKind.AMENDED_BY]: { kind: LinkKind.AMENDS, acts: false },
  [LinkKind.DEPENDS_ON]: { kind: LinkKind.DEPENDS_ON, acts: true },
  [LinkKind.REQUIRED_BY]: { kind: LinkKind.DEPENDS_ON, acts: false },
  [LinkKind.IMPLEMENTS]: { kind: LinkKind.IMPLEMENTS, acts: true },
  [LinkKind.IMPLEMENTED_BY]: { kind: LinkKind.IMPLEMENTS, acts: false },
};

function useUnrelate(decision: LoadedDecision) {
  const clients = useClients();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { id } = decision.summary;
  const again = async (link: ResolvedLink) => {
    const { kind, acts } = STATED[link.kind] ?? { kind: link.kind, acts: true };
    const [sourceId, targetId] = acts ? [id, link.decision.id] : [link.decision.id, id];
    try {
      await clients(LifecycleService).relateDecisions({ sourceId, kind, targetId, section: link.section });
      await decisionsChanged(queryClient);
    } catch (error) {
      toast.show({ message: t.relationNotBack(messageOf(error)) });
    }
  };
  return useMutation({
    mutationFn: (link: ResolvedLink) => clients(LifecycleService).unrelateDecisions({ relationId: link.relationId }),
    onSuccess: async ({ alsoChanged: others }, link) => {
      await decisionsChanged(queryClient);
      toast.show({
        message: `${t.relationToGone(link.decision.ref)}${alsoChanged(others)}`,
        action: { label: t.undo, run: () => void again(link) },
      });
    },
    onError: (error) => toast.show({ message: t.relationStays(messageOf(error)) }),
  });
}

interface ListProps {
  title: string;
  links: ResolvedLink[];
  direction: "from" | "to";
  onRemove: (link: ResolvedLink) => void;
}

function LinkList({ title, links, direction, onRemove }: ListProps): JSX.Element | null {
  if (links.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {links.map((link) => (
          <li key={`${link.decision.id}${link.kind}${link.section}`} className="bk">
            <Stone status={link.decision.status} />
            <div>
              <RouterLink to="/decisions/$ref" params={{ ref: link.decision.id }} className="hover:text-accent">
                {link.decision.title}
              </RouterLink>
              <span className="rel">
                <span className="mono">{link.decision.ref}</span> {record.relation(link.kind, direction)}
                {link.section !== "" && record.section(link.section)}
              </span>
            </div>
            {link.relationId !== "" && (
              <IconButton label={record.removeRelation(link.decision.ref)} onClick={() => onRemove(link)}>
                <Icon name="close" size={12} />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Each relation once; a mere mention is left out where something stronger is said of the same record. */
export function relationsOf(links: readonly Link[], others: readonly Link[]): ResolvedLink[] {
  const strong = (link: Link) => link.relationId !== "" || STATED[link.kind] !== undefined || link.section !== "";
  const all = [...links, ...others].filter(isResolved);
  const stated = new Set(all.filter(strong).map((link) => link.decision.id));
  const found = new Map<string, ResolvedLink>();
  for (const link of links.filter(isResolved)) {
    if (!strong(link) && stated.has(link.decision.id)) continue;
    const key = `${link.decision.id}${link.kind}${link.section}`;
    // What a person stated can be taken back here; what only the text says cannot.
    if (found.get(key)?.relationId !== undefined && link.relationId === "") continue;
    found.set(key, link);
  }
  return [...found.values()];
}

/** What this record leans on, what leans on it, and how. */
export function Relations({ decision }: { decision: LoadedDecision }): JSX.Element {
  const [open, setOpen] = useState(false);
  const unrelate = useUnrelate(decision);
  const { links, backlinks } = decision;
  const to = relationsOf(links, backlinks);
  const keys = new Set(to.map((link) => `${link.decision.id}${link.kind}${link.section}`));
  const from = relationsOf(backlinks, links).filter(
    (link) => !keys.has(`${link.decision.id}${link.kind}${link.section}`),
  );
  const unresolved = links.filter((link) => !isResolved(link) && !/^https?:/u.test(link.target));
  return (
    <>
      <LinkList title={record.linksTo} links={to} direction="from" onRemove={unrelate.mutate} />
      <LinkList title={record.linkedFrom} links={from} direction="to" onRemove={unrelate.mutate} />
      {decision.deletedAt === undefined && (
        <section>
          <button type="button" className="link" onClick={() => setOpen(true)}>
            {record.addRelation}
          </button>
        </section>
      )}
      {unresolved.length > 0 && (
        <section>
          <h2>{record.deadLinks}</h2>
          <ul>
            {unresolved.map((link) => (
              <li key={link.target} className="path">
                {link.target}
              </li>
            ))}
          </ul>
        </section>
      )}
      {open && (
        <Suspense>
          <RelateDialog decision={decision} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
