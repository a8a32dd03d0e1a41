// The ground of every map: grids, their names once each, villages.
import type { FeatureCollection, Position } from "geojson";
import type { Shapes } from "../api/client";
import { collection, type Drawings, point } from "./drawings";
import { boundsOf } from "./track";

/** The contract says GeoJSON in words that its schema language has no type for. */
const geojson = (data: unknown) => data as FeatureCollection;

export function ground({ grids, villages }: Shapes["MapData"]): Drawings {
  return { ...drawnGrids(grids), villages: geojson(villages) };
}

interface Grids {
  features: { geometry: Shapes["Geometry"]; properties: { name: string } }[];
}

export function drawnGrids(grids: Grids): Drawings {
  const names = grids.features.flatMap(({ geometry, properties }) => {
    const at = middleOf(geometry);
    return at ? [point(at, { name: properties.name })] : [];
  });
  return { grids: geojson(grids), "grid-names": collection(names) };
}

/** The point itself, or the middle of the first part. */
export function middleOf({ type, coordinates }: Shapes["Geometry"]): Position | undefined {
  if (type === "Point") return coordinates as Position;
  const rings = coordinates as Position[][] | Position[][][];
  const outer = (type === "MultiPolygon" ? rings[0]?.[0] : rings[0]) as Position[] | undefined;
  const box = outer && boundsOf(outer);
  return box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
}
