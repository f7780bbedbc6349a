import { locale } from "@/text/language";

const MONTH = new Intl.DateTimeFormat(locale, { month: "long" });
const MONTH_AND_YEAR = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric" });
const DAY = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });

function dateOf(isoDate: string): Date | undefined {
  const date = new Date(`${isoDate}T12:00:00`);
  return /^\d{4}-\d{2}-\d{2}$/u.test(isoDate) && !Number.isNaN(date.getTime()) ? date : undefined;
}

function written(format: Intl.DateTimeFormat, isoDate: string): string {
  const date = dateOf(isoDate);
  return date === undefined ? isoDate : format.format(date);
}

/** `March`, from an ISO 8601 date; what cannot be read as a date is shown as it is, here and below. */
export const monthName = (isoDate: string): string => written(MONTH, isoDate);
/** `March 2025`. */
export const monthOf = (isoDate: string): string => written(MONTH_AND_YEAR, isoDate);
/** `14 Mar`. */
export const dayOf = (isoDate: string): string => written(DAY, isoDate);
