// A file of borders from a GIS: each fault that it has, in words and on the map, before it goes to phones.
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Shapes } from "../../api/client";
import { useKeys } from "../../frame/keys";
import { Sign } from "../../frame/parts";
import { useTexts } from "../../i18n/texts";
import type { Box } from "../../map/drawings";
import { Desk } from "../desk";
import { type Asked, check, Failed } from "./ask";
import { FaultList, listed } from "./faults";
import { GridForm } from "./form";
import css from "./grids.module.css";
import { FaultMap } from "./map";
import { countOf, Download, type Repair, Repairs } from "./repairs";

export function GridsDesk() {
  const { t } = useTexts();
  const [chosen, setChosen] = useState<number>();
  const [asked, setAsked] = useState<Asked>();
  const checking = useMutation({ mutationFn: check, onMutate: () => setChosen(undefined) });
  // A repair begins at the file as it was given, whatever was repaired before.
  const repair = (how: Repair) => asked && checking.mutate({ file: asked.file, query: { ...asked.query, ...how } });
  const found = checking.data;
  const offered = asked && (isRepair(checking.variables) || (found && found.faults.length > 0));
  const count = found ? listed(found).length : 0;
  const step = (by: number) => count > 0 && setChosen((at) => Math.min(count - 1, Math.max(0, (at ?? -1) + by)));
  useKeys({ j: () => step(1), k: () => step(-1), Escape: () => setChosen(undefined) });
  const focus = useMemo(() => focusOf(found, chosen), [found, chosen]);
  return (
    <Desk
      title={t("desk-grids")}
      note={t("grids-what")}
      list={
        <>
          <GridForm
            busy={checking.isPending}
            onAsk={(file) => {
              setAsked(file);
              checking.mutate(file);
            }}
            onChange={() => {
              setAsked(undefined);
              checking.reset();
            }}
          />
          <div className={css.answer}>
            <div role="status">
              {checking.isPending && <p>{t("grids-working")}</p>}
              {checking.error && <Failed error={checking.error} />}
              {found && <Sum found={found} repaired={isRepair(checking.variables)} />}
            </div>
            {offered && <Repairs busy={checking.isPending} onRepair={repair} />}
            {found && found.mended.length > 0 && checking.variables && <Download asked={checking.variables} />}
          </div>
          {found && count + found.mended.length > 0 && <FaultList found={found} chosen={chosen} onChoose={setChosen} />}
        </>
      }
      detail={found && <FaultMap found={found} chosen={chosen} focus={focus} onChoose={setChosen} />}
      halves
    />
  );
}

function isRepair(asked: Asked | undefined): boolean {
  return asked?.query.repair_rings !== undefined;
}

function Sum({ found, repaired }: { found: Shapes["GridCheck"]; repaired: boolean }) {
  const { t } = useTexts();
  const [grids, faults, mended] = [found.grids.features.length, found.faults.length, countOf(found.mended)];
  const sound = faults === 0 && !found.stopped;
  return (
    <>
      <p>
        {sound ? (
          <Sign tone="good">{repaired ? t("grids-sound-now", { mended }) : t("grids-sound", { grids })}</Sign>
        ) : (
          <Sign tone="warn">
            {repaired ? t("grids-sum-left", { mended, faults }) : t("grids-sum", { grids, faults })}
          </Sign>
        )}
      </p>
      {found.stopped && <p>{t("grids-stopped")}</p>}
      {found.rounding > 0 && <p className={css.soft}>{t("grids-rounding", { count: found.rounding })}</p>}
    </>
  );
}

function focusOf(found: Shapes["GridCheck"] | undefined, chosen: number | undefined) {
  const bounds = chosen === undefined ? undefined : found?.faults[chosen]?.bounds;
  return bounds ? { bounds: bounds as Box } : undefined;
}
