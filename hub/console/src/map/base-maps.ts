// Pictures under our own geometry, if the operator gave the hub any: which, how strong, and whose they are.
// Vector tiles need a style of their own and are left out.
import { useQuery } from "@tanstack/react-query";
import type { Map as MapLibre } from "maplibre-gl";
import { useEffect, useState } from "react";
import { answer, api, type Shapes } from "../api/client";
import type { Box } from "./drawings";
import { GROUND } from "./style";

type BaseMap = Shapes["BaseMapAbout"];

const KEPT_AS = "gridpatrol.base-map";
const LAYER = "base-map";

/** Over a picture the grids are hardly more than their borders, and lines and names are dark. */
const INK = "#1b1f23";
const OVER_PICTURE: typeof GROUND = { fill: 0.08, border: INK, width: 1.8, village: INK, gridName: INK };

export interface BaseMaps {
  /** What there is to choose from; empty for most hubs. */
  maps: BaseMap[];
  shown: BaseMap | undefined;
  /** 0 is off, 1 is the picture as it is. */
  strength: number;
  setStrength: (strength: number) => void;
  choose: (map: BaseMap) => void;
}

export function useBaseMaps(map: MapLibre | undefined): BaseMaps {
  const asked = useQuery({
    queryKey: ["base-maps"],
    queryFn: () => answer(api.GET("/api/base-maps")),
    staleTime: Infinity,
  });
  const maps = (asked.data ?? []).filter(({ vector }) => !vector);
  const [chosen, choose] = useState<BaseMap>();
  const [strength, setStrength] = useState(kept);
  const shown = chosen ?? maps[0];
  useEffect(() => {
    if (!map || !shown) return;
    addPicture(map, shown);
    return () => removePicture(map);
  }, [map, shown]);
  useEffect(() => {
    if (!map || !shown) return;
    setLook(map, strength);
    localStorage.setItem(KEPT_AS, String(strength));
  }, [map, shown, strength]);
  return { maps, shown, strength, setStrength, choose };
}

function kept(): number {
  const strength = Number(localStorage.getItem(KEPT_AS) ?? Number.NaN);
  return strength >= 0 && strength <= 1 ? strength : 0.7;
}

function addPicture(map: MapLibre, { number, bounds, min_zoom, max_zoom }: BaseMap) {
  map.addSource(LAYER, {
    type: "raster",
    tiles: [`${location.origin}/api/base-map/${number}/{z}/{x}/{y}`],
    tileSize: 256,
    bounds: bounds as Box,
    minzoom: min_zoom,
    maxzoom: max_zoom,
  });
  map.addLayer({ id: LAYER, type: "raster", source: LAYER, paint: { "raster-fade-duration": 0 } }, "grid");
}

/** A map that was removed itself has no layers left to take away. */
function removePicture(map: MapLibre) {
  if (!map.style?.getLayer(LAYER)) return;
  map.removeLayer(LAYER);
  map.removeSource(LAYER);
}

function setLook(map: MapLibre, strength: number) {
  const look = strength > 0 ? OVER_PICTURE : GROUND;
  map.setLayoutProperty(LAYER, "visibility", strength > 0 ? "visible" : "none");
  map.setPaintProperty(LAYER, "raster-opacity", strength);
  map.setPaintProperty("grid", "fill-opacity", look.fill);
  map.setPaintProperty("grid-border", "line-color", look.border);
  map.setPaintProperty("grid-border", "line-width", look.width);
  map.setPaintProperty("grid-name", "text-color", look.gridName);
  map.setPaintProperty("village", "text-color", look.village);
}
