// The left side: the page, what its script asks, and the script itself. Form and script follow each other.
import * as api from "./api.js";
import { codeOf } from "./code.js";
import { $, choice, field, fill, h, select } from "./dom.js";
import { t } from "./i18n.js";
import * as mistakes from "./mistakes.js";
import { mistakeAt } from "./mistakes.js";
import { change, store } from "./state.js";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const POLICIES = ["no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin",
  "origin-when-cross-origin", "unsafe-url"];

let shown = 0; // which request
let moreIsOpen = false;

export function draw() {
  shown = Math.min(shown, store.state.asks.length - 1);
  mistakes.type(null);
  fill($("request-form"), pageForm(), askTabs(), askForm(), codeForm());
}

// What is typed elsewhere on this side changes the script, and only that.
export function drawCode() {
  const area = $("code");
  if (area && document.activeElement !== area) area.value = codeOf(store.state.asks[shown]);
}

const set = (mutate) => change("request", mutate);
const setAsk = (mutate) => set((state) => mutate(state.asks[shown]));
// As above, where the form has to change its own shape.
const reshape = (mutate) => change("shape", mutate);

function text(value, oninput, attributes = {}) {
  return h("input", { type: "text", value, spellcheck: "false", autocomplete: "off", ...attributes,
    oninput: (event) => oninput(event.target.value) });
}

function pageForm() {
  const { page } = store.state;
  const policies = [["", t("page.referrer_policy.default")], ...POLICIES.map((policy) => [policy, policy])];
  const check = (key) => choice("checkbox", key, t(`page.${key}`), page[key],
    (event) => set((state) => { state.page[key] = event.target.checked; }));
  const more = h("details", { class: "more", open: moreIsOpen || page.referrer_policy || page.never_referrer || page.mixed_content,
    ontoggle: (event) => { moreIsOpen = event.target.open; } },
    h("summary", {}, t("page.more")),
    field(t("page.referrer_policy"), select(policies, page.referrer_policy ?? "",
      (value) => set((state) => { state.page.referrer_policy = value || null; })), mistakeAt("page.referrer_policy")),
    check("never_referrer"), check("mixed_content"));
  const origin = field(t("page.origin"),
    text(page.origin, (value) => set((state) => { state.page.origin = value; }), { id: "page-origin", class: "mono" }),
    mistakeAt("page.origin"));
  origin.append(h("p", { class: "hint" }, t("page.origin.hint")));
  return h("div", {}, origin, check("signed_in"), more);
}

function askTabs() {
  const { asks } = store.state;
  const tabs = asks.map((_, at) => h("button", { type: "button", "aria-pressed": String(at === shown),
    onclick: () => { shown = at; draw(); focusTab(at); } }, t("ask.nth", { n: at + 1 })));
  const add = asks.length < 8 && h("button", { type: "button", class: "quiet", id: "ask-add", onclick: () => {
    reshape((state) => state.asks.push({ ...structuredClone(state.asks.at(-1)), after: 0 }));
    shown = store.state.asks.length - 1;
    draw();
    focusTab(shown);
  } }, `+ ${t("ask.add")}`);
  return h("div", {}, h("h3", {}, t("ask.which")), h("div", { class: "tabs", id: "ask-tabs" }, tabs, add));
}

const focusTab = (at) => $("ask-tabs").children[at]?.focus();

function askForm() {
  const ask = store.state.asks[shown];
  const path = (name) => `asks[${shown}].${name}`;
  const words = (name, values, usual) => field(t(`ask.${name}`),
    select(values.map((value) => [value, value]), ask[name] ?? usual,
      (value) => setAsk((ask) => { ask[name] = value === usual ? null : value; })), mistakeAt(path(name)));
  const method = text(ask.method, (value) => setAsk((ask) => { ask.method = value; }), { list: "methods", class: "mono", id: "method" });
  const via = h("fieldset", {}, h("legend", {}, t("ask.via")), h("div", { class: "choices" },
    ["fetch", "xhr"].map((word) => choice("radio", "via", word === "xhr" ? "XMLHttpRequest" : "fetch", ask.via === word,
      () => reshape((state) => useVia(state.asks[shown], word)), word))));
  const headers = h("textarea", { rows: Math.min(6, Math.max(2, ask.headers.length + 1)), spellcheck: "false", id: "headers",
    value: ask.headers.map(([name, value]) => `${name}: ${value}`).join("\n"), oninput: (event) => readHeaders(event.target) });
  const body = h("textarea", { rows: 2, spellcheck: "false", id: "body", value: ask.body ?? "",
    oninput: (event) => setAsk((ask) => { ask.body = event.target.value === "" ? null : event.target.value; }) });
  const after = h("input", { type: "number", min: 0, max: 86400, value: String(ask.after),
    oninput: (event) => setAsk((ask) => { ask.after = Math.max(0, Math.trunc(Number(event.target.value) || 0)); }) });
  return h("div", {},
    store.state.asks.length > 1 && field(t("ask.after"), after, mistakeAt(path("after"))),
    via, mistakeAt(path("via")) && h("p", { class: "mistake" }, mistakeAt(path("via"))),
    h("datalist", { id: "methods" }, METHODS.map((name) => h("option", { value: name }))),
    h("div", { class: "pair method" },
      field(t("ask.method"), method),
      field(t("ask.url"), text(ask.url, (value) => setAsk((ask) => { ask.url = value; }), { class: "mono", id: "url" }), mistakeAt(path("url")))),
    mistakeAt(path("request")) && h("p", { class: "mistake", id: "request-mistake" }, mistakeAt(path("request"))),
    field(t("ask.headers"), headers),
    field(t("ask.body"), body),
    ask.via === "xhr"
      ? [words("credentials", ["same-origin", "include"], "same-origin"),
        choice("checkbox", "upload", t("ask.upload_listener"), ask.upload_listener,
          (event) => setAsk((ask) => { ask.upload_listener = event.target.checked; }))]
      : [h("div", { class: "pair" }, words("mode", ["cors", "no-cors", "same-origin"], "cors"),
        words("credentials", ["omit", "same-origin", "include"], "same-origin")),
      words("redirect", ["follow", "error", "manual"], "follow")],
    store.state.asks.length > 1 && h("button", { type: "button", onclick: () => {
      reshape((state) => state.asks.splice(shown, 1));
      draw();
      focusTab(Math.min(shown, store.state.asks.length - 1));
    } }, t("ask.remove")));
}

// XMLHttpRequest knows one mode, follows redirects, and has the upload's listener for itself.
function useVia(ask, via) {
  ask.via = via;
  if (via === "fetch") ask.upload_listener = false;
  else Object.assign(ask, { mode: null, redirect: null, credentials: ask.credentials === "include" ? "include" : null });
}

function readHeaders(area) {
  const lines = area.value.split("\n").map((line, at) => [line, at + 1]).filter(([line]) => line.trim() !== "");
  const wrong = lines.find(([line]) => !line.includes(":"));
  area.parentElement.querySelector(".mistake")?.remove();
  area.toggleAttribute("aria-invalid", false);
  mistakes.type(wrong ? t("headers.mistake", { line: wrong[1] }) : null);
  if (wrong) {
    area.setAttribute("aria-invalid", "true");
    area.parentElement.append(h("p", { class: "mistake", role: "alert" }, t("headers.mistake", { line: wrong[1] })));
    return change("typing", () => {});
  }
  setAsk((ask) => {
    ask.headers = lines.map(([line]) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).trim()]);
  });
}

function codeForm() {
  const code = codeOf(store.state.asks[shown]);
  const area = h("textarea", { id: "code", rows: Math.min(16, code.split("\n").length + 1), spellcheck: "false", value: code });
  const made = field(t("ask.code"), area);
  const hint = h("p", { class: "hint" }, t("ask.code.hint"));
  let turn = 0;
  area.addEventListener("input", async () => {
    const mine = ++turn;
    await new Promise((resolve) => setTimeout(resolve, 250));
    if (mine !== turn) return;
    const answer = await api.read(area.value).catch((error) => ({ ask: null, message: error.tooMuch ? t("trouble.size") : error.message }));
    if (mine !== turn) return;
    made.querySelector(".mistake")?.remove();
    area.setAttribute("aria-invalid", String(answer.ask === null));
    if (answer.ask === null) {
      made.append(h("p", { class: "mistake", role: "alert" }, t("ask.code.mistake", { message: answer.message })));
      return;
    }
    const [start, end] = [area.selectionStart, area.selectionEnd];
    const typed = area.value;
    reshape((state) => { state.asks[shown] = { ...answer.ask, after: state.asks[shown].after }; });
    const fresh = $("code");
    fresh.value = typed;
    fresh.focus();
    fresh.setSelectionRange(start, end);
  });
  return h("div", {}, h("div", { class: "more" }), made, hint);
}
