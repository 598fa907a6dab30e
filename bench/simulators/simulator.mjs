// A simulated browser that behaves, to `crossing conform`, as one: it goes where the rig sends it, runs the page's
// script in jsdom or in happy-dom, and posts what the script reports.
//
// Usage: node simulator.mjs jsdom|happy-dom --proxy-server=http://ADDRESS …
import http from "node:http";
import https from "node:https";
import net from "node:net";

const which = process.argv[2];
const address = new URL(process.argv.find(word => word.startsWith("--proxy-server=")).slice("--proxy-server=".length));

// Whatever is asked for, with or without TLS, goes to the rig, which is told the name by `Host`.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
process.removeAllListeners("warning");
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const normal = net._normalizeArgs ? args : args;
  const options = Array.isArray(normal[0]) ? normal[0][0] : normal[0];
  const there = { ...(typeof options === "object" ? options : {}), host: address.hostname, port: Number(address.port) };
  delete there.lookup;
  delete there.path;
  const then = args.find(it => typeof it === "function") ?? (Array.isArray(args[0]) ? args[0][1] : undefined);
  return connect.call(this, there, ...(typeof then === "function" ? [then] : []));
};

// A request of the browser itself: a navigation.
function navigate(url, body) {
  const { request } = url.startsWith("https:") ? https : http;
  const headers = { accept: "text/html" };
  if (jar.for(url)) headers.cookie = jar.for(url);
  if (body !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
  return new Promise((done, failed) => {
    const asked = request(url, { method: body === undefined ? "GET" : "POST", headers, agent: false }, response => {
      jar.take(url, response.headers["set-cookie"]);
      let text = "";
      response.setEncoding("utf8").on("data", piece => (text += piece)).on("end", () => done({ response, text }));
    });
    asked.on("error", failed);
    asked.end(body);
  });
}

// The cookies that the rig gives before a scenario: host by host, all of them `Secure; SameSite=None; Path=/`.
const jar = {
  hosts: new Map(),
  lines: new Map(),
  take(url, lines = []) {
    const host = new URL(url).hostname;
    const cookies = this.hosts.get(host) ?? new Map();
    for (const line of lines) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
      this.lines.set(host, [...(this.lines.get(host) ?? []), line]);
    }
    this.hosts.set(host, cookies);
  },
  for(url) {
    return [...(this.hosts.get(new URL(url).hostname) ?? [])].map(pair => pair.join("=")).join("; ");
  },
};

// What only `fetch` can ask for: jsdom has `XMLHttpRequest` alone.
function asXhr(step) {
  const { method, credentials, ...more } = step.init;
  return { ...step, xhr: step.xhr || (Object.keys(more).length === 0 && credentials !== "omit") };
}

async function jsdom(url, html, finish) {
  const { CookieJar, JSDOM, VirtualConsole } = await import("jsdom");
  const cookieJar = new CookieJar(undefined, { rejectPublicSuffixes: false });
  for (const [host, lines] of jar.lines) {
    for (const line of lines) cookieJar.setCookieSync(line, `https://${host}/`, { loose: true, ignoreError: true });
  }
  const dom = new JSDOM(html, {
    url, cookieJar, runScripts: "dangerously", virtualConsole: new VirtualConsole(),
    beforeParse(window) {
      Object.assign(window, { finish, TextEncoder, fetch: () => Promise.reject(new TypeError("there is no fetch")) });
      window.Request ??= class { constructor() { throw new TypeError("there is no Request"); } };
    },
  });
  return () => dom.window.close();
}

async function happyDom(url, html, finish) {
  const { Window } = await import("happy-dom");
  const window = new Window({
    url, settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true,
      fetch: { disableStrictSSL: true } },
  });
  for (const [host, lines] of jar.lines) {
    for (const line of lines) {
      const [pair] = line.split(";");
      const [key, value] = pair.split("=");
      window.happyDOM.cookieManager?.addCookies?.([
        { key, value, originURL: new URL(`https://${host}/`), domain: "", path: "/", secure: true, sameSite: "None" },
      ]);
    }
  }
  window.finish = finish;
  window.document.write(html);
  return () => window.happyDOM.close();
}

async function play(url, html) {
  const plan = JSON.parse(html.match(/const plan = (.*);\n/)[1]);
  if (plan.frame && plan.frame.srcdoc) return play("about:blank", plan.frame.srcdoc);
  if (plan.frame) return play(plan.frame.src, (await navigate(plan.frame.src)).text);
  if (which === "jsdom") plan.cases = plan.cases.map(steps => steps.map(asXhr));
  const changed = html
    .replace(/const plan = .*;\n/, () => `const plan = ${JSON.stringify(plan).replaceAll("<", "\\u003c")};\n`)
    .replace("function report(seen) {", "function report(seen) { return finish(JSON.stringify(seen));");
  let close = () => {};
  const report = await new Promise((done, failed) => {
    const over = setTimeout(() => done('[[{"outcome":"hang"}]]'), 12000);
    const finish = text => (clearTimeout(over), done(text));
    const opened = which === "jsdom" ? jsdom(url, changed, finish) : happyDom(url, changed, finish);
    opened.then(it => (close = it), failed);
  }).catch(error => JSON.stringify([[{ outcome: "fail", error: String(error) }]]));
  try { await close(); } catch { /* it is of no use any more */ }
  return { report, to: plan.report };
}

// One tab: it asks where to go, plays what is there, and posts the report, which is answered by where to go next.
async function tab(number) {
  let url = `https://rig${number}.conform/`;
  let body;
  for (;;) {
    const { response, text } = await navigate(url, body);
    body = undefined;
    if (response.headers.location) {
      url = new URL(response.headers.location, url).href;
    } else {
      const { report, to } = await play(url, text);
      [url, body] = [to, `report=${encodeURIComponent(report)}`];
    }
  }
}

process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
await Promise.all([0, 1, 2, 3, 4, 5].map(tab));
