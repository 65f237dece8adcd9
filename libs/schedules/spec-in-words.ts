import type { CalendarSpecDescription, ScheduleSpecDescription } from '@temporalio/client';

const DAY = 86_400_000;
const UNITS = [
  ['day', DAY],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

interface Range {
  readonly start: unknown;
  readonly end: unknown;
  readonly step: number;
}

/**
 * When a schedule starts its flow, as a person says it: one text for each set of times, such as `at
 * 06:00, on Monday to Friday` or `every 30 minutes`. It is made from what Temporal has, which
 * may have been changed there.
 */
export function specInWords({ calendars = [], intervals = [] }: ScheduleSpecDescription): readonly string[] {
  return [
    ...calendars.map(calendarInWords),
    ...intervals.map(({ every, offset }) => {
      return `every ${lengthInWords(every)}${offset > 0 ? `, ${lengthInWords(offset)} later` : ''}`;
    }),
  ];
}

function calendarInWords(calendar: CalendarSpecDescription): string {
  const { dayOfMonth, month, year, dayOfWeek } = calendar;
  const parts = [
    timeInWords(calendar),
    ...unlessAll(dayOfWeek, 7, (days) => `on ${days}`),
    ...unlessAll(dayOfMonth, 31, (days) => `on day ${days} of the month`),
    ...unlessAll(month, 12, (months) => `in ${months}`),
    ...(year.length === 0 ? [] : [`in ${listed(year)}`]),
  ];
  return parts.join(', ');
}

function timeInWords({ hour, minute, second }: CalendarSpecDescription): string {
  const atSecond = isOnlyZero(second) ? '' : `, at second ${listed(second)}`;
  const [hours, minutes] = [singles(hour), singles(minute)];
  if (hours && minutes) {
    const times = hours.flatMap((h) => minutes.map((m) => `${two(h)}:${two(m)}`));
    return `at ${times.join(', ')}${atSecond}`;
  }
  const ofHours = isAll(hour, 24) ? 'every hour' : `the hours ${listed(hour)}`;
  if (isAll(minute, 60)) return `every minute of ${ofHours}${atSecond}`;
  return `at minute ${listed(minute)} of ${ofHours}${atSecond}`;
}

/** The values, if there are only few, and no range. */
function singles(ranges: readonly Range[]): readonly number[] | undefined {
  const isShort = ranges.length <= 3 && ranges.every(({ start, end }) => end === start);
  return isShort ? ranges.map(({ start }) => Number(start)) : undefined;
}

function unlessAll(ranges: readonly Range[], all: number, say: (list: string) => string): string[] {
  return isAll(ranges, all) ? [] : [say(listed(ranges))];
}

/** Whether these are all values of a field that has this many. */
function isAll(ranges: readonly Range[], all: number): boolean {
  const [only, ...more] = ranges;
  if (!only || more.length > 0 || only.step > 1) return false;
  const { start, end } = only;
  if (typeof start === 'number') return Number(end) - start === all - 1;
  return (start === 'SUNDAY' && end === 'SATURDAY') || (start === 'JANUARY' && end === 'DECEMBER');
}

function isOnlyZero(ranges: readonly Range[]): boolean {
  return ranges.every(({ start, end }) => start === 0 && end === 0);
}

function listed(ranges: readonly Range[]): string {
  return ranges
    .map(({ start, end, step }) => {
      const range = end === start ? named(start) : `${named(start)} to ${named(end)}`;
      return step > 1 ? `${range} in steps of ${step}` : range;
    })
    .join(', ');
}

/** `Monday` for `MONDAY`. */
function named(value: unknown): string {
  const text = String(value);
  return text.slice(0, 1) + text.slice(1).toLowerCase();
}

/** A length of time in its largest whole unit. */
export function lengthInWords(milliseconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => milliseconds >= length && milliseconds % length === 0) ?? [
    'ms',
    1,
  ];
  const count = milliseconds / size;
  if (unit === 'ms') return `${count} ms`;
  return count === 1 ? `1 ${unit}` : `${count} ${unit}s`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
