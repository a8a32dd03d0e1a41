import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FluentResource } from "@fluent/bundle";
import { describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "..");
const CORE = join(SRC, "../../../core/model/messages");

function ids(file: string): string[] {
  return new FluentResource(readFileSync(file, "utf8")).body.map(({ id }) => id);
}

const CONTRACT = JSON.parse(readFileSync(join(SRC, "../openapi.json"), "utf8"));

/** The family of ids that names the codes of each closed list of the contract. */
const FAMILIES = {
  DueState: "due-state",
  GapCause: "gap",
  HashState: "hash",
  InspectionResult: "result",
  PatrolState: "patrol-state",
  Quality: "time",
  ReceiptState: "hub-receipt",
  TimelineKind: "did",
  Verdict: "verdict",
};

const own = { zh: ids(join(SRC, "i18n/zh.ftl")), en: ids(join(SRC, "i18n/en.ftl")) };
const core = { zh: ids(join(CORE, "zh.ftl")), en: ids(join(CORE, "en.ftl")) };

describe("texts", () => {
  test("both languages have the same ids in the same order", () => {
    expect(own.en).toEqual(own.zh);
  });

  test("an id is written once, here or in the core", () => {
    const all = [...core.zh, ...own.zh];
    expect(all.filter((id, at) => all.indexOf(id) !== at)).toEqual([]);
  });

  test("every code that the contract can send has a text", () => {
    const known = new Set([...core.zh, ...own.zh]);
    const needed = Object.entries(FAMILIES).flatMap(([list, family]) =>
      (CONTRACT.components.schemas[list].enum as string[]).map((code) => `${family}-${code.replaceAll("_", "-")}`),
    );
    const steps = core.zh
      .filter((id) => id.startsWith("stage-") && id !== "stage-draft")
      .map((id) => id.replace("stage-", "do-"));
    expect([...needed, ...steps].filter((id) => !known.has(id))).toEqual([]);
  });

  test("every id that the code names has a text", () => {
    const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
      (name) => /\.tsx?$/.test(name) && !name.includes("test"),
    );
    const named = sources.flatMap((name) => {
      const code = readFileSync(join(SRC, name), "utf8");
      const calls = [...code.matchAll(/\bt\(([^)]*?)[,)]/g)].flatMap(([, inside = ""]) => [
        ...inside.matchAll(/"([a-z][a-z0-9-]+)"/g),
      ]);
      return calls.flatMap(([, id]) => (id ? [id] : []));
    });
    expect(named.length).toBeGreaterThan(100);
    const known = new Set([...core.zh, ...own.zh]);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });
});
