// axe-core, which the test brings along, on the page in each of its states.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { settled, type } from "./browser.js";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const SERIOUS = ["serious", "critical"];

async function findings(page) {
  await page.evaluate(AXE);
  return page.evaluate(async (serious) => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.filter(({ impact }) => serious.includes(impact))
      .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 140)} ${failureSummary.replace(/\s+/g, " ").slice(0, 200)}`).join(" | ")}`);
  }, SERIOUS);
}

// The states: a response, a refusal, a policy with errors and a live run, a wrong form, and a narrow screen.
const STATES = {
  "a response": { fragment: "#lesson=max-age" },
  "a refusal, half way": { fragment: "#lesson=preflight-policy", act: async (page) => {
    await page.click("#player-back");
    await page.click("#player-back");
  } },
  "lint's errors": { fragment: "#lesson=acao-exact", act: async (page) => {
    await type(page, "#server-toml", '[[grant]]\nallow_origins = ["http://app.shop.test/"]\nallow_methods = ["put"]');
    await page.waitForSelector(".finding.error");
  } },
  "a live run": { fragment: "#lesson=preflight-credentials", act: async (page) => {
    await page.click("#run");
    await page.waitForSelector("#real-result .verdict.good");
  } },
  "a wrong form": { fragment: "#lesson=acao-missing", dark: false, act: async (page) => {
    await type(page, "#page-origin", "x/");
    await type(page, "#headers", "no colon");
  } },
  "in Russian": { fragment: "#lesson=redirect-third-origin", languages: ["ru"], dark: false },
  "a narrow screen": { fragment: "#lesson=acao-invalid", width: 360, dark: false },
};

export async function accessibility(visit) {
  const wrong = [];
  for (const [name, { fragment, act, dark, ...how }] of Object.entries(STATES)) {
    const page = await visit.open(fragment, how);
    for (const theme of dark === false ? ["light"] : ["light", "dark"]) {
      await page.select("#theme", theme);
      if (theme === "light" && act) await act(page);
      await settled(page).catch(() => {});
      // Colours fade over; half-way they are nobody's.
      await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
      wrong.push(...(await findings(page)).map((finding) => `${name}, ${theme}: ${finding}`));
    }
    await page.close();
  }
  assert.deepEqual(wrong, []);
}
