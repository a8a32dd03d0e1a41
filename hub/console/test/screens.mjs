// Draws every screen in a real browser under the real policy, in both languages and two sizes, lets axe look at it,
// and walks the two paths that matter: settle a conflict in two clicks, send held work back.
// `node test/screens.mjs [--out DIR] [--only NAME]` after `npm run build`.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { preview } from "vite";

const { values: options } = parseArgs({
  options: { out: { type: "string", default: "screens" }, only: { type: "string" } },
});
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SIZES = [
  { width: 1366, height: 768 },
  { width: 820, height: 1180 },
];
const FULL = await import("./ids.mjs");
const SCREENS = {
  today: "/",
  patrols: "/patrols",
  "patrols-filtered": "/patrols?area=440783108224&state=ended",
  patrol: `/patrols/${FULL.PATROL}`,
  cases: "/cases",
  case: `/cases/${FULL.CASE}?only=mine`,
  conflicts: "/conflicts",
  conflict: `/conflicts/${FULL.CASE}`,
  deletion: `/conflicts/${FULL.DELETED}`,
  held: "/held",
  "held-one": `/held/${FULL.HELD}`,
  places: "/places",
  people: "/people",
};

const faults = [];
const server = await preview({
  root: join(import.meta.dirname, ".."),
  mode: "mock",
  logLevel: "error",
  preview: { port: 0 },
});
const origin = server.resolvedUrls.local[0].replace(/\/$/, "");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  // The browser's own date fields follow its language, not the page's.
  env: { ...process.env, LANGUAGE: "zh_CN.UTF-8", LANG: "zh_CN.UTF-8" },
  args: [
    "--no-sandbox",
    "--lang=zh-CN",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ],
});
mkdirSync(options.out, { recursive: true });

async function open(lang, size) {
  const context = await browser.newContext({
    viewport: size,
    locale: lang === "zh" ? "zh-CN" : "en-GB",
    timezoneId: "Asia/Shanghai",
  });
  await context.addInitScript((kept) => localStorage.setItem("gridpatrol.lang", kept), lang);
  const page = await context.newPage();
  page.on(
    "console",
    (message) =>
      ["error", "warning"].includes(message.type()) &&
      !/401|GPU stall|GL Driver/.test(message.text()) &&
      faults.push(`${lang} ${page.url()}: ${message.text()}`),
  );
  page.on("pageerror", (error) => faults.push(`${lang} ${page.url()}: ${error}`));
  page.on(
    "request",
    (request) => !request.url().startsWith(origin) && faults.push(`outside address: ${request.url()}`),
  );
  return page;
}

async function settled(page) {
  await page.waitForLoadState("networkidle");
  if (await page.locator("[data-map]").count()) {
    await page.waitForSelector('[data-map="drawn"]');
    await page.waitForTimeout(600);
  }
  await page.waitForTimeout(150);
}

async function look(page, name) {
  const { lang, width } = await page.evaluate(() => ({
    lang: localStorage.getItem("gridpatrol.lang"),
    width: innerWidth,
  }));
  await page.screenshot({ path: join(options.out, `${name}-${width}-${lang}.png`) });
  // Through the debugger, which the policy does not bind, as a person's dev tools would.
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: AXE });
  const { result } = await session.send("Runtime.evaluate", {
    expression:
      "axe.run().then((found) => JSON.stringify(found.violations.map((each) => [each.id, each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + ' | ' + (node.any[0]?.message ?? ''))])))",
    awaitPromise: true,
    returnByValue: true,
  });
  // A list of choices floats over the page for a moment and is nobody's landmark.
  const found = JSON.parse(result.value).filter(
    ([rule, nodes]) => !(rule === "region" && nodes.every((node) => node.includes('role="listbox"'))),
  );
  for (const [rule, nodes] of found) faults.push(`axe ${name} ${width} ${lang}: ${rule}\n    ${nodes.join("\n    ")}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  if (wide) faults.push(`${name} ${width} ${lang}: wider than the screen`);
}

async function logIn(page) {
  await page.goto(origin);
  await page.fill("input[name=name]", "塘口");
  await page.fill("input[name=password]", "demo");
  await page.click("button[type=submit]");
  await page.waitForSelector("nav");
}

for (const lang of ["zh", "en"]) {
  for (const size of SIZES) {
    const page = await open(lang, size);
    await page.goto(origin);
    await settled(page);
    if (!options.only) await look(page, "login");
    await logIn(page);
    for (const [name, path] of Object.entries(SCREENS)) {
      if (options.only && options.only !== name) continue;
      await page.goto(origin + path);
      await settled(page);
      await look(page, name);
      if (name === "patrol" && size.width === 1366) await patrolExtras(page, lang);
    }
    await page.context().close();
  }
}

async function patrolExtras(page, lang) {
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 690, height: 1000 });
  await page.waitForTimeout(400);
  await page.screenshot({ path: join(options.out, `patrol-print-${lang}.png`), fullPage: true });
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize(SIZES[0]);
  await page.locator("ol button").nth(2).click();
  await page.waitForTimeout(300);
  await look(page, "photo");
  await page.keyboard.press("Escape");
  await page.locator("input[type=range]").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
}

if (!options.only) await paths();

async function paths() {
  const page = await open("zh", SIZES[0]);
  await logIn(page);
  await page.goto(`${origin}/patrols`);
  await settled(page);
  await page.keyboard.press("j");
  await page.waitForTimeout(100);
  await page.keyboard.press("j");
  await page.waitForTimeout(100);
  await page.keyboard.press("k");
  await page.waitForTimeout(100);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/patrols/${FULL.PATROL}`);
  await page.keyboard.press("?");
  await page.waitForSelector("[role=dialog]");
  await look(page, "help");
  await page.keyboard.press("Escape");

  await page.goto(`${origin}/conflicts/${FULL.CASE}`);
  await page.getByRole("button", { name: /用左边/ }).click();
  await look(page, "conflict-chosen");
  await page.getByRole("button", { name: /^确定/ }).click();
  await page.getByText("这条记录还有 1 处").waitFor();
  await page.getByRole("button", { name: /都保留并合写/ }).click();
  await page.waitForTimeout(100);
  await look(page, "conflict-both");
  await page.getByRole("button", { name: /^确定/ }).click();
  await page.getByText("这条记录没有不一致了").waitFor();
  await look(page, "conflict-done");

  await page.goto(`${origin}/conflicts/${FULL.DELETED}`);
  await page.getByText("同意删除").waitFor();
  await page.keyboard.press("1");
  await page.getByRole("button", { name: /^确定：保留记录/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("这条记录没有不一致了").waitFor();

  await page.goto(`${origin}/held/${FULL.HELD}`);
  await page.getByRole("button", { name: "退回 2" }).click();
  await page.getByRole("button", { name: "请补一张现场照片。" }).click();
  await look(page, "send-back");
  await page.getByRole("dialog").getByRole("button", { name: "退回", exact: true }).click();
  await page.getByText(/已退回给/).waitFor();

  await page.goto(`${origin}/cases/${FULL.CASE}`);
  await page.getByRole("button", { name: /派遣/ }).click();
  await page.waitForTimeout(200);
  await page.getByRole("combobox", { name: "选择承办" }).click();
  await page.waitForTimeout(200);
  await look(page, "dispatch");

  await page.goto(`${origin}/cases/${FULL.CASE}`);
  await page.getByRole("button", { name: "修改地点描述" }).click();
  await page.getByRole("textbox", { name: "地点描述" }).fill("坝顶东侧第二根立柱");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "保存" }).click();
  await page.locator("dialog input[name=password]").waitFor();
  await look(page, "log-in-again");
  await page.fill("input[name=name]", "塘口");
  await page.fill("input[name=password]", "demo");
  await page.keyboard.press("Enter");
  await page.locator("dialog").waitFor({ state: "detached" });
  if ((await page.getByRole("textbox", { name: "地点描述" }).inputValue()) !== "坝顶东侧第二根立柱")
    faults.push("what was typed was lost when the session ended");
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText("已记下。").waitFor();

  await page.goto(`${origin}/people`);
  await page.getByRole("button", { name: /登记手机/ }).click();
  await page.getByRole("combobox", { name: "网格员" }).fill("网格员·仲和·03");
  await look(page, "enrol");
  await page.getByRole("button", { name: "发登记码" }).click();
  await page.getByText("K7MQ-2XRD-9TFA").waitFor();
  await look(page, "enrol-code");
}

await browser.close();
await new Promise((done) => server.httpServer.close(done));
if (faults.length > 0) {
  process.stderr.write(`${[...new Set(faults)].join("\n")}\n`);
  process.exit(1);
}
