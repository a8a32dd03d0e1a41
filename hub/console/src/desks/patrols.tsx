// The patrol log. A filter by member finds work to review; it shows no totals.
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useRef } from "react";
import { useLocation, useSearch } from "wouter";
import { answer, api, type Query, type Shapes } from "../api/client";
import { Choice } from "../frame/choice";
import { useKeys } from "../frame/keys";
import { Button, GridName, Sign, When } from "../frame/parts";
import { dateText, dayOf, shiftDay, timeText } from "../format/time";
import { type Say, useTexts } from "../i18n/texts";
import { AreaFilter, MemberFilter } from "../ledger/area-filter";
import { DayPick } from "../ledger/day-pick";
import { useFilters } from "../ledger/filters";
import filterCss from "../ledger/filters.module.css";
import { Ledger } from "../ledger/ledger";
import { usePages } from "../ledger/pages";
import { Desk } from "./desk";

type Row = Shapes["PatrolRow"];
type State = NonNullable<Query<"/api/patrols">["state"]>;
const KEYS = ["area", "day", "member", "state"] as const;
const STATES: State[] = ["walking", "paused", "ended"];

export function PatrolsDesk() {
  const say = useTexts();
  const { t, one } = say;
  const [filters, set] = useFilters(KEYS);
  const search = useSearch();
  const pages = usePages(["patrols", filters], (cursor) => {
    const { state, ...rest } = filters;
    const query = { ...rest, ...(state ? { state: state as State } : {}), ...(cursor ? { cursor } : {}) };
    return answer(api.GET("/api/patrols", { params: { query } }));
  });
  const columns = useMemo(() => columnsOf(say), [say]);
  return (
    <Desk
      title={t("desk-patrols")}
      filters={
        <>
          <DayFilter value={filters.day} onChange={(day) => set({ day })} />
          <AreaFilter value={filters.area} onChange={(area) => set({ area })} />
          <MemberFilter value={filters.member} onChange={(member) => set({ member })} />
          <Choice
            label={t("filter-state")}
            all={t("filter-state-all")}
            options={STATES.map((state) => ({ value: state, label: one("patrol-state", state) }))}
            value={filters.state}
            onChange={(state) => set({ state })}
          />
        </>
      }
      list={
        <Ledger
          name={t("desk-patrols")}
          pages={pages}
          columns={columns}
          id={(row) => row.id}
          href={(row) => `/patrols/${row.id}${search && `?${search}`}`}
          empty={t("patrols-none")}
        />
      }
    />
  );
}

function DayFilter({ value, onChange }: { value: string | undefined; onChange: (day: string | undefined) => void }) {
  const { t } = useTexts();
  const day = value ?? dayOf(Date.now());
  const [, go] = useLocation();
  const button = useRef<HTMLButtonElement>(null);
  useKeys({ "/": () => button.current?.focus(), Escape: () => go("/patrols") });
  return (
    <span className={filterCss.days}>
      <Button look="quiet" aria-label={t("day-before")} onClick={() => onChange(shiftDay(day, -1))}>
        ‹
      </Button>
      <DayPick name={t("filter-day")} none={t("filter-day-all")} value={value} onChange={onChange} button={button} />
      <Button look="quiet" aria-label={t("day-after")} onClick={() => onChange(shiftDay(day, 1))}>
        ›
      </Button>
      {value && (
        <Button
          look="quiet"
          aria-label={t("filter-clear", { name: t("filter-day") })}
          onClick={() => onChange(undefined)}
        >
          ×
        </Button>
      )}
    </span>
  );
}

function columnsOf({ t, one, lang }: Say): ColumnDef<Row>[] {
  const number = (id: string, header: string, value: (row: Row) => number): ColumnDef<Row> => ({
    id,
    header,
    meta: { width: 62, number: true, least: 1000 },
    cell: ({ row }) => value(row.original) || "–",
  });
  return [
    {
      id: "start",
      header: t("patrol-start"),
      meta: { width: 180 },
      cell: ({ row }) => <When brief at={row.original.start} />,
    },
    {
      id: "end",
      header: t("patrol-end"),
      meta: { width: 104, least: 1000 },
      cell: ({ row }) => <EndCell row={row.original} lang={lang} />,
    },
    { id: "grid", header: t("grid"), cell: ({ row }) => <GridName grid={row.original.grid} /> },
    { id: "member", header: t("member"), meta: { width: 152 }, cell: ({ row }) => row.original.member.label },
    {
      id: "places",
      header: t("places-seen"),
      meta: { width: 96, number: true },
      cell: ({ row: { original } }) => t("seen-slash-due", { seen: original.places_seen, due: original.places_due }),
    },
    number("problems", t("problems"), (row) => row.problems),
    number("cases", t("kind-case"), (row) => row.cases),
    number("photos", t("kind-photo"), (row) => row.photos),
    number("gaps", t("gaps"), (row) => row.gaps),
    {
      id: "receipts",
      header: t("receipts"),
      meta: { width: 172 },
      cell: ({ row }) => <Receipts counts={row.original.receipts} one={one} />,
    },
  ];
}

function EndCell({ row, lang }: { row: Row; lang: Say["lang"] }) {
  const { t, one } = useTexts();
  if (!row.end)
    return (
      <Sign tone="calm" sign={row.state === "paused" ? "‖" : "›"}>
        {one("patrol-state", row.state)}
      </Sign>
    );
  const [day, started] = [dayOf(row.end.ms), dayOf(row.start.ms)];
  if (day === started) return timeText(row.end.ms);
  return day === shiftDay(started, 1) ? t("next-day", { time: timeText(row.end.ms) }) : dateText(row.end.ms, lang);
}

/** What needs eyes first; all accepted is one quiet tick with the sum. */
function Receipts({ counts, one }: { counts: Shapes["ReceiptCounts"]; one: Say["one"] }) {
  const waiting = counts.saved + counts.sent;
  if (counts.held > 0)
    return <Sign tone="warn">{`${one("hub-receipt", "held")} ${counts.held} / ${counts.total}`}</Sign>;
  if (counts.sent_back > 0)
    return (
      <Sign tone="warn" sign="↩">{`${one("hub-receipt", "sent_back")} ${counts.sent_back} / ${counts.total}`}</Sign>
    );
  if (waiting > 0) return <Sign tone="calm">{`${one("hub-receipt", "sent")} ${waiting} / ${counts.total}`}</Sign>;
  return <Sign tone="good">{`${one("hub-receipt", "accepted")} ${counts.total}`}</Sign>;
}
