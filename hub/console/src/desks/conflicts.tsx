// Conflicts: records on which two people saw two things, and beside the list the questions of the one that is open.
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { answer, api, type Shapes } from "../api/client";
import { GridName, HubTime } from "../frame/parts";
import { type Say, useTexts } from "../i18n/texts";
import { AreaFilter } from "../ledger/area-filter";
import { useFilters } from "../ledger/filters";
import { Ledger } from "../ledger/ledger";
import { usePages } from "../ledger/pages";
import { ConflictDetail } from "./conflict/detail";
import { Desk } from "./desk";

type Row = Shapes["ConflictRow"];
const KEYS = ["area"] as const;

export function ConflictsDesk({ id }: { id: string | undefined }) {
  const say = useTexts();
  const { t } = say;
  const [filters, set] = useFilters(KEYS);
  const search = useSearch();
  const [, go] = useLocation();
  const suffix = search && `?${search}`;
  const pages = usePages(["conflicts", filters], (cursor) =>
    answer(api.GET("/api/conflicts", { params: { query: { ...filters, ...(cursor ? { cursor } : {}) } } })),
  );
  const columns = useMemo(() => columnsOf(say), [say]);
  return (
    <Desk
      title={t("desk-conflicts")}
      note={t("conflicts-note")}
      filters={<AreaFilter value={filters.area} onChange={(area) => set({ area })} />}
      list={
        <Ledger
          name={t("desk-conflicts")}
          pages={pages}
          columns={columns}
          id={(row) => row.record.id}
          href={(row) => `/conflicts/${row.record.id}${suffix}`}
          selected={id}
          beside={id !== undefined}
          empty={t("conflicts-none")}
        />
      }
      detail={
        id && (
          <ConflictDetail key={id} entity={id} onNext={(next) => go(`/conflicts${next ? `/${next}` : ""}${suffix}`)} />
        )
      }
    />
  );
}

function columnsOf({ t, one, list }: Say): ColumnDef<Row>[] {
  return [
    { id: "title", header: t("record"), cell: ({ row }) => row.original.record.title },
    {
      id: "kind",
      header: t("kind"),
      meta: { width: 80, least: 1000 },
      cell: ({ row }) => one("kind", row.original.record.kind),
    },
    {
      id: "fields",
      header: t("differs-in"),
      meta: { width: 132 },
      cell: ({ row: { original } }) =>
        list([...original.fields.map((field) => one("field", field)), ...(original.deletion ? [t("deletion")] : [])]),
    },
    {
      id: "grid",
      header: t("grid"),
      meta: { width: 160, least: 700 },
      cell: ({ row }) => <GridName grid={row.original.grid} />,
    },
    {
      id: "authors",
      header: t("authors"),
      meta: { width: 320, least: 1000 },
      cell: ({ row }) => list(row.original.authors.map(({ label }) => label)),
    },
    {
      id: "since",
      header: t("since"),
      meta: { width: 172, least: 1000 },
      cell: ({ row }) => <HubTime ms={row.original.since_ms} />,
    },
  ];
}
