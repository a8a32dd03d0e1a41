// What a map is given to draw, source by source, and what it says is under the pointer.
import type { Feature, FeatureCollection, Position } from "geojson";
import { lazy } from "react";
import type { SourceName } from "./style";

/** The drawing library is as large as all the rest: it comes when a map is first shown. */
export const MapView = lazy(() => import("./map-view"));

export type Drawings = Partial<Record<SourceName, FeatureCollection>>;

/** West, south, east, north. */
export type Box = [number, number, number, number];

/** A picture that lies on the ground. */
export interface Picture {
  url: string;
  bounds: Box;
}

export interface Thing {
  layer: "place" | "photo" | "case" | "doubt" | "fault";
  id: string;
}

export function point(position: Position, properties: Record<string, unknown>): Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates: position }, properties };
}

/** A ring round what is pointed at, if it has a place. */
export function spotlight(spot: { lon: number; lat: number } | null | undefined): FeatureCollection {
  return collection(spot ? [point([spot.lon, spot.lat], {})] : []);
}

export function collection(features: Feature[]): FeatureCollection {
  return { type: "FeatureCollection", features };
}
