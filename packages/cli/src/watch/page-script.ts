/** The page's script, for browsers: draws the data of each event anew. All text is set as text, never as markup. */
export const script = `
"use strict";
const byId = (id) => document.getElementById(id);
const html = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
const svg = (name, attributes, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};
const colour = (i) => "var(--" + (i % 6) + ")";
const dashes = (i) => ["none", "7 3", "2 3"][Math.floor(i / 6) % 3];
const box = { width: 480, height: 260, left: 52, right: 10, top: 10, bottom: 34 };

/** Round values across a range: steps of 1, 2 or 5 times a power of ten. */
function ticks(low, high, wanted) {
  const rough = (high - low || 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((each) => each * power >= rough);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => ({ value: (first + i) * step, step }));
}
const written = (chart, value, step) => {
  const scale = chart.percent ? 100 : 1;
  const digits = step ? Math.max(0, -Math.floor(Math.log10(step * scale) + 1e-9)) : chart.percent ? 1 : 3;
  return (scale * value).toFixed(digits) + (chart.percent ? " %" : "");
};

function draw(chart, names) {
  const known = chart.series.map((points) => points.filter(([, value]) => value !== null));
  const all = known.flat();
  const heading = html("h2", { textContent: chart.name });
  const values = html("p", { className: "values quiet" });
  if (all.length === 0) return html("section", {}, heading, html("p", { className: "quiet", textContent: "no epoch yet" }));
  const span = (axis) => [Math.min(...all.map((p) => p[axis])), Math.max(...all.map((p) => p[axis]))];
  let [first, last] = span(0), [low, high] = span(1);
  if (first === last) last = first + 1;
  if (low === high) { low -= 0.05; high += 0.05; }
  const x = (epoch) => box.left + ((epoch - first) / (last - first)) * (box.width - box.left - box.right);
  const y = (value) => box.top + ((high - value) / (high - low)) * (box.height - box.top - box.bottom);
  const floor = box.height - box.bottom;
  const drawing = svg("svg", { viewBox: "0 0 " + box.width + " " + box.height, role: "img", "aria-label": chart.name });
  for (const { value, step } of ticks(low, high, 5)) drawing.append(
    svg("line", { class: "grid", x1: box.left, x2: box.width - box.right, y1: y(value), y2: y(value) }),
    svg("text", { x: box.left - 6, y: y(value) + 4, "text-anchor": "end" }, written(chart, value, step)));
  for (const { value } of ticks(first, last, 6)) if (Number.isInteger(value)) drawing.append(
    svg("text", { x: x(value), y: floor + 16, "text-anchor": "middle" }, String(value)));
  drawing.append(svg("text", { x: (box.left + box.width) / 2, y: box.height - 3, "text-anchor": "middle" }, "epoch"));
  known.forEach((points, i) => {
    const at = points.map(([epoch, value]) => x(epoch).toFixed(1) + "," + y(value).toFixed(1)).join(" ");
    const line = svg("polyline", { class: "curve", points: at, "stroke-dasharray": dashes(i) });
    line.style.stroke = colour(i);
    drawing.append(line);
    if (points.length === 1) {
      const dot = svg("circle", { cx: x(points[0][0]), cy: y(points[0][1]), r: 3 });
      dot.style.fill = colour(i);
      drawing.append(dot);
    }
  });
  const rule = svg("line", { class: "grid", y1: box.top, y2: floor, visibility: "hidden" });
  drawing.append(rule);
  drawing.addEventListener("pointermove", (event) => {
    const bounds = drawing.getBoundingClientRect();
    const place = ((event.clientX - bounds.left) / bounds.width) * box.width;
    const epoch = Math.round(first + ((place - box.left) / (box.width - box.left - box.right)) * (last - first));
    const here = known.flatMap((points, i) => {
      const found = points.find((each) => each[0] === epoch);
      return found ? [names[i] + " " + written(chart, found[1])] : [];
    });
    if (here.length === 0) return;
    rule.setAttribute("x1", x(epoch));
    rule.setAttribute("x2", x(epoch));
    rule.setAttribute("visibility", "visible");
    values.textContent = "epoch " + epoch + ": " + here.join(", ");
  });
  return html("section", {}, heading, drawing, values);
}

function panel(training, i) {
  const key = html("span", { className: "key" });
  key.style.borderTopColor = colour(i);
  key.style.borderTopStyle = i < 6 ? "solid" : i < 12 ? "dashed" : "dotted";
  const bar = html("progress", { max: 1, value: training.share });
  bar.setAttribute("aria-label", training.name);
  const line = (text) => html("p", { className: "quiet", textContent: text });
  const words = [training.progress, training.left].filter(Boolean).join("; ");
  const lines = [words, training.figures.join(", "), training.accuracies].filter(Boolean).map(line);
  return html("section", {}, html("h2", {}, key, training.name), bar, ...lines);
}

const events = new EventSource("events");
events.addEventListener("message", ({ data }) => {
  const { title, state, trainings, charts } = JSON.parse(data);
  document.title = title;
  byId("title").textContent = title;
  byId("state").textContent = state;
  byId("trainings").replaceChildren(...trainings.map(panel));
  byId("charts").replaceChildren(...charts.map((chart) => draw(chart, trainings.map(({ name }) => name))));
});
events.addEventListener("trouble", ({ data }) => { byId("state").textContent = JSON.parse(data); });
events.addEventListener("error", () => { byId("state").textContent = "not connected; awp watch has ended, or will come back"; });
`;
