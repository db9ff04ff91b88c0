import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { reportPage } from "../../src/node";
import { samplePlane, sampleRun } from "../sample-runs";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const installed = existsSync(executablePath);
const runs = [
  sampleRun("AT", { curvature: 1.2, gap: 0.3, sheet: true }),
  sampleRun("</script><b>AT-AWP", { curvature: 0.4, gap: 0.1, gamma: 0.005, sheet: true }),
];

let browser: Browser;
let folder: string;

beforeAll(async () => {
  if (!installed) return;
  folder = await mkdtemp(join(tmpdir(), "awp-report-"));
  await writeFile(join(folder, "trainings.html"), reportPage({ title: "Two trainings", runs }));
  // On its own: without a graphics card a surface takes seconds.
  const surface = { ...runs[0]!, epochs: [], accuracies: [], landscapes: [samplePlane()] };
  await writeFile(join(folder, "surface.html"), reportPage({ title: "A surface", runs: [surface] }));
  // WebGL without a graphics card; a container's root has no sandbox.
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--enable-unsafe-swiftshader"] });
}, 120_000);

afterAll(async () => {
  if (!installed) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

interface OpenOptions {
  readonly name?: "trainings" | "surface";
  readonly width?: number;
  readonly colorScheme?: "light" | "dark";
}

interface Opened {
  readonly page: Page;
  /** What the page complained of, and what it asked of a network. */
  readonly complaints: readonly string[];
}

async function opened(context: TestContext, options: OpenOptions = {}): Promise<Opened> {
  const { name = "trainings", width = 1280, colorScheme = "light" } = options;
  if (!installed) context.skip(`no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM_PATH`);
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (said) => {
    // Chromium's own words about software rendering are none of the page's.
    if (!/GL Driver Message|willReadFrequently/.test(said.text())) complaints.push(said.text());
  });
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) complaints.push(request.url());
  });
  await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
  await page.waitForFunction("document.documentElement.dataset.drawn");
  return { page, complaints };
}

describe("the page in a browser", { timeout: 120_000 }, () => {
  test("draws every view without a complaint or a request, and values show under the pointer", async (context) => {
    const { page, complaints } = await opened(context);
    const views = await page.locator("[data-view]").count();
    expect(views).toBeGreaterThan(10);
    expect(await page.locator("[data-view] svg").count()).toBe(views);
    const point = page.locator('[data-view="0"] path[aria-label^="Epoch: 30;"][aria-roledescription="point"]').first();
    await point.scrollIntoViewIfNeeded();
    await point.hover({ force: true });
    const tip = page.locator("#tip");
    await tip.waitFor({ state: "visible" });
    // 1 + 0.3 + 1.3 · exp(-30 / 20)
    expect(await tip.innerText()).toMatch(/epoch\s*30[\s\S]*loss\s*1\.59/);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("moves a plot by dragging and brings it back by a double click", async (context) => {
    const { page } = await opened(context);
    const view = page.locator('[data-view="0"]');
    await view.scrollIntoViewIfNeeded();
    const labels = () => view.locator(".role-axis-label text").allInnerTexts();
    const before = await labels();
    const { x, y, width, height } = (await view.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + 120, y + height / 2 + 20, { steps: 5 });
    await page.mouse.up();
    await expect.poll(labels).not.toEqual(before);
    await page.mouse.dblclick(x + width / 2, y + height / 2);
    await expect.poll(labels).toEqual(before);
    await page.close();
  });

  test("turns a surface by dragging and by the arrow keys", async (context) => {
    const { page, complaints } = await opened(context, { name: "surface" });
    const surface = page.locator("[data-surface]");
    await surface.scrollIntoViewIfNeeded();
    const eye = () => surface.evaluate((place) => ({ ...(place as unknown as Drawn)._fullLayout.scene.camera.eye }));
    const before = await eye();
    const { x, y, width, height } = (await surface.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + 90, y + height / 2 + 30, { steps: 8 });
    await page.mouse.up();
    await expect.poll(eye, { timeout: 20_000 }).not.toEqual(before);
    const dragged = await eye();
    await surface.press("ArrowLeft");
    await expect.poll(eye, { timeout: 20_000 }).not.toEqual(dragged);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("follows the system's theme, and the button by the keyboard", async (context) => {
    const { page, complaints } = await opened(context, { colorScheme: "dark" });
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    const button = page.getByRole("button", { name: "Dark theme" });
    expect(await background()).toBe("rgb(20, 24, 29)");
    expect(await button.getAttribute("aria-pressed")).toBe("true");
    await button.press("Enter");
    await page.waitForFunction("document.documentElement.dataset.drawn === 'light'");
    expect(await background()).toBe("rgb(255, 255, 255)");
    expect(await button.getAttribute("aria-pressed")).toBe("false");
    expect(await page.locator('[data-view="0"] path[stroke="#0072b2"]').count()).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("fits a window 400 wide, with names as text", async (context) => {
    const { page, complaints } = await opened(context, { width: 400 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(400);
    expect(await page.locator("h3", { hasText: "</script><b>AT-AWP" }).count()).toBe(1);
    expect(await page.locator("img:not([alt])").count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

/** What plotly keeps with a plot. */
interface Drawn {
  readonly _fullLayout: { readonly scene: { readonly camera: { readonly eye: Readonly<Record<string, number>> } } };
}
