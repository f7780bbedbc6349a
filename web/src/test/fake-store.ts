import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";

import type { Content, Decision, DecisionSummary, Link, Version } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import {
  ContentSchema,
  DecisionSchema,
  DecisionSummarySchema,
  LinkKind,
  LinkSchema,
  LogSchema,
  Status,
  SuccessorSchema,
  VersionSchema,
} from "@/api/gen/cairn/decisions/v1/decisions_pb";

import { plainBody, type Seed, SEEDS } from "./content";

const DAY_MS = 86_400_000;

export interface Stored {
  id: string;
  logId: string;
  number: number | undefined;
  ref: string;
  versions: Version[];
  links: { kind: LinkKind; id: string; target: string }[];
  sourcePath: string;
  source: Uint8Array<ArrayBuffer>;
  deleted: boolean;
}

/** What a server would keep in its database, in memory. */
export class FakeStore {
  readonly logs = [create(LogSchema, { id: "log-tidewater", slug: "tidewater", name: "Tidewater", prefix: "ADR" })];
  readonly decisions = new Map<string, Stored>();
  /** The moment that everything written here bears; tests need one that stands still. */
  now: Date;

  constructor(seeds: readonly Seed[] = SEEDS, now: Date = new Date()) {
    this.now = now;
    seeds.forEach((seed, index) => this.#plant(seed, index));
  }

  #plant(seed: Seed, index: number): void {
    const name = String(seed.number).padStart(4, "0");
    const body = seed.body ?? plainBody(seed);
    const stored: Stored = {
      id: `decision-${name}`,
      logId: "log-tidewater",
      number: seed.number,
      ref: `ADR-${name}`,
      versions: [],
      links: (seed.links ?? []).map(({ kind, number }) => ({
        kind,
        id: `decision-${String(number).padStart(4, "0")}`,
        target: "",
      })),
      sourcePath: `docs/decisions/${name}-${seed.title.toLowerCase().replaceAll(/[^a-z]+/gu, "-")}.md`,
      source: new TextEncoder().encode(`# ${seed.title}\n\n${body}`),
      deleted: false,
    };
    for (const match of body.matchAll(/\]\((\d{4})-[^)]*\.md\)/gu)) {
      const target = match[0].slice(2, -1);
      stored.links.push({ kind: LinkKind.RELATES_TO, id: `decision-${match[1] ?? ""}`, target });
    }
    this.decisions.set(stored.id, stored);
    const content = create(ContentSchema, { ...seed, body });
    this.append(stored, content, "Imported", new Date(this.now.getTime() - index * index * DAY_MS * 0.9));
  }

  append(stored: Stored, content: Content, message: string, at: Date = this.now): Version {
    const version = create(VersionSchema, {
      id: `${stored.id}-v${stored.versions.length + 1}`,
      decisionId: stored.id,
      version: stored.versions.length + 1,
      title: content.title,
      status: content.status === Status.UNSPECIFIED ? Status.DRAFT : content.status,
      decidedOn: content.decidedOn,
      deciders: content.deciders,
      tags: content.tags,
      body: content.body,
      contentHash: hashOf(`${content.title}\n${content.body}\n${content.status}`),
      authorName: "Mara Solheim",
      message,
      createdAt: timestampFromDate(at),
    });
    stored.versions.push(version);
    return version;
  }

  create(logId: string, content: Content, message: string): Stored {
    const number = Math.max(0, ...[...this.decisions.values()].map((other) => other.number ?? 0)) + 1;
    const name = String(number).padStart(4, "0");
    const stored: Stored = {
      id: `decision-${name}`,
      logId,
      number,
      ref: `ADR-${name}`,
      versions: [],
      links: [],
      sourcePath: "",
      source: new Uint8Array(),
      deleted: false,
    };
    this.decisions.set(stored.id, stored);
    this.append(stored, content, message);
    return stored;
  }

  find(ref: string): Stored {
    const found = [...this.decisions.values()].find((one) => one.id === ref || one.ref === ref);
    if (found === undefined) throw new ConnectError(`No decision is called ${ref}.`, Code.NotFound);
    return found;
  }

  living(ref: string): Stored {
    const found = this.find(ref);
    if (found.deleted) throw new ConnectError(`${found.ref} was deleted. Restore it to read it.`, Code.NotFound);
    return found;
  }

  summary(stored: Stored): DecisionSummary {
    const version = current(stored);
    const successor = [...this.decisions.values()].find((other) =>
      other.links.some((link) => link.kind === LinkKind.SUPERSEDES && link.id === stored.id),
    );
    return create(DecisionSummarySchema, {
      id: stored.id,
      logId: stored.logId,
      logSlug: "tidewater",
      ...(stored.number !== undefined && { number: stored.number }),
      ref: stored.ref,
      title: version.title,
      status: version.status,
      decidedOn: version.decidedOn,
      deciders: version.deciders,
      tags: version.tags,
      version: version.version,
      ...(version.createdAt && { updatedAt: version.createdAt }),
      ...(successor && {
        successor: create(SuccessorSchema, { id: successor.id, ref: successor.ref, title: current(successor).title }),
      }),
    });
  }

  decision(stored: Stored): Decision {
    const version = current(stored);
    const link = (kind: LinkKind, id: string, target: string): Link => {
      const other = this.decisions.get(id);
      return create(LinkSchema, { kind, target, ...(other && { decision: this.summary(other) }) });
    };
    const backlinks = [...this.decisions.values()].flatMap((other) =>
      other.links
        .filter((one) => one.id === stored.id)
        .map((one) => link(seenFromTarget(one.kind), other.id, one.target)),
    );
    return create(DecisionSchema, {
      summary: this.summary(stored),
      body: version.body,
      contentHash: version.contentHash,
      authorName: version.authorName,
      ...(version.createdAt && { createdAt: version.createdAt }),
      sourcePath: stored.sourcePath,
      links: stored.links.map((one) => link(one.kind, one.id, one.target)),
      backlinks,
    });
  }
}

export function current(stored: Stored): Version {
  const version = stored.versions.at(-1);
  if (version === undefined) throw new Error(`${stored.id} has no version`);
  return version;
}

/** Stands in for SHA-256 here: different for different texts is all that the pages need. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0").repeat(8);
}

/** A link as the record sees it that it points to. */
function seenFromTarget(kind: LinkKind): LinkKind {
  const turned: Partial<Record<LinkKind, LinkKind>> = {
    [LinkKind.SUPERSEDES]: LinkKind.SUPERSEDED_BY,
    [LinkKind.AMENDS]: LinkKind.AMENDED_BY,
    [LinkKind.DEPENDS_ON]: LinkKind.REQUIRED_BY,
  };
  return turned[kind] ?? kind;
}
