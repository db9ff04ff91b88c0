/* Draws the views and surfaces of a report in the theme that is chosen, and answers the pointer and the keyboard. */
(() => {
  const { themes, colors, views, surfaces } = JSON.parse(document.getElementById("drawn").textContent);
  const { vega, vegaLite, Plotly } = window;
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
  const drawn = [];

  const theme = () => root.dataset.theme ?? (prefersDark.matches ? "dark" : "light");

  /* A view with its legend in as many columns as fit, filling its place; one with two quantities can be moved and zoomed. */
  function placed(view, width) {
    const config = themes[theme()];
    const legend = { ...config.legend, columns: Math.max(1, Math.floor((width - 60) / (50 + 7 * longestName(view)))) };
    return {
      ...zoomable(withoutRepetition(view)),
      width: "container",
      background: "transparent",
      autosize: { type: "fit-x", contains: "padding" },
      config: { ...config, legend, font: "inherit", padding: 4 },
    };
  }

  /* The names on an axis need no legend. */
  function withoutRepetition(view) {
    const { y, color } = { ...view.encoding, ...view.layer?.[0].encoding };
    if (!view.layer || y?.field === undefined || y.field !== color?.field) return view;
    const [first, ...rest] = view.layer;
    return {
      ...view,
      layer: [{ ...first, encoding: { ...first.encoding, color: { ...color, legend: null } } }, ...rest],
    };
  }

  function longestName(view) {
    const channels = [view, ...(view.layer ?? [])].flatMap(({ encoding }) => Object.values(encoding ?? {}));
    const names = channels.flatMap(({ scale, legend }) => (legend ? (legend.values ?? scale?.domain ?? []) : []));
    return Math.max(0, ...names.map((name) => String(name).length));
  }

  function zoomable(view) {
    const first = { ...view.encoding, ...view.layer?.[0].encoding };
    if (first.x?.type !== "quantitative" || first.y?.type !== "quantitative") return view;
    const zoom = {
      name: "zoom",
      bind: "scales",
      select: { type: "interval", zoom: "wheel![event.ctrlKey || event.metaKey]" },
    };
    if (!view.layer) return { ...view, params: [zoom] };
    const [front, ...rest] = view.layer;
    return { ...view, layer: [{ ...front, params: [zoom] }, ...rest] };
  }

  async function drawView(place) {
    const { spec } = vegaLite.compile(placed(views[Number(place.dataset.view)], place.clientWidth));
    const view = new vega.View(vega.parse(spec), { renderer: "svg", container: place, hover: true, tooltip });
    drawn.push(view);
    await view.runAsync();
  }

  /* Of one scale over the page, so that a steep surface looks steeper than a flat one. */
  const losses = surfaces.flatMap(({ z }) => z.flat()).filter((value) => value !== null);
  const [least, most] = losses.reduce(([low, high], z) => [Math.min(low, z), Math.max(high, z)], [Infinity, -Infinity]);

  function drawSurface(place) {
    const { x, y, z } = surfaces[Number(place.dataset.surface)];
    const { text, grid } = colors[theme()];
    const far = { eye: { x: 1.55, y: 1.55, z: 1.1 }, center: { x: 0, y: 0, z: -0.12 } };
    const axis = (title) => ({ title: { text: title }, color: text, gridcolor: grid, zerolinecolor: grid });
    const contours = { z: { show: true, usecolormap: true, width: 1 } };
    const colorbar = { title: { text: "loss (nats)" }, thickness: 10, len: 0.7, tickfont: { color: text } };
    const hovertemplate = "α %{x:.3~f}<br>β %{y:.3~f}<br>loss %{z:.3f}<extra></extra>";
    const trace = {
      type: "surface",
      x,
      y,
      z,
      colorscale: "Viridis",
      cmin: least,
      cmax: most,
      contours,
      colorbar,
      hovertemplate,
    };
    const scene = {
      xaxis: axis("α"),
      yaxis: axis("β"),
      zaxis: { ...axis("loss"), range: [least, most] },
      camera: place._fullLayout?.scene?.camera ?? far,
      aspectmode: "cube",
    };
    const layout = { scene, margin: { l: 0, r: 0, t: 0, b: 0 }, paper_bgcolor: "transparent", font: { color: text } };
    const buttons = ["toImage", "resetCameraLastSave3d", "hoverClosest3d", "tableRotation"];
    Plotly.react(place, [trace], layout, {
      responsive: true,
      displaylogo: false,
      scrollZoom: false,
      modeBarButtonsToRemove: buttons,
    });
  }

  /* The arrow keys turn a surface about its vertical axis and tilt it. */
  function turn(event) {
    const by = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const { x, y, z } = event.currentTarget._fullLayout.scene.camera.eye;
    const [radius, around] = [Math.hypot(x, y, z), Math.atan2(y, x) + by[0]];
    const up = Math.min(1.5, Math.max(-1.5, Math.asin(z / radius) + by[1]));
    const flat = radius * Math.cos(up);
    const eye = { x: flat * Math.cos(around), y: flat * Math.sin(around), z: radius * Math.sin(up) };
    Plotly.relayout(event.currentTarget, { "scene.camera.eye": eye });
  }

  const tip = document.body.appendChild(document.createElement("div"));
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;

  /* Vega's handler of tooltips: a list of names and values beside the pointer, inside the window. */
  function tooltip(_handler, event, _item, value) {
    tip.hidden = value === undefined || value === null || value === "";
    if (tip.hidden) return;
    const rows = Object.entries(value).map(([name, text]) => {
      const row = document.createElement("div");
      const [term, said] = [document.createElement("span"), document.createElement("b")];
      term.textContent = name;
      said.textContent = String(text);
      row.append(term, said);
      return row;
    });
    tip.replaceChildren(...rows);
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, window.innerWidth - width - 8))}px`;
    tip.style.top = `${Math.max(4, Math.min(event.clientY + 14, window.innerHeight - height - 8))}px`;
  }

  async function draw() {
    button.setAttribute("aria-pressed", String(theme() === "dark"));
    tip.hidden = true;
    for (const view of drawn.splice(0)) view.finalize();
    await Promise.all([...document.querySelectorAll("[data-view]")].map(drawView));
    document.querySelectorAll("[data-surface]").forEach(drawSurface);
    root.dataset.drawn = theme();
  }

  button.addEventListener("click", () => {
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    void draw();
  });
  prefersDark.addEventListener("change", () => void draw());
  for (const place of document.querySelectorAll("[data-surface]")) place.addEventListener("keydown", turn);
  void draw();
})();
