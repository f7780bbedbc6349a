import { InboxKind } from "@/api/gen/cairn/decisions/v1/review_pb";
import { catalogue, plural } from "@/text/language";

/** What waits for a person, and what to do about it. */
const english = {
  act: {
    [InboxKind.UNSPECIFIED]: "Open",
    [InboxKind.REVIEW]: "Review",
    [InboxKind.APPROVAL]: "Read and approve",
    [InboxKind.COMMENT]: "Answer",
    [InboxKind.CHANGE]: "See change",
  },
  review: (days: number) =>
    days === 0
      ? "was due for review today: confirm that it holds, or change it."
      : plural(days, {
          one: "was due for review # day ago: confirm that it holds, or change it.",
          other: "was due for review # days ago: confirm that it holds, or change it.",
        }),
  approval: (lacking: number) => plural(lacking, { one: "needs # more approval.", other: "needs # more approvals." }),
  comment: (open: number) => plural(open, { one: "has # open discussion.", other: "has # open discussions." }),
  change: (versions: number) =>
    plural(versions, {
      one: "changed: # version since you last looked.",
      other: "changed: # versions since you last looked.",
    }),
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./waiting.de") });
