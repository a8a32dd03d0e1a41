// What one patrol looked at and what came of it.
import { Fragment } from "react";
import { Link } from "wouter";
import type { Shapes } from "../../api/client";
import { HubTime, ReceiptSign, Sign, type Tone, When } from "../../frame/parts";
import { timeText } from "../../format/time";
import { type Say, useTexts } from "../../i18n/texts";
import type { Thing } from "../../map/drawings";
import css from "./tables.module.css";

type Patrol = Shapes["Patrol"];

interface Lights {
  patrol: Patrol;
  lit: Thing | undefined;
  onLight: (thing: Thing | undefined) => void;
}

const RESULTS: Record<Shapes["InspectionResult"], Tone> = { normal: "good", problem: "warn", unreachable: "calm" };
const RESULT_SIGNS = { normal: "✓", problem: "!", unreachable: "×" } as const;

export function PlacesTable({ patrol, lit, onLight, onPhoto }: Lights & { onPhoto: (number: number) => void }) {
  const { t, one, say } = useTexts();
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th scope="col">{t("kind-place")}</th>
          <th scope="col">{t("field-result")}</th>
          <th scope="col">{t("time")}</th>
          <th scope="col">{t("evidence")}</th>
        </tr>
      </thead>
      <tbody>
        {patrol.places.map(({ place, passed, inspection, missed }) => (
          <tr
            key={place.id}
            id={`row-${place.id}`}
            data-lit={lit?.id === place.id || undefined}
            onMouseEnter={() => onLight({ layer: "place", id: place.id })}
            onMouseLeave={() => onLight(undefined)}
          >
            <th scope="row">
              {place.name}
              <span className={css.kind}>{one("place-kind", place.kind)}</span>
            </th>
            <td>
              {inspection ? (
                <Sign tone={RESULTS[inspection.result]} sign={RESULT_SIGNS[inspection.result]}>
                  {one("result", inspection.result)}
                </Sign>
              ) : (
                <Sign tone="calm">{t("not-looked-at")}</Sign>
              )}
              {inspection && <InspectionNote inspection={inspection} />}
              {!inspection && missed && <p className={css.note}>{say(missed)}</p>}
            </td>
            <td>{inspection && <When at={inspection.at} short />}</td>
            <td>
              {inspection && one("evidence-by", inspection.evidence)}
              {passed && <p className={css.note}>{passedText(passed, t)}</p>}
              <span className={css.pins}>
                {inspection?.photos.map((number) => (
                  <button
                    key={number}
                    type="button"
                    className={css.pin}
                    aria-label={t("photo-number", { number })}
                    onClick={() => onPhoto(number)}
                  >
                    {number}
                  </button>
                ))}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Never an accusation: the track is one more thing that is known. */
function passedText({ fence, metres, accuracy_m: accuracy }: Shapes["Passed"], t: Say["t"]): string {
  if (fence !== "unsure") return t(`passed-${fence}`, { metres });
  if (typeof accuracy !== "number") return t("passed-unsure-unknown", { metres });
  return t("passed-unsure", { metres, accuracy: Math.round(accuracy) });
}

function InspectionNote({ inspection }: { inspection: Shapes["Inspection"] }) {
  const { note, checklist, case: led } = inspection;
  const { t, list } = useTexts();
  const answers = list(checklist.map(({ item, answer }) => t("named", { name: item, value: answer })));
  return (
    <>
      {note && note !== led?.title && <p className={css.note}>{note}</p>}
      {answers && <p className={css.note}>{answers}</p>}
      {led && (
        <p className={css.note}>
          <Link href={`/cases/${led.id}`}>{led.title}</Link>
        </p>
      )}
    </>
  );
}

export function CasesTable({ patrol, lit, onLight }: Lights) {
  const { one } = useTexts();
  return (
    <table className={css.table}>
      <tbody>
        {patrol.cases.map(({ record, stage, at }) => (
          <tr
            key={record.id}
            id={`row-${record.id}`}
            data-lit={lit?.id === record.id || undefined}
            onMouseEnter={() => onLight({ layer: "case", id: record.id })}
            onMouseLeave={() => onLight(undefined)}
          >
            <th scope="row">
              <Link href={`/cases/${record.id}`}>{record.title}</Link>
            </th>
            <td>{one("stage", stage)}</td>
            <td>
              <When at={at} short />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface Doubts extends Omit<Lights, "patrol"> {
  doubts: Shapes["DoubtCount"][];
}

/** Why fixes are doubted and how many; a row shows its reason over the map like its points do. */
export function DoubtsTable({ doubts, lit, onLight }: Doubts) {
  const { t, one } = useTexts();
  return (
    <>
      <p className={css.sum}>{t("doubts-kept")}</p>
      <table className={css.table}>
        <tbody>
          {doubts.map(({ doubt, fixes, first_ms: first }) => (
            <tr
              key={doubt}
              data-lit={lit?.id === doubt || undefined}
              onMouseEnter={() => onLight({ layer: "doubt", id: doubt })}
              onMouseLeave={() => onLight(undefined)}
            >
              <th scope="row">{one("doubt", doubt)}</th>
              <td>{t("doubts-count", { count: fixes })}</td>
              <td>{typeof first === "number" && t("doubts-since", { time: timeText(first) })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

export function MarksTable({ marks }: { marks: Shapes["Mark"][] }) {
  const { t } = useTexts();
  return (
    <table className={css.table}>
      <tbody>
        {marks.map((mark, at) => (
          <tr key={at}>
            <th scope="row">{mark.name}</th>
            <td>{typeof mark.at_ms === "number" ? timeText(mark.at_ms) : t("untimed")}</td>
            <td>
              {mark.position.lon.toFixed(5)}, {mark.position.lat.toFixed(5)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const STATES = ["saved", "sent", "accepted", "held", "sent_back"] as const;

/** The sum, then the records; those that need nothing are folded away. */
export function ReceiptsTable({ patrol }: { patrol: Patrol }) {
  const { t, one, say } = useTexts();
  const { receipts: all } = patrol;
  const { receipts } = patrol.summary;
  const waiting = all.filter(({ state }) => state !== "accepted");
  const rest = all.filter(({ state }) => state === "accepted");
  return (
    <>
      <p className={css.sum}>
        {STATES.filter((state) => receipts[state] > 0).map((state, at) => (
          <Fragment key={state}>
            {at > 0 && " + "}
            {one("hub-receipt", state)} {receipts[state]}
          </Fragment>
        ))}
        {" = "}
        {t("records-in-all", { count: receipts.total })}
      </p>
      <Rows rows={waiting} />
      {rest.length > 0 && (
        <details className="no-print">
          <summary className={css.fold}>{t("receipts-accepted", { count: rest.length })}</summary>
          <Rows rows={rest} />
        </details>
      )}
    </>
  );

  function Rows({ rows }: { rows: Shapes["Receipt"][] }) {
    if (rows.length === 0) return null;
    return (
      <table className={css.table}>
        <tbody>
          {rows.map((row) => (
            <tr key={row.record.id}>
              <th scope="row">
                {row.record.title}
                <span className={css.kind}>{one("kind", row.record.kind)}</span>
              </th>
              <td>
                <ReceiptSign state={row.state} />
                {row.reason && (
                  <p className={css.note}>
                    {say(row.reason)} {row.held_dot && <Link href={`/held/${row.held_dot}`}>{t("open-held")}</Link>}
                  </p>
                )}
              </td>
              <td>{typeof row.received_ms === "number" && <HubTime ms={row.received_ms} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
}
