// Steps through the conversation, forward and back.
import * as cache from "./cache.js";
import { spoken } from "./diagram.js";
import { $, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import * as real from "./real.js";
import { store } from "./state.js";

const PACE = 1100; // milliseconds a step

let steps = [];
let timer = null;
let parts = {};
let onStep = () => {};

export function draw(all, told) {
  stop();
  steps = all;
  onStep = told;
  const button = (name, path, act) => h("button", { type: "button", id: `player-${name}`, "aria-label": t(`player.${name}`), title: t(`player.${name}`), onclick: act }, icon(path));
  parts = {
    first: button("first", "M2 2h2.5v12H2zM14 2v12L5.5 8z", () => go(1)),
    back: button("back", "M12 2v12L4 8z", () => go(at() - 1)),
    forward: button("forward", "M4 2v12l8-6z", () => go(at() + 1)),
    play: h("button", { type: "button", id: "player-play", onclick: () => (timer ? stop() : play()) }, t("player.play")),
    slider: h("input", { type: "range", id: "player-slider", min: 1, max: Math.max(1, steps.length), "aria-label": t("player.step"), oninput: (event) => go(Number(event.target.value)) }),
    told: h("output", { for: "player-slider" }),
  };
  fill($("player"), h("div", { class: "player", role: "group", "aria-label": t("steps"), onkeydown: keys },
    parts.first, parts.back, parts.forward, parts.play, parts.slider, parts.told,
    h("button", { type: "button", class: "main", id: "run-now", onclick: real.start }, t("real.run.short"))));
  show(false);
}

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}

// Which step is shown, counted from 1.
const at = () => Math.min(store.step ?? steps.length, steps.length);

function go(wanted) {
  if (timer) stop();
  move(wanted);
}

function move(wanted) {
  const step = Math.max(1, Math.min(steps.length, wanted));
  store.step = step === steps.length ? null : step;
  show(true);
  onStep();
}

// Arrows step wherever they have no meaning of their own.
function keys(event) {
  if (event.target === parts.slider) return;
  const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  if (!(event.key in moves)) return;
  event.preventDefault();
  go(at() + moves[event.key]);
}

function show(announces) {
  const now = at();
  const rows = document.querySelectorAll(".steps > .step");
  rows.forEach((row, index) => {
    const arrives = row.hidden && index < now;
    row.hidden = index >= now;
    row.classList.toggle("fresh", announces && arrives);
    row.classList.toggle("now", now < steps.length && index === now - 1);
    if (index === now - 1 && now < steps.length) row.setAttribute("aria-current", "step");
    else row.removeAttribute("aria-current");
  });
  // A button that is switched off keeps the focus, so that the arrows go on working.
  for (const [part, off] of [["first", now <= 1], ["back", now <= 1], ["forward", now >= steps.length]]) {
    parts[part].setAttribute("aria-disabled", String(off));
  }
  parts.play.disabled = steps.length === 0;
  parts.slider.disabled = steps.length === 0;
  parts.slider.value = String(now);
  const words = t("player.of", { at: now, all: steps.length });
  parts.told.textContent = words;
  parts.slider.setAttribute("aria-valuetext", words);
  cache.draw(steps[now - 1]);
  const row = rows[now - 1];
  if (announces && row) {
    $("announce").textContent = `${words}. ${spoken(row)}`;
    if (now < steps.length || timer) row.scrollIntoView({ block: "nearest" });
  }
}

function play() {
  if (at() >= steps.length) move(1);
  timer = setInterval(() => {
    if (at() >= steps.length) return stop();
    move(at() + 1);
    if (at() >= steps.length) stop();
  }, PACE);
  parts.play.textContent = t("player.stop");
}

function stop() {
  clearInterval(timer);
  timer = null;
  if (parts.play) parts.play.textContent = t("player.play");
}
