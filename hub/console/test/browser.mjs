// A real browser and how a page is looked at: the screenshots and the run against the real hub share it.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function launch() {
  return chromium.launch({
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
}

/** A page that notes in `faults` whatever a supervisor's browser would complain about. */
export async function open(browser, origin, faults, lang, size) {
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

export async function settled(page) {
  await page.waitForLoadState("networkidle");
  if (await page.locator("[data-map]").count()) {
    await page.waitForSelector('[data-map="drawn"]');
    await page.waitForTimeout(600);
  }
  await page.waitForTimeout(150);
}

/** Takes the picture to `file` and lets axe look at the page. */
export async function look(page, faults, name, file) {
  await page.screenshot({ path: file });
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
  for (const [rule, nodes] of found) faults.push(`axe ${name}: ${rule}\n    ${nodes.join("\n    ")}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  if (wide) faults.push(`${name}: wider than the screen`);
}
