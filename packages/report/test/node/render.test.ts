import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { gapAcrossMethods, landscapeLines, type RunFigures, trainingCurves } from "../../src/index";
import { renderPng, renderSvg } from "../../src/node";
import { sampleRun } from "../sample-runs";

/** A run whose loss falls in a straight line from 3 to 1. */
const straight: RunFigures = {
  ...{ name: "straight", settings: {}, accuracies: [], landscapes: [] },
  epochs: [1, 2, 3].map((epoch) => ({ epoch, loss: 4 - epoch, learningRate: 0.1, metrics: {} })),
};

/** The points of the path whose label says that it is a line. */
function pathOf(svg: string, label: RegExp): readonly (readonly [number, number])[] {
  const marks = [...svg.matchAll(/<path aria-label="([^"]*)"[^>]*? d="([^"]*)"/g)];
  const [, , d = ""] = marks.find(([, said = ""]) => label.test(said)) ?? [];
  return d.split(/[ML]/).flatMap((pair) => {
    const [x, y] = pair.split(",").map(Number);
    return x === undefined || y === undefined ? [] : [[x, y] as const];
  });
}

describe("a figure as SVG", () => {
  test("has its values in the labels of its marks", async () => {
    const svg = await renderSvg(trainingCurves([straight]));
    for (const [epoch, loss] of [
      [1, 3],
      [2, 2],
      [3, 1],
    ]) {
      expect(svg).toContain(`aria-label="Epoch: ${epoch}; Outer loss (nats): ${loss}; run: straight; `);
    }
  });

  test("has a straight line from corner to corner where the loss falls in one", async () => {
    const line = pathOf(await renderSvg(trainingCurves([straight])), /Outer loss/);
    // The view is 300 wide with 6 beside the first and the last epoch, and 230 high from 1.0 to 3.0.
    expect(line).toEqual([
      [6, 0],
      [150, 115],
      [294, 230],
    ]);
  });

  test("has views as wide as asked for", async () => {
    const line = pathOf(await renderSvg(trainingCurves([straight]), { width: 500 }), /Outer loss/);
    expect(line.map(([x]) => x)).toEqual([6, 250, 494]);
  });

  test("has bars as long as the gaps", async () => {
    const svg = await renderSvg(gapAcrossMethods([sampleRun("A", { gap: 0.4 }), sampleRun("B", { gap: 0.1 })]));
    const [a, b] = ["A", "B"].map((name) => {
      const [, d = ""] =
        new RegExp(`aria-label="[^"]*method: ${name};[^"]*"[^>]*roledescription="bar"[^>]* d="([^"]*)"`).exec(svg) ??
        [];
      return Number(/h(-?[\d.]+)/.exec(d)?.[1]);
    });
    expect(a! / b!).toBeCloseTo(4, 6);
  });

  test("has the colours of its theme, and names with anything in them as text", async () => {
    const figure = landscapeLines([sampleRun('<img onerror="alert(1)">'), sampleRun("b & c")]);
    const [light, dark] = [await renderSvg(figure), await renderSvg(figure, { theme: "dark" })];
    expect(light).toContain("#0072b2");
    expect(dark).toContain("#56b4e9");
    expect(light).not.toContain("<img");
    expect(light).toContain("b &amp; c");
  });
});

describe("a figure as PNG", () => {
  test("is a PNG file, as large as its scale says, with its text drawn", async () => {
    const figure = trainingCurves([straight]);
    const untitled = { ...figure, title: { ...(figure.title as object), text: " " } } as typeof figure;
    const [one, two, bare] = await Promise.all([
      renderPng(figure, { scale: 1 }),
      renderPng(figure, { scale: 2 }),
      renderPng(untitled, { scale: 1 }),
    ]);
    expect([...one.subarray(1, 4)]).toEqual([...Buffer.from("PNG")]);
    expect(sizeOf(two).map((side) => Math.abs(side - 2 * sizeOf(one)[0]!))[0]).toBeLessThan(3);
    // No font is found by the system here or there, so what the title adds is drawn with the package's own.
    expect(inkOf(one)).toBeGreaterThan(inkOf(bare) + 300);
  });
});

function sizeOf(png: Uint8Array): readonly number[] {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

/** How many bytes of the pixels' rows differ from their neighbours', as the filters of PNG leave them. */
function inkOf(png: Uint8Array): number {
  const parts: Uint8Array[] = [];
  const view = new DataView(png.buffer, png.byteOffset);
  for (let at = 8; at < png.length; at += view.getUint32(at) + 12) {
    const name = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (name === "IDAT") parts.push(png.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  return inflateSync(Buffer.concat(parts)).filter((byte) => byte !== 0).length;
}
