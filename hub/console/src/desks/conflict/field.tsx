// One field, two values: what stood before and what each author wrote, as equal cards. First click chooses (or
// begins to write both together), second click confirms.
import { useEffect, useRef, useState } from "react";
import type { Shapes } from "../../api/client";
import { useKeys } from "../../frame/keys";
import { Button } from "../../frame/parts";
import { marked, type Run, together } from "../../format/diff";
import { type Value, valueText } from "../../format/value";
import { useTexts } from "../../i18n/texts";
import { Card } from "./card";
import type { Decide } from "./detail";
import css from "./detail.module.css";

interface Props {
  question: Shapes["FieldQuestion"];
  busy: boolean;
  onDecide: Decide;
}

/** The index of a value, or both written together. */
type Chosen = number | "both";

export function FieldQuestion({ question, busy, onDecide }: Props) {
  const say = useTexts();
  const { t, one } = say;
  const { base, values } = question;
  const texts = values.map(({ value }) => valueText(value, say));
  const words = values.every(({ value }) => value.type === "text");
  const [chosen, setChosen] = useState<Chosen>();
  const [draft, setDraft] = useState(() => together(texts));
  const decided: Value | undefined =
    chosen === "both" ? { type: "text", text: draft.trim() } : chosen === undefined ? undefined : values[chosen]?.value;
  const ready = decided !== undefined && !(chosen === "both" && draft.trim() === "") && !busy;
  const confirmButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (typeof chosen === "number") confirmButton.current?.focus();
  }, [chosen]);
  const confirm = () => decided && ready && onDecide({ type: "take", value: decided });
  useKeys({
    ...Object.fromEntries(values.map((_, at) => [String(at + 1), () => setChosen(at)])),
    [String(values.length + 1)]: words ? () => setChosen("both") : undefined,
    Enter: confirm,
  });

  const baseText = base ? valueText(base.value, say) : undefined;
  const runs = (at: number): Run[] => {
    const text = texts[at] ?? "";
    const other = texts[at === 0 ? 1 : 0] ?? "";
    return words ? marked(text, other) : [{ text, differs: true }];
  };
  const label = (at: number) =>
    values.length === 2 ? t(at === 0 ? "take-left" : "take-right") : t("take-nth", { nth: at + 1 });
  return (
    <section aria-label={one("field", question.field)}>
      <h2 className={css.field}>
        {one("field", question.field)}
        {question.item && ` · ${question.item}`}
      </h2>
      <div className={css.cards} data-count={values.length + 1}>
        <Card
          name={t("base")}
          side={base ?? undefined}
          runs={
            baseText === undefined ? [{ text: t("base-none"), differs: false }] : [{ text: baseText, differs: false }]
          }
        />
        {values.map((side, at) => (
          <Card
            key={side.dot}
            name={values.length === 2 ? t(at === 0 ? "left" : "right") : String(at + 1)}
            side={side}
            runs={runs(at)}
            shown={side.dot === question.shown}
            chosen={chosen === at}
          >
            <Button aria-pressed={chosen === at} keyHint={String(at + 1)} onClick={() => setChosen(at)}>
              {label(at)}
            </Button>
          </Card>
        ))}
      </div>
      {words && (
        <div className={css.both}>
          <Button
            aria-pressed={chosen === "both"}
            keyHint={String(values.length + 1)}
            onClick={() => setChosen("both")}
          >
            {t("take-both")}
          </Button>
          {chosen === "both" && (
            <textarea
              aria-label={t("take-both")}
              autoFocus
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
            />
          )}
        </div>
      )}
      <div className={css.confirm}>
        <Button ref={confirmButton} look="main" disabled={!ready} focusableWhenDisabled onClick={confirm} keyHint="↵">
          {chosen === undefined
            ? t("choose-first")
            : t("confirm-choice", { choice: chosen === "both" ? t("take-both") : label(chosen) })}
        </Button>
        <p>{t("settle-effect")}</p>
      </div>
    </section>
  );
}
