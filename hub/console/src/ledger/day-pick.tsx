// A day in our words, with the browser's own picker behind it: its field would speak the browser's language.
import { type Ref, useRef } from "react";
import { Button } from "../frame/parts";
import { beijingMs, dateText } from "../format/time";
import { useTexts } from "../i18n/texts";
import css from "./filters.module.css";

interface Props {
  name: string;
  /** Shown while no day is chosen. */
  none: string;
  value: string | undefined;
  onChange: (day: string | undefined) => void;
  button?: Ref<HTMLButtonElement>;
}

export function DayPick({ name, none, value, onChange, button }: Props) {
  const { t, lang } = useTexts();
  const shown = value ? dateText(beijingMs(`${value}T12:00`), lang) : none;
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        ref={button}
        className={css.day}
        aria-label={t("pick-day", { name, day: shown })}
        onClick={() => picker.current?.showPicker()}
      >
        {shown}
      </Button>
      <input
        ref={picker}
        type="date"
        className="visually-hidden"
        tabIndex={-1}
        aria-hidden
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value || undefined)}
      />
    </>
  );
}
