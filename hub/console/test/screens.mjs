// Draws every screen in a real browser under the real policy, in both languages and two sizes, lets axe look at it,
// and walks the two paths that matter: settle a conflict in two clicks, send held work back.
// `node test/screens.mjs [--out DIR] [--only NAME]` after `npm run build`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { preview } from "vite";
import { launch, look as lookAt, open, settled } from "./browser.mjs";

const { values: options } = parseArgs({
  options: { out: { type: "string", default: "screens" }, only: { type: "string" } },
});
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
  coverage: "/coverage",
  "coverage-village": "/coverage?area=440783108224",
  verify: "/verify",
  grids: "/grids",
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
const browser = await launch();
mkdirSync(options.out, { recursive: true });

async function look(page, name) {
  const lang = await page.evaluate(() => localStorage.getItem("gridpatrol.lang"));
  const file = `${name}-${page.viewportSize().width}-${lang}`;
  await lookAt(page, faults, file, join(options.out, `${file}.png`));
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
    const page = await open(browser, origin, faults, lang, size);
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
  await page.locator("ol button").nth(3).click();
  await page.getByRole("button", { name: /和相似的照片对比|Compare with the similar/ }).click();
  await page.waitForTimeout(200);
  await look(page, "photo-alike");
  await page.keyboard.press("Escape");
  await page.locator("input[type=range]").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
}

if (!options.only) await paths();

async function paths() {
  const page = await open(browser, origin, faults, "zh", SIZES[0]);
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

  await page.goto(`${origin}/held`);
  await page.locator('a[href^="/held/"]').nth(2).click();
  await page.getByText("放行以后看不到的内容").waitFor();
  await look(page, "held-deletion");

  await page.goto(`${origin}/verify`);
  const heat = await page.request.get(`${origin}/api/coverage/440783108224001/heat.png`);
  await page.setInputFiles("input[type=file]", {
    name: "weixin.png",
    mimeType: "image/png",
    buffer: await heat.body(),
  });
  await page.getByText("不是原件").waitFor();
  await page.waitForTimeout(200);
  await look(page, "verify-found");

  await page.goto(`${origin}/grids`);
  await page.setInputFiles("input[type=file]", { name: "town.geojson", mimeType: "", buffer: Buffer.from("{}") });
  await page.getByRole("radio", { name: "国家大地坐标系" }).check();
  await page.getByRole("button", { name: /开始核对/ }).click();
  await page.getByText("3 处问题").waitFor();
  await settled(page);
  await look(page, "grids-found");
  await page.getByRole("button", { name: /9000/ }).click();
  await page.waitForTimeout(400);
  await look(page, "grids-fault");

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
