import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampDate } from "@bufbuild/protobuf/wkt";

import { locale } from "@/text/language";

import { t } from "./texts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const LONG_DATE = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const FULL = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });

/** How long ago, short enough for a table: `now`, `4 min`, `2 h`, `9 d`, `3 w`, `7 mo`, `2 y`. */
export function age(at: Date, now: Date = new Date()): string {
  const passed = now.getTime() - at.getTime();
  if (passed < MINUTE) return t.now;
  if (passed < HOUR) return t.minutes(Math.floor(passed / MINUTE));
  if (passed < DAY) return t.hours(Math.floor(passed / HOUR));
  const days = Math.floor(passed / DAY);
  if (days < 14) return t.days(days);
  if (days < 60) return t.weeks(Math.floor(days / 7));
  if (days < 365) return t.months(Math.floor(days / 30.44));
  return t.years(Math.floor(days / 365.25));
}

export function dateOf(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : timestampDate(timestamp);
}

/** `14 March 2025`, from an ISO 8601 date; what cannot be read as a date is shown as it is. */
export function longDate(isoDate: string): string {
  const date = new Date(`${isoDate}T12:00:00`);
  return /^\d{4}-\d{2}-\d{2}$/u.test(isoDate) && !Number.isNaN(date.getTime()) ? LONG_DATE.format(date) : isoDate;
}

/** The moment in full, for titles and machine-readable places. */
export function fullMoment(at: Date): string {
  return FULL.format(at);
}

/** `today 16:40`, `yesterday 09:05`, `11 November 2026`. */
export function momentInWords(at: Date, now: Date = new Date()): string {
  const startOfDay = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((startOfDay(now) - startOfDay(at)) / DAY);
  if (days === 0) return t.today(CLOCK.format(at));
  if (days === 1) return t.yesterday(CLOCK.format(at));
  return LONG_DATE.format(at);
}

const TENTHS = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `0.4 s`, `12 ms`: how long a step took. */
export function duration(milliseconds: number): string {
  return milliseconds < 100 ? `${Math.round(milliseconds)} ms` : `${TENTHS.format(milliseconds / 1000)} s`;
}
