// The preflight cache as it is after the step that is shown.
import { $, fill, h } from "./dom.js";
import { t } from "./i18n.js";

export function draw(step) {
  const entries = step?.cache ?? [];
  const title = h("h3", {}, t("cache.title"), step ? ` (${t("cache.at", { at: step.at })})` : "");
  if (entries.length === 0) return fill($("cache"), h("div", { class: "cache" }, title, h("p", { class: "hint" }, t("cache.empty"))));
  const heads = ["what", "url", "credentials", "left"].map((word) => h("th", { scope: "col" }, t(`cache.${word}`)));
  const rows = entries.map((entry) => h("tr", {},
    h("td", { class: "mono" }, entry.name),
    h("td", { class: "mono" }, entry.url, " ", h("span", { class: "asker" }, `← ${entry.origin}`)),
    h("td", { "data-what": t("cache.credentials") }, t(entry.with_credentials ? "cache.with" : "cache.without")),
    h("td", {}, h("meter", { min: 0, max: entry.max_age, value: String(entry.left), "aria-hidden": "true" }),
      t("cache.seconds", { left: entry.left, all: entry.max_age }))));
  fill($("cache"), h("div", { class: "cache" }, title,
    h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows))));
}
