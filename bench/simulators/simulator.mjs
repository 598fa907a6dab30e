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
  const cookies = simulator.cookies(url);
  if (cookies) headers.cookie = cookies;
  if (body !== undefined) headers["content-type"] = "application/x-www-form-urlencoded";
  return new Promise((done, failed) => {
    const asked = request(url, { method: body === undefined ? "GET" : "POST", headers, agent: false }, response => {
      simulator.keep(url, response.headers["set-cookie"] ?? []);
      let text = "";
      response.setEncoding("utf8").on("data", piece => (text += piece)).on("end", () => done({ response, text }));
    });
    asked.on("error", failed);
    asked.end(body);
  });
}

// What each of them is: a jar of cookies for the whole run, as each scenario has hosts of its own, and a way to open a page,
// which returns how to close it.
const simulators = {
  async jsdom() {
    const { CookieJar, JSDOM, VirtualConsole } = await import("jsdom");
    const cookieJar = new CookieJar(undefined, { rejectPublicSuffixes: false });
    return {
      keep: (url, lines) => lines.forEach(line => cookieJar.setCookieSync(line, url, { loose: true, ignoreError: true })),
      cookies: url => cookieJar.getCookieStringSync(url),
      open(url, html, given) {
        const beforeParse = window => Object.assign(window, given, { TextEncoder, Request: window.Request ?? NoRequest });
        const dom = new JSDOM(html, {
          url, cookieJar, runScripts: "dangerously", virtualConsole: new VirtualConsole(), beforeParse,
        });
        return () => dom.window.close();
      },
    };
  },
  async "happy-dom"() {
    const { Browser } = await import("happy-dom");
    const browser = new Browser({
      settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true,
        fetch: { disableStrictSSL: true } },
    });
    const { cookieContainer } = browser.defaultContext;
    return {
      // All that the rig gives are `Secure; SameSite=None; Path=/`.
      keep: (url, lines) => cookieContainer.addCookies(lines.map(line => {
        const [pair] = line.split(";");
        const at = pair.indexOf("=");
        return { key: pair.slice(0, at), value: pair.slice(at + 1), originURL: new URL(url), path: "/", secure: true,
          sameSite: "None" };
      })),
      cookies: url => cookieContainer.getCookies(new URL(url)).map(({ key, value }) => `${key}=${value}`).join("; "),
      open(url, html, given) {
        const page = browser.newPage();
        page.url = url;
        Object.assign(page.mainFrame.window, given);
        page.content = html;
        return () => page.close();
      },
    };
  },
};

// jsdom has `XMLHttpRequest` alone: what only `fetch` can ask for is refused.
class NoRequest {
  constructor() { throw new TypeError("there is no fetch"); }
}
function asXhr(step) {
  const { method, credentials, ...more } = step.init;
  return { ...step, xhr: step.xhr || (Object.keys(more).length === 0 && credentials !== "omit") };
}

async function play(url, html) {
  const plan = JSON.parse(html.match(/const plan = (.*);\n/)[1]);
  if (plan.frame && plan.frame.srcdoc) return play("about:blank", plan.frame.srcdoc);
  if (plan.frame) return play(plan.frame.src, (await navigate(plan.frame.src)).text);
  if (which === "jsdom") plan.cases = plan.cases.map(steps => steps.map(asXhr));
  const changed = html
    .replace(/const plan = .*;\n/, () => `const plan = ${JSON.stringify(plan).replaceAll("<", "\\u003c")};\n`)
    .replace("function report(seen) {", "function report(seen) { return finish(seen);")
    // Where a step of a page ends, the rig is told by the harness, whatever the simulator's `fetch` does.
    .replace("await fetch(step.mark", "await mark(step.mark");
  const all = seen => plan.cases.map(steps => steps.map(() => seen));
  let close = () => {};
  const seen = await new Promise(done => {
    const over = setTimeout(() => done(all({ outcome: "hang" })), 12000);
    const finish = seen => (clearTimeout(over), done(seen));
    try { close = simulator.open(url, changed, { finish, mark: navigate }); } catch (error) { finish({ broken: String(error) }); }
  });
  try { await close(); } catch { /* it is of no use any more */ }
  const report = seen.broken ? all({ outcome: "fail", error: seen.broken }) : seen;
  return { report: JSON.stringify(report), to: plan.report };
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
const simulator = await simulators[which]();
await Promise.all([0, 1, 2, 3, 4, 5].map(tab));
