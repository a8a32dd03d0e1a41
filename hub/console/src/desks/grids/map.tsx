// The grids as the file draws them, and on them each fault with its number in the list.
import type { Feature, Position } from "geojson";
import { Suspense, useMemo } from "react";
import type { Shapes } from "../../api/client";
import { useTexts } from "../../i18n/texts";
import { type Box, collection, type Drawings, MapView, point } from "../../map/drawings";
import { drawnGrids, middleOf } from "../../map/ground";
import { Legend } from "../../map/legend";
import { pinBeside } from "../../map/style";
import deskCss from "../desk.module.css";
import { listed } from "./faults";

type Found = Shapes["GridCheck"];

interface Props {
  found: Found;
  chosen: number | undefined;
  focus: { bounds: Box } | undefined;
  onChoose: (at: number) => void;
}

export function FaultMap({ found, chosen, focus, onChoose }: Props) {
  const { t } = useTexts();
  const still = useMemo(
    (): Drawings => ({
      ...drawnGrids(found.grids),
      faults: collection(found.faults.flatMap(({ geometry }) => land(geometry))),
      "fault-numbers": numbers(found),
    }),
    [found],
  );
  const drawings = useMemo((): Drawings => {
    const geometry = chosen === undefined ? undefined : found.faults[chosen]?.geometry;
    return { ...still, light: collection(geometry ? [feature(geometry)] : []) };
  }, [still, found, chosen]);
  return (
    <div className={deskCss.map}>
      <Suspense>
        <MapView
          label={t("grids-map")}
          drawings={drawings}
          bounds={(found.bounds ?? undefined) as Box | undefined}
          focus={focus}
          onPick={({ id }) => onChoose(Number(id))}
        />
      </Suspense>
      {found.faults.length > 0 && <Legend keys={["fault"]} />}
    </div>
  );
}

const feature = (geometry: Shapes["Geometry"]): Feature => ({
  type: "Feature",
  geometry: geometry as Feature["geometry"],
  properties: {},
});

const land = (geometry: Shapes["Geometry"] | null | undefined): Feature[] =>
  geometry && geometry.type !== "Point" ? [feature(geometry)] : [];

function numbers(found: Found) {
  const before = new Map<string, number>();
  const pin = (at: number, spot: Position) => {
    const beside = before.get(spot.join()) ?? 0;
    before.set(spot.join(), beside + 1);
    return point(spot, { id: String(at), number: at + 1, ...pinBeside(beside) });
  };
  return collection(
    listed(found).flatMap(({ geometry }, at) => {
      const spot = geometry && middleOf(geometry);
      return spot ? [pin(at, spot)] : [];
    }),
  );
}
