// The time bar under the map: walked spans, gaps with their cause, events as ticks. Scrub it, or let it play.
import { useEffect, useState } from "react";
import type { Shapes } from "../../api/client";
import { useKeys } from "../../frame/keys";
import { Button } from "../../frame/parts";
import { secondsText, timeText } from "../../format/time";
import { useTexts } from "../../i18n/texts";
import { segmentSpans } from "../../map/track";
import css from "./time-bar.module.css";
import { gapText } from "./track-map";

type Patrol = Shapes["Patrol"];

/** A whole patrol plays in about half a minute. */
const PLAY_MS = 30_000;
const FRAME_MS = 50;

interface Tick {
  ms: number;
  kind: "normal" | "problem" | "photo" | "case";
}

export function TimeBar({
  patrol,
  now,
  onNow,
}: {
  patrol: Patrol;
  now: number | undefined;
  onNow: (ms: number | undefined) => void;
}) {
  const say = useTexts();
  const { t } = say;
  const [playing, setPlaying] = useState(false);
  const spans = segmentSpans(patrol.track);
  const ticks = ticksOf(patrol);
  const [from, to] = extent(patrol, spans);
  const span = Math.max(1, to - from);
  const at = (ms: number) => `${(((ms - from) / span) * 100).toFixed(3)}%`;

  useEffect(() => {
    if (!playing) return;
    const start = now === undefined || now >= to ? from : now;
    const begun = performance.now();
    const timer = setInterval(() => {
      const next = start + ((performance.now() - begun) / PLAY_MS) * span;
      if (next >= to) setPlaying(false);
      onNow(Math.min(next, to));
    }, FRAME_MS);
    return () => clearInterval(timer);
    // `now` is where playing starts, not what restarts it.
  }, [playing, from, to]);
  useKeys({ " ": () => setPlaying(!playing) });

  if (spans.length === 0) return <p className={css.none}>{t("track-untimed")}</p>;
  const gap =
    now === undefined
      ? undefined
      : patrol.track.gaps.find((each) => now > (each.from_ms ?? Infinity) && now < (each.to_ms ?? -Infinity));
  return (
    <div className={`${css.bar} no-print`}>
      <Button look="quiet" aria-label={t(playing ? "replay-pause" : "replay")} onClick={() => setPlaying(!playing)}>
        {playing ? "‖" : "▶"}
      </Button>
      <span className={css.edge}>{timeText(from)}</span>
      <div className={css.track}>
        <svg className={css.drawing} aria-hidden>
          <defs>
            <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="1.5" height="6" className={css.hatch} />
            </pattern>
          </defs>
          {spans.map((walked) => (
            <rect
              key={walked.from}
              x={at(walked.from)}
              y="16"
              width={`${((walked.to - walked.from) / span) * 100}%`}
              height="6"
              className={css.walked}
            />
          ))}
          {patrol.track.gaps.map((each) =>
            typeof each.from_ms === "number" && typeof each.to_ms === "number" ? (
              <rect
                key={each.from_ms}
                x={at(each.from_ms)}
                y="13"
                width={`${((each.to_ms - each.from_ms) / span) * 100}%`}
                height="12"
                fill="url(#hatch)"
                className={css.gap}
              >
                <title>{gapText(each, say)}</title>
              </rect>
            ) : null,
          )}
          {ticks.map((tick) => (
            <line
              key={`${tick.kind}${tick.ms}`}
              x1={at(tick.ms)}
              x2={at(tick.ms)}
              y1={tick.kind === "photo" ? 26 : 2}
              y2={tick.kind === "photo" ? 33 : 13}
              className={css[tick.kind]}
            />
          ))}
        </svg>
        <input
          type="range"
          className={css.scrub}
          aria-label={t("time-bar")}
          aria-valuetext={secondsText(now ?? from)}
          min={from}
          max={to}
          step={1000}
          value={now ?? from}
          onChange={(event) => {
            setPlaying(false);
            onNow(Number(event.target.value));
          }}
        />
      </div>
      <span className={css.edge}>{timeText(to)}</span>
      <output className={css.now}>{now === undefined ? "" : gap ? gapText(gap, say) : secondsText(now)}</output>
    </div>
  );
}

function extent(patrol: Patrol, spans: { from: number; to: number }[]): [number, number] {
  const gaps = patrol.track.gaps.flatMap((gap) => [gap.from_ms, gap.to_ms]).filter((ms) => typeof ms === "number");
  const times = [...spans.flatMap(({ from, to }) => [from, to]), ...gaps];
  return [Math.min(...times), Math.max(...times)];
}

function ticksOf(patrol: Patrol): Tick[] {
  return [
    ...patrol.places.flatMap(({ inspection }): Tick[] =>
      inspection ? [{ ms: inspection.at.ms, kind: inspection.result === "normal" ? "normal" : "problem" }] : [],
    ),
    ...patrol.photos.flatMap(({ taken }): Tick[] => (taken ? [{ ms: taken.ms, kind: "photo" }] : [])),
    ...patrol.cases.map(({ at }): Tick => ({ ms: at.ms, kind: "case" })),
  ];
}
