// Filters live in the address, so that a link is a saved view. Here they are read and written; nothing else is.
import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";

export type Filters<K extends string> = Partial<Record<K, string>>;
/** New values of some filters; nothing clears one. */
export type FilterChange<K extends string> = { [key in K]?: string | undefined };

/** The filters of a desk that the address names; empty and foreign parameters are left out. */
export function readFilters<K extends string>(search: string, keys: readonly K[]): Filters<K> {
  const params = new URLSearchParams(search);
  const found: Filters<K> = {};
  for (const key of keys) {
    const value = params.get(key)?.trim();
    if (value) found[key] = value;
  }
  return found;
}

/** The search part with a change: a key set to nothing goes, other parameters stay, order is stable. */
export function writeFilters<K extends string>(search: string, change: FilterChange<K>): string {
  const params = new URLSearchParams(search);
  for (const [key, value] of Object.entries<string | undefined>(change)) {
    if (value?.trim()) params.set(key, value.trim());
    else params.delete(key);
  }
  params.sort();
  const text = params.toString();
  return text ? `?${text}` : "";
}

/** The filters in the address, and a way to change some of them. Typing replaces the entry of the history. */
export function useFilters<K extends string>(keys: readonly K[]) {
  const search = useSearch();
  const [path, go] = useLocation();
  const filters = useMemo(() => readFilters(search, keys), [search, keys]);
  const set = (change: FilterChange<K>) => go(path + writeFilters(search, change), { replace: true });
  return [filters, set] as const;
}
