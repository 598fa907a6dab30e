// Asks the program that serves this page.
async function ask(path, question) {
  const response = await fetch(path, question === undefined ? undefined : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(question),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { tooMuch: response.status === 413 });
  return answer;
}

export const lessons = () => ask("/api/lessons");
export const words = () => ask("/api/words");
export const play = (state) => ask("/api/play", state);
export const lint = (toml) => ask("/api/lint", { toml });
export const read = (code) => ask("/api/read", { code });
export const openLive = (state) => ask("/api/live", state);
export const closeLive = (run, outcomes) => ask("/api/compare", { run, outcomes });
