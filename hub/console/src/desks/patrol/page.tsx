// One patrol: the map with its time bar on one side, what was looked at and what came of it on the other.
// The same page prints on one sheet.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { answer, api, type Shapes } from "../../api/client";
import { useDownload } from "../../frame/download";
import { useKeys } from "../../frame/keys";
import { Button, GridName, Sign, Trouble } from "../../frame/parts";
import { Section } from "../../frame/section";
import { dateText, doubtText, fileTime, timeText } from "../../format/time";
import { useTexts } from "../../i18n/texts";
import { Legend } from "../../map/legend";
import type { Thing } from "../../map/drawings";
import css from "./page.module.css";
import { PhotoStrip } from "./photos";
import { PhotoView } from "./photo-view";
import { CasesTable, DoubtsTable, MarksTable, PlacesTable, ReceiptsTable } from "./tables";
import { TimeBar } from "./time-bar";
import { legendOf, TrackMap } from "./track-map";

type Patrol = Shapes["Patrol"];

export function PatrolPage({ id }: { id: string }) {
  const patrol = useQuery({
    queryKey: ["patrol", id],
    queryFn: () => answer(api.GET("/api/patrols/{id}", { params: { path: { id } } })),
  });
  if (patrol.error) return <Trouble error={patrol.error} again={() => void patrol.refetch()} />;
  return patrol.data ? <OnePatrol patrol={patrol.data} /> : null;
}

function OnePatrol({ patrol }: { patrol: Patrol }) {
  const { t } = useTexts();
  const [, go] = useLocation();
  const search = useSearch();
  const [lit, setLit] = useState<Thing>();
  const [photo, setPhoto] = useState<number>();
  const [now, setNow] = useState<number>();
  const download = useDownload();
  const back = `/patrols${search && `?${search}`}`;
  useKeys({
    Escape: () => go(back),
    "1": () => patrol.photos[0] && setPhoto(1),
    "2": () => window.print(),
  });
  const pick = (thing: Thing) => {
    if (thing.layer === "photo") setPhoto(patrol.photos.find((each) => each.id === thing.id)?.number);
    else if (thing.layer === "doubt") setLit(thing);
    else document.getElementById(`row-${thing.id}`)?.scrollIntoView({ block: "center" });
  };
  const lights = { lit, onLight: setLit };
  return (
    <article className={css.page}>
      <Head patrol={patrol.summary} back={back} download={download} />
      {download.error && (
        <div className={css.trouble}>
          <Trouble error={download.error} again={() => download.variables && download.mutate(download.variables)} />
        </div>
      )}
      <div className={css.sides}>
        <div className={css.where}>
          <div className={css.map}>
            <TrackMap patrol={patrol} now={now} lit={lit} onLight={setLit} onPick={pick} />
          </div>
          <TimeBar patrol={patrol} now={now} onNow={setNow} />
          <Legend keys={legendOf(patrol)} />
          {typeof patrol.track.simplified_m === "number" && (
            <p className={css.drawn}>
              {t("track-simplified", { fixes: patrol.track.fixes, metres: patrol.track.simplified_m })}
            </p>
          )}
        </div>
        <div className={css.what}>
          <Section id="places" title={t("desk-places")} count={patrol.places.length} none={t("patrol-no-places")}>
            <PlacesTable patrol={patrol} {...lights} onPhoto={setPhoto} />
          </Section>
          <Section id="photos" title={t("photos")} count={patrol.photos.length} none={t("patrol-no-photos")}>
            <PhotoStrip photos={patrol.photos} {...lights} onOpen={setPhoto} />
          </Section>
          <Section id="cases" title={t("desk-cases")} count={patrol.cases.length} none={t("patrol-no-cases")}>
            <CasesTable patrol={patrol} {...lights} />
          </Section>
          {patrol.track.doubts.length > 0 && (
            <Section
              id="doubts"
              title={t("doubts")}
              count={patrol.track.doubts.reduce((sum, each) => sum + each.fixes, 0)}
            >
              <DoubtsTable doubts={patrol.track.doubts} {...lights} />
            </Section>
          )}
          {patrol.marks.length > 0 && (
            <Section id="marks" title={t("marks")} count={patrol.marks.length}>
              <MarksTable marks={patrol.marks} />
            </Section>
          )}
          <Section id="receipts" title={t("receipts")} count={patrol.summary.receipts.total}>
            <ReceiptsTable patrol={patrol} />
          </Section>
        </div>
      </div>
      <PhotoView photos={patrol.photos} number={photo} onNumber={setPhoto} />
    </article>
  );
}

interface HeadProps {
  patrol: Shapes["PatrolRow"];
  back: string;
  download: ReturnType<typeof useDownload>;
}

function Head({ patrol, back, download }: HeadProps) {
  const { t, one, lang } = useTexts();
  const { start, end } = patrol;
  return (
    <header className={css.head}>
      <div className={css.title}>
        <Link href={back} className="no-print">
          ‹ {t("desk-patrols")}
        </Link>
        <h1>
          {dateText(start.ms, lang)} {timeText(start.ms)}–{end ? timeText(end.ms) : one("patrol-state", patrol.state)}
        </h1>
      </div>
      <dl className={css.facts}>
        <Fact name={t("grid")}>
          <GridName grid={patrol.grid} code />
        </Fact>
        <Fact name={t("member")}>{patrol.member.label}</Fact>
        <Fact name={t("places-seen")}>{t("seen-slash-due", { seen: patrol.places_seen, due: patrol.places_due })}</Fact>
        <Fact name={t("time")}>
          {doubtText(start, lang)} {one("time", start.quality)}
        </Fact>
        {patrol.imported && (
          <Fact name={t("source")}>
            <Sign tone="calm">{t("imported")}</Sign>
          </Fact>
        )}
        {patrol.outside && (
          <Fact name={t("legend-track")}>
            <Sign tone="warn">{t("partly-outside")}</Sign>
          </Fact>
        )}
      </dl>
      <div className={`${css.actions} no-print`}>
        <Files patrol={patrol} download={download} />
        <Button onClick={() => window.print()} keyHint="2">
          {t("print")}
        </Button>
      </div>
    </header>
  );
}

const FILES = [
  { text: "GPX", title: "file-gpx", ending: ".gpx", path: "/api/patrols/{id}/track.gpx" },
  { text: "GeoPackage", title: "file-gpkg", ending: ".gpkg", path: "/api/patrols/{id}/patrol.gpkg" },
  { text: "CSV", title: "file-csv", ending: "-places.csv", path: "/api/patrols/{id}/places.csv" },
] as const;

interface FilesProps {
  patrol: Shapes["PatrolRow"];
  download: ReturnType<typeof useDownload>;
}

function Files({ patrol: { id, start, grid }, download: { mutate, isPending } }: FilesProps) {
  const { t } = useTexts();
  const stem = [fileTime(start.ms), grid?.code].filter(Boolean).join("-");
  return (
    <>
      {FILES.map(({ text, title, ending, path }) => (
        <Button
          key={text}
          title={t(title)}
          disabled={isPending}
          focusableWhenDisabled
          onClick={() =>
            mutate({
              name: stem + ending,
              fetch: () => answer<Blob>(api.GET(path, { params: { path: { id } }, parseAs: "blob" })),
            })
          }
        >
          {text}
        </Button>
      ))}
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
