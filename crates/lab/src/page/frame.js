// The live page's script: asks what the lab tells it to ask, as any page's script would, and tells what it saw.
"use strict";
(() => {
  const lab = document.documentElement.dataset.lab;
  const patience = 10_000; // milliseconds for one request
  const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

  async function byFetch(ask) {
    const init = { method: ask.method, headers: ask.headers, signal: AbortSignal.timeout(patience) };
    for (const member of ["body", "mode", "credentials", "redirect"]) {
      if (ask[member] !== null) init[member] = ask[member];
    }
    const response = await fetch(ask.url, init);
    return { type: response.type, status: response.status, headers: [...response.headers], body: await response.text() };
  }

  function byXhr(ask) {
    return new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open(ask.method, ask.url);
      xhr.timeout = patience;
      xhr.withCredentials = ask.credentials === "include";
      for (const [name, value] of ask.headers) xhr.setRequestHeader(name, value);
      if (ask.upload_listener) xhr.upload.onprogress = () => {};
      xhr.onerror = xhr.ontimeout = reject;
      xhr.onload = () => {
        const lines = xhr.getAllResponseHeaders().split("\r\n").slice(0, -1);
        const headers = lines.map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]);
        resolve({ type: null, status: xhr.status, headers, body: xhr.responseText });
      };
      xhr.send(ask.body);
    });
  }

  addEventListener("message", async (event) => {
    if (event.source !== parent || event.origin !== lab) return;
    const outcomes = [];
    for (const ask of event.data.asks) {
      await pause(ask.after);
      try {
        outcomes.push({ response: await (ask.via === "xhr" ? byXhr : byFetch)(ask) });
      } catch {
        outcomes.push({ response: null });
      }
    }
    parent.postMessage({ outcomes }, lab);
  });
  parent.postMessage({ ready: true }, lab);
})();
