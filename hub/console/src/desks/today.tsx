// Today: what waits for a decision, what came in, what nobody has looked at. Each line leads to its desk.
import type { ReactNode } from "react";
import { Link } from "wouter";
import { answer, api, type Shapes } from "../api/client";
import { Button, GridName, Sign, When } from "../frame/parts";
import { useKeys } from "../frame/keys";
import { useStatus } from "../frame/shell";
import { dateText } from "../format/time";
import { useTexts } from "../i18n/texts";
import { useLocation } from "wouter";
import { useQuery } from "@tanstack/react-query";
import { DueText } from "./cases";
import css from "./today.module.css";

const FEW = 5;
const MORE = 12;

export function TodayDesk() {
  const { t, lang } = useTexts();
  const status = useStatus().data;
  const [, go] = useLocation();
  const now = status?.now_ms ?? Date.now();
  const counts = status?.desks;
  useKeys({
    "1": () => go("/conflicts"),
    "2": () => go("/held"),
    "3": () => go("/cases?only=mine"),
    "4": () => go("/places?state=overdue"),
  });
  return (
    <div className={css.page}>
      <header className={css.head}>
        <h1>{dateText(now, lang)}</h1>
        {counts && <p>{waiting(counts) === 0 ? t("today-calm") : t("today-waiting", { count: waiting(counts) })}</p>}
      </header>
      {counts && (
        <ul className={css.tiles}>
          <Tile
            at={1}
            href="/conflicts"
            count={counts.conflicts}
            label={t("today-conflicts", { count: counts.conflicts })}
          />
          <Tile at={2} href="/held" count={counts.held} label={t("today-held", { count: counts.held })} />
          <Tile
            at={3}
            href="/cases?only=mine"
            count={counts.cases_mine}
            label={t("today-cases", { count: counts.cases_mine })}
            note={counts.cases_overdue > 0 ? t("today-overdue", { count: counts.cases_overdue }) : undefined}
          />
          <Tile
            at={4}
            href="/places?state=overdue"
            count={counts.places_overdue}
            label={t("today-places", { count: counts.places_overdue })}
            note={t("today-due", { count: counts.places_due })}
          />
        </ul>
      )}
      <div className={css.lists}>
        <CasesNow />
        <div>
          <PatrolsNow />
          <PlacesNow />
        </div>
      </div>
    </div>
  );
}

function waiting(counts: Shapes["DeskCounts"]): number {
  return counts.conflicts + counts.held + counts.cases_mine;
}

function Tile({
  at,
  href,
  count,
  label,
  note,
}: {
  at: number;
  href: string;
  count: number;
  label: string;
  note?: string | undefined;
}) {
  return (
    <li>
      <Link href={href} className={css.tile} data-none={count === 0 || undefined}>
        <span className={css.count}>{count}</span>
        <span className={css.label}>
          {label} <kbd>{at}</kbd>
        </span>
        <span className={css.note}>{note}</span>
      </Link>
    </li>
  );
}

function CasesNow() {
  const { t, one, lang } = useTexts();
  const cases = useQuery({
    queryKey: ["cases", "today"],
    queryFn: () => answer(api.GET("/api/cases", { params: { query: { only: "mine", limit: MORE } } })),
  }).data;
  return (
    <List title={t("today-next-cases")} href="/cases?only=mine" none={t("cases-none")} count={cases?.items.length}>
      {cases?.items.map((row) => (
        <li key={row.id}>
          <Link href={`/cases/${row.id}?only=mine`}>{row.title}</Link>
          <span>{one("stage", row.stage)}</span>
          <span>{row.due && <DueText due={row.due} lang={lang} />}</span>
        </li>
      ))}
    </List>
  );
}

function PatrolsNow() {
  const { t } = useTexts();
  const patrols = useQuery({
    queryKey: ["patrols", "today"],
    queryFn: () => answer(api.GET("/api/patrols", { params: { query: { limit: FEW } } })),
  }).data;
  return (
    <List title={t("today-came-in")} href="/patrols" none={t("patrols-none")} count={patrols?.items.length}>
      {patrols?.items.map((row) => (
        <li key={row.id}>
          <Link href={`/patrols/${row.id}`}>
            <GridName grid={row.grid} />
          </Link>
          <span>
            {row.problems > 0 ? (
              <Sign tone="warn">{t("problems-count", { count: row.problems })}</Sign>
            ) : (
              <Sign tone="good">{t("seen-slash-due", { seen: row.places_seen, due: row.places_due })}</Sign>
            )}
          </span>
          <span>
            <When brief at={row.start} />
          </span>
        </li>
      ))}
    </List>
  );
}

function PlacesNow() {
  const { t, one, lang } = useTexts();
  const places = useQuery({
    queryKey: ["places", "today"],
    queryFn: () => answer(api.GET("/api/places", { params: { query: { state: "overdue", limit: FEW } } })),
  }).data;
  return (
    <List
      title={t("today-not-seen")}
      href="/places?state=overdue"
      none={t("today-none-overdue")}
      count={places?.items.length}
    >
      {places?.items.map((row) => (
        <li key={row.id}>
          <Link href={`/places?state=overdue&q=${encodeURIComponent(row.name)}`}>
            {row.name} <GridName grid={row.grid} />
          </Link>
          <span>{one("place-kind", row.kind)}</span>
          <span>
            {typeof row.due_ms === "number" && (
              <Sign tone="bad" sign="!">
                {dateText(row.due_ms, lang)}
              </Sign>
            )}
          </span>
        </li>
      ))}
    </List>
  );
}

function List({
  title,
  href,
  none,
  count,
  children,
}: {
  title: string;
  href: string;
  none: string;
  count: number | undefined;
  children: ReactNode;
}) {
  const { t } = useTexts();
  return (
    <section className={css.list}>
      <header>
        <h2>{title}</h2>
        <Button look="quiet" render={<Link href={href} />} nativeButton={false}>
          {t("show-all")}
        </Button>
      </header>
      {count === 0 ? <p className={css.none}>{none}</p> : <ul>{children}</ul>}
    </section>
  );
}
