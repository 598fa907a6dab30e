// What is on the page, and the link that holds all of it.
const listeners = new Set();

export const store = {
  state: null, // what a play depends on, as /api/play takes it
  lesson: null, // which lesson it came from
  untouched: true, // whether it is still the lesson's own
  step: null, // which step is shown; null for the last
};

export const onChange = (listener) => listeners.add(listener);

// Changes the state, and tells everybody. `by` names the part that has changed it, which then need not be drawn anew.
export function change(by, mutate) {
  mutate(store.state);
  store.untouched = false;
  store.step = null;
  for (const listener of listeners) listener(by);
}

export function replace(state, lesson, untouched, step = null) {
  Object.assign(store, { state: structuredClone(state), lesson, untouched, step });
  for (const listener of listeners) listener("everything");
}

// The state as text that an address can hold: UTF-8 in base64url.
export function encode() {
  if (store.untouched && store.step === null) return `lesson=${store.lesson}`;
  const { state, lesson, step } = store;
  const bytes = new TextEncoder().encode(JSON.stringify({ state, lesson, step }));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return "state=" + btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// What an address holds: { lesson } or { state, lesson, step }; null when it cannot be read.
export function decode(fragment) {
  const [word, text] = fragment.replace(/^#/, "").split(/=(.*)/s);
  if (word === "lesson") return { lesson: text };
  if (word !== "state") return null;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const { state, lesson, step } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isState(state) ? { state, lesson: lesson ?? null, step: Number.isInteger(step) ? step : null } : null;
  } catch {
    return null;
  }
}

// A link may come from anybody: only what has the right form is taken.
function isState(state) {
  const text = (value) => typeof value === "string";
  return state !== null && typeof state === "object" && text(state.page?.origin) && text(state.profile ?? "") &&
    Array.isArray(state.asks) && state.asks.length > 0 && state.asks.every((ask) => text(ask?.method) && text(ask.url) &&
      (ask.headers ?? []).every?.((line) => Array.isArray(line) && line.length === 2 && line.every(text)) &&
      ((ask.body ?? null) === null || text(ask.body))) &&
    Array.isArray(state.servers) && state.servers.every((server) => text(server?.origin) && isAnswers(server.answers));
}

function isAnswers(answers) {
  switch (answers?.by) {
    case "bare": return true;
    case "policy": return typeof answers.toml === "string";
    case "raw": return typeof answers.preflight === "string" && typeof answers.request === "string";
    default: return false;
  }
}
