// Keyboard: `j k enter 1–9 / ? esc`. The newest screen that claims a key gets it; typing claims them all.
import { useEffect, useRef } from "react";

type Act = () => void;
export type KeyMap = Partial<Record<string, Act | undefined>>;

const layers: { current: KeyMap }[] = [];

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    // Nobody types into those.
    !target.matches("input[type=radio], input[type=checkbox]") &&
    target.closest("input, textarea, select, [contenteditable], [role=listbox], [role=combobox], [role=slider]") !==
      null
  );
}

function onKey(event: KeyboardEvent) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
  if (typing(event.target) && event.key !== "Escape") return;
  // Enter on a link or button is that link's or button's.
  if (event.key === "Enter" && event.target instanceof HTMLElement && event.target.closest("a, button")) return;
  const act = layers.findLast((layer) => layer.current[event.key])?.current[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/** Claims keys while the calling screen is shown. */
export function useKeys(map: KeyMap) {
  const layer = useRef(map);
  layer.current = map;
  useEffect(() => {
    if (layers.length === 0) window.addEventListener("keydown", onKey);
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (layers.length === 0) window.removeEventListener("keydown", onKey);
    };
  }, []);
}
