import { LinkKind, Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";

/** One invented record of the Tidewater ferry company; the double of the server is filled with these. */
export interface Seed {
  number: number;
  title: string;
  status: Status;
  decidedOn: string;
  deciders: string[];
  tags: string[];
  links?: { kind: LinkKind; number: number }[];
  body?: string;
}

const { DRAFT, PROPOSED, ACCEPTED, REJECTED, DEPRECATED, SUPERSEDED } = Status;
const MARA = "Mara Solheim";
const IDRIS = "Idris Calloway";
const NOOR = "Noor Vandersteen";
const PELLE = "Pelle Arnott";

const MANIFEST_BODY = `## Context

A sailing is sold on the web, at the quay and by three agents. Until now each channel wrote its own passenger list, and
the purser merged them by hand with \`merge_lists.py\` twenty minutes before departure. In June the *Grey Heron* sailed
with nine people more than her certificate allows, because the agents' list came late.

We took this up after [the nightly merge](0004-merge-lists-at-night.md) failed for the third time.

## Decision

The **manifest** is the only place where a seat is taken. Every channel asks it, and a sale without its answer is no sale.

- A seat is held for eight minutes and then falls back.
- The manifest answers with the number of seats left, never with a list of names.
- The certificate's limit is a constraint in the database, not a rule in a program.

### Holds

A hold carries the channel that asked for it, so that a broken channel can be cleared as a whole.

\`\`\`sql
-- The certificate is the law: the database refuses what the ship may not carry.
create table seat_hold (
  sailing_id  bigint not null references sailing,
  seat        smallint not null,
  channel     text not null,
  expires_at  timestamptz not null,
  primary key (sailing_id, seat)
);
\`\`\`

## Options weighed

| Option | Sells too many | New parts to run | Verdict |
| --- | --- | --- | --- |
| Merge more often | Between merges | None | Keeps failing |
| A quota for each channel | No, but sails half empty | None | Loses money |
| One manifest | No | One service | **Chosen** |

## Consequences

The manifest must answer while a ship is loading, so it runs on [two quays](0009-run-on-two-quays.md). Agents without a
connection cannot sell; two of eleven are affected and get a telephone desk.

> A list that is right an hour later is a list of who drowned.
`;

export const SEEDS: Seed[] = [
  {
    number: 24,
    title: "Keep card numbers at the payment company",
    status: DRAFT,
    decidedOn: "",
    deciders: [NOOR],
    tags: ["payments", "security"],
  },
  {
    number: 23,
    title: "Sign tickets so that a phone can check them without a network",
    status: PROPOSED,
    decidedOn: "",
    deciders: [IDRIS],
    tags: ["tickets", "offline"],
    links: [{ kind: LinkKind.DEPENDS_ON, number: 12 }],
  },
  {
    number: 22,
    title: "Split freight booking from passenger booking",
    status: PROPOSED,
    decidedOn: "",
    deciders: [MARA, PELLE],
    tags: ["booking"],
  },
  {
    number: 21,
    title: "GraphQL for the agents' terminals",
    status: REJECTED,
    decidedOn: "2026-10-02",
    deciders: [NOOR],
    tags: ["api", "agents"],
  },
  {
    number: 20,
    title: "Publish the timetable as a calendar feed",
    status: ACCEPTED,
    decidedOn: "2026-09-21",
    deciders: [PELLE],
    tags: ["timetable", "api"],
  },
  {
    number: 19,
    title: "Cache fares in the browser",
    status: DEPRECATED,
    decidedOn: "2026-08-30",
    deciders: [PELLE],
    tags: ["fares", "web"],
  },
  {
    number: 18,
    title: "Read replicas answer the timetable, never a sale",
    status: ACCEPTED,
    decidedOn: "2026-08-11",
    deciders: [IDRIS],
    tags: ["postgres", "timetable"],
    links: [{ kind: LinkKind.RELATES_TO, number: 12 }],
  },
  {
    number: 17,
    title: "Weather holds are announced by the harbour master alone",
    status: ACCEPTED,
    decidedOn: "2026-07-02",
    deciders: [MARA],
    tags: ["operations"],
  },
  {
    number: 16,
    title: "A fare is fixed when the hold begins",
    status: ACCEPTED,
    decidedOn: "2026-06-18",
    deciders: [NOOR, IDRIS, MARA],
    tags: ["fares", "booking", "tickets"],
  },
  {
    number: 15,
    title: "Money is whole minor units, never a float",
    status: ACCEPTED,
    decidedOn: "2026-05-30",
    deciders: [IDRIS],
    tags: ["fares", "api"],
  },
  {
    number: 14,
    title:
      "Trace ids cross every service boundary, including the ticket gates and the telephone desk on the north quay",
    status: ACCEPTED,
    decidedOn: "2026-05-12",
    deciders: [PELLE],
    tags: ["observability"],
  },
  {
    number: 12,
    title: "One manifest takes every seat",
    status: ACCEPTED,
    decidedOn: "2026-03-14",
    deciders: [MARA],
    tags: ["booking", "postgres"],
    links: [
      { kind: LinkKind.SUPERSEDES, number: 4 },
      { kind: LinkKind.DEPENDS_ON, number: 9 },
    ],
    body: MANIFEST_BODY,
  },
  {
    number: 10,
    title: "Load fares from a nightly file",
    status: DEPRECATED,
    decidedOn: "2026-01-20",
    deciders: [PELLE],
    tags: ["fares", "batch"],
  },
  {
    number: 9,
    title: "Run on two quays",
    status: ACCEPTED,
    decidedOn: "2025-11-03",
    deciders: [IDRIS],
    tags: ["postgres", "operations"],
  },
  {
    number: 7,
    title: "Agents authenticate with a card and a code",
    status: ACCEPTED,
    decidedOn: "2025-09-15",
    deciders: [NOOR],
    tags: ["agents", "security"],
  },
  {
    number: 4,
    title: "Merge passenger lists at night",
    status: SUPERSEDED,
    decidedOn: "2024-06-01",
    deciders: [PELLE],
    tags: ["booking", "batch"],
  },
  {
    number: 2,
    title: "Share one database between gates and booking",
    status: SUPERSEDED,
    decidedOn: "2024-02-11",
    deciders: [IDRIS],
    tags: ["postgres"],
  },
  {
    number: 1,
    title: "Record decisions as text beside the code",
    status: ACCEPTED,
    decidedOn: "2024-01-09",
    deciders: [MARA],
    tags: ["process"],
  },
];

export function plainBody(seed: Seed): string {
  const topic = seed.tags[0] ?? "this";
  return `## Context

Three teams touch ${topic}, and each had its own way. The difference was found by a passenger, not by a test.

## Decision

${seed.title}. Whoever needs it otherwise writes a decision that says why.

## Consequences

- Fewer ways to be wrong about ${topic}.
- Two programs must change before the summer timetable.
`;
}
