// The small parts that all desks speak with: a time with its doubt, a sign with its word, an error with its next step.
import { Button as BaseButton } from "@base-ui/react/button";
import type { ComponentProps, ReactNode } from "react";
import { ProblemError, type Shapes } from "../api/client";
import { dateTimeText, doubtText, timeText } from "../format/time";
import { useTexts } from "../i18n/texts";
import css from "./parts.module.css";

type ButtonProps = ComponentProps<typeof BaseButton> & { look?: "plain" | "main" | "quiet"; keyHint?: string };

export function Button({ look = "plain", keyHint, children, className, ...rest }: ButtonProps) {
  return (
    <BaseButton {...rest} className={[css.button, css[look], className].filter(Boolean).join(" ")}>
      {children}
      {keyHint && <kbd className={css.key}>{keyHint}</kbd>}
    </BaseButton>
  );
}

interface WhenProps {
  at: Shapes["Moment"];
  /** Spells the quality out, for where there is room. */
  full?: boolean;
  /** Without the day. */
  short?: boolean;
  /** Only `±`, without the bound, for lists. */
  brief?: boolean;
}

/** A time ± its quality. */
export function When({ at, full, short, brief }: WhenProps) {
  const { t, one, lang } = useTexts();
  const doubt = brief ? doubtText(at, lang).slice(0, 1) : doubtText(at, lang);
  const quality = one("time", at.quality);
  return (
    <span className={css.when} title={quality}>
      <span className={css.time}>
        <time dateTime={new Date(at.ms).toISOString()}>{short ? timeText(at.ms) : dateTimeText(at.ms, lang)}</time>
        {doubt && " "}
        {doubt && <span className={css.doubt}>{doubt}</span>}
      </span>
      {full ? (
        <span className={css.quality}>{quality}</span>
      ) : (
        doubt && (
          <span className="visually-hidden">
            {t("comma")}
            {quality}
          </span>
        )
      )}
    </span>
  );
}

/** Milliseconds of the hub's own clock: nothing to doubt. */
export function HubTime({ ms }: { ms: number }) {
  const { lang } = useTexts();
  return <time dateTime={new Date(ms).toISOString()}>{dateTimeText(ms, lang)}</time>;
}

export type Tone = "calm" | "good" | "warn" | "bad";
const SIGNS: Record<Tone, string> = { calm: "○", good: "✓", warn: "!", bad: "×" };

/** A word with a sign before it: colour is never the only one. */
export function Sign({ tone, sign, children }: { tone: Tone; sign?: string; children: ReactNode }) {
  return (
    <span className={`${css.sign} ${css[tone]}`}>
      <span aria-hidden className={css.glyph}>
        {sign ?? SIGNS[tone]}
      </span>
      {children}
    </span>
  );
}

const RECEIPTS: Record<Shapes["ReceiptState"], Tone> = {
  saved: "calm",
  sent: "calm",
  accepted: "good",
  held: "warn",
  sent_back: "warn",
};

export function ReceiptSign({ state }: { state: Shapes["ReceiptState"] }) {
  const { one } = useTexts();
  return <Sign tone={RECEIPTS[state]}>{one("hub-receipt", state)}</Sign>;
}

/** A place in words: names first, code second. */
export function GridName({ grid, code }: { grid: Shapes["GridRef"] | null | undefined; code?: boolean }) {
  const { t } = useTexts();
  if (!grid) return <span className={css.soft}>{t("outside-every-grid")}</span>;
  return (
    <span>
      {grid.village} {grid.name}
      {code && <span className={css.code}> {grid.code}</span>}
    </span>
  );
}

/** What happened, that the work is safe, and the one next step. */
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const { t, one, say, lang } = useTexts();
  const problem = error instanceof ProblemError ? error.problem : undefined;
  // The log-in already lies over the page and says so.
  if (problem?.next === "log_in") return null;
  const text = problem ? say({ zh: problem.text_zh, en: problem.text_en }) : t("error-unexpected");
  const next = problem?.next ?? "retry";
  const step = { retry: again, reload: again, correct: undefined, go_back: () => history.back() }[next];
  return (
    <div role="alert" lang={lang} className={css.trouble}>
      <p>{text}</p>
      {step && <Button onClick={step}>{one("next", next)}</Button>}
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className={css.empty}>{children}</p>;
}
