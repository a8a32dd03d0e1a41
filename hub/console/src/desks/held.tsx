// Held work with its reason: take it after all, or send it back with words that the author can act on.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ColumnDef } from "@tanstack/react-table";
import { useMemo, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { answer, api, type Shapes } from "../api/client";
import { useKeys } from "../frame/keys";
import { Button, Empty, GridName, HubTime, Sign, Trouble, When } from "../frame/parts";
import { valueText } from "../format/value";
import { type Say, useTexts } from "../i18n/texts";
import { AreaFilter } from "../ledger/area-filter";
import { useFilters } from "../ledger/filters";
import { Ledger } from "../ledger/ledger";
import { usePages } from "../ledger/pages";
import caseCss from "./case.module.css";
import { Desk } from "./desk";
import css from "./held.module.css";
import { SendBackDialog } from "./send-back-dialog";
import { Changes } from "./timeline";

type Item = Shapes["HeldItem"];
const KEYS = ["area"] as const;

export function HeldDesk({ dot }: { dot: string | undefined }) {
  const say = useTexts();
  const { t } = say;
  const [filters, set] = useFilters(KEYS);
  const search = useSearch();
  const [, go] = useLocation();
  const suffix = search && `?${search}`;
  const [done, setDone] = useState<string>();
  const pages = usePages(["held", filters], (cursor) =>
    answer(api.GET("/api/held", { params: { query: { ...filters, ...(cursor ? { cursor } : {}) } } })),
  );
  const columns = useMemo(() => columnsOf(say), [say]);
  const item = pages.rows?.find((each) => each.dot === dot);
  const close = () => go(`/held${suffix}`);
  return (
    <Desk
      title={t("desk-held")}
      note={t("held-note")}
      filters={
        <>
          <AreaFilter value={filters.area} onChange={(area) => set({ area })} />
          {done && (
            <span role="status">
              <Sign tone="good">{done}</Sign>
            </span>
          )}
        </>
      }
      list={
        <Ledger
          name={t("desk-held")}
          pages={pages}
          columns={columns}
          id={(row) => row.dot}
          href={(row) => `/held/${row.dot}${suffix}`}
          selected={dot}
          beside={dot !== undefined}
          empty={t("held-none")}
        />
      }
      detail={
        dot &&
        (item ? (
          <HeldDetail
            key={item.dot}
            item={item}
            onClose={close}
            onDone={(text) => {
              setDone(text);
              close();
            }}
          />
        ) : (
          pages.rows && <Empty>{t("held-gone")}</Empty>
        ))
      }
    />
  );
}

function columnsOf(texts: Say): ColumnDef<Item>[] {
  const { t, say } = texts;
  return [
    { id: "title", header: t("record"), cell: ({ row }) => row.original.record.title },
    { id: "what", header: t("held-what"), meta: { width: 116 }, cell: ({ row }) => whatOf(row.original, texts) },
    {
      id: "reason",
      header: t("held-why"),
      meta: { width: 300, least: 700 },
      cell: ({ row }) => say(row.original.reason),
    },
    {
      id: "author",
      header: t("author"),
      meta: { width: 150, least: 1000 },
      cell: ({ row }) => row.original.author.label,
    },
    {
      id: "grid",
      header: t("grid"),
      meta: { width: 160, least: 1000 },
      cell: ({ row }) => <GridName grid={row.original.grid} />,
    },
    {
      id: "at",
      header: t("time"),
      meta: { width: 190, least: 1000 },
      cell: ({ row }) => <When brief at={row.original.at} />,
    },
  ];
}

function whatOf(item: Item, { t, one, list }: Say): string {
  if (item.deletes) return t("deletion");
  if (item.step) return one("stage", item.step.to);
  return list(item.changes.map(({ field }) => one("field", field))) || one("kind", item.record.kind);
}

/** What a deletion would take away, as it stands now. */
function LosesList({ loses: { fields, under } }: { loses: Shapes["Loses"] }) {
  const say = useTexts();
  const { t, one } = say;
  return (
    <>
      <h3>{t("held-loses")}</h3>
      <dl className={css.loses}>
        {fields.map(({ field, value }) => (
          <div key={field}>
            <dt>{one("field", field)}</dt>
            <dd>{valueText(value, say)}</dd>
          </div>
        ))}
        {under.length > 0 && (
          <div>
            <dt>{t("held-under", { count: under.length })}</dt>
            <dd>
              <ul>
                {under.map(({ id, kind, title }) => (
                  <li key={id}>
                    {title} {title !== one("kind", kind) && <span className={css.kind}>{one("kind", kind)}</span>}
                  </li>
                ))}
              </ul>
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

interface DetailProps {
  item: Item;
  onClose: () => void;
  onDone: (text: string) => void;
}

function HeldDetail({ item, onClose, onDone }: DetailProps) {
  const { t, one, say } = useTexts();
  const [sendingBack, setSendingBack] = useState(false);
  const queries = useQueryClient();
  const release = useMutation({
    mutationFn: () => answer(api.POST("/api/held/{dot}/release", { params: { path: { dot: item.dot } } })),
    onSuccess: ({ released, conflicts }) => {
      void queries.invalidateQueries();
      onDone(conflicts > 0 ? t("released-conflict", { count: released }) : t("released", { count: released }));
    },
  });
  useKeys({
    "1": item.can_release ? () => release.mutate() : undefined,
    "2": () => setSendingBack(true),
    Escape: onClose,
  });
  return (
    <article className={caseCss.page}>
      <header className={caseCss.head}>
        <div>
          <h1 className={caseCss.title}>{item.record.title}</h1>
          {item.record.kind === "case" && <Link href={`/cases/${item.record.id}`}>{t("open-case")}</Link>}
        </div>
        <Button look="quiet" aria-label={t("close")} onClick={onClose}>
          ×
        </Button>
      </header>
      <p className={caseCss.flag}>
        <Sign tone="warn">{t("held-why")}</Sign> {say(item.reason)}
      </p>
      <dl className={caseCss.facts}>
        <div>
          <dt>{t("author")}</dt>
          <dd>{item.author.label}</dd>
        </div>
        <div>
          <dt>{t("written-at")}</dt>
          <dd>
            <When at={item.at} full />
          </dd>
        </div>
        <div>
          <dt>{t("received-at")}</dt>
          <dd>
            <HubTime ms={item.received_ms} />
          </dd>
        </div>
        <div>
          <dt>{t("grid")}</dt>
          <dd>
            <GridName grid={item.grid} code />
          </dd>
        </div>
      </dl>
      <section className={css.content}>
        <h2>{t("held-content")}</h2>
        {item.step && (
          <p>{t("step-from-to", { from: one("stage", item.step.from), to: one("stage", item.step.to) })}</p>
        )}
        {item.step?.reason && <p>{item.step.reason}</p>}
        {item.deletes && <p>{t("held-deletes")}</p>}
        {item.loses && <LosesList loses={item.loses} />}
        <Changes changes={item.changes} />
      </section>
      {release.error && <Trouble error={release.error} />}
      <div className={caseCss.steps} role="group" aria-label={t("steps")}>
        <Button
          look="main"
          disabled={!item.can_release || release.isPending}
          focusableWhenDisabled
          keyHint="1"
          onClick={() => release.mutate()}
        >
          {t("release")}
        </Button>
        <Button keyHint="2" onClick={() => setSendingBack(true)}>
          {t("send-back")}
        </Button>
        {item.can_release && item.along > 0 && <p className={css.along}>{t("held-along", { count: item.along })}</p>}
        {!item.can_release && <p className={css.along}>{t("held-no-release")}</p>}
      </div>
      {sendingBack && (
        <SendBackDialog
          item={item}
          onClose={() => setSendingBack(false)}
          onDone={() => onDone(t("sent-back", { member: item.author.label }))}
        />
      )}
    </article>
  );
}
