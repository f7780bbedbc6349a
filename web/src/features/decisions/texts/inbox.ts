import { catalogue, plural } from "@/text/language";

const english = {
  inbox: "Inbox",
  needsYou: "Needs you",
  notRead: "The inbox could not be read.",
  nothing: "Nothing waits for you",
  nothingWhy: "Reviews that are due, approvals you may give, open discussions of yours and changes of what you watch come here.",
  reviews: "Reviews in the next three months",
  reviewsNotRead: "The reviews could not be read.",
  noReviews: "None is planned. A record’s margin has a date for it.",
  late: (days: number) => plural(days, { one: "# day late", other: "# days late" }),
  calendar: "In your calendar",
  calendarWhy: "A calendar that subscribes to your own address shows every review date. Making an address ends the one before.",
  makeAddress: "Make a calendar address",
  notMade: (why: string) => `No address was made. ${why}`,
  subscribe: "Subscribe your calendar to this address; it is shown once",
  copy: "Copy",
  copied: "The address is in the clipboard.",
  notCopied: "The browser refused the clipboard; select the address and copy it.",
};

export type Texts = typeof english;
export const t = catalogue(english, { de: () => import("./inbox.de") });
