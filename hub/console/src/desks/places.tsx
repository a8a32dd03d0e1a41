// Places by how due they are, with the map beside the list. Places are measured, not people.
import type { ColumnDef } from "@tanstack/react-table";
import { Suspense, useMemo, useState } from "react";
import { Link } from "wouter";
import { answer, api, type Query, type Shapes } from "../api/client";
import { Choice } from "../frame/choice";
import { GridName, Sign, type Tone, When } from "../frame/parts";
import { dateText } from "../format/time";
import { type Say, useTexts } from "../i18n/texts";
import { AreaFilter } from "../ledger/area-filter";
import { useFilters } from "../ledger/filters";
import { Ledger } from "../ledger/ledger";
import { usePages } from "../ledger/pages";
import { SearchFilter } from "../ledger/search-filter";
import { iconName } from "../map/icons";
import { Legend } from "../map/legend";
import { collection, type Drawings, MapView, point, spotlight, type Thing } from "../map/drawings";
import { useGround } from "../map/ground";
import { boundsOf } from "../map/track";
import { Desk } from "./desk";
import css from "./desk.module.css";

type Row = Shapes["PlaceRow"];
type State = NonNullable<Query<"/api/places">["state"]>;
const KEYS = ["area", "state", "kind", "q"] as const;
const STATES: State[] = ["overdue", "due", "unreachable", "seen"];
const TONES: Record<State, Tone> = { overdue: "bad", due: "calm", unreachable: "warn", seen: "good" };
const SIGNS: Record<State, string> = { overdue: "!", due: "○", unreachable: "×", seen: "✓" };

export function PlacesDesk() {
  const say = useTexts();
  const { t, one } = say;
  const [filters, set] = useFilters(KEYS);
  const [lit, setLit] = useState<string>();
  const pages = usePages(["places", filters], (cursor) => {
    const { state, ...rest } = filters;
    const query = { ...rest, ...(state ? { state: state as State } : {}), ...(cursor ? { cursor } : {}) };
    return answer(api.GET("/api/places", { params: { query } }));
  });
  const columns = useMemo(() => columnsOf(say), [say]);
  return (
    <Desk
      title={t("desk-places")}
      filters={
        <>
          <SearchFilter value={filters.q} onChange={(q) => set({ q })} />
          <Choice
            label={t("filter-state")}
            all={t("filter-state-all")}
            options={STATES.map((state) => ({ value: state, label: one("due-state", state) }))}
            value={filters.state}
            onChange={(state) => set({ state })}
          />
          <AreaFilter value={filters.area} onChange={(area) => set({ area })} />
        </>
      }
      list={
        <Ledger
          name={t("desk-places")}
          pages={pages}
          columns={columns}
          id={(row) => row.id}
          selected={lit}
          empty={t("places-none")}
          onHover={setLit}
        />
      }
      detail={
        <PlacesMap rows={pages.rows ?? []} area={filters.area} lit={lit} onLight={(thing) => setLit(thing?.id)} />
      }
      wideList
    />
  );
}

function columnsOf({ t, one, lang }: Say): ColumnDef<Row>[] {
  return [
    { id: "name", header: t("kind-place"), cell: ({ row }) => row.original.name },
    {
      id: "kind",
      header: t("field-place-kind"),
      meta: { width: lang === "en" ? 108 : 96, least: 1000 },
      cell: ({ row }) => one("place-kind", row.original.kind),
    },
    {
      id: "state",
      header: t("filter-state"),
      meta: { width: 124 },
      cell: ({ row: { original } }) => (
        <Sign tone={TONES[original.state]} sign={SIGNS[original.state]}>
          {one("due-state", original.state)}
        </Sign>
      ),
    },
    { id: "grid", header: t("grid"), meta: { width: 180 }, cell: ({ row }) => <GridName grid={row.original.grid} /> },
    { id: "last", header: t("last-look"), meta: { width: 158 }, cell: ({ row }) => <Last row={row.original} /> },
    {
      id: "due",
      header: t("next-look"),
      meta: { width: 112 },
      cell: ({ row }) => (typeof row.original.due_ms === "number" ? dateText(row.original.due_ms, lang) : "–"),
    },
  ];
}

function Last({ row }: { row: Row }) {
  const { t } = useTexts();
  if (!row.last) return <>{t("never-looked-at")}</>;
  const { patrol, at } = row.last;
  return patrol ? (
    <Link href={`/patrols/${patrol.id}`}>
      <When brief at={at} />
    </Link>
  ) : (
    <When brief at={at} />
  );
}

interface MapProps {
  rows: Row[];
  area: string | undefined;
  lit: string | undefined;
  onLight: (thing: Thing | undefined) => void;
}

function PlacesMap({ rows, area, lit, onLight }: MapProps) {
  const { t } = useTexts();
  const ground = useGround(area);
  const still = useMemo((): Drawings => {
    const spots = rows.flatMap(({ id, name, kind, state, position }) =>
      position ? [point([position.lon, position.lat], { id, name, icon: iconName(kind, state) })] : [],
    );
    return { places: collection(spots), ...ground.drawings };
  }, [rows, ground]);
  const drawings = useMemo((): Drawings => {
    const spot = rows.find(({ id }) => id === lit)?.position;
    return { ...still, light: spotlight(spot) };
  }, [still, rows, lit]);
  const bounds = useMemo(
    () => boundsOf(rows.flatMap(({ position }) => (position ? [[position.lon, position.lat]] : []))),
    [rows],
  );
  return (
    <div className={css.map}>
      <Suspense>
        <MapView label={t("places-map")} drawings={drawings} bounds={bounds ?? ground.bounds} onHover={onLight} />
      </Suspense>
      <Legend places="due-state" keys={["seen", "due", "overdue", "unreachable"]} />
    </div>
  );
}
