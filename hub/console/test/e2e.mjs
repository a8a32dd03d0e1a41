// The console in a real browser against the real hub: the demo plays a day, a supervisor works, the phones learn it.
// `npm run test:browser` after the console and the binary are built. GRIDPATROL_SCREENS=docs/screens keeps the pictures.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, look, open, settled } from "./browser.mjs";

const ROOT = join(import.meta.dirname, "../../..");
const BINARY = process.env.GRIDPATROL ?? join(ROOT, "target/debug/gridpatrol");
const DESK = { width: 1366, height: 768 };
const TABLET = { width: 820, height: 1180 };
const POLICY = readFileSync(join(import.meta.dirname, "../csp.txt"), "utf8").trim();
// Long enough for a loaded machine; a test that waits for it has failed.
const PATIENCE_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), "gridpatrol-"));
const SCREENS = process.env.GRIDPATROL_SCREENS ? join(ROOT, process.env.GRIDPATROL_SCREENS) : folder;
const faults = [];
let demo, said, browser, page, origin;

const running = () => demo?.pid !== undefined && demo.exitCode === null && demo.signalCode === null;

/** Waits until the demo has said something on its terminal. */
async function heard(pattern) {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const found = said.match(pattern);
    if (found) return found;
    if (!running()) break;
    await new Promise((go) => setTimeout(go, 200));
  }
  assert.fail(`the demo never said ${pattern}; it said:\n${said}`);
}

before(async () => {
  mkdirSync(SCREENS, { recursive: true });
  said = "";
  demo = spawn(BINARY, ["demo", "--seed", "5", "--dir", join(folder, "demo")], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, RUST_LOG: "error" },
  });
  demo.stderr.on("data", (part) => (said += part));
  demo.on("error", (error) => (said += error));
  origin = (await heard(/console: (http:\S+)/))[1];
  const [, password] = await heard(/name: county\s+口令 password: (\S+)/);
  browser = await launch();
  page = await open(browser, origin, faults, "zh", DESK);
  page.setDefaultTimeout(PATIENCE_MS);
  const first = await page.goto(origin);
  assert.equal(first.headers()["content-security-policy"], POLICY);
  await page.fill("input[name=name]", "county");
  await page.fill("input[name=password]", password);
  await settled(page);
  await shoot("login");
  await page.click("button[type=submit]");
  await page.waitForSelector("nav");
});

after(async () => {
  await browser?.close();
  if (running()) {
    const gone = new Promise((go) => demo.once("exit", go));
    demo.kill("SIGINT");
    const impatience = setTimeout(() => demo.kill("SIGKILL"), 15_000);
    await gone;
    clearTimeout(impatience);
  }
  rmSync(folder, { recursive: true, force: true });
});

async function shoot(name) {
  await settled(page);
  await look(page, faults, name, join(SCREENS, `${name}.png`));
}

/** The only link of a list that leads to a record. */
const rows = (desk) => page.locator(`a[href^="/${desk}/"]`);

test("a supervisor reads a patrol with its track, places and photos", async () => {
  await page.goto(origin);
  await shoot("today");
  await page.goto(`${origin}/patrols`);
  await rows("patrols").first().waitFor();
  assert.equal(await rows("patrols").count(), 3);
  await shoot("patrols");
  await rows("patrols").first().click();
  await page.waitForURL(/patrols\/[0-9a-f]{32}/);
  await page.waitForSelector('[data-map="drawn"]');
  const patrol = await page.evaluate(async () => (await fetch(`/api${location.pathname}`)).json());
  assert.ok(patrol.track.segments.length > 1, "the track has more than one segment");
  assert.ok(patrol.track.gaps.length > 0, "and says why it broke off");
  assert.ok(patrol.photos.length > 0 && patrol.places.some((place) => place.inspection));
  await shoot("patrol");

  const section = (id) => page.locator(`section[aria-labelledby="title-${id}"]`);
  assert.equal(await section("places").locator("tbody tr").count(), patrol.places.length);
  for (const picture of await section("photos").locator("img").all()) {
    await picture.scrollIntoViewIfNeeded();
    await assertDrawn(picture);
  }
  await section("receipts").scrollIntoViewIfNeeded();
  await section("receipts").getByText(`已收下 ${patrol.summary.receipts.accepted}`, { exact: false }).first().waitFor();
  await shoot("patrol-receipts");
  // What is doubted is there, and says why.
  assert.ok(patrol.track.doubts.some(({ doubt }) => doubt === "drift"));
  await section("doubts").locator("tbody tr").first().hover();
  await page.getByRole("status").getByText("位置飘动").waitFor();
  assert.ok(patrol.places.every(({ passed }) => passed === null || passed.metres >= 0));
  await section("photos").getByRole("button").first().click();
  const photo = page.getByRole("dialog");
  await assertDrawn(photo.locator("img").first());
  await photo.getByText("SHA-256").waitFor();
  await photo.getByText("签名有效", { exact: false }).waitFor();
  await look(page, faults, "photo", join(folder, "photo.png"));
  await page.keyboard.press("Escape");

  for (const [button, name, begins] of [
    ["GPX", /^2026-\d\d-\d\d-\d{4}-440783\d{9}\.gpx$/, "<?xml"],
    ["GeoPackage", /\.gpkg$/, "SQLite format 3"],
    ["CSV", /-places\.csv$/, "\uFEFF"],
  ]) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: button, exact: true }).click(),
    ]);
    assert.match(download.suggestedFilename(), name);
    assert.ok(readFileSync(await download.path(), "utf8").startsWith(begins), button);
  }
});

/** A picture that came, not a box with a broken sign. */
async function assertDrawn(picture) {
  await picture.evaluate((image) => image.decode());
  assert.ok((await picture.evaluate((image) => image.naturalWidth)) > 0);
}

test("a conflict settled in two clicks reaches both phones", async () => {
  await page.goto(`${origin}/conflicts`);
  await rows("conflicts").first().waitFor();
  await shoot("conflicts");
  await page.getByText("水库溢洪道旁护栏松动").first().click();
  await page.getByRole("button", { name: /用左边/ }).waitFor();
  await shoot("conflict");
  await page.getByRole("button", { name: /用左边/ }).click();
  assert.doesNotMatch(said, /不同之处已有定论/);
  await page.getByRole("button", { name: /^确定/ }).click();
  await page
    .getByText(/已定夺|没有不一致了/)
    .first()
    .waitFor();
  await heard(/仲和·01 的手机：.*不同之处已有定论/);
  await heard(/仲和·02 的手机：.*不同之处已有定论/);
  // Who decided what stays in the story of the case.
  await page.goto(`${origin}/cases${new URL(page.url()).pathname.replace("/conflicts", "")}`);
  await page
    .getByText(/开平市综治中心.*定夺/)
    .first()
    .waitFor();
});

test("held work sent back with a reason reaches its author", async () => {
  await page.goto(`${origin}/held`);
  await rows("held").first().waitFor();
  await rows("held").first().click();
  await page.getByRole("button", { name: /退回/ }).first().waitFor();
  await shoot("held");
  await page.getByRole("button", { name: /^退回/ }).first().click();
  await page.getByRole("dialog").getByRole("textbox").first().fill("这条由上报人自己删除，请与她联系。");
  assert.doesNotMatch(said, /镇街网格办退回/);
  await page.getByRole("dialog").getByRole("button", { name: "退回", exact: true }).click();
  await page
    .getByText(/已退回/)
    .first()
    .waitFor();
  await heard(/仲和·02 的手机：.*镇街网格办退回/);
});

test("cases, places and people open", async () => {
  await page.goto(`${origin}/cases`);
  await rows("cases").first().waitFor();
  await rows("cases").first().click();
  await page.waitForURL(/cases\/[0-9a-f]{32}/);
  await shoot("case");
  for (const desk of ["places", "people"]) {
    await page.goto(`${origin}/${desk}`);
    await shoot(desk);
  }
});

test("coverage shows the land and the places that nobody walked past, and names nobody", async () => {
  await page.goto(`${origin}/coverage`);
  await page.waitForSelector('[data-map="drawn"]');
  const coverage = await page.evaluate(async () => (await fetch("/api/coverage")).json());
  assert.ok(coverage.land.seen_m2 > 0 && coverage.land.seen_m2 < coverage.land.all_m2);
  const missed = coverage.places.filter((place) => !place.seen);
  const section = page.locator('section[aria-labelledby="title-missed"]');
  assert.equal(await section.locator("li").count(), missed.length);
  assert.doesNotMatch(await page.locator("main").innerText(), /网格员/);
  await shoot("coverage");
  // A row leads to its grid, spot by spot.
  const drawn = page.waitForResponse((answer) => answer.url().includes("/heat.png"));
  await page.locator("tbody a").first().click();
  await page.waitForURL(/area=\d{15}/);
  assert.equal((await drawn).headers()["content-type"], "image/png");
  await shoot("coverage-grid");
});

test("a photo that somebody sends is the original, a copy of it, or unknown", async () => {
  await openPatrol();
  const id = await page.evaluate(async () => (await (await fetch(`/api${location.pathname}`)).json()).photos[0].id);
  const get = async (rendition) => (await page.request.get(`${origin}/api/photos/${id}/${rendition}`)).body();
  const check = async (name, buffer, says) => {
    await page.setInputFiles("input[type=file]", { name, mimeType: "image/jpeg", buffer });
    await page.getByText(says).first().waitFor();
  };
  const [original, preview] = [await get("original"), await get("preview")];
  await page.goto(`${origin}/verify`);
  await check("original.jpg", original, "是原件");
  await check("weixin.jpg", preview, "不是原件，但看起来是同一张照片");
  await shoot("verify");
  await check("nothing.jpg", Buffer.from("no photo"), "没有找到对得上的拍摄凭证");
  // Of a print there is the code and no file; a slip of the pen is told from a code that nobody knows.
  const code = await page.evaluate(async (id) => {
    const { items } = await (await fetch("/api/patrols")).json();
    const patrols = await Promise.all(items.map(async (each) => (await fetch(`/api/patrols/${each.id}`)).json()));
    return patrols.flatMap(({ photos }) => photos).find((photo) => photo.id === id).code;
  }, id);
  await page.goto(`${origin}/verify`);
  const typed = page.getByRole("textbox", { name: "照片上的校验码" });
  await typed.fill(`${code.slice(0, -1)}${code.endsWith("0") ? 1 : 0}`);
  await typed.press("Enter");
  await page.getByRole("alert").getByText("校验码抄错了", { exact: false }).waitFor();
  await typed.fill(code);
  await page.getByRole("button", { name: "没有文件，只查校验码" }).click();
  await page.getByText("只有校验码对得上", { exact: false }).waitFor();
  await shoot("verify-code");
  const complaints = faults.splice(0).filter((fault) => !(fault.includes("/verify:") && fault.includes("422")));
  assert.deepEqual(complaints, []);
});

/** A rectangle in Zhonghe, in 1e-3 degrees east of 112.58 and north of 22.36. */
function drawn(serial, [west, south, east, north]) {
  const at = (x, y) => [112.58 + x / 1e3, 22.36 + y / 1e3];
  const ring = [at(west, south), at(east, south), at(east, north), at(west, north), at(west, south)];
  return {
    type: "Feature",
    properties: { grid_code: `440783108224${String(serial).padStart(3, "0")}`, name: `第${serial}网格` },
    geometry: { type: "Polygon", coordinates: [ring] },
  };
}

test("a file of grids is checked and each fault is shown where it is", async () => {
  const choose = (name, features, label) =>
    page.setInputFiles("input[type=file]", {
      name,
      mimeType: "",
      buffer: Buffer.from(JSON.stringify({ type: "FeatureCollection", ...label, features })),
    });
  const check = page.getByRole("button", { name: /开始核对/ });
  // Four around land that is nobody's, the fifth over the border of the others.
  const faulty = [
    drawn(1, [0, 0, 10, 3]),
    drawn(2, [0, 7, 10, 10]),
    drawn(3, [0, 3, 4, 7]),
    drawn(4, [6, 3, 10, 7]),
    drawn(5, [9.9, 0, 14, 10]),
  ];
  await page.goto(`${origin}/grids`);
  await choose("town.geojson", faulty, { crs: { type: "name", properties: { name: "EPSG:4326" } } });
  assert.ok(await check.isDisabled(), "no system is taken for granted");
  await page.getByText("请选坐标系").waitFor();
  await page.getByRole("radio", { name: "加偏坐标" }).check();
  await check.click();
  await page.getByRole("alert").getByText("请改选正确的坐标系", { exact: false }).waitFor();
  await page.getByRole("radio", { name: "WGS-84" }).check();
  await page.locator("h1").click();
  await page.keyboard.press("2");
  await page.getByText("读到 5 个网格，发现 4 处问题。").waitFor();
  await page.waitForSelector('[data-map="drawn"]');
  await page.keyboard.press("j");
  const list = page.getByRole("region", { name: "问题" });
  assert.equal(await list.locator('[aria-current="true"]').count(), 1);
  await list.getByRole("button", { name: /不属于任何网格/ }).click();
  await list.locator('[aria-current="true"]').getByText("不属于任何网格", { exact: false }).waitFor();
  await shoot("grids-check-near");
  await page.keyboard.press("Escape");
  await shoot("grids-check");

  await choose("sound.geojson", [drawn(1, [0, 0, 5, 5]), drawn(2, [5, 0, 10, 5])]);
  await check.click();
  await page.getByText("读到 2 个网格，没有发现问题。").waitFor();
  // What is mended is listed, and the mended file comes back only when it is asked for.
  await choose("narrow.geojson", [drawn(1, [0, 0, 5, 5]), drawn(2, [4.995, 0, 10, 5])]);
  await check.click();
  await page.getByText("读到 2 个网格，发现 1 处问题。").waitFor();
  await page.getByText("小毛病可以自动改").click();
  await page.getByRole("checkbox", { name: /贴合相邻的边界/ }).check();
  await page.keyboard.press("3");
  await page.getByText("改了 1 个网格，没有问题了。").waitFor();
  await page.getByText("移动角点", { exact: false }).waitFor();
  await shoot("grids-mended");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("4")]);
  assert.equal(download.suggestedFilename(), "narrow-repaired.geojson");
  const mended = JSON.parse(readFileSync(await download.path(), "utf8"));
  assert.equal(mended.features.length, 2);
  await page.getByText("已下载 narrow-repaired.geojson").waitFor();

  // A Shapefile is several files; one of them alone is told so.
  await page.setInputFiles("input[type=file]", { name: "grids.shp", mimeType: "", buffer: Buffer.from("shp") });
  await page.getByRole("alert").getByText("一起压缩成 ZIP", { exact: false }).waitFor();
  assert.ok(await check.isDisabled());
  const parts = ["shp", "shx", "dbf", "prj", "cpg"].map((ending) => join(folder, `grids.${ending}`));
  writeFileSync(join(folder, "drawing.geojson"), JSON.stringify(mended));
  execFileSync("ogr2ogr", [
    "-f",
    "ESRI Shapefile",
    "-lco",
    "ENCODING=UTF-8",
    parts[0],
    join(folder, "drawing.geojson"),
  ]);
  execFileSync("python3", ["-m", "zipfile", "-c", join(folder, "grids.zip"), ...parts]);
  await page.setInputFiles("input[type=file]", join(folder, "grids.zip"));
  await check.click();
  await page.getByText("读到 2 个网格，没有发现问题。").waitFor();

  // The refused file is what the browser was meant to complain about.
  const complaints = faults.splice(0).filter((fault) => !(fault.includes("/grids:") && fault.includes("422")));
  assert.deepEqual(complaints, []);
});

test("a base map of vector tiles lies under the grids, without an address outside", async () => {
  const water = {
    type: "Polygon",
    coordinates: [
      [
        [112, 22],
        [113, 22],
        [113, 23],
        [112, 23],
        [112, 22],
      ],
    ],
  };
  writeFileSync(join(folder, "water.geojson"), JSON.stringify({ type: "Feature", properties: {}, geometry: water }));
  const tiles = join(folder, "tiles");
  execFileSync("ogr2ogr", [
    "-f",
    "MVT",
    tiles,
    join(folder, "water.geojson"),
    "-dsco",
    "MINZOOM=8",
    "-dsco",
    "MAXZOOM=8",
    "-dsco",
    "COMPRESS=NO",
  ]);
  const about = { number: 0, name: "水系图", attribution: "测绘院 2026", vector: true, layers: ["water"] };
  const reach = { bounds: [112, 22, 113, 23], min_zoom: 8, max_zoom: 8 };
  await page.route("**/api/base-maps", (route) => route.fulfill({ json: [{ ...about, ...reach }] }));
  await page.route("**/api/base-map/**", (route) => {
    const [z, x, y] = new URL(route.request().url()).pathname.split("/").slice(-3);
    const contentType = "application/vnd.mapbox-vector-tile";
    return route.fulfill({ contentType, body: readFileSync(join(tiles, z, x, `${y}.pbf`)) });
  });
  await page.goto(`${origin}/places`);
  await page.getByText("测绘院 2026").waitFor();
  await settled(page);
  await shoot("base-map");
  const slider = page.getByRole("slider", { name: "底图" });
  /** The share of the map that looks like water. */
  const wet = async (key) => {
    await slider.press(key);
    await settled(page);
    return page.evaluate(() => {
      const map = document.querySelector("[data-map] canvas");
      const copy = Object.assign(document.createElement("canvas"), { width: map.width, height: map.height });
      const pen = copy.getContext("2d");
      pen.drawImage(map, 0, 0);
      const { data } = pen.getImageData(0, 0, map.width, map.height);
      const like = (at) => Math.hypot(data[at] - 0xd3, data[at + 1] - 0xe0, data[at + 2] - 0xe6) < 12;
      let count = 0;
      for (let at = 0; at < data.length; at += 4) count += like(at);
      return count / (data.length / 4);
    });
  };
  assert.ok((await wet("End")) > 0.8, "all of the map is under water");
  assert.ok((await wet("Home")) < 0.05, "and dry without the base map");
  await page.unroute("**/api/base-maps");
  await page.unroute("**/api/base-map/**");
});

test("on a tablet and in English it reads as well", async () => {
  await page.setViewportSize(TABLET);
  await openPatrol();
  await shoot("patrol-tablet");
  await page.goto(`${origin}/conflicts`);
  await rows("conflicts").first().click();
  await page.getByText("同意删除").first().waitFor();
  await shoot("deletion-tablet");

  const cookies = await page.context().cookies();
  page = await open(browser, origin, faults, "en", DESK);
  await page.context().addCookies(cookies);
  await page.goto(origin);
  await page.getByText("Log out").waitFor();
  await shoot("today-en");
  await openPatrol();
  await shoot("patrol-en");
});

async function openPatrol() {
  await page.goto(`${origin}/patrols`);
  await rows("patrols").first().click();
  await page.waitForURL(/patrols\/[0-9a-f]{32}/);
}

test("nothing on any of these pages complained", () => {
  assert.deepEqual(faults, []);
});
