import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportPage } from "../../../reports/page/page.ts";
import { scratch } from "../../scratch.ts";
import { fullHouse } from "../house.ts";
import { factsFor } from "./facts.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const results = fullHouse();

describe.skipIf(CHROMIUM === undefined)("the page in a browser (skipped where there is no chromium)", () => {
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    const file = join(scratch(), "report.html");
    writeFileSync(file, await reportPage(results, factsFor(results)));
    url = pathToFileURL(file).href;
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: FLAGS });
  });
  afterAll(() => browser?.close());

  it.each([
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
  ] as const)(
    "opens %i pixels wide, %s: nothing fetched, nothing complained of, no sideways scrolling",
    async (width, colorScheme) => {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme,
        javaScriptEnabled: true,
      });
      const page = await context.newPage();
      const seen: string[] = [];
      page.on("request", (request) => void (request.url() === url || seen.push(request.url())));
      page.on("console", (message) => void seen.push(message.text()));
      page.on("pageerror", (error) => void seen.push(error.message));
      await page.goto(url);
      expect(seen).toEqual([]);
      const wide = "document.documentElement.scrollWidth <= window.innerWidth";
      expect(await page.evaluate(wide)).toBe(true);
      expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
      expect(await page.getByRole("img", { name: "Throughput by request size" }).count()).toBe(1);
      await context.close();
    },
  );

  it("has its first screen say the answer and what the model leaves out", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(url);
    for (const name of ["The answer", "What the model leaves out"]) {
      const box = await page.getByRole("region", { name, exact: true }).boundingBox();
      expect(box?.y).toBeLessThan(900);
    }
    await page.close();
  });

  it("opens a field of the matrix without a script", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(url);
    const field = page.locator("td details").first();
    const reason = field.locator("p").first();
    expect(await reason.isVisible()).toBe(false);
    await field.locator("summary").click();
    expect(await reason.isVisible()).toBe(true);
    await context.close();
  });
});
