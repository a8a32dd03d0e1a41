// What can be mended without the GIS, only when asked for: every change is listed, and the file that was given stays.
import { useState } from "react";
import type { Shapes } from "../../api/client";
import { useDownload } from "../../frame/download";
import { Field } from "../../frame/field";
import { useKeys } from "../../frame/keys";
import { Button, Sign } from "../../frame/parts";
import { Section } from "../../frame/section";
import { type Say, useTexts } from "../../i18n/texts";
import { type Asked, Failed, type GridQuery, repaired } from "./ask";
import css from "./grids.module.css";

type Mended = Shapes["MendedGrid"];
export type Repair = Pick<GridQuery, "repair_rings" | "snap_metres">;
/** Beyond this it is no drawing error. */
const MOST_METRES = 10;

interface Props {
  busy: boolean;
  onRepair: (repair: Repair) => void;
}

export function Repairs({ busy, onRepair }: Props) {
  const { t } = useTexts();
  const [open, setOpen] = useState(false);
  const [rings, setRings] = useState(true);
  const [snaps, setSnaps] = useState(false);
  const [metres, setMetres] = useState("1");
  const far = snaps && !(Number(metres) > 0 && Number(metres) <= MOST_METRES);
  const ready = (rings || snaps) && !far && !busy;
  const repair = () => ready && onRepair({ repair_rings: rings, ...(snaps ? { snap_metres: Number(metres) } : {}) });
  useKeys({ "3": open ? repair : undefined });
  return (
    <details className={css.repairs} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("grids-repair")}</summary>
      <label>
        <input type="checkbox" checked={rings} onChange={(event) => setRings(event.target.checked)} />
        {t("grids-repair-rings")}
      </label>
      <label>
        <input type="checkbox" checked={snaps} onChange={(event) => setSnaps(event.target.checked)} />
        {t("grids-repair-snap")}
      </label>
      {snaps && (
        <Field
          label={t("grids-snap-metres")}
          hint={t("grids-snap-hint", { metres: MOST_METRES })}
          inputMode="decimal"
          autoComplete="off"
          aria-invalid={far}
          value={metres}
          onChange={(event) => setMetres(event.target.value)}
        />
      )}
      <p className={css.ask}>
        <Button keyHint="3" disabled={!ready} onClick={repair}>
          {t("grids-repair-do")}
        </Button>
        <span className={css.soft}>{t("grids-repair-hint")}</span>
      </p>
    </details>
  );
}

/** The repaired grids, to be opened in the GIS again. */
export function Download({ asked }: { asked: Asked }) {
  const { t } = useTexts();
  const { mutate, isPending, isSuccess, error } = useDownload();
  const name = nameOf(asked.file);
  const download = () => mutate({ name, fetch: () => repaired(asked) });
  useKeys({ "4": download });
  return (
    <>
      <p className={css.ask}>
        <Button look="main" keyHint="4" disabled={isPending} onClick={download}>
          {t("grids-download")}
        </Button>
        <span className={css.soft}>{t("grids-download-what")}</span>
      </p>
      {isSuccess && <Sign tone="good">{t("grids-downloaded", { name })}</Sign>}
      {error && <Failed error={error} />}
    </>
  );
}

function nameOf({ name }: File): string {
  return `${name.replace(/\.[^.]*$/, "")}-repaired.geojson`;
}

export function countOf(mended: Mended[]): number {
  return new Set(mended.map(({ feature }) => feature)).size;
}

export function MendedList({ mended }: { mended: Mended[] }) {
  const say = useTexts();
  return (
    <Section id="mended" title={say.t("grids-mended")} count={countOf(mended)}>
      <ul className={css.mended}>
        {mended.map((one, at) => (
          <li key={at}>
            <span>{one.code}</span> {changes(one, say)}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function changes(one: Mended, { t }: Say): string {
  const metres = Math.round(one.furthest_metres * 100) / 100;
  const parts = [
    one.closed > 0 && t("grids-closed", { count: one.closed }),
    one.turned > 0 && t("grids-turned", { count: one.turned }),
    one.removed > 0 && t("grids-removed", { count: one.removed }),
    one.added > 0 && t("grids-added", { count: one.added }),
    one.moved > 0 && t("grids-moved", { count: one.moved, metres }),
  ];
  return parts.filter(Boolean).join(t("comma"));
}
