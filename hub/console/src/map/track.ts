// A track as drawing primitives. Nothing is ever drawn across a gap as if it had been walked: a gap is an area
// in which the walker must have been somewhere.
import type { Feature, LineString, Point, Polygon, Position } from "geojson";
import type { Shapes } from "../api/client";
import type { Box } from "./drawings";

type Track = Shapes["Track"];
type Segment = Shapes["Segment"];
export type Gap = Shapes["Gap"];

export type Doubt = Shapes["Doubt"];
interface Look {
  outside: boolean;
  doubted: boolean;
}

export interface TrackDrawing {
  lines: Feature<LineString, Look>[];
  /** Fixes that are doubted, where the phone said they are; the id is the reason. */
  doubts: Feature<Point, { id: Doubt }>[];
  gaps: Feature<Polygon, { at: number }>[];
  /** Where a gap's text stands: in its area if that is long enough, else above it. */
  labels: Feature<Point, { at: number; inside: boolean }>[];
  /** The two points between which nothing is known. */
  ends: Feature<Point, { gap: boolean }>[];
}

export function drawTrack(track: Track): TrackDrawing {
  const drawing: TrackDrawing = { lines: [], doubts: [], gaps: [], labels: [], ends: [] };
  for (const segment of track.segments) {
    drawing.lines.push(...runs(segment));
    drawing.doubts.push(...doubts(segment));
  }
  track.gaps.forEach((gap, at) => {
    const sides = gapSides(track, gap);
    if (!sides) return;
    const ring = ellipse(...sides);
    const inside = metres(...sides) >= LABEL_FITS_M;
    drawing.gaps.push(feature({ type: "Polygon", coordinates: [ring] }, { at }));
    drawing.labels.push(
      feature({ type: "Point", coordinates: inside ? middle(...sides) : northernmost(ring) }, { at, inside }),
    );
    for (const side of sides) drawing.ends.push(feature({ type: "Point", coordinates: side }, { gap: true }));
  });
  return drawing;
}

/** The last point before a gap and the first after it; nothing where one side has none. */
export function gapSides(track: Track, gap: Gap): [Position, Position] | undefined {
  if (gap.after === null || gap.after === undefined) return undefined;
  const before = track.segments[gap.after]?.points.at(-1);
  const after = track.segments.slice(gap.after + 1).find((segment) => segment.points.length > 0)?.points[0];
  return before && after ? [before, after] : undefined;
}

/** A segment cut where it leaves or enters the grids, or begins or ends to be doubted; a cut belongs to both sides. */
function runs({ points, outside, doubted }: Segment): Feature<LineString, Look>[] {
  const lines: Feature<LineString, Look>[] = [];
  const off = marks(points.length, outside);
  const doubtful = marks(
    points.length,
    doubted.map(({ first, last }) => [first, last]),
  );
  let start = 0;
  for (let at = 1; at < points.length; at += 1) {
    // A step is outside when both its ends are, and doubtful when one of them is.
    const look = (end: number): Look => ({
      outside: Boolean(off[end - 1] && off[end]),
      doubted: Boolean(doubtful[end - 1] || doubtful[end]),
    });
    const [here, next] = [look(at), at + 1 < points.length ? look(at + 1) : undefined];
    if (next?.outside === here.outside && next.doubted === here.doubted) continue;
    lines.push(feature({ type: "LineString", coordinates: points.slice(start, at + 1) }, here));
    start = at;
  }
  return lines;
}

function marks(length: number, parts: number[][]): boolean[] {
  const marked = new Array<boolean>(length).fill(false);
  for (const [first = 0, last = 0] of parts) marked.fill(true, first, last + 1);
  return marked;
}

function doubts({ points, doubted }: Segment): Feature<Point, { id: Doubt }>[] {
  return doubted.flatMap(({ doubt, first, last }) =>
    points.slice(first, last + 1).map((coordinates) => feature({ type: "Point", coordinates }, { id: doubt })),
  );
}

/** The points that a view of the walk is fitted to: a jump may lie in another county. */
export function trusted({ points, doubted }: Segment): Position[] {
  const far = doubted.filter(({ doubt }) => doubt === "jump" || doubt === "mock");
  const marked = marks(
    points.length,
    far.map(({ first, last }) => [first, last]),
  );
  return points.filter((_, at) => !marked[at]);
}

/** Where the walker was: nothing in a gap, before the first time, after the last, or where times are missing. */
export function positionAt(track: Track, ms: number): Position | undefined {
  for (const { points, times } of track.segments) {
    for (let at = 1; at < points.length; at += 1) {
      const [from, to] = [times[at - 1], times[at]];
      const [here, there] = [points[at - 1], points[at]];
      if (from === null || from === undefined || to === null || to === undefined || !here || !there) continue;
      if (ms < from || ms > to) continue;
      const part = to === from ? 0 : (ms - from) / (to - from);
      return [mix(here[0] ?? 0, there[0] ?? 0, part), mix(here[1] ?? 0, there[1] ?? 0, part)];
    }
  }
  return undefined;
}

export interface Span {
  from: number;
  to: number;
}

/** The timed part of each segment. */
export function segmentSpans(track: Track): Span[] {
  return track.segments.flatMap(({ times }) => {
    const known = times.filter((time) => time !== null);
    const [from, to] = [known[0], known.at(-1)];
    return from !== undefined && to !== undefined ? [{ from, to }] : [];
  });
}

export function boundsOf(positions: Position[]): Box | undefined {
  if (positions.length === 0) return undefined;
  const lons = positions.map(([lon = 0]) => lon);
  const lats = positions.map(([, lat = 0]) => lat);
  const least = (values: number[]) => values.reduce((one, other) => Math.min(one, other));
  const most = (values: number[]) => values.reduce((one, other) => Math.max(one, other));
  return [least(lons), least(lats), most(lons), most(lats)];
}

const METRES_PER_DEGREE = 111_320;
/** About as long as the text on the map of a usual walk. */
const LABEL_FITS_M = 150;

/** A circle of `radius` metres, as the ground sees it. */
export function circle([lon = 0, lat = 0]: Position, radius: number): Position[] {
  const squeeze = Math.cos((lat * Math.PI) / 180);
  return Array.from({ length: 49 }, (_, at) => {
    const angle = (at / 48) * 2 * Math.PI;
    const step = radius / METRES_PER_DEGREE;
    return [lon + (step * Math.cos(angle)) / squeeze, lat + step * Math.sin(angle)];
  });
}

/** Round both sides of a gap, a third as wide as it is long, at least 12 m. */
function ellipse(from: Position, to: Position): Position[] {
  const [lon = 0, lat = 0] = middle(from, to);
  const squeeze = Math.cos((lat * Math.PI) / 180);
  const [east, north] = eastNorth(from, to);
  const half = Math.hypot(east, north) / 2;
  const [long, wide] = [Math.max(half, 12), Math.max(half / 3, 12)];
  const turn = Math.atan2(north, east);
  return Array.from({ length: 49 }, (_, at) => {
    const angle = (at / 48) * 2 * Math.PI;
    const [x, y] = [long * Math.cos(angle), wide * Math.sin(angle)];
    const [right, up] = [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)];
    return [lon + right / METRES_PER_DEGREE / squeeze, lat + up / METRES_PER_DEGREE];
  });
}

/** From one to the other in metres, well enough for a drawing. */
function eastNorth(from: Position, to: Position): [number, number] {
  const squeeze = Math.cos(((from[1] ?? 0) * Math.PI) / 180);
  return [
    ((to[0] ?? 0) - (from[0] ?? 0)) * squeeze * METRES_PER_DEGREE,
    ((to[1] ?? 0) - (from[1] ?? 0)) * METRES_PER_DEGREE,
  ];
}

export function metres(from: Position, to: Position): number {
  return Math.hypot(...eastNorth(from, to));
}

function northernmost(ring: Position[]): Position {
  return ring.reduce((one, other) => ((other[1] ?? 0) > (one[1] ?? 0) ? other : one));
}

function middle(from: Position, to: Position): Position {
  return [mix(from[0] ?? 0, to[0] ?? 0, 0.5), mix(from[1] ?? 0, to[1] ?? 0, 0.5)];
}

function mix(from: number, to: number, part: number): number {
  return from + (to - from) * part;
}

function feature<G extends LineString | Polygon | Point, P>(geometry: G, properties: P): Feature<G, P> {
  return { type: "Feature", geometry, properties };
}
