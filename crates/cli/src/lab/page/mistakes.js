// What the program found wrong with the form, in the person's language.
import { t } from "./i18n.js";

let mistakes = [];

export const keep = (found) => { mistakes = found; };
export const any = () => mistakes.length > 0;

export function mistakeAt(path) {
  const mistake = mistakes.find((mistake) => mistake.path === path);
  return mistake && words(mistake);
}

export function words({ code, about, line, mended }) {
  return code === "origin" && mended ? t("mistake.origin.mended", { mended }) : t(`mistake.${code}`, { about, line });
}

export const all = () => mistakes.map((mistake) => words(mistake));
// What was wrong, as a text that changes when it does.
export const print = () => JSON.stringify(mistakes);
