// Dates and spans as people of the county read them: Beijing time, `11月24日 周二 09:12`.
import type { Shapes } from "../api/client";
import type { Lang } from "../i18n/texts";

const ZONE = "Asia/Shanghai";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const WEEKDAYS = {
  zh: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
  en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
} as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const clock = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

interface Parts {
  year: number;
  month: number;
  day: number;
  weekday: number;
  time: string;
  seconds: string;
}

function parts(ms: number): Parts {
  const found = Object.fromEntries(clock.formatToParts(ms).map((part) => [part.type, part.value]));
  const [year, month, day] = [Number(found.year), Number(found.month), Number(found.day)];
  return {
    year,
    month,
    day,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    time: `${found.hour}:${found.minute}`,
    seconds: `${found.second}`,
  };
}

/** `2026-11-24`, the day in Beijing: the form of the filter in the address. */
export function dayOf(ms: number): string {
  const { year, month, day } = parts(ms);
  return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}

/** The day `days` later (or earlier). */
export function shiftDay(day: string, days: number): string {
  const moved = new Date(`${day}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

export function dateText(ms: number, lang: Lang, now = Date.now()): string {
  const { year, month, day, weekday } = parts(ms);
  const other = year !== parts(now).year;
  return lang === "zh"
    ? `${other ? `${year}年` : ""}${month}月${day}日 ${WEEKDAYS.zh[weekday]}`
    : `${WEEKDAYS.en[weekday]} ${day} ${MONTHS[month - 1]}${other ? ` ${year}` : ""}`;
}

/** The year is shown only where it is not this one. */
export function dateTimeText(ms: number, lang: Lang, now = Date.now()): string {
  return `${dateText(ms, lang, now)} ${parts(ms).time}`;
}

export function timeText(ms: number): string {
  return parts(ms).time;
}

export function secondsText(ms: number): string {
  const { time, seconds } = parts(ms);
  return `${time}:${seconds}`;
}

const UNITS = {
  zh: { minute: " 分钟", hour: " 小时", day: " 天", year: " 年" },
  en: { minute: " min", hour: " h", day: " d", year: " y" },
} as const;

/** A span in its largest fitting unit: `14 分钟`, `3 天`. Never rounds a real span down to nothing. */
export function spanText(ms: number, lang: Lang): string {
  const span = Math.abs(ms);
  const unit = UNITS[lang];
  if (span < HOUR) return `${Math.max(1, Math.round(span / MINUTE))}${unit.minute}`;
  if (span < 2 * DAY) return `${Math.round(span / HOUR)}${unit.hour}`;
  if (span < 730 * DAY) return `${Math.round(span / DAY)}${unit.day}`;
  return `${Math.round(span / (365.25 * DAY))}${unit.year}`;
}

/** The mark behind a time: nothing where it was checked, `±` with the bound where the hub knows one. */
export function doubtText(moment: Shapes["Moment"], lang: Lang): string {
  if (moment.quality === "same_boot" || moment.quality === "gnss") return "";
  return moment.within_ms ? `± ${spanText(moment.within_ms, lang)}` : "±";
}

/** Milliseconds of `2026-11-24T09:12`, meant in Beijing time (no daylight saving). */
export function beijingMs(local: string): number {
  return Date.parse(`${local}+08:00`);
}

/** 18:00 of the days that many days ahead, as far as they are still to come. */
export function endsOfDay(now: number, ahead: number[]): number[] {
  return ahead.map((days) => beijingMs(`${shiftDay(dayOf(now), days)}T18:00`)).filter((ms) => ms > now);
}

/** In China, as a file's name has it: `2026-11-24-0822`. */
export function fileTime(ms: number): string {
  return `${dayOf(ms)}-${timeText(ms).replace(":", "")}`;
}
