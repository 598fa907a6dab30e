// Puts the page together.
import * as api from "./api.js";
import * as diagram from "./diagram.js";
import { $, fill, h } from "./dom.js";
import * as i18n from "./i18n.js";
import { pick, t } from "./i18n.js";
import * as mistakes from "./mistakes.js";
import * as player from "./player.js";
import * as real from "./real.js";
import * as request from "./request.js";
import * as server from "./server.js";
import { decode, encode, onChange, replace, store } from "./state.js";

const PROFILES = ["consensus", "standard", "chromium", "firefox", "webkit"];
const PATIENCE = 120; // milliseconds after the last key

let chapters = [];
let lessons = [];
let steps = [];

function lessonAt() {
  return lessons.findIndex(({ id }) => id === store.lesson);
}

function openLesson(id) {
  const lesson = lessons.find((lesson) => lesson.id === id) ?? lessons[0];
  server.forget();
  replace(lesson.state, lesson.id, true);
}

function openLink(fragment) {
  const link = fragment === "" || fragment === "#" ? { lesson: lessons[0].id } : decode(fragment);
  if (link?.state) {
    server.forget();
    return replace(complete(link.state), link.lesson, false, link.step);
  }
  const known = link && lessons.some(({ id }) => id === link.lesson);
  openLesson(link?.lesson);
  if (!known) $("announce").textContent = t("link.broken");
}

// A link may leave out what has a default.
function complete(state) {
  const page = { referrer_policy: null, never_referrer: false, mixed_content: false, signed_in: false, ...state.page };
  const asks = state.asks.map((ask) => ({ via: "fetch", after: 0, headers: [], body: null, mode: null, credentials: null,
    redirect: null, upload_listener: false, ...ask }));
  return { profile: "consensus", ...state, page, asks };
}

function drawLesson() {
  const at = lessonAt();
  const lesson = lessons[at];
  const chapter = chapters.find(({ lessons }) => lessons.includes(lesson));
  const own = !lesson;
  fill($("lesson-chapter"), own ? t("lesson.own") : `${pick(chapter.title)} · ${t("lesson.of", { at: at + 1, all: lessons.length })}`);
  $("lesson-title").textContent = own ? t("lesson.own.title") : pick(lesson.title);
  $("lesson-text").textContent = own ? t("lesson.own.text") : pick(lesson.text);
  const changed = !own && !store.untouched && [t("lesson.changed"), " ",
    h("button", { type: "button", class: "quiet", id: "reset", onclick: () => { openLesson(lesson.id); $("lesson").focus(); } }, t("lesson.reset"))];
  fill($("lesson-promise"), !own && (changed || pick(lesson.promise)));
  document.querySelector(".promise-word").hidden = own || !store.untouched;
  $("previous").disabled = at <= 0;
  $("next").disabled = at === lessons.length - 1;
  $("lesson").value = store.lesson ?? "";
}

function drawChoices() {
  const groups = chapters.map((chapter) => h("optgroup", { label: pick(chapter.title) },
    chapter.lessons.map((lesson) => h("option", { value: lesson.id }, `${lessons.indexOf(lesson) + 1}. ${pick(lesson.title)}`))));
  fill($("lesson"), h("option", { value: "", hidden: true }, t("lesson.own")), groups);
  fill($("profile"), PROFILES.map((name) => h("option", { value: name }, t(`profile.${name}`))));
}

let turn = 0;
async function play() {
  const mine = ++turn;
  const answer = await api.play(store.state);
  if (mine !== turn) return;
  const before = mistakes.print();
  mistakes.keep(answer.mistakes);
  if (before !== mistakes.print()) markMistakes();
  steps = mistakes.any() ? [] : answer.steps;
  drawConversation();
  $("conversation").setAttribute("aria-busy", "false");
}

function drawConversation() {
  const none = mistakes.any();
  if (!none && steps.length === 0) return;
  const { mood, text, more } = none ? { mood: "bad", text: t("outcome.none"), more: mistakes.all()[0] } : diagram.outcome(steps);
  $("outcome").className = `outcome ${mood}`;
  fill($("outcome"), h("p", {}, h("strong", {}, text)), more && h("p", {}, more));
  diagram.draw(steps);
  player.draw(steps, saveAddress);
}

// Draws both forms anew, so that they say what is wrong, and leaves the person where they type.
function markMistakes() {
  const active = document.activeElement;
  const [id, start, end] = [active?.id, active?.selectionStart, active?.selectionEnd];
  request.draw();
  server.draw();
  const again = id && $(id);
  if (again && again !== document.activeElement) {
    again.focus();
    if (typeof start === "number") again.setSelectionRange(start, end);
  }
}

function saveAddress() {
  history.replaceState(null, "", `#${encode()}`);
}

// Another lesson is another page for whoever goes back; what changes within one is not.
let visited;
function visit() {
  const address = `#${encode()}`;
  if (visited === undefined || visited === store.lesson || location.hash === address) saveAddress();
  else history.pushState(null, "", address);
  visited = store.lesson;
}

let waiting = null;
function onAnyChange(by) {
  clearTimeout(waiting);
  real.forget();
  $("conversation").setAttribute("aria-busy", "true");
  if (by === "everything" || by === "shape") {
    request.draw();
    server.draw();
  } else if (by === "request") {
    request.drawCode();
  }
  $("profile").value = store.state.profile;
  drawLesson();
  if (by === "everything") visit();
  else saveAddress();
  waiting = setTimeout(() => play().catch(trouble), by === "everything" || by === "shape" ? 0 : PATIENCE);
}

function trouble(error) {
  $("outcome").className = "outcome bad";
  const words = error.tooMuch ? t("trouble.size") : t("trouble", { error: error.message });
  fill($("outcome"), h("p", {}, h("strong", {}, words)));
}

function useTheme(wished) {
  const dark = wished === "dark" || (wished !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

function wire() {
  const step = (by) => { openLesson(lessons[Math.max(0, Math.min(lessons.length - 1, lessonAt() + by))].id); };
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("lesson").addEventListener("change", (event) => openLesson(event.target.value));
  $("profile").addEventListener("change", (event) => {
    store.state.profile = event.target.value;
    store.untouched = false;
    onAnyChange("profile");
  });
  document.querySelector(".brand").addEventListener("click", (event) => { event.preventDefault(); openLesson(lessons[0].id); });
  // The address is the state's: the way past the lessons must not change it.
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); $("conversation").focus(); });
  $("share").addEventListener("click", async () => {
    saveAddress();
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    const words = t(copied ? "share.done" : "share.shown");
    $("announce").textContent = words;
    $("share").title = words;
    $("share").textContent = `${t("share")} ✓`;
  });
  $("language").addEventListener("change", (event) => i18n.choose(event.target.value));
  const theme = localStorage.getItem("theme") ?? "auto";
  $("theme").value = theme;
  $("theme").addEventListener("change", (event) => { localStorage.setItem("theme", event.target.value); useTheme(event.target.value); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => useTheme($("theme").value));
  window.addEventListener("hashchange", () => { if (location.hash !== `#${encode()}`) openLink(location.hash); });
  i18n.onLanguage(() => {
    $("language").value = i18n.current();
    drawChoices();
    if (!store.state) return;
    drawLesson();
    $("profile").value = store.state.profile;
    request.draw();
    server.draw();
    real.draw();
    drawConversation();
  });
  onChange(onAnyChange);
}

async function start() {
  useTheme(localStorage.getItem("theme") ?? "auto");
  const [{ chapters: told }] = await Promise.all([api.lessons(), i18n.load()]);
  chapters = told;
  lessons = chapters.flatMap(({ lessons }) => lessons);
  wire();
  // On a narrow screen the conversation comes first, and the forms when they are wanted.
  if (matchMedia("(max-width: 759px)").matches) document.querySelectorAll(".fold").forEach((fold) => { fold.open = false; });
  i18n.use(i18n.current());
  real.draw();
  openLink(location.hash);
}

start().catch(trouble);
