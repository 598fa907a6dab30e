// Takes the pictures of docs/: node pictures.js PROGRAM DIRECTORY
import { join } from "node:path";
import { Browser, quiet } from "./browser.js";
import { Lab } from "./lab.js";

const [program, directory] = process.argv.slice(2);
if (!directory) {
  console.error("usage: node pictures.js PROGRAM DIRECTORY");
  process.exit(2);
}

// The whole page at its top, or one part of it.
const PICTURES = [
  { name: "lab", fragment: "#lesson=preflight-put", height: 980 },
  { name: "lab-dark", fragment: "#lesson=acao-missing", height: 980, theme: "dark" },
  { name: "blocked", fragment: "#lesson=acao-missing", part: ".stage", width: 1500 },
  { name: "preflight", fragment: "#lesson=preflight-json", part: ".stage", width: 1500 },
  { name: "credentials", fragment: "#lesson=credentials-star", part: ".stage", width: 1500 },
  { name: "exposed", fragment: "#lesson=headers-exposed", part: ".stage", width: 1500 },
  { name: "real", fragment: "#lesson=redirect-third-origin", part: "#real", run: true, width: 1500 },
];

const lab = await Lab.open(program);
const browser = await Browser.launch("chromium", lab);
try {
  for (const { name, fragment, part, run, theme = "light", width = 1440, height = 900 } of PICTURES) {
    await browser.fresh(async (visit) => {
      const page = await visit.open(fragment, { width, height });
      await page.select("#theme", theme);
      if (run) {
        await page.click("#run");
        await page.waitForSelector("#real-result .verdict.good");
      }
      await page.evaluate(() => document.activeElement?.blur());
      await quiet(page);
      // A heading that follows the page as it scrolls would stand twice in a part of it.
      await page.$eval(".lanes", (lanes) => { lanes.style.position = "relative"; });
      if (part) await page.$eval(part, (element) => { element.style.padding = "14px"; });
      await page.evaluate(() => scrollTo(0, 0));
      const path = join(directory, `${name}.png`);
      if (part) await (await page.$(part)).screenshot({ path });
      else await page.screenshot({ path });
    });
  }
} finally {
  await browser.close();
  await lab.close();
}
