// The same for real: a page of another origin, in a frame, asks the live origins; its outcome is laid beside ours.
import * as api from "./api.js";
import { $, fill, h } from "./dom.js";
import { t } from "./i18n.js";
import * as mistakes from "./mistakes.js";
import { store } from "./state.js";

const PATIENCE = 20_000; // milliseconds beyond what the requests wait for

let last = null; // what was found out, so that another language can tell it again

export function draw() {
  const run = h("button", { type: "button", class: "main", id: "run", onclick: start }, t("real.run"));
  fill($("real-body"), h("p", {}, t("real.what")), h("p", { class: "run" }, run), h("div", { id: "real-result", role: "status" }));
  if (last) tell();
}

export function forget() {
  last = null;
  turn++;
  if ($("real-result")) fill($("real-result"));
}

let turn = 0;
export async function start() {
  const mine = ++turn;
  fill($("real-result"), h("p", { class: "verdict" }, t("real.running")));
  $("real").scrollIntoView({ block: "nearest" });
  try {
    if (mistakes.any()) last = { cannot: { code: "mistakes", about: "" } };
    else last = await runs();
  } catch (error) {
    last = { error };
  }
  if (mine !== turn) return;
  tell();
  $("real").scrollIntoView({ block: "nearest" });
}

async function runs() {
  const begun = await api.openLive(store.state);
  if (begun.cannot) return begun;
  for (const url of begun.cookies) await fetch(url, { credentials: "include" });
  const outcomes = await inFrame(begun);
  return { begun, found: await api.closeLive(begun.run, outcomes) };
}

// Asks in a frame of the page's own origin; an opaque one is a frame without any.
function inFrame({ frame, sandboxed, asks }) {
  const wait = asks.reduce((sum, { after }) => sum + after * 1000, PATIENCE);
  const element = h("iframe", { src: frame, class: "frame", title: t("real"), "aria-hidden": "true", tabindex: "-1",
    sandbox: sandboxed ? "allow-scripts" : "allow-scripts allow-same-origin" });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(t("real.timeout"))), wait);
    const listen = ({ source, data }) => {
      if (source !== element.contentWindow) return;
      if (data.ready) source.postMessage({ asks }, sandboxed ? "*" : new URL(frame).origin);
      else finish(data.outcomes);
    };
    const finish = (outcomes) => {
      clearTimeout(timer);
      removeEventListener("message", listen);
      element.remove();
      resolve(outcomes);
    };
    addEventListener("message", listen);
    document.body.append(element);
  });
}

function tell() {
  const place = $("real-result");
  if (last.error) return fill(place, h("p", { class: "verdict bad" }, t("real.failed", { error: last.error.message })));
  if (last.cannot) {
    return fill(place, h("p", { class: "verdict cannot" }, `${t("real.cannot")} ${t(`real.cannot.${last.cannot.code}`, last.cannot)}`));
  }
  const { begun, found } = last;
  const profiles = found.profiles.map((name) => t(`profile.${name}`)).join(", ");
  const verdict = found.agrees ? ["good", "real.agrees"] : profiles === "" ? ["bad", "real.differs"] : ["other", "real.differs.known"];
  const as = profiles === "" ? t("real.as.none") : t("real.as", { profiles });
  fill(place, 
    h("div", { class: `verdict ${verdict[0]}` }, h("p", {}, h("strong", {}, t(verdict[1]))), h("p", {}, as)),
    table(found),
    lacksCookie(found.wire) && h("p", { class: "hint" }, t("real.note.cookies")),
    begun.signed_in && h("p", { class: "hint" }, t("real.note.password")),
    h("ul", { class: "names" }, begun.names.map((name) => h("li", { class: "hint" }, t("real.map", name)))));
}

// Whether a request went out without the cookie that ours has.
function lacksCookie({ ours, browser }) {
  const has = (line) => line?.headers.some(([name]) => name === "cookie");
  return ours.some((line, at) => has(line) && browser[at]?.url === line.url && !has(browser[at]));
}

function table({ wire, script }) {
  // On a narrow screen the cells stand under each other, and each says whose it is.
  const row = (title, pair, cell) => h("tr", {},
    h("th", { scope: "row" }, title, h("span", { class: pair.same ? "fine" : "mistake" }, pair.same ? `✓ ${t("real.same")}` : `✗ ${t("real.different")}`)),
    h("td", { "data-whose": t("real.ours") }, cell(pair.ours)), h("td", { "data-whose": t("real.browser") }, cell(pair.browser)));
  const heads = ["column", "ours", "browser"].map((word) => h("th", { scope: "col" }, t(`real.${word}`)));
  return h("table", { class: "real-table" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {},
    row(t("real.wire"), wire, wireCell), script.map((pair, at) => row(t("real.script", { n: at + 1 }), pair, sightCell))));
}

function wireCell(lines) {
  if (lines.length === 0) return t("real.wire.none");
  return h("ol", { class: "headers" }, lines.map(({ method, url, status, headers }) => h("li", {},
    h("b", {}, `${method} ${url} `), status, headers.map(([name, value]) => h("span", { class: "fact" }, `${name}: ${value}`)))));
}

function sightCell(sight) {
  if (sight.saw === "error") return t("seen.error");
  const names = Object.keys(sight.headers);
  return [h("p", {}, t("seen.response", sight)),
    names.length > 0 && h("p", { class: "hint" }, t("seen.headers", { names: names.join(", ") })),
    sight.body !== "" && h("p", { class: "hint" }, t("seen.body", { body: JSON.stringify(sight.body) }))];
}
