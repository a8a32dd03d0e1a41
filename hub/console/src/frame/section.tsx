// A part of a page under its own head, which stays in sight while the part is read.
import type { ReactNode } from "react";
import css from "./section.module.css";

interface Props {
  id: string;
  title: string;
  count: number;
  /** Said in the place of nothing. */
  none?: string;
  children: ReactNode;
}

export function Section({ id, title, count, none, children }: Props) {
  return (
    <section className={css.section} aria-labelledby={`title-${id}`}>
      <h2 id={`title-${id}`}>
        {title} <span>{count}</span>
      </h2>
      {count === 0 && none ? <p className={css.none}>{none}</p> : children}
    </section>
  );
}
