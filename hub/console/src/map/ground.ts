// The ground of every map: grids, their names once each, villages.
import type { FeatureCollection, Position } from "geojson";
import type { Shapes } from "../api/client";
import { collection, type Drawings, point } from "./drawings";
import { boundsOf } from "./track";

/** The contract says GeoJSON in words that its schema language has no type for. */
const geojson = (data: unknown) => data as FeatureCollection;

export function ground({ grids, villages }: Shapes["MapData"]): Drawings {
  const names = grids.features.flatMap(({ geometry, properties }) => {
    const rings = geometry.coordinates as Position[][] | Position[][][];
    const outer = (geometry.type === "MultiPolygon" ? rings[0]?.[0] : rings[0]) as Position[] | undefined;
    const box = outer && boundsOf(outer);
    return box ? [point([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], { name: properties.name })] : [];
  });
  return { grids: geojson(grids), villages: geojson(villages), "grid-names": collection(names) };
}
