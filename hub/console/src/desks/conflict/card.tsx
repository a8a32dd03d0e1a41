// One side of a conflict. All sides look alike: none is the error.
import type { ReactNode } from "react";
import type { Shapes } from "../../api/client";
import { When } from "../../frame/parts";
import type { Run } from "../../format/diff";
import { valueText } from "../../format/value";
import { type Say, useTexts } from "../../i18n/texts";
import css from "./card.module.css";

interface Props {
  name: string;
  side?: Shapes["Side"] | undefined;
  runs: Run[];
  /** What lists show until this is settled. */
  shown?: boolean;
  chosen?: boolean;
  children?: ReactNode;
}

export function Card({ name, side, runs, shown, chosen, children }: Props) {
  const say = useTexts();
  const { t } = say;
  return (
    <figure className={css.card} data-chosen={chosen || undefined}>
      <figcaption className={css.name}>
        {name}
        {shown && <span className={css.shown}>{t("shown-meanwhile")}</span>}
        {side?.by_supervisor && <span className={css.shown}>{t("by-supervisor")}</span>}
      </figcaption>
      <p className={css.value}>
        {runs.map((run, at) => (run.differs ? <mark key={at}>{run.text}</mark> : <span key={at}>{run.text}</span>))}
      </p>
      {side && (
        <dl className={css.who}>
          <dt>{t("author")}</dt>
          <dd>{side.author.label}</dd>
          <dt>{t("time")}</dt>
          <dd>
            <When at={side.at} full />
          </dd>
          {side.also.length > 0 && (
            <>
              <dt>{t("also-did")}</dt>
              <dd>
                <ul>
                  {side.also.map((also, at) => (
                    <li key={at}>
                      <When at={also.at} short /> {alsoText(also, say)}
                    </li>
                  ))}
                </ul>
              </dd>
            </>
          )}
        </dl>
      )}
      {children && <div className={css.act}>{children}</div>}
    </figure>
  );
}

function alsoText({ field, value, child }: Shapes["AlsoDid"], say: Say): string {
  if (child) return say.t("also-added", { kind: say.one("kind", child.kind), title: child.title });
  const words = value ? valueText(value, say) : "";
  return field ? say.t("named", { name: say.one("field", field), value: words }) : words;
}
