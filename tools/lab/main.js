// The lab in real browsers, end to end: node main.js PROGRAM [chromium|firefox]…
import { checks } from "./checks.js";
import { Browser } from "./browser.js";
import { Lab } from "./lab.js";

const [program, ...wanted] = process.argv.slice(2);
if (!program) {
  console.error("usage: node main.js PROGRAM [chromium|firefox]…");
  process.exit(2);
}

let passed = 0;
let failed = 0;
const lab = await Lab.open(program);
// Whatever goes wrong outside of a check ends the run, and the program with it.
process.on("uncaughtException", (error) => {
  console.error(error);
  lab.child.kill("SIGTERM");
  process.exit(1);
});
try {
  for (const engine of wanted.length > 0 ? wanted : ["chromium", "firefox"]) {
    const browser = await Browser.launch(engine, lab);
    try {
      for (const [name, check] of checks) {
        const began = Date.now();
        try {
          await browser.fresh(check);
          passed++;
          console.log(`ok      ${engine}: ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
        } catch (error) {
          failed++;
          console.log(`FAILED  ${engine}: ${name}\n${String(error.stack ?? error).replace(/^/gm, "        ")}`);
        }
      }
    } finally {
      await browser.close();
    }
  }
} finally {
  await lab.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
