// Every write of a record, oldest first: who, when, how sure the time is, what it changed and how it was taken.
import type { Shapes } from "../api/client";
import { Sign, type Tone, When } from "../frame/parts";
import { valueText } from "../format/value";
import { useTexts } from "../i18n/texts";
import css from "./timeline.module.css";

type Entry = Shapes["TimelineEntry"];
const VERDICTS: Partial<Record<Shapes["Verdict"], Tone>> = { amendment: "calm", held: "warn", sent_back: "warn" };

export function Timeline({ entries }: { entries: Entry[] }) {
  const { t, one, say } = useTexts();
  return (
    <ol className={css.list}>
      {entries.map((entry) => {
        const tone = VERDICTS[entry.verdict];
        return (
          <li key={entry.dot} className={css.entry}>
            <When at={entry.at} />
            <div>
              <p>
                <strong>{entry.author.label}</strong> {one("did", entry.what)}
                {entry.step &&
                  ` ${t("step-from-to", { from: one("stage", entry.step.from), to: one("stage", entry.step.to) })}`}
                {entry.step?.holder && ` ${t("step-holder", { holder: entry.step.holder.label })}`}
                {entry.child && ` ${t("named", { name: one("kind", entry.child.kind), value: entry.child.title })}`}
              </p>
              {entry.step?.reason && <p className={css.reason}>{entry.step.reason}</p>}
              <Changes changes={entry.changes} />
              {tone && (
                <p>
                  <Sign tone={tone}>{one("verdict", entry.verdict)}</Sign> {entry.reason && say(entry.reason)}
                </p>
              )}
              {!tone && entry.reason && <p className={css.reason}>{say(entry.reason)}</p>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

/** Old and new value of each field that was written. */
export function Changes({ changes }: { changes: Shapes["Change"][] }) {
  const say = useTexts();
  if (changes.length === 0) return null;
  return (
    <dl className={css.changes}>
      {changes.map((change) => (
        <div key={change.field}>
          <dt>{say.one("field", change.field)}</dt>
          <dd>
            {change.before && change.before.type !== "empty" && (
              <>
                <del>{valueText(change.before, say)}</del> →{" "}
              </>
            )}
            <ins>{valueText(change.after, say)}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}
