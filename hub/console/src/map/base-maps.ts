// A map under our own geometry, if the operator gave the hub any: which, how strong, and whose it is. Pictures are
// drawn as they are; vector tiles quietly, by the layers that their file names, without words: no fonts come with them.
import { useQuery } from "@tanstack/react-query";
import type {
  FillLayerSpecification,
  LineLayerSpecification,
  Map as MapLibre,
  RasterLayerSpecification,
} from "maplibre-gl";
import { useEffect, useState } from "react";
import { answer, api, type Shapes } from "../api/client";
import type { Box } from "./drawings";
import { GROUND } from "./style";

type BaseMap = Shapes["BaseMapAbout"];
type Layer = RasterLayerSpecification | FillLayerSpecification | LineLayerSpecification;

const KEPT_AS = "gridpatrol.base-map";
const SOURCE = "base-map";

/** Over a map the grids are hardly more than their borders, and lines and names are dark. */
const INK = "#1b1f23";
const OVER_MAP: typeof GROUND = { fill: 0.08, border: INK, width: 1.8, village: INK, gridName: INK };

/** What schemas call water, in parts of a layer's name. */
const WATER = /water|ocean|river|lake|sea\b/i;
const PALE = { land: "#e9e6dc", water: "#d3e0e6" };
const THIN = { land: "#a9a69c", water: "#a5bfca" };

export interface BaseMaps {
  /** What there is to choose from; empty for most hubs. */
  maps: BaseMap[];
  shown: BaseMap | undefined;
  /** 0 is off, 1 is the map as it is. */
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
  const maps = (asked.data ?? []).filter(({ vector, layers }) => !vector || layers.length > 0);
  const [chosen, choose] = useState<BaseMap>();
  const [strength, setStrength] = useState(kept);
  const shown = chosen ?? maps[0];
  useEffect(() => {
    if (!map || !shown) return;
    addMap(map, shown);
    return () => removeMap(map, shown);
  }, [map, shown]);
  useEffect(() => {
    if (!map || !shown) return;
    setLook(map, shown, strength);
    localStorage.setItem(KEPT_AS, String(strength));
  }, [map, shown, strength]);
  return { maps, shown, strength, setStrength, choose };
}

function kept(): number {
  const strength = Number(localStorage.getItem(KEPT_AS) ?? Number.NaN);
  return strength >= 0 && strength <= 1 ? strength : 0.7;
}

function addMap(map: MapLibre, shown: BaseMap) {
  const { number, vector, bounds, min_zoom, max_zoom } = shown;
  map.addSource(SOURCE, {
    ...(vector ? { type: "vector" } : { type: "raster", tileSize: 256 }),
    tiles: [`${location.origin}/api/base-map/${number}/{z}/{x}/{y}`],
    bounds: bounds as Box,
    minzoom: min_zoom,
    maxzoom: max_zoom,
  });
  for (const layer of layersOf(shown)) map.addLayer(layer, "grid");
}

/** Land under lines, each in the order of the file. */
export function layersOf({ vector, layers }: BaseMap): Layer[] {
  if (!vector) return [{ id: SOURCE, type: "raster", source: SOURCE, paint: { "raster-fade-duration": 0 } }];
  const of = (name: string) => (WATER.test(name) ? "water" : "land");
  return [
    ...layers.map((name): Layer => ({
      id: `${SOURCE} land ${name}`,
      type: "fill",
      source: SOURCE,
      "source-layer": name,
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": PALE[of(name)], "fill-antialias": false },
    })),
    ...layers.map((name): Layer => ({
      id: `${SOURCE} line ${name}`,
      type: "line",
      source: SOURCE,
      "source-layer": name,
      filter: ["==", ["geometry-type"], "LineString"],
      paint: {
        "line-color": THIN[of(name)],
        "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.4, 16, 1.6],
      },
    })),
  ];
}

/** A map that was removed itself has no layers left to take away. */
function removeMap(map: MapLibre, shown: BaseMap) {
  if (!map.style?.getSource(SOURCE)) return;
  for (const { id } of layersOf(shown)) map.removeLayer(id);
  map.removeSource(SOURCE);
}

function setLook(map: MapLibre, shown: BaseMap, strength: number) {
  const look = strength > 0 ? OVER_MAP : GROUND;
  for (const { id, type } of layersOf(shown)) {
    map.setLayoutProperty(id, "visibility", strength > 0 ? "visible" : "none");
    map.setPaintProperty(id, `${type}-opacity`, strength);
  }
  map.setPaintProperty("grid", "fill-opacity", look.fill);
  map.setPaintProperty("grid-border", "line-color", look.border);
  map.setPaintProperty("grid-border", "line-width", look.width);
  map.setPaintProperty("grid-name", "text-color", look.gridName);
  map.setPaintProperty("village", "text-color", look.village);
}
