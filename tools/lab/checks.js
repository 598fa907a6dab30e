// What must hold. Each check gets a fresh profile.
import assert from "node:assert/strict";
import { accessibility } from "./accessibility.js";
import { quiet, settled, text, type, value } from "./browser.js";

// What no page can do: speak http and https side by side, or change a person's setting.
const IMPOSSIBLE = ["mixed-content", "referer-downgrade", "referer-setting"];

// Firefox 153 forgets the first preflight that it stores in a fresh profile; from the second on it remembers.
const FORGOTTEN_ONCE = { firefox: ["max-age"], chromium: [] };
// Where a browser goes another way than the others. Its own profile must say so.
const OWN_WAY = { firefox: ["redirect-authorization"], chromium: [] };

const shownSteps = (page) => page.$$eval(".steps > .step:not([hidden])", (steps) => steps.length);
const allSteps = (page) => page.$$eval(".steps > .step", (steps) => steps.length);
const lessonIds = (page) => page.$$eval("#lesson option", (options) => options.map(({ value }) => value).filter(Boolean));

async function openLesson(page, id) {
  await page.select("#lesson", id);
  await page.waitForFunction((id) => location.hash === `#lesson=${id}`, {}, id);
  await settled(page);
}

async function runReally(page) {
  await page.click("#run");
  await page.waitForSelector("#real-result .verdict:is(.good, .other, .bad, .cannot)", { timeout: 60_000 });
  return page.$eval("#real-result", (place) => ({ mood: place.querySelector(".verdict").className.split(" ")[1], text: place.innerText }));
}

export const checks = [
  ["each lesson is played, in order", async (visit) => {
    const page = await visit.open();
    const ids = await lessonIds(page);
    assert.ok(ids.length >= 53, `${ids.length} lessons`);
    for (const [at, id] of ids.entries()) {
      assert.equal(await value(page, "#lesson"), id);
      assert.match(await text(page, "#lesson-chapter"), new RegExp(`Lesson ${at + 1} of ${ids.length}`));
      assert.ok((await text(page, "#lesson-text")).length > 20, id);
      const [mood, last] = await page.evaluate(() => [document.querySelector("#outcome").className, [...document.querySelectorAll(".steps > .step")].at(-1).innerText]);
      const blocked = /TypeError|error event/.test(last);
      assert.equal(blocked, / bad/.test(mood), `${id}: the outcome is that of the last step: ${last}`);
      const hasReason = await page.$(".step .card.bad dl") !== null;
      assert.equal(blocked, hasReason, `${id}: a blocked request has a reason`);
      if (at + 1 < ids.length) {
        await page.click("#next");
        await page.waitForFunction((id) => document.getElementById("lesson").value === id, {}, ids[at + 1]);
        await settled(page);
      }
    }
    assert.equal(await page.$eval("#next", (button) => button.disabled), true);
    await page.click("#previous");
    await settled(page);
    assert.equal(await value(page, "#lesson"), ids.at(-2));
  }],

  ["this browser agrees with ours in each lesson where it can", async (visit) => {
    const page = await visit.open();
    const wrong = [];
    for (const id of await lessonIds(page)) {
      await openLesson(page, id);
      let { mood, text } = await runReally(page);
      if (mood === "bad" && FORGOTTEN_ONCE[visit.engine].includes(id)) ({ mood, text } = await runReally(page));
      const expected = IMPOSSIBLE.includes(id) ? "cannot" : OWN_WAY[visit.engine].includes(id) ? "other" : "good";
      if (mood !== expected) wrong.push(`${id}: ${mood}: ${text}`);
      else if (mood !== "cannot" && !text.includes(visit.engine === "firefox" ? "Firefox" : "Chromium")) wrong.push(`${id}: not as its own profile: ${text}`);
    }
    assert.deepEqual(wrong, []);
  }],

  ["a wrong answer of ours would be noticed", async (visit) => {
    const page = await visit.open("#lesson=preflight-put");
    // The browser's script is made out to have seen nothing.
    await page.evaluate(() => {
      const asks = window.fetch;
      window.fetch = (url, init) => asks(url, url !== "/api/compare" ? init : { ...init, body: init.body.replace(/"outcomes":.*/, '"outcomes":[{"response":null}]}') });
    });
    const { mood, text } = await runReally(page);
    assert.equal(mood, "bad", text);
    assert.match(text, /differs/);
  }],

  ["the conversation is stepped through, forward and back", async (visit) => {
    const page = await visit.open("#lesson=max-age");
    const all = await allSteps(page);
    assert.equal(await shownSteps(page), all);
    await page.click("#player-first");
    assert.equal(await shownSteps(page), 1);
    assert.match(await text(page, "#cache"), /Empty/);
    for (let step = 2; step <= all; step++) {
      await page.click("#player-forward");
      assert.equal(await shownSteps(page), step);
      assert.match(await page.$eval("#announce", (place) => place.textContent), new RegExp(`^Step ${step} of ${all}\\. .{5}`));
    }
    assert.equal(await page.$eval("#player-forward", (button) => button.getAttribute("aria-disabled")), "true");
    await page.click("#player-back");
    assert.equal(await shownSteps(page), all - 1);
    await openLesson(page, "simple-get");
    await page.click("#player-first");
    await page.click("#player-play");
    await page.waitForFunction(() => document.querySelector(".steps > .step[hidden]") === null, { timeout: 60_000 });
  }],

  ["the preflight cache shows what is left of each entry", async (visit) => {
    const page = await visit.open("#lesson=max-age");
    assert.match(await text(page, "#cache"), /PUT[\s\S]*600 of 600 s/);
    await page.click("#ask-tabs button:nth-child(2)");
    await type(page, "#request-form input[type=number]", "40");
    await settled(page);
    assert.match(await text(page, "#cache"), /after 40 s[\s\S]*560 of 600 s/);
  }],

  ["lint finds what is wrong while it is typed", async (visit) => {
    const page = await visit.open("#lesson=acao-exact");
    assert.match(await text(page, "#lint"), /nothing to mend/);
    await type(page, "#server-toml", '[[grant]]\nallow_origins = ["http://app.shop.test/"]\nallow_method = ["PUT"]');
    await page.waitForSelector(".finding.error");
    const told = await text(page, "#lint");
    assert.match(told, /Line 2[\s\S]*origin-trailing-slash[\s\S]*Try: .*http:\/\/app\.shop\.test/);
    assert.match(told, /Line 3[\s\S]*unknown-key/);
    assert.match(await text(page, "#outcome"), /mistake/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "server-toml", "whoever types stays there");
    await page.click(".finding button");
    const chosen = await page.$eval("#server-toml", (area) => area.value.slice(area.selectionStart, area.selectionEnd));
    assert.match(chosen, /^"http:\/\/app\.shop\.test\/"/);
    await type(page, "#server-toml", '[[grant]]\nallow_origins = ["http://app.shop.test"]');
    await page.waitForFunction(() => /200 cors/.test(document.getElementById("outcome").innerText));
  }],

  ["wrong input is named at its place", async (visit) => {
    const page = await visit.open("#lesson=acao-missing");
    await type(page, "#page-origin", "http://app.shop.test/");
    await page.waitForFunction(() => /Did you mean http:\/\/app\.shop\.test\?/.test(document.getElementById("request-form").innerText));
    assert.equal(await page.$eval("#page-origin", (input) => input.getAttribute("aria-invalid")), "true");
    await type(page, "#page-origin", "http://app.shop.test");
    await type(page, "#server-request", "two hundred");
    await page.waitForFunction(() => /Begin with a status/.test(document.getElementById("server-form").innerText));
    await type(page, "#server-request", "200\naccess-control-allow-origin: *");
    await page.waitForFunction(() => /200 cors/.test(document.getElementById("outcome").innerText));
    await type(page, "#method", "TRACE");
    await page.waitForFunction(() => /No browser lets a script send TRACE/.test(document.getElementById("request-form").innerText));
  }],

  ["a line that is no header is a mistake, and nothing is asked without it", async (visit) => {
    const page = await visit.open("#lesson=preflight-header");
    await type(page, "#headers", "nocolon");
    await page.waitForFunction(() => /mistake[\s\S]*has no colon/.test(document.getElementById("outcome").innerText));
    assert.equal((await runReally(page)).mood, "cannot");
    assert.equal(await value(page, "#headers"), "nocolon", "what is typed stays");
    await type(page, "#headers", "x-a: \u00fc\u20ac");
    await page.waitForFunction(() => /beyond U\+00FF/.test(document.getElementById("outcome").innerText));
    await type(page, "#headers", "x-a: \u00fc");
    await page.waitForFunction(() => !/mistake/.test(document.getElementById("outcome").innerText));
    await page.click("#server-form input[name=answers][value=raw]");
    await type(page, "#server-request", "200\ncontent-encoding: gzip\n\nplain");
    await page.waitForFunction(() => /not coded as gzip/.test(document.getElementById("server-form").innerText));
  }],

  ["what is too much or too long does no harm", async (visit) => {
    const page = await visit.open("#lesson=acao-exact", { width: 360, height: 740 });
    await page.evaluate(() => document.querySelectorAll(".fold").forEach((fold) => { fold.open = true; }));
    const paste = (selector, words) => page.$eval(selector, (area, words) => {
      area.value = words;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }, words);
    await paste("#headers", `${"x".repeat(5000)}: 1`);
    await settled(page);
    await page.waitForFunction(() => /xxxx/.test(document.getElementById("diagram").innerText));
    const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= inner, `${wide} > ${inner}`);
    await paste("#server-toml", `# ${"x".repeat(300 << 10)}`);
    await page.waitForFunction(() => /256 KiB/.test(document.getElementById("lint").innerText));
    await page.waitForFunction(() => /256 KiB/.test(document.getElementById("outcome").innerText));
  }],

  ["the way back leads through the lessons", async (visit) => {
    const page = await visit.open("#lesson=simple-get");
    const ids = await lessonIds(page);
    for (const id of ids.slice(1, 4)) {
      await page.click("#next");
      await page.waitForFunction((id) => location.hash === `#lesson=${id}`, {}, id);
      await settled(page);
    }
    await type(page, "#method", "PUT");
    for (const id of [ids[2], ids[1], ids[0]]) {
      await page.evaluate(() => history.back());
      await page.waitForFunction((id) => document.getElementById("lesson").value === id && location.hash === `#lesson=${id}`, {}, id);
      await settled(page);
    }
    await page.evaluate(() => history.go(3));
    await page.waitForFunction((id) => document.getElementById("lesson").value === id, {}, ids[3]);
    await settled(page);
    assert.equal(await value(page, "#method"), "PUT", "what was changed is there again");
  }],

  ["form and script follow each other", async (visit) => {
    const page = await visit.open("#lesson=simple-get");
    await type(page, "#method", "DELETE");
    assert.match(await value(page, "#code"), /method: "DELETE"/);
    await page.focus("#code");
    await page.$eval("#code", (area) => area.select());
    await page.keyboard.type("const r = await fetch('http://api.shop.test/other', { method: 'PATCH', credentials: 'include', headers: { 'X-A': '1' } });");
    await page.waitForFunction(() => document.getElementById("method").value === "PATCH");
    assert.equal(await value(page, "#url"), "http://api.shop.test/other");
    assert.equal(await value(page, "#headers"), "X-A: 1");
    assert.equal(await page.evaluate(() => document.activeElement.id), "code");
    await page.keyboard.type("(");
    await page.$eval("#code", (area) => area.select());
    await page.keyboard.type("fetch(");
    await page.waitForFunction(() => /Not understood/.test(document.getElementById("request-form").innerText));
  }],

  ["a link restores everything", async (visit) => {
    const page = await visit.open("#lesson=preflight-put");
    await type(page, "#url", "http://api.shop.test/пример?a=1");
    await type(page, "#headers", "X-Ünicode: 1");
    await type(page, "#headers", "X-Token: a b");
    await page.click("#ask-add");
    await page.click("#server-add");
    await page.click("input[name=answers][value=raw]");
    await type(page, "#server-request", "201\nx-a: b\n\nпривет");
    await page.select("#profile", "firefox");
    await settled(page);
    await page.click("#player-back");
    await page.click("#share");
    const link = new URL(page.url());
    const before = await looks(page);
    const other = await visit.open(link.hash);
    assert.deepEqual(await looks(other), before);
    assert.equal(await value(other, "#profile"), "firefox");
    await other.click("#server-tabs button:nth-child(2)");
    assert.equal(await value(other, "#server-request"), "201\nx-a: b\n\nпривет");
    // The address follows, so that the way back does, too.
    await other.goto(`${visit.lab.url}#lesson=acao-star`);
    await settled(other);
    assert.equal(await value(other, "#lesson"), "acao-star");
  }],

  ["a link that is broken or unknown opens the first lesson, and says so", async (visit) => {
    for (const fragment of ["#state=!!!", "#state=e30", "#lesson=frobnicate", "#frobnicate", `#state=${"A".repeat(4000)}`]) {
      const page = await visit.open(fragment);
      assert.equal(await value(page, "#lesson"), "simple-get", fragment);
      assert.match(await page.$eval("#announce", (place) => place.textContent), /cannot be read/, fragment);
      await page.close();
    }
    // A state of the right form with wrong words is told of in the form.
    const state = { page: { origin: "x" }, asks: [{ method: "GET", url: "/" }], servers: [] };
    const page = await visit.open().then(async (page) => {
      const link = Buffer.from(JSON.stringify({ state })).toString("base64url");
      await page.goto(`${visit.lab.url}#state=${link}`);
      await page.waitForFunction(() => /mistake/.test(document.getElementById("outcome").innerText));
      return page;
    });
    assert.match(await text(page, "#request-form"), /not an origin/);
  }],

  ["it speaks Russian, by the browser's language and by choice", async (visit) => {
    const page = await visit.open("#lesson=preflight-policy", { languages: ["ru-RU", "en"] });
    assert.equal(await page.$eval("html", (html) => html.lang), "ru");
    const english = await page.evaluate(() => [...document.querySelectorAll("[data-t], h1, h2, h3, label, legend, summary, dt, .who, .card > p, .rule, .outcome p, .hint, #lesson-text, optgroup")]
      .filter((element) => !element.closest("[lang]:not(html)") && element.checkVisibility())
      .map((element) => element.label ?? element.textContent.trim())
      .filter((words) => words !== "" && !/[а-яё]/i.test(words) && !/^(lab|fetch|XMLHttpRequest|URL)$/.test(words)));
    assert.deepEqual(english, []);
    assert.match(await text(page, ".card.bad dl"), /Что случилось/);
    await page.select("#language", "en");
    await quiet(page);
    assert.match(await text(page, "#outcome"), /^Blocked: preflight-status/);
    await page.reload();
    await settled(page);
    assert.equal(await page.$eval("html", (html) => html.lang), "en", "the choice is kept");
    for (const id of await lessonIds(page)) {
      await page.select("#language", "ru");
      await openLesson(page, id);
      assert.match(await text(page, ".lesson"), /[а-яё]/, id);
    }
    const { mood, text: told } = await runReally(page);
    assert.equal(mood, "good");
    assert.match(told, /согласен/);
  }],

  ["it is used with the keyboard alone", async (visit) => {
    const page = await visit.open("#lesson=acao-missing");
    const focused = () => page.evaluate(() => {
      const { activeElement: element } = document;
      const box = element.getBoundingClientRect();
      return { id: element.id, name: element.name, value: element.value, text: element.textContent.slice(0, 30), tag: element.tagName, seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight };
    });
    // Tabs until something has the focus, and sees to it that each stop is visible.
    const tabTo = async (is) => {
      for (let presses = 0; presses < 120; presses++) {
        await page.keyboard.press("Tab");
        const there = await focused();
        if (there.tag !== "BODY") assert.ok(there.seen, `out of sight: ${JSON.stringify(there)}`);
        if (is(there)) return there;
      }
      throw new Error("there is no way there by Tab");
    };
    await tabTo(({ text }) => /Skip/.test(text));
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "conversation");
    await tabTo(({ id }) => id === "player-back");
    await page.keyboard.press("Home");
    assert.equal(await shownSteps(page), 1);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await shownSteps(page), 3);
    await page.keyboard.press("ArrowLeft");
    assert.equal(await shownSteps(page), 2);
    assert.notEqual((await focused()).tag, "BODY", "a button that is switched off keeps nobody waiting");
    await tabTo(({ name }) => name === "answers");
    await page.keyboard.press("ArrowLeft");
    await settled(page);
    await page.waitForFunction(() => /200 cors/.test(document.getElementById("outcome").innerText));
    await tabTo(({ id }) => id === "run");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#real-result .verdict.good");
    await page.keyboard.down("Shift");
    for (let presses = 0; presses < 120 && (await focused()).id !== "next"; presses++) await page.keyboard.press("Tab");
    await page.keyboard.up("Shift");
    assert.equal((await focused()).id, "next");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => location.hash === "#lesson=acao-exact");
    assert.equal((await focused()).id, "next");
  }],

  ["nothing sticks out of a narrow screen", async (visit) => {
    for (const languages of [["en"], ["ru"]]) {
      const page = await visit.open("", { width: 360, height: 740, languages });
      for (const id of await lessonIds(page)) {
        await openLesson(page, id);
        const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.ok(wide <= inner, `${id} in ${languages}: ${wide} > ${inner}`);
      }
      assert.equal(await page.$eval("#request details", (fold) => fold.open), false, "the conversation comes first");
      // What was found out stands under each other, and in lines that can be read.
      await openLesson(page, "max-age");
      await runReally(page);
      const narrowest = await page.$$eval("#real-result td, .cache td, .card dd", (cells) => Math.min(...cells.map((cell) => cell.getBoundingClientRect().width)));
      assert.ok(narrowest > 120, `a cell of ${narrowest} pixels`);
      const [page_, browser] = await page.$$eval(".lane.page b, .lane.browser b", (names) => names.map((name) => {
        const range = document.createRange();
        range.selectNodeContents(name);
        return range.getBoundingClientRect();
      }).map(({ left, right }) => ({ left, right })));
      assert.ok(page_.right + 2 <= browser.left, `${page_.right} runs into ${browser.left}`);
      await page.click("#request summary");
      const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= inner, `open form: ${wide} > ${inner}`);
      await page.close();
    }
  }],

  ["the theme follows the system and the person", async (visit) => {
    const page = await visit.open();
    const ground = () => page.$eval("html", (html) => getComputedStyle(html).backgroundColor);
    await page.select("#theme", "light");
    const light = await ground();
    await page.select("#theme", "dark");
    assert.notEqual(await ground(), light);
    await page.reload();
    await settled(page);
    assert.notEqual(await ground(), light, "the choice is kept");
    if (visit.engine === "chromium") {
      await page.select("#theme", "auto");
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
      await quiet(page);
      assert.notEqual(await ground(), light);
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
      await quiet(page);
      assert.equal(await ground(), light);
    }
  }],

  ["an accessibility checker finds nothing serious, in light and dark", accessibility],
];

// What a person sees of the state.
async function looks(page) {
  const [url, headers, method, steps, outcome] = await Promise.all([
    value(page, "#url"), value(page, "#headers"), value(page, "#method"), shownSteps(page), text(page, "#outcome")]);
  const tabs = await page.$$eval("#ask-tabs button, #server-tabs button", (buttons) => buttons.length);
  return { url, headers, method, steps, outcome, tabs };
}
