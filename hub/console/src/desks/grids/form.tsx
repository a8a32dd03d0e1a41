// The file and what only its maker knows: above all the system of its coordinates, which is never taken for granted.
import { type ReactNode, useState } from "react";
import { Choice } from "../../frame/choice";
import { Field } from "../../frame/field";
import { FileDrop } from "../../frame/file-drop";
import fields from "../../frame/form.module.css";
import { useKeys } from "../../frame/keys";
import { Button } from "../../frame/parts";
import { useTexts } from "../../i18n/texts";
import type { Asked, GridQuery } from "./ask";
import css from "./grids.module.css";

const FORMATS: Record<string, GridQuery["format"]> = {
  geojson: "geojson",
  json: "geojson",
  gpkg: "gpkg",
  csv: "csv",
  zip: "zip",
};
/** One of several files that belong together. */
const PARTS = new Set(["shp", "shx", "dbf", "prj", "cpg"]);
const ENCODINGS = [
  { value: "utf8", label: "UTF-8" },
  { value: "gbk", label: "GBK" },
];
const SYSTEMS: [crs: GridQuery["crs"], text: string][] = [
  ["cgcs2000", "crs-cgcs"],
  ["wgs84", "crs-wgs"],
  ["gcj02", "crs-gcj"],
  ["bd09", "crs-bd"],
];

interface Props {
  busy: boolean;
  onAsk: (asked: Asked) => void;
  /** What was found is no longer of what the form says. */
  onChange: () => void;
}

export function GridForm({ busy, onAsk, onChange }: Props) {
  const { t } = useTexts();
  const [file, setFile] = useState<File>();
  const [crs, setCrs] = useState<GridQuery["crs"]>();
  const [more, setMore] = useState<Partial<GridQuery>>({});
  const ending = file?.name.split(".").at(-1)?.toLowerCase() ?? "";
  const format = FORMATS[ending];
  const change = (act: () => void) => {
    act();
    onChange();
  };
  const ready = file && format && crs && !busy;
  const ask = () => ready && onAsk({ file, query: { ...more, format, crs } });
  useKeys({ "2": ask });
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <FileDrop
        text={t("grids-drop")}
        choose={t("grids-choose")}
        accept={Object.keys(FORMATS)
          .map((ending) => `.${ending}`)
          .join()}
        onFile={(chosen) => change(() => setFile(chosen))}
      >
        <span className={file ? css.chosen : css.soft}>
          {file ? t("grids-chosen", { name: file.name }) : t("grids-formats")}
        </span>
      </FileDrop>
      {file && !format && <p role="alert">{t(PARTS.has(ending) ? "grids-part-alone" : "grids-format-unknown")}</p>}
      <fieldset className={css.systems} aria-describedby="grids-crs-hint">
        <legend className={fields.label}>{t("grids-crs")}</legend>
        {SYSTEMS.map(([name, text]) => (
          <label key={name}>
            <input type="radio" name="crs" checked={crs === name} onChange={() => change(() => setCrs(name))} />
            {t(text)}
          </label>
        ))}
        <p id="grids-crs-hint" className={css.soft}>
          {t("grids-crs-hint")}
        </p>
      </fieldset>
      <More value={more} onChange={(value) => change(() => setMore(value))} />
      <p className={css.ask}>
        <Button type="submit" look="main" keyHint="2" disabled={!ready}>
          {t("grids-check")}
        </Button>
        {format && !crs && <span>{t("grids-needs-crs")}</span>}
      </p>
    </form>
  );
}

interface MoreProps {
  value: Partial<GridQuery>;
  onChange: (value: Partial<GridQuery>) => void;
}

function More({ value, onChange }: MoreProps) {
  const { t } = useTexts();
  const field = (name: "code_column" | "name_column" | "layer", label: string): ReactNode => (
    <Field
      label={label}
      autoComplete="off"
      spellCheck={false}
      value={value[name] ?? ""}
      onChange={(event) => onChange({ ...value, [name]: event.target.value })}
    />
  );
  return (
    <details>
      <summary>{t("grids-more")}</summary>
      <div className={css.more}>
        {field("code_column", t("grids-code-column"))}
        {field("name_column", t("grids-name-column"))}
        {field("layer", t("grids-layer"))}
        <div className={fields.field}>
          <span className={fields.label}>{t("grids-encoding")}</span>
          <Choice
            wide
            label={t("grids-encoding")}
            all={t("grids-encoding-said")}
            options={ENCODINGS}
            value={value.encoding ?? undefined}
            onChange={(encoding) => {
              const { encoding: _, ...rest } = value;
              onChange(encoding ? { ...rest, encoding: encoding as "utf8" | "gbk" } : rest);
            }}
          />
        </div>
      </div>
      <p className={css.soft}>{t("grids-field-hint")}</p>
      <label>
        <input
          type="checkbox"
          checked={value.ignore_label ?? false}
          onChange={(event) => onChange({ ...value, ignore_label: event.target.checked })}
        />
        {t("grids-ignore-label")}
      </label>
    </details>
  );
}
