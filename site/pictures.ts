/**
 * Takes pictures of pages of the built site, light and dark, on a desk and on a phone, into `site/pictures`; says where a
 * page asks for anything from elsewhere, logs an error, lacks an image or is wider than the phone.
 * `npm run site:pictures [PATH…]`, with Chromium at $CHROMIUM_PATH.
 */
import { join } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "vitepress";

const some = [
  "/",
  "/docs/guides/from-pytorch",
  "/docs/guides/reproducing-the-paper",
  "/docs/api/attacks/",
  "/docs/api/attacks/functions/pgd",
  "/docs/api/train/interfaces/TrainOptions",
  "/docs/architecture",
  "/docs/results",
  "/packages/core/",
];
const given = process.argv.slice(2);
const port = 4173;
const origin = `http://localhost:${port}`;
const screens = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

await serve({ root: import.meta.dirname, port });
const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const problems: string[] = [];
for (const colorScheme of ["light", "dark"] as const) {
  for (const [screen, viewport] of Object.entries(screens)) {
    const page = await browser.newPage({ colorScheme, viewport });
    page.on("console", (message) => message.type() === "error" && problems.push(`${page.url()}: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
    page.on("request", (request) => {
      if (!/^(data:|blob:)/.test(request.url()) && !request.url().startsWith(origin))
        problems.push(`asks for ${request.url()}`);
    });
    for (const path of given.length > 0 ? given : some) {
      await page.goto(`${origin}${path}`, { waitUntil: "networkidle" });
      await page.waitForFunction(() => document.querySelector("pre.drawing") === null);
      const { wider, lacking } = await page.evaluate(() => ({
        wider: document.documentElement.scrollWidth - window.innerWidth,
        lacking: Array.from(document.images, (image) => (image.naturalWidth === 0 ? image.src : "")).filter(Boolean),
      }));
      if (wider > 0) problems.push(`${path} is ${wider} pixels wider than a ${screen}`);
      for (const image of lacking) problems.push(`${path}: no ${image}`);
      const name = `${path.replace(/\W+/g, "-").replace(/^-|-$/g, "") || "home"}-${screen}-${colorScheme}.png`;
      await page.screenshot({ path: join(import.meta.dirname, "pictures", name) });
    }
    await page.close();
  }
}
await browser.close();
for (const problem of new Set(problems)) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0); // the server would go on
