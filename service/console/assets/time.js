/** Moments and durations in words. */

import { element } from "./html.js";
import { counted } from "./numbers.js";

const FULL = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

/** Returns a duration: 40 s, 3 min 20 s, 2 h 5 min, 3 days. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joined(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 172_800) return joined(Math.floor(whole / 3600), "h", Math.round((whole % 3600) / 60), "min");
  return counted(Math.round(whole / 86_400), "day");
}

/** Returns a rough duration, for what is to come: less than a minute, about 5 minutes, about 3 hours. */
export function roughly(seconds) {
  if (seconds < 60) return "less than a minute";
  if (seconds < 5400) return `about ${counted(Math.round(seconds / 60), "minute")}`;
  if (seconds < 129_600) return `about ${counted(Math.round(seconds / 3600), "hour")}`;
  return `about ${counted(Math.round(seconds / 86_400), "day")}`;
}

/** Returns a moment as people say it: just now, 5 min ago, 3 h ago, Mar 4, 2026. */
export function ago(moment, now = Date.now()) {
  const seconds = (now - Date.parse(moment)) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return DAY.format(Date.parse(moment));
}

/** Returns a moment in words, exact in its title; a dash if there is none. */
export function moment(iso) {
  if (iso === null || iso === undefined) return "–";
  return element("time", { datetime: iso, title: FULL.format(Date.parse(iso)) }, ago(iso));
}

function joined(large, largeUnit, small, smallUnit) {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
