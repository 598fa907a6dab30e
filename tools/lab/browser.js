// A browser, and what holds on every page that it opens: nothing is said on the console, and nobody else is asked.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";

const PROGRAMS = {
  chromium: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

export class Browser {
  static async launch(engine, lab) {
    const executablePath = PROGRAMS[engine]?.find(existsSync);
    if (!executablePath) throw new Error(`${engine} is missing; install ${engine === "firefox" ? "firefox-esr" : "chromium"}`);
    const browser = await puppeteer.launch({
      browser: engine === "firefox" ? "firefox" : "chrome",
      executablePath,
      args: engine === "chromium" ? ["--no-sandbox", "--lang=en-US"] : [],
      extraPrefsFirefox: { "intl.accept_languages": "en-US, en", "datareporting.policy.dataSubmissionEnabled": false },
    });
    return Object.assign(new Browser(), { engine, lab, browser });
  }

  // Runs a check in a profile of its own.
  async fresh(check) {
    const context = await this.browser.createBrowserContext();
    const visit = new Visit(this, context);
    try {
      await check(visit);
      visit.assertQuiet();
    } finally {
      await context.close();
    }
  }

  close() {
    return this.browser.close();
  }
}

export class Visit {
  constructor({ engine, lab }, context) {
    Object.assign(this, { engine, lab, context, said: [], asked: [] });
  }

  // Opens the lab at a fragment, and waits until the conversation is there.
  async open(fragment = "", { width = 1360, height = 900, languages = null } = {}) {
    const page = await this.context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("console", (message) => this.said.push({ type: message.type(), text: message.text(), url: message.location().url ?? "" }));
    page.on("pageerror", (error) => this.said.push({ type: "error", text: error.message, url: this.lab.url }));
    page.on("request", (request) => this.asked.push(request.url()));
    await page.setViewport({ width, height });
    if (languages) await page.evaluateOnNewDocument((languages) => Object.defineProperty(navigator, "languages", { get: () => languages }), languages);
    await page.goto(this.lab.url + fragment);
    await settled(page);
    return page;
  }

  // What a blocked request makes a browser say is what the live run is about; everything else is a mistake of ours.
  assertQuiet() {
    const own = this.said.filter(({ type, text, url }) => (type === "error" || type === "warn") &&
      !/cross-origin|CORS|ERR_FAILED|same-origin|Request mode|may not load data|status of (4|5)/i.test(text) && (url === "" || url.startsWith(this.lab.url)));
    assert.deepEqual(own, [], "the console is silent");
    const hosts = new Set(this.asked.filter((url) => /^(https?|wss?):/.test(url)).map((url) => new URL(url).hostname));
    assert.deepEqual([...hosts].filter((host) => host !== "127.0.0.1" && host !== "localhost"), [], "nobody else is asked");
  }
}

// Waits until the page shows what belongs to its state.
export async function settled(page) {
  await page.waitForFunction(() => document.getElementById("conversation").getAttribute("aria-busy") === "false");
}

// Waits until nothing has changed for a while.
export async function quiet(page, milliseconds = 150) {
  await page.evaluate((milliseconds) => new Promise((resolve) => {
    let timer = setTimeout(done, milliseconds);
    const observer = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, milliseconds); });
    function done() { observer.disconnect(); resolve(); }
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  }), milliseconds);
}

export const text = (page, selector) => page.$eval(selector, (element) => element.innerText);
export const value = (page, selector) => page.$eval(selector, (element) => element.value);

// Replaces what stands in a field, key by key as a person would.
export async function type(page, selector, words) {
  await page.focus(selector);
  await page.$eval(selector, (element) => element.select());
  await page.keyboard.press("Backspace");
  await page.keyboard.type(words);
  await quiet(page);
  await settled(page);
}
