// Words to look for; `/` goes there, Enter or a pause looks.
import { useEffect, useRef, useState } from "react";
import { useKeys } from "../frame/keys";
import { useTexts } from "../i18n/texts";
import css from "./filters.module.css";

export function SearchFilter({
  value,
  onChange,
}: {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const { t } = useTexts();
  const input = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(value ?? "");
  useEffect(() => setDraft(value ?? ""), [value]);
  useEffect(() => {
    if (draft === (value ?? "")) return;
    const pause = setTimeout(() => onChange(draft), 250);
    return () => clearTimeout(pause);
  }, [draft, value, onChange]);
  useKeys({ "/": () => input.current?.focus() });
  return (
    <input
      ref={input}
      type="search"
      className={css.search}
      aria-label={t("filter-search")}
      placeholder={`${t("filter-search")}  /`}
      value={draft}
      onChange={(event) => setDraft(event.target.value)}
      onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
    />
  );
}
