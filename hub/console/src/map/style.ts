// The map's layers, from the ground up. The ground is our own geometry: no fonts, no outside address; see `base-maps.ts` for what may lie under it.
import type { LayerSpecification, StyleSpecification, SymbolLayerSpecification } from "maplibre-gl";

export const EMPTY = { type: "FeatureCollection", features: [] } as const;
export const SOURCES = [
  "grids",
  "grid-names",
  "villages",
  "covered",
  "covered-labels",
  "gaps",
  "track",
  "gap-labels",
  "ends",
  "doubts",
  "accuracy",
  "places",
  "marks",
  "cases",
  "photos",
  "faults",
  "fault-numbers",
  "light",
  "now",
] as const;
export type SourceName = (typeof SOURCES)[number];

const ACCENT = "#0b5563";
const BAD = "#a1221a";
const WARN = "#8a4500";
const INK = "#1b1f23";
const DOUBT = "#6b7178";
/** As in the heat picture: from land that nobody saw to land that was seen every time (Okabe and Ito). */
const UNSEEN = "#e69f00";
const SEEN = "#0072b2";
const HALO = { "text-halo-color": "#fbfaf7", "text-halo-width": 1.6 } as const;
const PIN_TEXT = 11;
const FONT = { "text-font": ["sans-serif"], "text-size": 12 };

/** A number beside its spot, so that it does not hide what it is of; those of one spot side by side. */
const PIN: SymbolLayerSpecification["layout"] = {
  ...FONT,
  "icon-image": "pin",
  "icon-offset": ["array", "number", 2, ["get", "beside"]],
  "icon-allow-overlap": true,
  "icon-ignore-placement": true,
  "text-field": ["to-string", ["get", "number"]],
  "text-size": PIN_TEXT,
  "text-offset": ["array", "number", 2, ["get", "beside_em"]],
  "text-allow-overlap": true,
  "text-ignore-placement": true,
};

/** How the grids look where nothing lies under them. */
export const GROUND = { fill: 0.7, border: "#b9b5a9", width: 1, village: "#5d5b54", gridName: "#6d6b63" };

const LAYERS: LayerSpecification[] = [
  { id: "ground", type: "background", paint: { "background-color": "#fbfaf7" } },
  { id: "grid", type: "fill", source: "grids", paint: { "fill-color": "#fff", "fill-opacity": GROUND.fill } },
  {
    // A grid without its picture is one colour.
    id: "covered",
    type: "fill",
    source: "covered",
    paint: {
      "fill-color": ["interpolate", ["linear"], ["get", "share"], 0, UNSEEN, 1, SEEN],
      "fill-opacity": ["case", ["get", "pictured"], 0, 0.5],
    },
  },
  {
    id: "grid-border",
    type: "line",
    source: "grids",
    paint: { "line-color": GROUND.border, "line-width": GROUND.width },
  },
  {
    id: "grid-name",
    type: "symbol",
    source: "grid-names",
    minzoom: 14,
    layout: { ...FONT, "text-size": 11, "text-field": ["get", "name"] },
    paint: { "text-color": GROUND.gridName, ...HALO },
  },
  {
    id: "accuracy",
    type: "fill",
    source: "accuracy",
    paint: { "fill-color": ACCENT, "fill-opacity": 0.12, "fill-outline-color": ACCENT },
  },
  { id: "gap", type: "fill", source: "gaps", paint: { "fill-pattern": "hatch" } },
  {
    id: "gap-border",
    type: "line",
    source: "gaps",
    paint: { "line-color": WARN, "line-width": 1, "line-dasharray": [3, 3] },
  },
  {
    id: "track",
    type: "line",
    source: "track",
    filter: ["!", ["any", ["get", "outside"], ["get", "doubted"]]],
    layout: { "line-join": "round", "line-cap": "round" },
    paint: { "line-color": ACCENT, "line-width": 3 },
  },
  {
    id: "track-outside",
    type: "line",
    source: "track",
    filter: ["all", ["get", "outside"], ["!", ["get", "doubted"]]],
    paint: { "line-color": WARN, "line-width": 3, "line-dasharray": [1.6, 1] },
  },
  {
    id: "track-doubted",
    type: "line",
    source: "track",
    filter: ["get", "doubted"],
    paint: { "line-color": DOUBT, "line-width": 1.5, "line-dasharray": [3, 2.5] },
  },
  {
    id: "direction",
    type: "symbol",
    source: "track",
    filter: ["!", ["get", "doubted"]],
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 70,
      "icon-image": "direction",
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  },
  {
    id: "doubt",
    type: "circle",
    source: "doubts",
    paint: {
      "circle-radius": 3.5,
      "circle-color": "#fff",
      "circle-stroke-width": 1.5,
      "circle-stroke-color": DOUBT,
    },
  },
  {
    id: "end",
    type: "circle",
    source: "ends",
    paint: {
      "circle-radius": 4,
      "circle-color": "#fff",
      "circle-stroke-width": 2,
      "circle-stroke-color": ["case", ["get", "gap"], WARN, ACCENT],
    },
  },
  {
    id: "mark",
    type: "symbol",
    source: "marks",
    layout: { ...FONT, "text-field": ["concat", "⚑ ", ["get", "name"]], "text-optional": true, "text-size": 11 },
    paint: { "text-color": INK, ...HALO },
  },
  {
    id: "gap-label",
    type: "symbol",
    source: "gap-labels",
    layout: {
      ...FONT,
      "text-field": ["get", "text"],
      "text-allow-overlap": true,
      "text-anchor": ["case", ["get", "inside"], "center", "bottom"],
      "text-max-width": 20,
    },
    paint: { "text-color": "#6d3600", "text-halo-color": "#fff", "text-halo-width": 2.5 },
  },
  {
    id: "place",
    type: "symbol",
    source: "places",
    layout: {
      ...FONT,
      "icon-image": ["get", "icon"],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
      "text-field": ["step", ["zoom"], "", 14.2, ["get", "name"]],
      "text-optional": true,
      "text-anchor": "top",
      "text-offset": [0, 0.9],
    },
    paint: { "text-color": INK, ...HALO },
  },
  {
    id: "covered-label",
    type: "symbol",
    source: "covered-labels",
    layout: { ...FONT, "text-field": ["get", "text"], "text-size": 13 },
    paint: { "text-color": INK, "text-halo-color": "#fff", "text-halo-width": 2 },
  },
  {
    // Over the signs: there are many of those, and one of it.
    id: "village",
    type: "symbol",
    source: "villages",
    layout: { ...FONT, "text-field": ["get", "name"], "text-letter-spacing": 0.12, "text-size": 13 },
    paint: { "text-color": GROUND.village, ...HALO },
  },
  {
    id: "case",
    type: "symbol",
    source: "cases",
    layout: { ...FONT, "text-field": "◆", "text-size": 20, "text-allow-overlap": true },
    paint: { "text-color": BAD, "text-halo-color": "#fff", "text-halo-width": 1.5 },
  },
  {
    id: "photo-spot",
    type: "circle",
    source: "photos",
    paint: { "circle-radius": 2.5, "circle-color": INK },
  },
  {
    id: "photo",
    type: "symbol",
    source: "photos",
    layout: PIN,
    paint: { "text-color": INK },
  },
  { id: "fault-land", type: "fill", source: "faults", paint: { "fill-color": BAD, "fill-opacity": 0.22 } },
  { id: "fault-border", type: "line", source: "faults", paint: { "line-color": BAD, "line-width": 2 } },
  {
    id: "fault-spot",
    type: "circle",
    source: "fault-numbers",
    paint: { "circle-radius": 2.5, "circle-color": BAD },
  },
  {
    id: "light-land",
    type: "line",
    source: "light",
    filter: ["!=", ["geometry-type"], "Point"],
    layout: { "line-join": "round" },
    paint: { "line-color": ACCENT, "line-width": 4 },
  },
  { id: "fault", type: "symbol", source: "fault-numbers", layout: PIN, paint: { "text-color": BAD } },
  {
    id: "light",
    type: "circle",
    source: "light",
    filter: ["==", ["geometry-type"], "Point"],
    paint: { "circle-radius": 15, "circle-opacity": 0, "circle-stroke-width": 3, "circle-stroke-color": ACCENT },
  },
  {
    id: "now",
    type: "circle",
    source: "now",
    paint: { "circle-radius": 7, "circle-color": ACCENT, "circle-stroke-width": 3, "circle-stroke-color": "#fff" },
  },
];

/** Where a pin stands that has so many others before it at its spot: pixels for the icon, ems for its number. */
export function pinBeside(before: number) {
  const [x, y] = [10 + before * 17, -12];
  return { beside: [x, y], beside_em: [x / PIN_TEXT, y / PIN_TEXT] };
}

export function baseStyle(): StyleSpecification {
  return {
    version: 8,
    sources: Object.fromEntries(
      SOURCES.map((name) => [name, { type: "geojson" as const, data: { ...EMPTY, features: [] } }]),
    ),
    layers: LAYERS,
  };
}
