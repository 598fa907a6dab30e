// The page's words, in the language of the person's browser or of their choice.
import * as api from "./api.js";
import { en } from "./en.js";
import { ru } from "./ru.js";

const LANGUAGES = { en, ru };
const listeners = new Set();
let language = "en";
let table = { reasons: {}, rules: {}, problems: {} };

export const current = () => language;
export const onLanguage = (listener) => listeners.add(listener);

// A text with {name} replaced.
export function t(key, values = {}) {
  const text = LANGUAGES[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const has = (key) => key in LANGUAGES[language];
// Of a text in both languages, the one that counts.
export const pick = (both) => both[language];
export const rule = (code) => table.rules[code] && { text: table.rules[code][language], spec: table.rules[code].spec };
export const reason = (code) => table.reasons[code];
export const problem = (code) => table.problems[code]?.[language];

export async function load() {
  table = await api.words();
  const wished = localStorage.getItem("language");
  const preferred = navigator.languages.map((tag) => tag.split("-")[0]).find((tag) => tag in LANGUAGES);
  use(wished in LANGUAGES ? wished : preferred ?? "en");
}

export function use(wished) {
  language = wished;
  document.documentElement.lang = wished;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
  for (const listener of listeners) listener();
}

export function choose(wished) {
  localStorage.setItem("language", wished);
  use(wished);
}
