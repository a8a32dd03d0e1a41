// The map: it draws what it is given and says what is under the pointer. It decides nothing.
import "maplibre-gl/dist/maplibre-gl.css";
import { Map as MapLibre, type MapGeoJSONFeature, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { useEffect, useRef, useState } from "react";
import { useTexts } from "../i18n/texts";
import { useBaseMaps } from "./base-maps";
import { BaseSwitch } from "./base-switch";
import type { Box, Drawings, Picture, Thing } from "./drawings";
import { directionIcon, hatchIcon, ICON_RATIO, pinIcon, placeIcons } from "./icons";
import css from "./map-view.module.css";
import { baseStyle, EMPTY, SOURCES } from "./style";

// A file of our own instead of a blob: address, so that the policy can stay `default-src 'self'`.
setWorkerUrl(workerUrl);

interface Props {
  label: string;
  drawings: Drawings;
  /** Under the borders of the grids. */
  pictures?: Picture[];
  bounds: Box | undefined;
  /** What to look at closely; a new one is looked at anew. */
  focus?: { bounds: Box } | undefined;
  onHover?: (thing: Thing | undefined) => void;
  onPick?: (thing: Thing) => void;
}

const LIVE: Thing["layer"][] = ["photo", "case", "place", "doubt", "fault"];

export default function MapView({ label, drawings, pictures, bounds, focus, onHover, onPick }: Props) {
  const { t } = useTexts();
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibre>();
  const [broken, setBroken] = useState(false);
  const calls = useRef({ onHover, onPick });
  calls.current = { onHover, onPick };

  useEffect(() => {
    if (!box.current) return;
    const made = makeMap(box.current, label);
    if (!made) return setBroken(true);
    made.on("load", () => {
      addIcons(made);
      setMap(made);
    });
    for (const layer of LIVE) {
      made.on("mousemove", layer, ({ features }) => calls.current.onHover?.(thing(layer, features?.[0])));
      made.on("mouseleave", layer, () => calls.current.onHover?.(undefined));
      made.on("click", layer, ({ features }) => {
        const found = thing(layer, features?.[0]);
        if (found) calls.current.onPick?.(found);
      });
    }
    return () => {
      setMap(undefined);
      made.remove();
    };
  }, [label]);

  useDrawings(map, drawings);

  usePictures(map, pictures);

  useBounds(map, bounds, focus);

  const base = useBaseMaps(map);

  return (
    <div className={css.frame}>
      <div ref={box} className={css.map} data-map={map ? "drawn" : "waiting"} />
      {broken && <p className={css.broken}>{t("map-none")}</p>}
      {map && <BaseSwitch {...base} />}
      {map && (
        <div className={`${css.zoom} no-print`}>
          <button type="button" aria-label={t("map-in")} onClick={() => map.zoomIn()}>
            +
          </button>
          <button type="button" aria-label={t("map-out")} onClick={() => map.zoomOut()}>
            −
          </button>
          <button type="button" aria-label={t("map-all")} onClick={() => bounds && map.fitBounds(bounds, FIT)}>
            ⤢
          </button>
        </div>
      )}
    </div>
  );
}

const FIT = { padding: 48, maxZoom: 17, duration: 0 };
/** A sliver of half a metre is as wide as its border. */
const CLOSE = { ...FIT, padding: 96, maxZoom: 20 };

/** Shows all of it, again after a change of size, until a person moves the map. */
function useBounds(map: MapLibre | undefined, bounds: Props["bounds"], focus: Props["focus"]) {
  const view = bounds?.join();
  useEffect(() => {
    if (!map || !bounds) return;
    let moved = false;
    const fit = () => void (moved || (focus ? map.fitBounds(focus.bounds, CLOSE) : map.fitBounds(bounds, FIT)));
    const onMove = ({ originalEvent }: { originalEvent?: unknown }) => {
      moved ||= originalEvent !== undefined;
    };
    fit();
    map.on("resize", fit);
    map.on("movestart", onMove);
    return () => {
      map.off("resize", fit);
      map.off("movestart", onMove);
    };
    // `view` is the value of `bounds`.
  }, [map, view, focus]);
}

/** Nothing where the browser cannot draw: the lists say the same. */
function makeMap(container: HTMLElement, label: string): MapLibre | undefined {
  try {
    const map = new MapLibre({
      container,
      style: baseStyle(),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      localIdeographFontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
      // Printing takes the picture after it was drawn.
      canvasContextAttributes: { preserveDrawingBuffer: true },
    });
    map.touchZoomRotate.disableRotation();
    map.getCanvas().setAttribute("aria-label", label);
    return map;
  } catch {
    return undefined;
  }
}

function addIcons(map: MapLibre) {
  for (const [name, image] of placeIcons()) map.addImage(name, image, { pixelRatio: ICON_RATIO });
  map.addImage("direction", directionIcon(), { pixelRatio: ICON_RATIO });
  map.addImage("pin", pinIcon(), { pixelRatio: ICON_RATIO });
  map.addImage("hatch", hatchIcon(), { pixelRatio: ICON_RATIO });
}

function thing(layer: Thing["layer"], feature: MapGeoJSONFeature | undefined): Thing | undefined {
  const id: unknown = feature?.properties.id;
  return typeof id === "string" ? { layer, id } : undefined;
}

function usePictures(map: MapLibre | undefined, pictures: Picture[] = NO_PICTURES) {
  useEffect(() => {
    if (!map) return;
    const names = pictures.map(({ url, bounds: [west, south, east, north] }) => {
      const name = `picture ${url}`;
      const coordinates: [number, number][] = [
        [west, north],
        [east, north],
        [east, south],
        [west, south],
      ];
      map.addSource(name, { type: "image", url, coordinates: coordinates as [Corner, Corner, Corner, Corner] });
      map.addLayer({ id: name, type: "raster", source: name, paint: { "raster-fade-duration": 0 } }, "grid-border");
      return name;
    });
    return () => {
      // A map that is gone has taken its pictures with it.
      if (!map.style) return;
      for (const name of names) {
        map.removeLayer(name);
        map.removeSource(name);
      }
    };
  }, [map, pictures]);
}

const NO_PICTURES: Picture[] = [];
type Corner = [number, number];

/** Hands each source its features when they change, and only then. */
function useDrawings(map: MapLibre | undefined, drawings: Drawings) {
  const drawn = useRef<Drawings>({});
  useEffect(() => {
    if (!map) {
      drawn.current = {};
      return;
    }
    for (const name of SOURCES) {
      if (drawings[name] === drawn.current[name]) continue;
      const source = map.getSource(name);
      if (source && "setData" in source) (source as { setData(data: unknown): void }).setData(drawings[name] ?? EMPTY);
    }
    drawn.current = drawings;
  }, [map, drawings]);
}
