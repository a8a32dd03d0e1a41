// The faults in words, by kind, each with its number on the map.
import { useEffect, useRef } from "react";
import type { Shapes } from "../../api/client";
import { Section } from "../../frame/section";
import { useTexts } from "../../i18n/texts";
import deskCss from "../desk.module.css";
import css from "./grids.module.css";
import { MendedList } from "./repairs";

type Found = Shapes["GridCheck"];

/** Nobody mends more in one go, and the next check shows the rest. */
const MOST_LISTED = 200;

export function listed({ faults }: Found) {
  return faults.slice(0, MOST_LISTED);
}

interface Props {
  found: Found;
  chosen: number | undefined;
  onChoose: (at: number) => void;
}

export function FaultList({ found, chosen, onChoose }: Props) {
  const { t, one, say } = useTexts();
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const shown = [...listed(found).entries()];
  const unlisted = found.faults.length - shown.length;
  return (
    <section ref={list} className={`${deskCss.below} ${css.faults}`} aria-label={t("grids-faults")} tabIndex={0}>
      {found.mended.length > 0 && <MendedList mended={found.mended} />}
      {found.counts.map(({ kind, count }) => {
        const of = shown.filter(([, fault]) => fault.kind === kind);
        if (of.length === 0) return null;
        return (
          <Section key={kind} id={kind} title={one("fault-kind", kind)} count={count}>
            <ol>
              {of.map(([at, { text }]) => (
                <li key={at}>
                  <button type="button" aria-current={chosen === at} onClick={() => onChoose(at)}>
                    <span className={css.number}>{at + 1}</span>
                    <span>{say(text)}</span>
                  </button>
                </li>
              ))}
            </ol>
          </Section>
        );
      })}
      {unlisted > 0 && <p className={css.soft}>{t("grids-unlisted", { count: unlisted })}</p>}
    </section>
  );
}
