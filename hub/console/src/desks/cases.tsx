// Cases: the list, and beside it the one that is open.
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { answer, api, type Query, type Shapes } from "../api/client";
import { Choice } from "../frame/choice";
import { GridName, Sign, When } from "../frame/parts";
import { dateTimeText } from "../format/time";
import { type Say, useTexts } from "../i18n/texts";
import { AreaFilter } from "../ledger/area-filter";
import { useFilters } from "../ledger/filters";
import { Ledger } from "../ledger/ledger";
import { usePages } from "../ledger/pages";
import { SearchFilter } from "../ledger/search-filter";
import { CaseDetail } from "./case";
import { Desk } from "./desk";

type Row = Shapes["CaseRow"];
type Only = NonNullable<Query<"/api/cases">["only"]>;
const KEYS = ["area", "only", "stage", "q"] as const;
const ONLY: Only[] = ["mine", "open", "overdue", "conflict", "held"];
const STAGES = [
  "reported",
  "self_handled",
  "accepted",
  "filed",
  "dispatched",
  "signed",
  "returned",
  "handling",
  "suspended",
  "handled",
  "checked",
  "closed",
  "declined",
  "merged",
];

export function CasesDesk({ id }: { id: string | undefined }) {
  const say = useTexts();
  const { t, one } = say;
  const [filters, set] = useFilters(KEYS);
  const search = useSearch();
  const [, go] = useLocation();
  const suffix = search && `?${search}`;
  const pages = usePages(["cases", filters], (cursor) => {
    const { only, ...rest } = filters;
    const query = { ...rest, ...(only ? { only: only as Only } : {}), ...(cursor ? { cursor } : {}) };
    return answer(api.GET("/api/cases", { params: { query } }));
  });
  const columns = useMemo(() => columnsOf(say, id !== undefined), [say, id]);
  return (
    <Desk
      title={t("desk-cases")}
      filters={
        <>
          <SearchFilter value={filters.q} onChange={(q) => set({ q })} />
          <Choice
            label={t("filter-only")}
            all={t("filter-only-all")}
            options={ONLY.map((only) => ({ value: only, label: one("cases-only", only) }))}
            value={filters.only}
            onChange={(only) => set({ only })}
          />
          {!id && (
            <>
              <Choice
                label={t("field-stage")}
                all={t("filter-stage-all")}
                options={STAGES.map((stage) => ({ value: stage, label: one("stage", stage) }))}
                value={filters.stage}
                onChange={(stage) => set({ stage })}
              />
              <AreaFilter value={filters.area} onChange={(area) => set({ area })} />
            </>
          )}
        </>
      }
      list={
        <Ledger
          name={t("desk-cases")}
          pages={pages}
          columns={columns}
          id={(row) => row.id}
          href={(row) => `/cases/${row.id}${suffix}`}
          selected={id}
          beside={id !== undefined}
          empty={t("cases-none")}
        />
      }
      detail={id && <CaseDetail key={id} id={id} onClose={() => go(`/cases${suffix}`)} />}
    />
  );
}

function columnsOf(say: Say, narrow: boolean): ColumnDef<Row>[] {
  const { t, one, lang } = say;
  return [
    { id: "title", header: t("field-description"), cell: ({ row }) => row.original.title },
    {
      id: "category",
      header: t("field-category"),
      meta: { width: 112, least: 1000 },
      cell: ({ row }) => row.original.category ?? "–",
    },
    {
      id: "stage",
      header: t("field-stage"),
      meta: { width: narrow ? 108 : 128 },
      cell: ({ row }) => one("stage", row.original.stage),
    },
    {
      id: "holder",
      header: t("field-holder"),
      meta: { width: 136, least: 1000 },
      cell: ({ row }) => row.original.holder?.label ?? "–",
    },
    {
      id: "grid",
      header: t("grid"),
      meta: { width: 152, least: 1000 },
      cell: ({ row }) => <GridName grid={row.original.grid} />,
    },
    {
      id: "found",
      header: t("found-at"),
      meta: { width: 168, least: 1000 },
      cell: ({ row }) => <When brief at={row.original.found} />,
    },
    {
      id: "due",
      header: t("field-due"),
      meta: { width: 196, least: 700 },
      cell: ({ row }) => (row.original.due ? <DueText due={row.original.due} lang={lang} /> : "–"),
    },
    {
      id: "signs",
      header: t("needs"),
      meta: { width: narrow ? 88 : 104 },
      cell: ({ row }) => <Needs row={row.original} />,
    },
  ];
}

export function DueText({ due, lang }: { due: Shapes["Due"]; lang: Say["lang"] }) {
  const { t } = useTexts();
  const text = dateTimeText(due.ms, lang);
  if (due.overdue)
    return (
      <Sign tone="bad" sign="!">
        {text}
      </Sign>
    );
  return <span>{due.estimate ? t("due-estimate", { time: text }) : text}</span>;
}

function Needs({ row }: { row: Row }) {
  const { t } = useTexts();
  if (row.conflicts > 0)
    return (
      <Sign tone="warn" sign="≠">
        {t("desk-conflicts")}
      </Sign>
    );
  if (row.held > 0) return <Sign tone="warn">{t("desk-held")}</Sign>;
  if (row.due?.overdue)
    return (
      <Sign tone="bad" sign="!">
        {t("overdue")}
      </Sign>
    );
  return null;
}
