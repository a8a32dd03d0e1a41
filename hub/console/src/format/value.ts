// A field's value as a line of text.
import type { Shapes } from "../api/client";
import type { Say } from "../i18n/texts";
import { dateTimeText } from "./time";

export type Value = Shapes["FieldValue"];

export function valueText(value: Value, { t, lang }: Say): string {
  switch (value.type) {
    case "empty":
      return t("value-empty");
    case "text":
      return value.text;
    case "number":
      return String(value.number);
    case "flag":
      return t(value.flag ? "yes" : "no");
    case "time":
      return dateTimeText(value.ms, lang);
    case "choice":
      return t(value.message);
    case "category":
      return `${value.name} ${value.code}`;
    case "position":
      return `${value.lon.toFixed(5)}, ${value.lat.toFixed(5)}${value.accuracy_m ? ` ${t("within-metres", { metres: Math.round(value.accuracy_m) })}` : ""}`;
    case "record":
      return value.title;
    case "member":
      return value.label;
    case "grid":
      return `${value.name} ${value.code}`;
    case "shape":
      return t("value-shape");
    case "unknown":
      return t("value-unknown");
  }
}
