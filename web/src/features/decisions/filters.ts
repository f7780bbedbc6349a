import { Order, type Status } from "@/api/gen/cairn/decisions/v1/decisions_pb";
import { statusFromKey, statusKey } from "@/ui/status";

/** The filters of the log as they stand in the address. */
export interface LogSearch {
  text?: string | undefined;
  status?: string | undefined;
  tag?: string | undefined;
  /** Ids of people who look after decisions. */
  owner?: string | undefined;
  /** `yes` for decisions that govern paths or components. */
  governs?: string | undefined;
  log?: string | undefined;
  sort?: string | undefined;
  deleted?: string | undefined;
  /** `board` for columns by status. */
  view?: string | undefined;
}

export const SORTS = [
  { key: "number", order: Order.NUMBER_DESC },
  { key: "oldest", order: Order.NUMBER },
  { key: "updated", order: Order.UPDATED_DESC },
  { key: "title", order: Order.TITLE },
] as const;

export function splitList(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(",").filter((part) => part !== "");
}

export function joinList(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(",");
}

/** Adds the value to a comma-separated list, or takes it out. */
export function toggled(list: string | undefined, value: string): string | undefined {
  const values = splitList(list);
  return joinList(values.includes(value) ? values.filter((other) => other !== value) : [...values, value]);
}

/** Whether anything but the log narrows the list. */
export function isNarrowed(search: LogSearch): boolean {
  return [search.text, search.status, search.tag, search.owner, search.governs].some((value) => value !== undefined);
}

export function statusesOf(search: Pick<LogSearch, "status">): Status[] {
  return splitList(search.status)
    .map(statusFromKey)
    .filter((status) => status !== undefined);
}

export function statusList(statuses: readonly Status[]): string | undefined {
  return joinList(statuses.map(statusKey));
}

export function sortOf(search: LogSearch): (typeof SORTS)[number] {
  return SORTS.find((sort) => sort.key === search.sort) ?? SORTS[0];
}
