import { describe, expect, test } from "vitest";
import { colors, type ThemeName } from "../src/theme/theme";

const both: readonly ThemeName[] = ["light", "dark"];

describe.each(both)("the %s theme", (name) => {
  const { background, text, muted, category } = colors[name];

  test("has text that stands 4.5 to 1 from its background", () => {
    for (const color of [text, muted]) expect(contrast(color, background)).toBeGreaterThan(4.5);
  });

  test("has names' colours that stand 3 to 1 from its background", () => {
    for (const color of category) expect(contrast(color, background)).toBeGreaterThan(3);
  });

  test.each(Object.entries(deficiencies()))("keeps the first five colours apart for who has %s", (_kind, matrix) => {
    const seen = category.slice(0, 5).map((color) => lab(transformed(linear(color), matrix)));
    for (const [i, one] of seen.entries()) {
      for (const other of seen.slice(i + 1)) expect(Math.hypot(...one.map((v, k) => v - other[k]!))).toBeGreaterThan(9);
    }
  });
});

/** The contrast ratio of WCAG 2. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = linear(color);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function linear(color: string): readonly number[] {
  return [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** How colours look without one kind of cone: Machado, Oliveira and Fernandes 2009, table 1, severity 1. */
function deficiencies() {
  return {
    protanopia: [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    deuteranopia: [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
    tritanopia: [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  };
}

function transformed(rgb: readonly number[], matrix: readonly (readonly number[])[]): readonly number[] {
  return matrix.map((row) =>
    Math.max(
      0,
      row.reduce((sum, weight, k) => sum + weight * rgb[k]!, 0),
    ),
  );
}

/** CIE L*a*b* of linear sRGB, white D65. */
function lab([r = 0, g = 0, b = 0]: readonly number[]): readonly number[] {
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (841 / 108) * t + 4 / 29);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
