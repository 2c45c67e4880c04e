/**
 * Gives elements their behaviour: <div data-controller="player upload"> gets controllers/player.js and upload.js.
 * A controller's default export is mount(element, scope). The table is literal, because static files carry hashes.
 */
import { Scope } from "./lib/scope.js";

const CONTROLLERS = {
  confirm: () => import("./controllers/confirm.js"),
  counts: () => import("./controllers/counts.js"),
  drill: () => import("./controllers/drill.js"),
  "history-chart": () => import("./controllers/history-chart.js"),
  "insight-chart": () => import("./controllers/insight-chart.js"),
  "insight-choice": () => import("./controllers/insight-choice.js"),
  "insight-matrix": () => import("./controllers/insight-matrix.js"),
  "insights-wait": () => import("./controllers/insights-wait.js"),
  "job-progress": () => import("./controllers/job-progress.js"),
  live: () => import("./controllers/live.js"),
  menu: () => import("./controllers/menu.js"),
  player: () => import("./controllers/player.js"),
  poster: () => import("./controllers/poster.js"),
  rating: () => import("./controllers/rating.js"),
  start: () => import("./controllers/start.js"),
  unsent: () => import("./controllers/unsent.js"),
  upload: () => import("./controllers/upload.js"),
};

const scopes = new Map();

function mountAll(root) {
  const found = [...root.querySelectorAll("[data-controller]")];
  if (root.matches?.("[data-controller]")) found.unshift(root);
  for (const element of found) if (!scopes.has(element)) mount(element);
}

function mount(element) {
  const scope = new Scope();
  scopes.set(element, scope);
  for (const name of element.dataset.controller.split(/\s+/).filter(Boolean)) {
    if (!(name in CONTROLLERS)) throw new Error(`no controller is called ${name}`);
    CONTROLLERS[name]().then((module) => {
      if (!scope.disposed) module.default(element, scope);
    });
  }
}

function disposeGone() {
  for (const [element, scope] of scopes) {
    if (element.isConnected) continue;
    scope.dispose();
    scopes.delete(element);
  }
}

mountAll(document.body);
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) mountAll(node);
  disposeGone();
}).observe(document.body, { childList: true, subtree: true });
