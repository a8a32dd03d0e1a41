// The map of one patrol: the track with its gaps, places, cases, marks and photos in walking order.
import type { Position } from "geojson";
import { Suspense, useMemo } from "react";
import type { Shapes } from "../../api/client";
import { spanText } from "../../format/time";
import { type Say, useTexts } from "../../i18n/texts";
import { useGround } from "../../map/ground";
import { iconName, type Look } from "../../map/icons";
import type { LegendKey } from "../../map/legend";
import { collection, type Drawings, MapView, point, spotlight, type Thing } from "../../map/drawings";
import { pinBeside } from "../../map/style";
import css from "./page.module.css";
import { boundsOf, circle, drawTrack, type Gap, metres, positionAt, trusted } from "../../map/track";

type Patrol = Shapes["Patrol"];
type Photo = Shapes["Photo"];
type Spot = Shapes["Position"];

const SAME_SPOT_M = 25;

interface Props {
  patrol: Patrol;
  now: number | undefined;
  lit: Thing | undefined;
  onLight: (thing: Thing | undefined) => void;
  onPick: (thing: Thing) => void;
}

export function TrackMap({ patrol, now, lit, onLight, onPick }: Props) {
  const say = useTexts();
  const ground = useGround(patrol.summary.grid?.code.slice(0, 12));
  const still = useMemo(() => drawPatrol(patrol, say), [patrol, say]);
  const drawings = useMemo((): Drawings => ({ ...still.drawings, ...ground.drawings }), [still, ground]);
  const moving = useMemo((): Drawings => {
    const spot = lit && still.spots.get(lit.id);
    const here = now === undefined ? undefined : positionAt(patrol.track, now);
    return {
      light: spotlight(spot),
      accuracy: collection(
        spot?.accuracy_m
          ? [
              {
                type: "Feature",
                geometry: { type: "Polygon", coordinates: [circle([spot.lon, spot.lat], spot.accuracy_m)] },
                properties: {},
              },
            ]
          : [],
      ),
      now: collection(here ? [point(here, {})] : []),
    };
  }, [lit, now, patrol.track, still]);
  const all = useMemo(() => ({ ...drawings, ...moving }), [drawings, moving]);
  return (
    <div className={css.over}>
      <Suspense>
        <MapView
          label={say.t("patrol-map")}
          drawings={all}
          bounds={still.bounds ?? ground.bounds}
          onHover={onLight}
          onPick={onPick}
        />
      </Suspense>
      {lit?.layer === "doubt" && (
        <p className={css.hint} role="status">
          {say.one("doubt", lit.id)}
        </p>
      )}
    </div>
  );
}

export function lookOf(place: Shapes["PatrolPlace"]): Look {
  if (!place.inspection) return "due";
  return ({ normal: "seen", problem: "problem", unreachable: "unreachable" } as const)[place.inspection.result];
}

/** What a gap is called, with how long it lasted where that is known. */
export function gapText(gap: Gap, { one, lang }: Say): string {
  const cause = one("gap", gap.cause);
  const { from_ms: from, to_ms: to } = gap;
  return typeof from === "number" && typeof to === "number" ? `${cause} ${spanText(to - from, lang)}` : cause;
}

function drawPatrol(patrol: Patrol, say: Say) {
  const track = drawTrack(patrol.track);
  const spots = new Map<string, Spot>();
  const keep = (id: string, spot: Spot | null | undefined) => {
    if (spot) spots.set(id, spot);
    return spot ? ([spot.lon, spot.lat] as Position) : undefined;
  };
  const points = <T,>(
    things: T[],
    id: (thing: T) => string,
    spot: (thing: T) => Spot | null | undefined,
    properties: (thing: T) => Record<string, unknown>,
  ) =>
    collection(
      things.flatMap((thing) => {
        const at = keep(id(thing), spot(thing));
        return at ? [point(at, { id: id(thing), ...properties(thing) })] : [];
      }),
    );
  const drawings: Drawings = {
    track: collection(track.lines),
    gaps: collection(track.gaps),
    "gap-labels": collection(
      track.labels.map((label) =>
        point(label.geometry.coordinates, {
          text: gapLabel(patrol, label.properties.at, say),
          inside: label.properties.inside,
        }),
      ),
    ),
    ends: collection(track.ends),
    doubts: collection(track.doubts),
    places: points(
      patrol.places,
      (each) => each.place.id,
      (each) => each.position,
      (each) => ({ name: each.place.name, icon: iconName(each.place.kind, lookOf(each)) }),
    ),
    cases: points(
      patrol.cases,
      (each) => each.record.id,
      (each) => each.position,
      () => ({}),
    ),
    photos: points(
      patrol.photos,
      (each) => each.id,
      (each) => each.position,
      (each) => ({ number: each.number, ...pinBeside(before(patrol.photos, each)) }),
    ),
    marks: collection(patrol.marks.map((mark) => point([mark.position.lon, mark.position.lat], { name: mark.name }))),
  };
  const walked = patrol.track.segments.flatMap(trusted);
  const seen = [
    ...walked,
    ...[...spots.values()].map(({ lon, lat }) => [lon, lat]),
    ...patrol.marks.map(({ position }) => [position.lon, position.lat]),
  ];
  return { drawings, spots, bounds: boundsOf(seen) };
}

/** How many earlier photos were taken from the same few steps. */
function before(photos: Photo[], { number, position }: Photo): number {
  if (!position) return 0;
  const near = ({ lon, lat }: Spot) => metres([lon, lat], [position.lon, position.lat]) < SAME_SPOT_M;
  return photos.filter((each) => each.number < number && each.position && near(each.position)).length;
}

function gapLabel(patrol: Patrol, at: number, say: Say): string {
  const gap = patrol.track.gaps[at];
  return gap ? gapText(gap, say) : "";
}

/** Only what this map shows. */
export function legendOf(patrol: Patrol): LegendKey[] {
  const looks = new Set(patrol.places.map(lookOf));
  const keys: [LegendKey, boolean][] = [
    ["track", true],
    ["gap", patrol.track.gaps.length > 0],
    ["outside", patrol.summary.outside],
    ["doubted", patrol.track.doubts.length > 0],
    ...(["seen", "problem", "unreachable", "due"] as const).map((look): [LegendKey, boolean] => [
      look,
      looks.has(look),
    ]),
    ["case", patrol.cases.length > 0],
    ["photo", patrol.photos.length > 0],
  ];
  return keys.filter(([, here]) => here).map(([key]) => key);
}
