// Whether the screen is too narrow for a list and a detail side by side.
import { useSyncExternalStore } from "react";

const query = window.matchMedia("(width < 1000px)");

function subscribe(changed: () => void) {
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query.matches);
}
