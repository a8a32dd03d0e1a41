// A list of records: 36 px rows, drawn only where they are seen, walked by `j` and `k`, opened by Enter.
// It keeps its place: scroll and row are remembered for each address.
import { type ColumnDef, flexRender, getCoreRowModel, useReactTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useKeys } from "../frame/keys";
import { useNarrow } from "../frame/narrow";
import { Empty, Trouble } from "../frame/parts";
import { useTexts } from "../i18n/texts";
import css from "./ledger.module.css";
import type { Pages } from "./pages";

const ROW = 36;
const places = new Map<string, { top: number; row: number }>();

/** About how wide a list is: beside a detail, on a narrow screen, alone. */
const WIDTHS = { beside: 390, narrow: 720, alone: 1238 };

/** `width` in pixels, or what is left; `least`: the width of the list from which on the column is shown. */
declare module "@tanstack/react-table" {
  interface ColumnMeta<TData, TValue> {
    width?: number;
    least?: number;
    number?: boolean;
  }
}

interface Props<T> {
  name: string;
  pages: Pages<T>;
  columns: ColumnDef<T>[];
  id: (row: T) => string;
  /** Where a row leads; the first column is its link. */
  href?: (row: T) => string;
  selected?: string | undefined;
  /** A detail stands beside it. */
  beside?: boolean;
  empty: string;
  onHover?: (id: string | undefined) => void;
}

export function Ledger<T>({ name, pages, columns, id, href, selected, beside, empty, onHover }: Props<T>) {
  const { t } = useTexts();
  const { rows, error, more, loadMore, again } = pages;
  const [, go] = useLocation();
  const place = `${name}${useSearch()}`;
  const scroller = useRef<HTMLDivElement>(null);
  const active = useRef(places.get(place)?.row ?? -1);

  const width = useNarrow() ? WIDTHS.narrow : beside ? WIDTHS.beside : WIDTHS.alone;
  const shown = columns.filter((column) => (column.meta?.least ?? 0) <= width);
  const table = useReactTable({ data: rows ?? [], columns: shown, getCoreRowModel: getCoreRowModel(), getRowId: id });
  const lines = table.getRowModel().rows;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    initialOffset: places.get(place)?.top ?? 0,
  });

  useLayoutEffect(() => {
    const element = scroller.current;
    return () => {
      if (element) places.set(place, { top: element.scrollTop, row: active.current });
    };
  }, [place]);

  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= lines.length - 10) loadMore();
  }, [more, last, lines.length, loadMore]);

  const step = (by: number) => {
    const from = active.current >= 0 ? active.current : lines.findIndex((line) => line.id === selected);
    const to = Math.min(Math.max(from + by, 0), lines.length - 1);
    if (to < 0) return;
    active.current = to;
    virtual.scrollToIndex(to, { align: "auto" });
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`tr[data-row="${to}"] [data-opens]`)?.focus(),
    );
  };
  const open = () => {
    const line = lines[active.current];
    if (line && href) go(href(line.original));
  };
  useKeys({ j: () => step(1), k: () => step(-1), Enter: open });

  if (error && !rows) return <Trouble error={error} again={again} />;
  if (!rows) return null;
  if (rows.length === 0) return <Empty>{empty}</Empty>;
  const before = drawn[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  return (
    <div ref={scroller} className={css.scroller} tabIndex={0}>
      <table className={css.table} aria-label={name} aria-rowcount={more ? -1 : rows.length}>
        <colgroup>
          {shown.map((column, at) => (
            <col key={at} width={column.meta?.width} />
          ))}
        </colgroup>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <th
                  key={header.id}
                  scope="col"
                  className={header.column.columnDef.meta?.number ? css.number : undefined}
                >
                  {flexRender(header.column.columnDef.header, header.getContext())}
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {drawn.map(({ index }) => {
            const line = lines[index];
            if (!line) return null;
            const to = href?.(line.original);
            return (
              <tr
                key={line.id}
                data-row={index}
                aria-rowindex={index + 1}
                data-selected={line.id === selected || undefined}
                className={to ? css.opens : undefined}
                onClick={() => to && go(to)}
                onFocus={() => {
                  active.current = index;
                  onHover?.(line.id);
                }}
                onMouseEnter={() => onHover?.(line.id)}
                onMouseLeave={() => onHover?.(undefined)}
              >
                {line.getVisibleCells().map((cell, at) => (
                  <td key={cell.id} className={cell.column.columnDef.meta?.number ? css.number : undefined}>
                    {at === 0 && to ? (
                      <Link
                        href={to}
                        data-opens
                        className={css.link}
                        aria-current={line.id === selected || undefined}
                        onClick={(event) => event.stopPropagation()}
                      >
                        {flexRender(cell.column.columnDef.cell, cell.getContext())}
                      </Link>
                    ) : (
                      flexRender(cell.column.columnDef.cell, cell.getContext())
                    )}
                  </td>
                ))}
              </tr>
            );
          })}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
      <p className={css.end}>{more ? t("list-more", { count: rows.length }) : t("list-all", { count: rows.length })}</p>
    </div>
  );
}
