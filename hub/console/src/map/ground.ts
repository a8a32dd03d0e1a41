// The ground of every map: grids, their names once each, villages.
import { useQuery } from "@tanstack/react-query";
import type { FeatureCollection, Position } from "geojson";
import { useMemo } from "react";
import { answer, api, type Shapes } from "../api/client";
import { type Box, collection, type Drawings, point } from "./drawings";
import { boundsOf } from "./track";

/** The contract says GeoJSON in words that its schema language has no type for. */
const geojson = (data: unknown) => data as FeatureCollection;

interface Ground {
  drawings: Drawings;
  /** The grids as the hub gives them. */
  grids: Shapes["MapData"]["grids"]["features"];
  bounds: Box | undefined;
}

/** The ground of an area, or of all that the session sees; empty until it is here. */
export function useGround(area: string | undefined): Ground {
  const { data } = useQuery({
    queryKey: ["map", area],
    queryFn: () => answer(api.GET("/api/map", { params: { query: area ? { area } : {} } })),
    staleTime: 600_000,
  });
  return useMemo(() => (data ? groundOf(data) : NO_GROUND), [data]);
}

const NO_GROUND: Ground = { drawings: {}, grids: [], bounds: undefined };

function groundOf({ grids, villages, bounds }: Shapes["MapData"]): Ground {
  return {
    drawings: { ...drawnGrids(grids), villages: geojson(villages) },
    grids: grids.features,
    bounds: bounds as Box,
  };
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
