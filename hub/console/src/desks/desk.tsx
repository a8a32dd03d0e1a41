// The layout of a desk: a head with its filters, the list, and beside it what was opened.
import type { ReactNode } from "react";
import css from "./desk.module.css";
import filters from "../ledger/filters.module.css";

interface Props {
  title: string;
  /** One line that says what this desk is for. */
  note?: string;
  filters?: ReactNode;
  list: ReactNode;
  detail?: ReactNode;
  /** The list is what matters, and the detail is there to look up; or both matter. */
  wideList?: boolean;
  halves?: boolean;
}

export function Desk({ title, note, filters: bar, list, detail, wideList, halves }: Props) {
  return (
    <div className={detail ? (halves ? `${css.wide} ${css.halves}` : wideList ? css.wide : css.split) : css.whole}>
      <section className={css.list} aria-label={title}>
        <header className={css.head}>
          <h1>{title}</h1>
          {note && !detail && <p className={css.note}>{note}</p>}
        </header>
        {bar && <div className={filters.bar}>{bar}</div>}
        {list}
      </section>
      {detail && <div className={css.detail}>{detail}</div>}
    </div>
  );
}
