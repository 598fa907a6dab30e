// The right side: how each server answers, with lint while a policy is typed.
import * as api from "./api.js";
import { $, choice, field, fill, h } from "./dom.js";
import { has, problem, t } from "./i18n.js";
import { mistakeAt } from "./mistakes.js";
import { change, store } from "./state.js";

const MOST = 2;
let shown = 0;
// What a server had before it was told to answer in another way, so that nothing typed is lost.
let kept = {};

export const forget = () => { kept = {}; shown = 0; };

export function draw() {
  shown = Math.max(0, Math.min(shown, store.state.servers.length - 1));
  const server = store.state.servers[shown];
  fill($("server-form"), tabs(), server ? form(server) : h("p", { class: "hint" }));
  if (server?.answers.by === "policy") lint();
}

const set = (mutate) => change("server", (state) => mutate(state.servers[shown], state));
const reshape = (mutate) => change("shape", mutate);

function tabs() {
  const { servers } = store.state;
  const host = (origin) => origin.replace(/^\w+:\/\//, "");
  const all = servers.map((server, at) => h("button", { type: "button", class: "mono", "aria-pressed": String(at === shown),
    onclick: () => { shown = at; draw(); $("server-tabs").children[at]?.focus(); } }, host(server.origin)));
  const add = servers.length < MOST && h("button", { type: "button", class: "quiet", id: "server-add", onclick: () => {
    const origin = servers.length === 0 ? "http://api.shop.test" : "http://cdn.other.test";
    reshape((state) => state.servers.push({ origin, answers: { by: "policy", toml: policyFor() } }));
    shown = store.state.servers.length - 1;
    draw();
    $("server-tabs").children[shown]?.focus();
  } }, `+ ${t("server.add")}`);
  return h("div", { class: "tabs", id: "server-tabs", role: "group", "aria-label": t("server.which") }, all, add);
}

const policyFor = () => {
  const { origin } = store.state.page;
  return `[[grant]]\nallow_origins = ["${origin === "null" ? "*" : origin}"]\n`;
};

function form(server) {
  const path = (name) => `servers[${shown}].${name}`;
  const origin = h("input", { type: "text", class: "mono", id: "server-origin", value: server.origin, spellcheck: "false",
    oninput: (event) => set((server) => { server.origin = event.target.value; }) });
  const ways = h("fieldset", {}, h("legend", {}, t("server.answers")), h("div", { class: "choices" },
    ["policy", "raw", "bare"].map((by) => choice("radio", "answers", t(`server.by.${by}`), server.answers.by === by, () => use(by), by))));
  const area = (name, label, rows) => field(t(label), h("textarea", { id: `server-${name}`, rows, spellcheck: "false",
    value: server.answers[name], oninput: (event) => {
      set((server) => { server.answers[name] = event.target.value; });
      if (name === "toml") lint();
    } }), mistakeAt(path(name)));
  const rows = (text, least) => Math.min(16, Math.max(least, text.split("\n").length + 1));
  const body = {
    policy: () => [area("toml", "server.policy", rows(server.answers.toml, 8)), h("p", { class: "hint" }, t("server.policy.hint")),
      h("div", { id: "lint", "aria-live": "polite" })],
    raw: () => [area("preflight", "server.preflight", rows(server.answers.preflight, 4)),
      area("request", "server.request", rows(server.answers.request, 5)), h("p", { class: "hint" }, t("server.raw.hint"))],
    bare: () => h("p", { class: "hint" }, t("server.bare")),
  }[server.answers.by]();
  const remove = store.state.servers.length > 1 && h("p", {}, h("button", { type: "button", onclick: () => {
    reshape((state) => state.servers.splice(shown, 1));
    draw();
    $("server-tabs").children[0]?.focus();
  } }, t("server.remove")));
  return h("div", {}, field(t("server.origin"), origin, mistakeAt(path("origin"))), ways, body, remove);
}

function use(by) {
  reshape((state) => {
    const server = state.servers[shown];
    kept[`${shown} ${server.answers.by}`] = server.answers;
    server.answers = kept[`${shown} ${by}`] ?? {
      policy: () => ({ by, toml: policyFor() }),
      raw: () => ({ by, preflight: "200", request: "200\ncontent-type: text/plain\n\nhello" }),
      bare: () => ({ by }),
    }[by]();
  });
  draw();
  document.querySelector(`input[name="answers"][value="${by}"]`)?.focus();
}

let turn = 0;
async function lint() {
  const mine = ++turn;
  const toml = store.state.servers[shown].answers.toml;
  const found = await api.lint(toml).catch((error) => ({ error }));
  const place = $("lint");
  if (mine !== turn || !place) return;
  if (found.error) {
    const words = found.error.tooMuch ? t("trouble.size") : t("trouble", { error: found.error.message });
    return fill(place, h("p", { class: "mistake" }, words));
  }
  const { errors } = found;
  const area = $("server-toml");
  area.setAttribute("aria-invalid", String(errors.some(({ severity }) => severity === "error")));
  if (errors.length === 0) return fill(place, h("p", { class: "fine" }, t("lint.fine")));
  fill(place, h("h3", {}, t("lint.title")), h("ul", { class: "findings" }, errors.map((finding) => h("li", { class: `finding ${finding.severity}` },
    h("b", {}, t(`lint.${finding.severity}`)),
    finding.line !== null && [" ", h("button", { type: "button", onclick: () => goTo(area, finding) }, t("lint.line", { line: finding.line }))], ": ",
    sentence(finding), " ", h("code", {}, finding.code),
    finding.suggestion !== null && h("span", { class: "suggestion" }, t("lint.try", { suggestion: suggestion(finding.suggestion) }))))));
}

// Some suggestions are words, and others what to write.
const suggestion = (text) => {
  const key = `lint.suggestion.${text}`;
  return has(key) ? t(key) : text.replace(/^one of /, t("lint.suggestion.one-of"));
};

// The sentence in the person's language, after what it is about.
function sentence({ code, message }) {
  const about = message.match(/^'.*': /s)?.[0] ?? "";
  return about + (problem(code) ?? message);
}

function goTo(area, { line, column }) {
  const start = area.value.split("\n").slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const end = area.value.indexOf("\n", start);
  area.focus();
  area.setSelectionRange(start + column - 1, end === -1 ? area.value.length : end);
}
