import { expect, test } from "vitest";
import { readFilters, writeFilters } from "./filters";

const KEYS = ["area", "day", "member", "state"] as const;

test("a link is a saved view: what was set comes back", () => {
  const search = writeFilters("", { area: "440783108224", day: "2026-11-24", member: "网格员·仲和·03" });
  expect(readFilters(search, KEYS)).toEqual({ area: "440783108224", day: "2026-11-24", member: "网格员·仲和·03" });
});

test("parameters that the desk does not know do not become filters, and are kept", () => {
  expect(readFilters("?area=4407&utm=1", KEYS)).toEqual({ area: "4407" });
  expect(writeFilters("?utm=1", { area: "4407" })).toBe("?area=4407&utm=1");
});

test("an emptied filter leaves the address", () => {
  expect(writeFilters("?area=4407&day=2026-11-24", { area: "  " })).toBe("?day=2026-11-24");
  expect(writeFilters("?area=4407", { area: undefined })).toBe("");
  expect(readFilters("?area=&state=%20", KEYS)).toEqual({});
});

test("two ways to the same view give one address", () => {
  const one = writeFilters(writeFilters("", { state: "ended" }), { area: "4407" });
  const other = writeFilters(writeFilters("", { area: "4407" }), { state: "ended" });
  expect(one).toBe(other);
});
