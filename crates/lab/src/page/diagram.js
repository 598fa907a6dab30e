// The middle: the conversation step by step, and what came of it. All of it is the trace's; the words are ours.
import { $, fill, h } from "./dom.js";
import { current, reason, rule, t } from "./i18n.js";
import { store } from "./state.js";

export function draw(steps) {
  const origins = [...new Set([...store.state.servers.map(({ origin }) => origin)])];
  const lanes = h("ul", { class: "lanes", "aria-hidden": "true" },
    h("li", { class: "lane page" }, h("b", {}, t("lane.page")), h("span", {}, store.state.page.origin)),
    h("li", { class: "lane browser" }, h("b", {}, t("lane.browser"))),
    h("li", { class: "lane server" }, h("b", {}, t(origins.length > 1 ? "lane.servers" : "lane.server")), origins.map((origin) => h("span", {}, origin))));
  const list = h("ol", { class: "steps", "aria-label": t("steps") }, steps.map(draws));
  fill($("diagram"), h("div", { class: "stage" }, lanes, h("div", { class: "steps-frame" }, h("div", { class: "lifeline" }), list)));
}

const first = () => { try { return new URL(store.state.asks[0].url).origin; } catch { return ""; } };

// Path and query on the server that is asked first; elsewhere the whole URL.
function target(url) {
  const parsed = new URL(url);
  return parsed.origin === first() ? parsed.pathname + parsed.search : parsed.origin + parsed.pathname + parsed.search;
}

const row = (place, ...content) => h("li", { class: `step ${place}` }, content);

function draws(step) {
  switch (step.kind) {
    case "wait": return row("wait", h("span", { class: "pause" }, t("step.wait", { seconds: step.seconds })));
    case "ask": return row("from-page", message("right", "", t("step.ask"), `${step.method} ${target(step.url)}`), wishes(step));
    case "send": return row("from-browser", message("right", step.exchange === "preflight" ? "dashed" : "",
      t(`step.send.${step.exchange}`, step), `${step.method} ${target(step.url)}`, lines(step.headers, "headers.chores")));
    case "answer": return row("from-server", message("left", step.exchange === "preflight" ? "dashed" : "",
      t(`step.answer.${step.exchange}`, step), `${step.status} ${step.phrase}`, lines(step.headers, "headers.chores.answer")));
    case "think": return row("at-browser", thought(step));
    case "decide": return row("at-server", decision(step));
    case "nobody": return row("at-browser", card("bad", t("by.browser"), h("p", {}, t("nobody", step))));
    case "block": return row("at-browser", block(step));
    case "deliver": return row("to-page", message("left", step.response.type.startsWith("opaque") ? "" : "good", t("step.deliver"),
      `${step.response.status} ${step.response.type}`), under(seen(step.response), ruleLine(step.rule)));
    case "error": return row("to-page", message("left", "bad", t("step.error"), errorOf(step)), under(ruleLine(step.rule)));
    default: return row("");
  }
}

const errorOf = (step) => (store.state.asks[step.ask]?.via === "xhr" ? t("step.error.xhr") : t("step.error.what"));

function message(direction, kind, spoken, line, under) {
  return h("div", { class: `message ${direction} ${kind}` },
    h("span", { class: "unseen" }, `${spoken}: `), h("span", { class: "line" }, line), h("span", { class: "arrow", "aria-hidden": "true" }), under);
}

function wishes(step) {
  const told = step.headers.map(({ name, value }) => `${name}: ${value}`);
  if (step.mode !== "cors") told.unshift(`mode: ${step.mode}`);
  if (step.credentials !== "same-origin") told.unshift(`credentials: ${step.credentials}`);
  return told.length > 0 && under(h("ul", { class: "headers" }, told.map((line) => h("li", {}, line))));
}

// A list breaks between its members, not at the hyphen of one.
const members = (value) => (value.includes(",") ? value.split(/(?<=,)(\s*)/).map((part, at) => (at % 2 ? part : h("span", { class: "whole" }, part))) : value);
const headerLine = ({ name, value, weight }) => h("li", { class: weight }, h("b", {}, `${name}:`), " ", members(value));

function lines(headers, moreWords) {
  const told = headers.filter(({ weight }) => weight !== "chore");
  const chores = headers.filter(({ weight }) => weight === "chore");
  return [
    told.length > 0 && h("ul", { class: "headers" }, told.map(headerLine)),
    chores.length > 0 && h("details", { class: "chores" }, h("summary", {}, t(moreWords, { count: chores.length })),
      h("ul", { class: "headers" }, chores.map(headerLine))),
  ];
}

function seen(response) {
  const gone = response.hidden.map(({ name, rule }) => h("li", { class: "gone" }, h("b", {}, name), ` ${t("headers.hidden")}: ${t(`hidden.${rule}`)}`));
  const body = response.body !== null && response.body !== "" && h("li", {}, t("body", { body: JSON.stringify(response.body) }));
  const all = [response.headers.map(headerLine), gone, body].flat().filter(Boolean);
  return all.length > 0 && h("ul", { class: "headers" }, all);
}

function card(mood, who, ...content) {
  return h("div", { class: `card ${mood}` }, h("p", { class: "who" }, who), content);
}

export function standard(spec) {
  return h("a", { href: spec, target: "_blank", rel: "noopener noreferrer", title: t("standard.new") }, t("standard"));
}

function ruleLine(code) {
  const known = rule(code);
  return known && h("p", { class: "rule" }, known.text, " (", standard(known.spec), ")");
}

const under = (...content) => h("div", { class: "under" }, content);

const GOOD = new Set(["granted", "check-passed", "cache-hit", "classified-safe", "hop-basic"]);

function thought(step) {
  const mood = GOOD.has(step.rule) ? "good" : "";
  const names = (step.look_ups ?? []).map(({ name }) => name).join(", ");
  let text = t(`think.${step.rule}`, { ...step, names });
  if (step.rule === "redirected") {
    if (step.method) text += t("think.redirected.method", step);
    if (step.dropped.length > 0) text += t("think.redirected.dropped", { names: step.dropped.join(", ") });
    text += ".";
  }
  const list = step.rule === "cache-miss"
    ? step.look_ups.map(({ name, found }) => t(`look.${found}`, { name }))
    : (step.needs ?? []).map((need) => t(`need.${need.what}`, need));
  return card(mood, t("by.browser"),
    h("p", {}, mood && h("span", { class: "mark good", "aria-hidden": "true" }, "✓"), text),
    list.length > 0 && h("ul", { class: "needs" }, list.map((line) => h("li", {}, line))),
    ruleLine(step.rule));
}

function decision({ decision, exchange, server }) {
  const refused = decision.verdict === "refused";
  const said = refused ? t("decide.refused", { code: decision.reason })
    : decision.verdict === "granted" ? t(`decide.granted.${exchange}`) : t(`decide.${decision.verdict}`);
  const why = refused && reason(decision.reason);
  return card(refused ? "bad" : decision.verdict === "granted" ? "good" : "", t("by.server", { server }),
    h("p", {}, refused && mark("bad", "✗"), decision.verdict === "granted" && mark("good", "✓"), said),
    decision.rule && h("p", { class: "rule" }, t("decide.rule", decision.rule)),
    why && h("dl", {},
      pair("reason.what", why[current()].message),
      decision.asked && pair("decide.asked", h("code", {}, decision.asked)),
      decision.difference && current() === "en" && pair("decide.difference", decision.difference),
      decision.nearest && pair("decide.nearest", h("code", {}, `${decision.nearest.path}: ${decision.nearest.text}`)),
      pair("reason.fix", why[current()].fix)));
}

const mark = (mood, sign) => h("span", { class: `mark ${mood}`, "aria-hidden": "true" }, sign);
const pair = (word, ...content) => [h("dt", {}, t(word)), h("dd", {}, content)];

function block(step) {
  const row = reason(step.reason);
  const words = row[current()];
  const chromium = row.chromium[step.exchange === "preflight" ? 1 : 0];
  const names = [chromium && `Chromium: ${chromium}`, row.firefox && `Firefox: ${row.firefox}`].filter(Boolean);
  return card("bad", t("by.browser"),
    h("p", {}, mark("bad", "✗"), h("b", {}, t("block.title", { code: step.reason }))),
    h("dl", {}, pair("reason.what", words.message),
      step.about && pair("block.about", h("code", {}, step.about)),
      pair("reason.cause", words.cause), pair("reason.fix", words.fix),
      pair("reason.whose", t(`fault.${row.fault}`)),
      pair("reason.rule", words.rule, " (", standard(row.spec), ")"),
      names.length > 0 && pair("reason.known", names.join(", "))));
}

// What came of the last request, in a sentence; the live region reads it.
export function outcome(steps) {
  const last = steps.at(-1);
  const asks = store.state.asks.length;
  const nth = asks > 1 && last ? t("outcome.nth", { n: last.ask + 1, all: asks }) : "";
  if (last?.kind === "deliver") {
    const { status, type } = last.response;
    const opaque = type.startsWith("opaque");
    return { mood: opaque ? "" : "good", text: nth + t(opaque ? "outcome.allowed.opaque" : "outcome.allowed", { status, type }), more: rule(last.rule)?.text };
  }
  const blocked = steps.findLast(({ kind }) => kind === "block");
  const unreachable = ["dns", "connection", "tls", "timeout", "broken-http"].includes(blocked.reason);
  return { mood: "bad", text: nth + t(unreachable ? "outcome.unreachable" : "outcome.blocked", { code: blocked.reason }), more: reason(blocked.reason)[current()].message };
}

// A step in a sentence, for whoever does not see it appear.
export function spoken(element) {
  return [...element.querySelectorAll(".who, .line, .unseen, .card > p:not(.rule), .pause, .needs li")].map((part) => part.textContent).join(" ");
}
