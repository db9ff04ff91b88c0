import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { trainingCurves } from "../../src/index";
import { figurePage, reportPage } from "../../src/node";
import { png } from "../../src/node/page/png";
import { sampleRun } from "../sample-runs";

const hostile = `</script><img src=x onerror="alert('&')"><!--`;

describe("the page of a report", () => {
  const full = reportPage({
    title: "Two trainings",
    runs: [sampleRun("AT", { plane: true, sheet: true }), sampleRun("AT-AWP", { gamma: 0.005 })],
  });

  test("asks nothing of a network", () => {
    // Libraries name addresses in their code; what a page loads stands in tags and styles.
    const markup = full.replace(/<script[\s\S]*?<\/script>/g, "");
    const loads = [...markup.matchAll(/(?:src|href|action)="([^"]*)"|url\(([^)]*)\)|@import/g)].map(
      ([, a, b]) => a ?? b,
    );
    expect(loads.length).toBeGreaterThan(9);
    expect(loads.filter((address) => !/^(#|data:)/.test(address ?? ""))).toEqual([]);
    expect(/<script[^>]*src=/.test(full)).toBe(false);
  });

  test("has a section for what there is, with what tells the runs apart before what they share", () => {
    const heads = [...full.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, name]) => name);
    expect(heads).toEqual([
      ...[
        "Settings",
        "Training",
        "Accuracy under attack",
        "Robust generalization gap",
        "Weight-loss landscapes",
        "Images",
      ],
    ]);
    expect(full.includes('<th scope="row">gamma</th><td>0</td><td>0.005</td>')).toBe(true);
    expect(full.includes('<th scope="row">attack.epsilon</th><td>8/255</td></tr>')).toBe(true);
    expect(full.indexOf(">gamma<")).toBeLessThan(full.indexOf(">attack.epsilon<"));
    expect(full.includes("<td>AutoAttack</td><td>8/255</td><td>50.00 %</td>")).toBe(true);
  });

  test("has a surface's library where there is a surface alone", () => {
    expect(full.includes("Plotly")).toBe(true);
    const plain = reportPage({ title: "One", runs: [sampleRun("AT")] });
    expect(plain.length).toBeLessThan(full.length - 1_500_000);
  });

  test("leaves out what a run lacks", () => {
    const bare = { name: "bare", settings: {}, epochs: [], accuracies: [], landscapes: [] };
    expect(reportPage({ title: "Nothing yet", runs: [bare] }).includes("<h2>")).toBe(false);
    expect(() => reportPage({ title: "None", runs: [] })).toThrow("runs: got 0");
  });

  test.each<readonly [string, readonly number[][]]>([
    ["a centre alone", [[0]]],
    [
      "the first row of a plane",
      [
        [-1, -1],
        [-1, 0],
      ],
    ],
  ])("leaves out a landscape that draws nothing yet: %s", (_, places) => {
    const figures = { loss: 1, accuracy: 0.5 };
    const points = places.map((at) => ({ at, clean: figures, adversarial: figures }));
    const directions = (places[0] as number[]).map((__, axis) => `random, seed ${axis}`);
    const landscape = { epoch: 1, split: "train", attack: "pgd-10", images: 8, directions, points };
    const run = { name: "begun", settings: {}, epochs: [], accuracies: [], landscapes: [landscape] };
    expect(reportPage({ title: "Begun", runs: [run] }).includes("<h2>")).toBe(false);
  });

  test("shows text as text, whatever a name holds", () => {
    const run = { ...sampleRun(hostile, { sheet: true, plane: true }), settings: { [hostile]: hostile } };
    const page = reportPage({ title: hostile, runs: [run] });
    expect(page.match(/<img src=x/g)).toBeNull();
    // Scripts: the data, vega, vega-lite, plotly and the page's own, each closed once.
    expect(page.match(/<script/g)).toHaveLength(5 + (page.match(/["'`]<script/g)?.length ?? 0));
    expect(page.match(/<\/script>/g)).toHaveLength(5);
    const data = /<script type="application\/json" id="drawn">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
    expect(JSON.stringify(JSON.parse(data))).toContain(JSON.stringify(hostile).slice(1, -1));
  });

  test("refuses a sheet whose images have another size than it says", () => {
    const run = sampleRun("AT", { sheet: true });
    const sheet = { ...run.sheet!, width: 31 };
    expect(() => reportPage({ title: "t", runs: [{ ...run, sheet }] })).toThrow(
      "bytes of image on the sheet: got 3072, want 2976",
    );
  });
});

test("the page of a figure has each of its views and no section", () => {
  const figure = trainingCurves([sampleRun("AT")]);
  const page = figurePage({ title: "Curves", figures: [figure] });
  expect(page.match(/data-view="/g)).toHaveLength(figure.concat.length);
  expect(page.includes("<h2>")).toBe(false);
});

test("a PNG file holds the pixels it was made of", () => {
  const bytes = Uint8Array.from({ length: 2 * 3 * 3 }, (_, i) => 11 * i);
  const file = Buffer.from(png({ height: 2, width: 3, channels: 3, bytes }));
  expect(file.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
  expect([file.readUInt32BE(16), file.readUInt32BE(20), file[24], file[25]]).toEqual([3, 2, 8, 2]);
  const length = file.readUInt32BE(33);
  expect(file.subarray(37, 41).toString()).toBe("IDAT");
  const rows = inflateSync(file.subarray(41, 41 + length));
  expect([...rows]).toEqual([0, ...bytes.subarray(0, 9), 0, ...bytes.subarray(9)]);
  // The end's check sum, as in every PNG file.
  expect(file.subarray(-4).toString("hex")).toBe("ae426082");
});
