// Somebody deleted what somebody else was working on: the record stays, or it stays deleted.
import { useEffect, useRef, useState } from "react";
import type { Shapes } from "../../api/client";
import { useKeys } from "../../frame/keys";
import { Button } from "../../frame/parts";
import { valueText } from "../../format/value";
import { useTexts } from "../../i18n/texts";
import { Card } from "./card";
import type { Decide } from "./detail";
import css from "./detail.module.css";

interface Props {
  question: Shapes["DeletionQuestion"];
  busy: boolean;
  onDecide: Decide;
}

const CHOICES = ["keep_record", "keep_deleted"] as const;

export function DeletionQuestion({ question, busy, onDecide }: Props) {
  const say = useTexts();
  const { t, one } = say;
  const [chosen, setChosen] = useState<(typeof CHOICES)[number]>();
  const confirmButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (chosen) confirmButton.current?.focus();
  }, [chosen]);
  const confirm = () => chosen && !busy && onDecide({ type: chosen });
  useKeys({ "1": () => setChosen("keep_record"), "2": () => setChosen("keep_deleted"), Enter: confirm });
  return (
    <section aria-label={t("deletion")}>
      <h2 className={css.field}>{t("deletion-what")}</h2>
      <div className={css.cards} data-count={2}>
        <div className={css.stack}>
          {question.edits.map(({ field, child, side }) => (
            <Card
              key={side.dot}
              name={field ? t("went-on-with", { field: one("field", field) }) : t("went-on")}
              side={side}
              runs={[
                {
                  text: child
                    ? t("also-added", { kind: one("kind", child.kind), title: child.title })
                    : valueText(side.value, say),
                  differs: false,
                },
              ]}
              chosen={chosen === "keep_record"}
            />
          ))}
          <Button aria-pressed={chosen === "keep_record"} keyHint="1" onClick={() => setChosen("keep_record")}>
            {t("keep-record")}
          </Button>
        </div>
        <div className={css.stack}>
          <Card
            name={t("deleted-it")}
            side={question.deleted}
            runs={[{ text: question.reason ?? t("no-reason"), differs: false }]}
            chosen={chosen === "keep_deleted"}
          />
          <Button aria-pressed={chosen === "keep_deleted"} keyHint="2" onClick={() => setChosen("keep_deleted")}>
            {t("keep-deleted")}
          </Button>
        </div>
      </div>
      <div className={css.confirm}>
        <Button
          ref={confirmButton}
          look="main"
          disabled={!chosen || busy}
          focusableWhenDisabled
          onClick={confirm}
          keyHint="↵"
        >
          {chosen
            ? t("confirm-choice", { choice: t(chosen === "keep_record" ? "keep-record" : "keep-deleted") })
            : t("choose-first")}
        </Button>
        <p>{t("settle-effect")}</p>
      </div>
    </section>
  );
}
