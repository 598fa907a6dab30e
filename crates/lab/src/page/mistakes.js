// What the program found wrong with the form, in the person's language.
import { t } from "./i18n.js";

let mistakes = [];
let typing = null; // what is wrong with a line that the form cannot hold, in words

export const keep = (found) => { mistakes = found; };
export const type = (words) => { typing = words; };
export const any = () => mistakes.length > 0 || typing !== null;

export function mistakeAt(path) {
  const mistake = mistakes.find((mistake) => mistake.path === path);
  return mistake && words(mistake);
}

export function words({ code, about, line, mended }) {
  return code === "origin" && mended ? t("mistake.origin.mended", { mended }) : t(`mistake.${code}`, { about, line });
}

export const all = () => [...mistakes.map((mistake) => words(mistake)), typing].filter(Boolean);
// What was wrong, as a text that changes when it does.
export const print = () => JSON.stringify(mistakes);
