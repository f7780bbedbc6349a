import { queryOptions } from "@tanstack/react-query";

import type { Clients } from "@/api/clients";
import { SpendingService } from "@/api/gen/cairn/gateway/v1/spending_pb";
import { locale } from "@/text/language";

const MICROS = 1_000_000;
const CENT_MICROS = 10_000;

export const spendingQuery = (clients: Clients) =>
  queryOptions({
    queryKey: ["spending"],
    queryFn: ({ signal }) => clients(SpendingService).getSpending({}, { signal }),
    refetchInterval: 10_000,
  });

export type Grouping = "day" | "person" | "model" | "outcome";

export const usageQuery = (clients: Clients, by: Grouping, days: number) =>
  queryOptions({
    queryKey: ["usage", by, days],
    queryFn: ({ signal }) => clients(SpendingService).getUsage({ by, days }, { signal }),
    placeholderData: (before) => before,
  });

/** Dollars, with more digits where a cent is too coarse. */
export function money(micros: bigint): string {
  const value = Number(micros);
  const digits = value !== 0 && value < CENT_MICROS ? 4 : 2;
  const format = { style: "currency", currency: "USD", minimumFractionDigits: digits } as const;
  return new Intl.NumberFormat(locale, { ...format, maximumFractionDigits: digits }).format(value / MICROS);
}

/** The last days, as the server names them, oldest first. */
export function lastDays(days: number, now: Date = new Date()): string[] {
  return Array.from({ length: days }, (_, index) => {
    const day = new Date(now);
    day.setUTCDate(day.getUTCDate() - (days - 1 - index));
    return day.toISOString().slice(0, 10);
  });
}

/** Micros for dollars as people write them, nothing for an empty field, null for what is no amount. */
export function microsOf(dollars: string): bigint | undefined | null {
  const text = dollars.trim().replace(",", ".");
  if (text === "") return undefined;
  return /^\d{1,9}(?:\.\d{1,6})?$/u.test(text) ? BigInt(Math.round(Number(text) * MICROS)) : null;
}

/** A count, nothing for an empty field, null for what is none. */
export function countOf(text: string): bigint | undefined | null {
  if (text.trim() === "") return undefined;
  return /^\d{1,12}$/u.test(text.trim()) ? BigInt(text.trim()) : null;
}
