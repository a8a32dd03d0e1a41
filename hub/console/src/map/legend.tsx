// What the signs of a map mean.
import { useTexts } from "../i18n/texts";
import css from "./legend.module.css";

const SIGNS = {
  track: "",
  gap: "",
  outside: "",
  doubted: "",
  unwalked: "",
  walked: "",
  none: "",
  all: "",
  seen: "✓",
  problem: "!",
  due: "",
  overdue: "!",
  unreachable: "×",
  case: "◆",
  photo: "1",
  fault: "1",
} as const;
export type LegendKey = keyof typeof SIGNS;
const PLACES = new Set<LegendKey>(["seen", "problem", "due", "overdue", "unreachable"]);

/** `places`: the family of words for the states of places, as the list beside the map has them. */
export function Legend({ keys, places = "look" }: { keys: LegendKey[]; places?: "look" | "due-state" | "cover" }) {
  const { t, one } = useTexts();
  return (
    <ul className={css.legend} aria-label={t("legend")}>
      {keys.map((key) => (
        <li key={key}>
          <i className={[css[key], PLACES.has(key) && css.dot].filter(Boolean).join(" ")} aria-hidden>
            {SIGNS[key]}
          </i>
          {one(PLACES.has(key) ? places : "legend", key)}
        </li>
      ))}
    </ul>
  );
}
