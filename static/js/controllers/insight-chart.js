import { html, jsonInside } from "../lib/dom.js";
import { configOf, elementsOf, SHAPES, stopAt } from "../lib/insight-configs.js";
import { underlay } from "../lib/insight-drawing.js";
import { readingOf, spoken, stepTo, stopsOf } from "../lib/insights.js";
import { word } from "../lib/words.js";

const NARROW_PX = 560;
const SHADES = 6;
const NEAR = "300px";
const GAP_PX = 14;
const LETTER_PX = 8;

let Library = null;

/** A chart of the insights: Chart.js draws it, the arrow keys walk through it. Its table stays in the page. */
export default function mount(root, scope) {
  const chart = jsonInside(root);
  const plot = root.querySelector(".chart-plot");
  if (!chart || !plot) return;
  let asked = false;
  let view = null;
  const build = () => {
    if (!scope.disposed) view ??= new ChartView(Library, root, plot, chart, scope);
  };
  const show = () => {
    if (asked) return;
    asked = true;
    fetched().then(build, () => plot.replaceChildren(html("p", { className: "chart-plot__lost" }, word("insight_failed"))));
  };
  // What is far down, or inside a closed part, is fetched and drawn when it comes near.
  const near = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      near.disconnect();
      show();
    },
    { rootMargin: NEAR },
  );
  scope.observe(near, plot);
  // Paper has everything that is open, and waits for nothing: what is to be drawn on it is drawn before this is over.
  scope.listen(window, "beforeprint", () => {
    if (!plot.clientWidth) return;
    show();
    if (!Library) return;
    build();
    view?.fit();
  });
}

async function fetched() {
  const { BarController, BarElement, CategoryScale, Chart, LineController, LineElement, LinearScale, PointElement, ScatterController } = await import("../../vendor/chartjs/chart.js");
  Chart.register(BarController, BarElement, CategoryScale, LineController, LineElement, LinearScale, PointElement, ScatterController);
  Library = Chart;
}

class ChartView {
  #drawn = null;
  #at = -1;
  #narrow = null;

  constructor(Chart, root, plot, chart, scope) {
    Object.assign(this, { Chart, root, plot, chart, scope });
    this.language = document.documentElement.lang;
    this.stops = stopsOf(chart);
    this.#build();
    this.#listen();
    scope.add(() => this.#drawn?.destroy());
    scope.media("print, (prefers-color-scheme: light)", () => this.#draw());
    scope.observe(new ResizeObserver(() => this.fit()), plot);
  }

  #build() {
    const { label } = this.chart;
    this.canvas = html("canvas", { tabIndex: 0, role: "application", ariaLabel: `${label}. ${word("insight_keys")}`, ariaRoleDescription: word("insight_chart") });
    this.tip = html("div", { className: "chart-tip", hidden: true, ariaHidden: "true" });
    this.said = html("p", { className: "unseen", role: "status" });
    this.plot.append(this.canvas, this.tip);
    this.root.append(this.said);
    this.root.dataset.drawn = "true";
  }

  #listen() {
    const { canvas, scope } = this;
    scope.listen(canvas, "keydown", (event) => this.#onKey(event));
    scope.listen(canvas, "blur", () => this.#clear());
    scope.listen(canvas, "pointerleave", ({ pointerType }) => pointerType === "mouse" && document.activeElement !== canvas && this.#clear());
    scope.listen(document, "pointerdown", (event) => this.plot.contains(event.target) || this.#clear());
  }

  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      this.#clear();
      return;
    }
    const next = stepTo(event.key, this.#at, this.stops, this.chart);
    if (next === null) return;
    event.preventDefault();
    this.#mark(next);
    this.said.textContent = spoken(this.#reading());
  }

  fit() {
    const narrow = this.plot.clientWidth < NARROW_PX;
    if (narrow !== this.#narrow) this.#draw();
    else if (this.#at >= 0) this.#placeTip();
  }

  // Anew for another theme or another arrangement: that is rare, and there is no half of it.
  #draw() {
    this.#drawn?.destroy();
    this.#narrow = this.plot.clientWidth < NARROW_PX;
    const theme = readTheme(this.plot);
    const config = configOf(this.chart, theme, {
      narrow: this.#narrow,
      letters: this.#narrow ? Math.floor(this.plot.clientWidth / LETTER_PX) : undefined,
      language: this.language,
    });
    config.options.onHover = (_, elements) => this.#onHover(elements);
    config.plugins = [underlay(this.chart, theme, { marked: () => this.stops[this.#at] })];
    this.#drawn = new this.Chart(this.canvas, config);
    if (this.#at >= 0) this.#mark(this.#at);
  }

  #onHover(elements) {
    const at = stopAt(this.chart, this.stops, elements);
    if (at >= 0 && at !== this.#at) this.#mark(at);
  }

  #mark(at) {
    this.#at = at;
    const elements = elementsOf(this.chart, this.stops[at]);
    this.#drawn.setActiveElements(elements);
    this.#drawn.draw();
    const { title, lines } = this.#reading();
    this.tip.replaceChildren(html("strong", {}, title), ...lines.map((line) => this.#tipLine(line)));
    this.tip.hidden = false;
    this.#placeTip();
  }

  #tipLine({ name, words, series }) {
    const text = html("span", {}, name ? `${name} ` : "", html("b", {}, words));
    if (this.chart.kind === "intervals" || this.chart.kind === "points" || this.chart.series.length < 2) return html("p", {}, text);
    const mark = this.chart.series[series].is_trend ? "shape--trend" : `shape--${SHAPES[series % SHAPES.length]} data-${(series % SHADES) + 1}`;
    return html("p", {}, html("i", { className: `shape ${mark}` }), text);
  }

  #clear() {
    if (this.#at < 0) return;
    this.#at = -1;
    this.tip.hidden = true;
    this.said.textContent = "";
    this.#drawn.setActiveElements([]);
    this.#drawn.draw();
  }

  #placeTip() {
    const spots = elementsOf(this.chart, this.stops[this.#at]).map(({ datasetIndex, index }) => this.#drawn.getDatasetMeta(datasetIndex).data[index]);
    const shown = spots.filter((spot) => spot && Number.isFinite(spot.x) && Number.isFinite(spot.y));
    const { width, height } = this.plot.getBoundingClientRect();
    const x = shown[0]?.x ?? width / 2;
    const y = Math.min(...shown.map((spot) => spot.y), height);
    const box = this.tip.getBoundingClientRect();
    const left = x + GAP_PX + box.width <= width ? x + GAP_PX : Math.max(x - GAP_PX - box.width, 0);
    const top = Math.min(Math.max(y - box.height / 2, 0), Math.max(height - box.height, 0));
    this.tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  #reading() {
    return readingOf(this.chart, this.stops[this.#at], { language: this.language, say: word });
  }
}

function readTheme(element) {
  const style = getComputedStyle(element);
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  const names = ["night", "stage", "line", "edge", "mist", "paper"];
  return {
    ...Object.fromEntries(names.map((name) => [name, token(name)])),
    data: Array.from({ length: SHADES }, (_, i) => token(`data-${i + 1}`)),
    font: style.fontFamily,
  };
}
