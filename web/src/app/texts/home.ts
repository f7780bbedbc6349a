import { catalogue, plural } from "@/text/language";

const english = {
  home: "Home",
  ask: "Ask",
  askHint: "Ask what was decided, and why",
  searches: (decisions: number, logs: number) =>
    `Searches ${plural(decisions, { one: "# decision", other: "# decisions" })} in ${plural(logs, { one: "# log", other: "# logs" })}. Every claim names its passage.`,
  askedBefore: "Asked before",
  needsYou: "Needs you",
  openInbox: "Open the inbox",
  allInInbox: (items: number) => plural(items, { other: "All # in the inbox" }),
  recent: "Recent changes",
  openAsView: "Open as a view",
  supersededBy: (ref: string) => `superseded by ${ref}`,
  writtenNow: "written now",
  editedNow: "edited now",
  written: (age: string) => `written ${age} ago`,
  edited: (age: string) => `edited ${age} ago`,
  byStatus: "By status",
  waiting: (open: number) =>
    plural(open, {
      one: "# decision waits for an answer. <a>See it</a>",
      other: "# decisions wait for an answer. <a>See them</a>",
    }),
  unread: "The latest changes could not be read.",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./home.de") });
