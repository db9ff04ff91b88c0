import { ArgumentError } from "@awp/core";
import type { ImageSheet, SheetRow } from "../../run-figures";
import { escapeHtml } from "./escape";
import { pngAddress } from "./png";

/** A sheet of clean and adversarial images and their magnified differences, with what the network takes them for. */
export function sheetHtml(run: string, sheet: ImageSheet): string {
  for (const row of sheet.rows) requireBytes(sheet, row);
  const factor = magnification(sheet.rows);
  const rows = sheet.rows.map((row) => rowHtml(sheet, row, factor)).join("");
  const about = `${sheet.attack}; differences are ×${factor} around gray`;
  return `<section class="sheet"><h3>${escapeHtml(run)}</h3><p class="note">${escapeHtml(about)}</p>${rows}</section>`;
}

function rowHtml(sheet: ImageSheet, row: SheetRow, factor: number): string {
  const { image, adversarial, label, predicted, predictedAdversarial } = row;
  const difference = image.map((value, i) => clamped(128 + factor * (adversarial[i]! - value)));
  const verdict = (said: string): string => {
    const right = said === label;
    const mark = right ? `<span class="right">✓</span>` : `<span class="wrong">✗</span>`;
    return `${mark} ${escapeHtml(said)}<span class="unseen">, ${right ? "right" : "wrong"}</span>`;
  };
  const cell = (bytes: Uint8Array, what: string, caption: string): string =>
    `<figure><img src="${pngAddress({ ...sheet, bytes })}" alt="${escapeHtml(`${what}, label ${label}`)}" ` +
    `width="${sheet.width}" height="${sheet.height}"><figcaption>${caption}</figcaption></figure>`;
  return (
    `<div class="images"><p class="label">${escapeHtml(label)}</p>` +
    cell(image, "clean image", verdict(predicted)) +
    cell(adversarial, "adversarial image", verdict(predictedAdversarial)) +
    cell(difference, "difference", `×${factor}`) +
    "</div>"
  );
}

/** The factor by which the largest difference on the sheet can be magnified. */
function magnification(rows: readonly SheetRow[]): number {
  let largest = 1;
  for (const { image, adversarial } of rows) {
    image.forEach((value, i) => (largest = Math.max(largest, Math.abs(adversarial[i]! - value))));
  }
  return Math.max(1, Math.floor(127 / largest));
}

const clamped = (value: number): number => Math.min(255, Math.max(0, value));

function requireBytes({ height, width, channels }: ImageSheet, { image, adversarial }: SheetRow): void {
  const wanted = height * width * channels;
  for (const [name, { length }] of Object.entries({ image, adversarial })) {
    if (length !== wanted) throw new ArgumentError(`bytes of ${name} on the sheet`, length, `${wanted}`);
  }
}
