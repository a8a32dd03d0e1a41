// What was walked past in some days: the share of the land, grid by grid, and the places that nobody passed. Land and
// places are measured, not people; grids stand in the order of their codes and are never ranked.
import { useQuery } from "@tanstack/react-query";
import type { ColumnDef } from "@tanstack/react-table";
import type { Feature } from "geojson";
import { Suspense, useMemo, useState } from "react";
import { useSearch } from "wouter";
import { answer, api, type Shapes } from "../api/client";
import { dateText, beijingMs } from "../format/time";
import { useKeys } from "../frame/keys";
import { GridName, Sign, Trouble } from "../frame/parts";
import { Section } from "../frame/section";
import { type Say, useTexts } from "../i18n/texts";
import { AreaFilter } from "../ledger/area-filter";
import { DayPick } from "../ledger/day-pick";
import { useFilters, writeFilters } from "../ledger/filters";
import { Ledger } from "../ledger/ledger";
import {
  type Box,
  collection,
  type Drawings,
  MapView,
  type Picture,
  point,
  spotlight,
  type Thing,
} from "../map/drawings";
import { useGround } from "../map/ground";
import { iconName } from "../map/icons";
import { Legend } from "../map/legend";
import css from "./coverage.module.css";
import { Desk } from "./desk";
import deskCss from "./desk.module.css";

type Coverage = Shapes["Coverage"];
type Row = Shapes["GridCoverage"];
type DrawnGrid = Shapes["MapData"]["grids"]["features"][number];
const KEYS = ["area", "from", "to"] as const;
/** So many grids are shown spot by spot; more of them would be smaller than their pixels. */
const MOST_PICTURES = 12;
/** Nobody reads on; the map has all of them. */
const MOST_LISTED = 200;

export function CoverageDesk() {
  const say = useTexts();
  const { t } = say;
  const [filters, set] = useFilters(KEYS);
  const search = useSearch();
  const [lit, setLit] = useState<string>();
  const asked = useQuery({
    queryKey: ["coverage", filters],
    queryFn: () => answer(api.GET("/api/coverage", { params: { query: filters } })),
    staleTime: 60_000,
    placeholderData: (before) => before,
  });
  const coverage = asked.data;
  useKeys({ Escape: () => set({ area: undefined }) });
  const columns = useMemo(() => columnsOf(say), [say]);
  const missed = useMemo(() => coverage?.places.filter(({ seen }) => !seen) ?? [], [coverage]);
  return (
    <Desk
      title={t("desk-coverage")}
      filters={
        <>
          <AreaFilter value={filters.area} onChange={(area) => set({ area })} />
          <DayPick
            name={t("from-day")}
            none={t("from-day")}
            value={filters.from ?? coverage?.from}
            onChange={(from) => set({ from })}
          />
          –
          <DayPick
            name={t("to-day")}
            none={t("to-day")}
            value={filters.to ?? coverage?.to}
            onChange={(to) => set({ to })}
          />
        </>
      }
      list={
        <>
          {asked.error && <Trouble error={asked.error} again={() => void asked.refetch()} />}
          {coverage && <Sum coverage={coverage} />}
          <Ledger
            name={t("desk-coverage")}
            pages={{
              rows: coverage?.grids,
              error: undefined,
              more: false,
              loadMore: () => undefined,
              again: () => undefined,
            }}
            columns={columns}
            id={(row) => row.grid.code}
            href={(row) => `/coverage${writeFilters(search, { area: row.grid.code })}`}
            beside
            empty={t("coverage-none")}
          />
          {coverage && <Missed places={missed} lit={lit} onLight={setLit} />}
        </>
      }
      detail={<CoverageMap coverage={coverage} area={filters.area} lit={lit} onLight={(thing) => setLit(thing?.id)} />}
      halves
    />
  );
}

/** Never 100 while anything is left, nor 0 once anything is done. */
function percent(seen: number, all: number): number {
  if (all === 0 || seen === 0) return 0;
  return seen === all ? 100 : Math.min(99, Math.max(1, Math.round((100 * seen) / all)));
}

function Sum({ coverage }: { coverage: Coverage }) {
  const { t, lang } = useTexts();
  const { land, places_seen: seen, places_all: all } = coverage;
  const day = (text: string) => dateText(beijingMs(`${text}T12:00`), lang);
  return (
    <div className={css.sum}>
      <p>
        <strong>{t("coverage-sum", { percent: percent(land.seen_m2, land.all_m2), seen, all })}</strong>
      </p>
      <p className={css.how}>
        {day(coverage.from)} – {day(coverage.to)} · {t("coverage-how", { metres: coverage.radius_m })}{" "}
        {t("coverage-note")}
      </p>
      {coverage.awaited && <Sign tone="warn">{t("coverage-awaited")}</Sign>}
    </div>
  );
}

function columnsOf({ t }: Say): ColumnDef<Row>[] {
  return [
    { id: "grid", header: t("grid"), cell: ({ row }) => <GridName grid={row.original.grid} /> },
    {
      id: "land",
      header: t("coverage-land"),
      meta: { width: 88, number: true },
      cell: ({ row: { original } }) =>
        t("coverage-share", { percent: percent(original.land.seen_m2, original.land.all_m2) }),
    },
    {
      id: "places",
      header: t("coverage-places"),
      meta: { width: 96, number: true },
      cell: ({ row: { original } }) => t("seen-slash-due", { seen: original.places_seen, due: original.places_all }),
    },
  ];
}

interface MissedProps {
  places: Shapes["PlaceCoverage"][];
  lit: string | undefined;
  onLight: (id: string | undefined) => void;
}

function Missed({ places, lit, onLight }: MissedProps) {
  const { t, one } = useTexts();
  return (
    <div className={deskCss.below} role="group" aria-labelledby="title-missed" tabIndex={0}>
      <Section id="missed" title={t("coverage-missed")} count={places.length} none={t("coverage-missed-none")}>
        <ul className={css.missed}>
          {places.slice(0, MOST_LISTED).map(({ place, grid }) => (
            <li
              key={place.id}
              data-lit={lit === place.id || undefined}
              onMouseEnter={() => onLight(place.id)}
              onMouseLeave={() => onLight(undefined)}
            >
              {place.name} <span className={css.kind}>{one("place-kind", place.kind)}</span>
              <span className={css.where}>
                <GridName grid={grid} />
              </span>
            </li>
          ))}
        </ul>
        {places.length > MOST_LISTED && (
          <p className={css.more}>{t("coverage-more", { count: places.length - MOST_LISTED })}</p>
        )}
      </Section>
    </div>
  );
}

interface MapProps {
  coverage: Coverage | undefined;
  area: string | undefined;
  lit: string | undefined;
  onLight: (thing: Thing | undefined) => void;
}

function CoverageMap({ coverage, area, lit, onLight }: MapProps) {
  const { t } = useTexts();
  const ground = useGround(area);
  const pictures = useMemo(() => (coverage ? picturesOf(coverage) : []), [coverage]);
  const still = useMemo(
    (): Drawings => ({
      ...ground.drawings,
      ...(coverage && ground.bounds && shares(coverage, ground.grids, pictures.length > 0, t)),
      ...(coverage && { places: placesOf(coverage) }),
    }),
    [coverage, ground, pictures, t],
  );
  const drawings = useMemo((): Drawings => {
    const spot = coverage?.places.find(({ place }) => place.id === lit)?.position;
    return { ...still, light: spotlight(spot) };
  }, [still, coverage, lit]);
  return (
    <div className={deskCss.map}>
      <Suspense>
        <MapView
          label={t("coverage-map")}
          drawings={drawings}
          pictures={pictures}
          bounds={ground.bounds}
          onHover={onLight}
        />
      </Suspense>
      <Legend
        places="cover"
        keys={[
          ...(pictures.length > 0 ? (["unwalked", "walked"] as const) : (["none", "all"] as const)),
          "seen",
          "due",
        ]}
      />
    </div>
  );
}

/** Spot by spot, where they are large enough to be seen. */
function picturesOf({ grids, from, to }: Coverage): Picture[] {
  if (grids.length > MOST_PICTURES) return [];
  return grids.map(({ grid, bounds }) => ({
    url: `/api/coverage/${grid.code}/heat.png?from=${from}&to=${to}`,
    bounds: bounds as Box,
  }));
}

/** Each grid by its share, in colour and in figures. */
function shares({ grids }: Coverage, drawn: DrawnGrid[], pictured: boolean, t: Say["t"]): Drawings {
  const found = new Map(grids.map((row) => [row.grid.code, row]));
  const covered: Feature[] = [];
  const labels: Feature[] = [];
  for (const { geometry, properties } of drawn) {
    const row = found.get(properties.code);
    if (!row) continue;
    const share = row.land.all_m2 > 0 ? row.land.seen_m2 / row.land.all_m2 : 0;
    covered.push({
      type: "Feature",
      geometry: geometry as Feature["geometry"],
      properties: { share, pictured },
    });
    const [west, south, east, north] = row.bounds as Box;
    const text = t("coverage-share", { percent: percent(row.land.seen_m2, row.land.all_m2) });
    labels.push(
      point([(west + east) / 2, (south + north) / 2], { text: `${pictured ? `${row.grid.name}\n` : ""}${text}` }),
    );
  }
  const none = collection([]);
  // Where grids are named with their share, the name of the village would lie on them.
  return {
    covered: collection(covered),
    "covered-labels": collection(labels),
    "grid-names": none,
    ...(pictured && { villages: none }),
  };
}

function placesOf({ places }: Coverage) {
  return collection(
    places.map(({ place, position, seen }) =>
      point([position.lon, position.lat], {
        id: place.id,
        name: place.name,
        icon: iconName(place.kind, seen ? "seen" : "due"),
      }),
    ),
  );
}
