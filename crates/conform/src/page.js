// Plays the cases of `plan` and reports what a script sees of each.
"use strict";
const sleep = seconds => new Promise(done => setTimeout(done, 1000 * seconds));

function bodyOf(body) {
  if (!body) return undefined;
  const bytes = () => new TextEncoder().encode(body.text);
  if (body.stream) {
    return new ReadableStream({ start(stream) { stream.enqueue(bytes()); stream.close(); } });
  }
  if (body.type === null || body.type === undefined) return bytes();
  if (body.type === "text/plain;charset=UTF-8") return body.text;
  if (body.type === "application/x-www-form-urlencoded;charset=UTF-8") return new URLSearchParams(body.text);
  return new Blob([body.text], { type: body.type });
}

// A resource's times come a little later than the resource.
async function timingOf(address) {
  for (let again = 0; again < 20; again++) {
    const entry = performance.getEntriesByName(address).pop();
    if (entry) return entry.requestStart > 0 ? "allowed" : "withheld";
    await sleep(0.02);
  }
  return null;
}

async function byFetch(step, signal) {
  let request;
  try {
    const duplex = step.body && step.body.stream ? "half" : undefined;
    request = new Request(step.url, { ...step.init, headers: step.headers, body: bodyOf(step.body), duplex, signal });
  } catch (error) {
    return { outcome: "refused", error: String(error) };
  }
  if (step.timing) performance.clearResourceTimings();
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    return { outcome: signal.aborted ? "hang" : "fail", error: String(error) };
  }
  const seen = {
    outcome: "ok", type: response.type, status: response.status, url: response.url,
    redirected: response.redirected, headers: [...response.headers],
    body: response.type.startsWith("opaque") ? "withheld" : response.body === null ? "null" : "readable",
  };
  try {
    if (seen.body === "readable") seen.text = await response.text();
  } catch (error) {
    seen.body = "broken";
  }
  if (step.timing) seen.timing = await timingOf(new URL(step.url, document.baseURI).href.split("#")[0]);
  return seen;
}

function byXhr(step, signal) {
  return new Promise(done => {
    const xhr = new XMLHttpRequest();
    try {
      xhr.open(step.init.method || "GET", step.url);
      for (const [name, value] of step.headers) xhr.setRequestHeader(name, value);
    } catch (error) {
      return done({ outcome: "refused", error: String(error) });
    }
    xhr.withCredentials = step.init.credentials === "include";
    if (step.listener) xhr.upload.onprogress = () => {};
    xhr.onerror = () => done({ outcome: "fail", error: "error" });
    signal.onabort = () => done({ outcome: "hang", error: "time over" });
    xhr.onload = () => {
      const headers = xhr.getAllResponseHeaders().split("\r\n").filter(line => line).map(line => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
      });
      done({ outcome: "ok", status: xhr.status, url: xhr.responseURL, headers, text: xhr.responseText });
    };
    try {
      xhr.send(bodyOf(step.body) ?? null);
    } catch (error) {
      done({ outcome: "refused", error: String(error) });
    }
  });
}

async function play(step) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 1000 * step.limit);
  const seen = await (step.xhr ? byXhr : byFetch)(step, abort.signal);
  clearTimeout(timer);
  return seen;
}

async function playCase(steps) {
  const seen = [];
  for (const step of steps) {
    if (seen.length && step.mark) await fetch(step.mark, { mode: "no-cors", cache: "no-store" });
    seen.push(await play(step));
  }
  return seen;
}

function report(seen) {
  const text = JSON.stringify(seen);
  if (plan.console) return console.log(text);
  if (parent !== self) return parent.postMessage(text, "*");
  const form = document.createElement("form");
  form.method = "post";
  form.action = plan.report;
  const field = document.createElement("textarea");
  field.name = "report";
  field.value = text;
  form.append(field);
  document.documentElement.append(form);
  form.submit();
}

if (plan.frame) {
  onmessage = event => report(JSON.parse(event.data));
  const frame = document.createElement("iframe");
  if (plan.frame.src) frame.src = plan.frame.src;
  else {
    frame.sandbox = "allow-scripts";
    frame.srcdoc = plan.frame.srcdoc;
  }
  document.documentElement.append(frame);
} else {
  Promise.all(plan.cases.map(playCase)).then(report, error => report({ broken: String(error && error.stack) }));
}
