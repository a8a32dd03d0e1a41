// The frame: a narrow rail with the desks and what waits at each, the screen, and one quiet line about sync.
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { answer, api, type Shapes } from "../api/client";
import { spanText } from "../format/time";
import { useTexts } from "../i18n/texts";
import { Dialog } from "./dialog";
import { useKeys } from "./keys";
import { HubTime, Sign } from "./parts";
import css from "./shell.module.css";

type Counts = Shapes["DeskCounts"];
const DESKS: { path: string; id: string; count?: (counts: Counts) => number }[] = [
  { path: "/", id: "desk-today" },
  { path: "/patrols", id: "desk-patrols", count: (counts) => counts.patrols_today },
  { path: "/cases", id: "desk-cases", count: (counts) => counts.cases_mine },
  { path: "/conflicts", id: "desk-conflicts", count: (counts) => counts.conflicts },
  { path: "/held", id: "desk-held", count: (counts) => counts.held },
  { path: "/places", id: "desk-places", count: (counts) => counts.places_overdue },
  { path: "/coverage", id: "desk-coverage" },
  { path: "/verify", id: "desk-verify" },
  { path: "/grids", id: "desk-grids" },
  { path: "/people", id: "desk-people" },
];

export function useStatus() {
  return useQuery({ queryKey: ["status"], queryFn: () => answer(api.GET("/api/status")), refetchInterval: 20_000 });
}

export function Shell({ session, children }: { session: Shapes["SessionInfo"]; children: ReactNode }) {
  const { t } = useTexts();
  const [help, setHelp] = useState(false);
  useKeys({ "?": () => setHelp(true) });
  return (
    <div className={css.frame}>
      <a className={css.skip} href="#main">
        {t("skip-to-main")}
      </a>
      <Rail session={session} onHelp={() => setHelp(true)} />
      <main id="main" className={css.main} tabIndex={-1}>
        {children}
      </main>
      <StatusLine />
      <Help open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function Rail({ session, onHelp }: { session: Shapes["SessionInfo"]; onHelp: () => void }) {
  const { t, one, lang, setLang } = useTexts();
  const [path] = useLocation();
  const counts = useStatus().data?.desks;
  // A fresh page, so that nothing of this session stays in memory.
  const logOut = useMutation({ mutationFn: () => api.DELETE("/api/session"), onSettled: () => location.assign("/") });
  return (
    <nav className={`${css.rail} no-print`} aria-label={t("desks")}>
      <p className={css.brand}>{t("app-name")}</p>
      <ul>
        {DESKS.map((desk) => {
          const here = desk.path === "/" ? path === "/" : path.startsWith(desk.path);
          const count = counts && desk.count?.(counts);
          return (
            <li key={desk.id}>
              <Link href={desk.path} className={css.desk} aria-current={here ? "page" : undefined}>
                <span>{t(desk.id)}</span>
                {count ? <span className={css.count}>{count}</span> : null}
              </Link>
            </li>
          );
        })}
      </ul>
      <div className={css.foot}>
        <p className={css.who}>
          {session.name}
          <br />
          <span>{one("role", session.role)}</span>
        </p>
        <button
          type="button"
          className={css.small}
          onClick={() => setLang(lang === "zh" ? "en" : "zh")}
          lang={lang === "zh" ? "en" : "zh-CN"}
        >
          {t("other-language")}
        </button>
        <button type="button" className={css.small} onClick={onHelp}>
          {t("help-short")} ?
        </button>
        <button type="button" className={css.small} onClick={() => logOut.mutate()}>
          {t("log-out")}
        </button>
      </div>
    </nav>
  );
}

function StatusLine() {
  const { t, lang } = useTexts();
  const status = useStatus();
  const now = status.data;
  const { late = 0, lost_entries: lost = 0, last_sync_ms: last } = now?.phones ?? {};
  return (
    <footer className={`${css.status} no-print`}>
      {status.isError ? (
        <Sign tone="bad">{t("status-away")}</Sign>
      ) : (
        now && (
          <>
            {late > 0 ? (
              <Sign tone="warn">{t("status-phones-late", { count: late })}</Sign>
            ) : (
              <Sign tone="good">{t("status-phones-ok")}</Sign>
            )}
            {lost > 0 && <Sign tone="bad">{t("status-lost-entries", { count: lost })}</Sign>}
            {last && (
              <span>
                {t("status-last-sync")} <HubTime ms={last} />
              </span>
            )}
            {now.hub.photos_awaited > 0 && <span>{t("status-photos-awaited", { count: now.hub.photos_awaited })}</span>}
            {now.hub.durable_ms && (
              <span className={css.far}>
                {t("status-durable", { span: spanText(now.now_ms - now.hub.durable_ms, lang) })}
              </span>
            )}
          </>
        )
      )}
    </footer>
  );
}

const KEYS = ["j", "k", "Enter", "Esc", "/", "1–9", "?"];

function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t, one } = useTexts();
  const names = ["down", "up", "open", "back", "search", "act", "help"];
  return (
    <Dialog title={t("help-title")} open={open} onClose={onClose}>
      <dl className={css.keys}>
        {KEYS.map((key, at) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{one("help", names[at] ?? "")}</dd>
          </div>
        ))}
      </dl>
      <p>{t("help-address")}</p>
    </Dialog>
  );
}
