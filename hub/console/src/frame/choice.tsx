// One choice of many, searchable: area, member, state, holder. Rows may say more than their label.
import { Combobox } from "@base-ui/react/combobox";
import { useMemo } from "react";
import { useTexts } from "../i18n/texts";
import css from "./choice.module.css";

export interface Option {
  value: string;
  label: string;
  hint?: string;
}

interface Props {
  label: string;
  options: Option[];
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  /** Shown while nothing is chosen, and as the way back to that. */
  all?: string;
  wide?: boolean;
}

export function Choice({ label, options, value, onChange, all, wide }: Props) {
  const { t } = useTexts();
  // An option that the list does not know, from an old link, is still shown as chosen.
  const chosen = useMemo(
    () => (value ? (options.find((option) => option.value === value) ?? { value, label: value }) : null),
    [options, value],
  );
  return (
    <Combobox.Root
      items={options}
      value={chosen}
      onValueChange={(option: Option | null) => onChange(option?.value)}
      itemToStringLabel={(option: Option) => option.label}
      isItemEqualToValue={(one: Option, other: Option) => one.value === other.value}
      filter={(option: Option, query: string) =>
        `${option.label} ${option.hint ?? ""} ${option.value}`.includes(query.trim())
      }
      limit={200}
      autoHighlight
    >
      <Combobox.InputGroup className={[css.group, wide && css.wide].filter(Boolean).join(" ")}>
        <Combobox.Input className={css.input} aria-label={label} placeholder={all ?? label} />
        {chosen && all && (
          <Combobox.Clear className={css.clear} aria-label={t("filter-clear", { name: label })}>
            ×
          </Combobox.Clear>
        )}
        <Combobox.Trigger className={css.trigger} aria-label={t("filter-open", { name: label })}>
          ▾
        </Combobox.Trigger>
      </Combobox.InputGroup>
      <Combobox.Portal>
        <Combobox.Positioner className={css.positioner} sideOffset={4}>
          <Combobox.Popup className={css.popup}>
            <Combobox.Empty className={css.none}>{t("filter-none")}</Combobox.Empty>
            <Combobox.List className={css.list}>
              {(option: Option) => (
                <Combobox.Item key={option.value} value={option} className={css.item}>
                  <span>{option.label}</span>
                  {option.hint && <span className={css.hint}>{option.hint}</span>}
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
