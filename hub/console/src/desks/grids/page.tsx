// A file of borders from a GIS: each fault that it has, in words and on the map, before it goes to phones.
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { answer, api, type Shapes } from "../../api/client";
import { useKeys } from "../../frame/keys";
import { Sign, Trouble } from "../../frame/parts";
import { useTexts } from "../../i18n/texts";
import type { Box } from "../../map/drawings";
import { Desk } from "../desk";
import { FaultList, listed } from "./faults";
import { type Asked, GridForm } from "./form";
import css from "./grids.module.css";
import { FaultMap } from "./map";

/** A file whose bytes are no longer those that were chosen cannot be read any more. */
class FileChanged extends Error {}

async function check({ file, query }: Asked) {
  const bytes = await file.arrayBuffer().catch(() => {
    throw new FileChanged();
  });
  return answer(
    api.POST("/api/grids/check", {
      params: { query },
      headers: { "content-type": "application/octet-stream" },
      // The contract has no type for a file.
      body: bytes as unknown as string,
      bodySerializer: (body: unknown) => body as ArrayBuffer,
    }),
  );
}

export function GridsDesk() {
  const { t } = useTexts();
  const [chosen, setChosen] = useState<number>();
  const checking = useMutation({ mutationFn: check, onMutate: () => setChosen(undefined) });
  const found = checking.data;
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
          <GridForm busy={checking.isPending} onAsk={checking.mutate} onChange={checking.reset} />
          <div role="status" className={css.answer}>
            {checking.isPending && <p>{t("grids-working")}</p>}
            {checking.error && <Failed error={checking.error} />}
            {found && <Sum found={found} />}
          </div>
          {found && count > 0 && <FaultList found={found} chosen={chosen} onChoose={setChosen} />}
        </>
      }
      detail={found && <FaultMap found={found} chosen={chosen} focus={focus} onChoose={setChosen} />}
      halves
    />
  );
}

function Failed({ error }: { error: Error }) {
  const { t } = useTexts();
  if (error instanceof FileChanged) return <p role="alert">{t("grids-file-changed")}</p>;
  return <Trouble error={error} />;
}

function Sum({ found }: { found: Shapes["GridCheck"] }) {
  const { t } = useTexts();
  const [grids, faults] = [found.grids.features.length, found.faults.length];
  const sound = faults === 0 && !found.stopped;
  return (
    <>
      <p>
        {sound ? (
          <Sign tone="good">{t("grids-sound", { grids })}</Sign>
        ) : (
          <Sign tone="warn">{t("grids-sum", { grids, faults })}</Sign>
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
