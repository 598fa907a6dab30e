"""The same tests in Chromium, over the pipe of its DevTools protocol."""

import json
import os
import re
import select
import subprocess
import tempfile
import time

import selection
from server import HOST, PORTS

# The harness calls this function of the page's, if there is one, and asks the opener for more time.
REPORT = """
if (window === top) {
  window.completion_callback = (tests, status) => crossingReport(JSON.stringify({
    status: status.status, message: status.message,
    tests: tests.map(({ name, status, message }) => ({ name, status, message })),
  }));
  window.opener = { testharness_properties: { timeout_multiplier: 3 }, postMessage() {} };
}
"""
RULES = f"MAP nonexistent.{HOST} ~NOTFOUND, MAP *.{HOST} 127.0.0.1, MAP {HOST} 127.0.0.1, MAP *.not-{HOST} 127.0.0.1, MAP not-{HOST} 127.0.0.1"


def address(checkout, name, variant):
    """Where a browser finds the test: a script's wrapper is a worker's, unless it is for windows only."""
    scheme = "https" if ".https." in name else "http"
    if name.endswith(".any.js"):
        globals_ = ",".join(selection.meta((checkout / name).read_text(errors="replace")).get("global", ["worker"]))
        is_worker = re.search(r"\b(dedicated)?worker\b", globals_)
        name = name.removesuffix(".js") + (".worker.html" if is_worker else ".html")
    elif name.endswith(".js"):
        name = name.removesuffix(".js") + ".html"
    return f"{scheme}://{HOST}:{PORTS[scheme][0]}/{name}{variant}"


class Chromium:
    """One browser; each test has a profile of its own in it."""

    def __init__(self, checkout, at_once):
        self.checkout, self.at_once = checkout, at_once
        self.profile = tempfile.TemporaryDirectory(prefix="crossing-", ignore_cleanup_errors=True)
        to_it, self.out = os.pipe()
        self.incoming, from_it = os.pipe()

        def place():  # it reads from 3 and writes to 4
            first, second = os.dup(to_it), os.dup(from_it)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe",
             "--ignore-certificate-errors", f"--host-resolver-rules={RULES}", "--autoplay-policy=no-user-gesture-required",
             f"--user-data-dir={self.profile.name}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=place)
        os.close(to_it)
        os.close(from_it)
        self.buffer, self.counter, self.answers, self.reports, self.broken = b"", 0, {}, {}, set()
        self.version = self.call("Browser.getVersion")["product"].replace("Chrome/", "Chromium ").split(".")[0]

    def listen(self, seconds):
        """Takes in one message, if one comes in time."""
        until = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            if not select.select([self.incoming], [], [], max(0, until - time.monotonic()))[0]:
                return
            read = os.read(self.incoming, 1 << 16)
            if not read:
                raise RuntimeError("Chromium has ended")
            self.buffer += read
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        parameters, session = message.get("params", {}), message.get("sessionId")
        if "id" in message:
            self.answers[message["id"]] = message
        elif message["method"] == "Runtime.bindingCalled":
            self.reports[session] = json.loads(parameters["payload"])
        elif message["method"] == "Target.targetCrashed":
            self.broken.add(parameters["targetId"])

    def send(self, method, session=None, **parameters):
        self.counter += 1
        call = {"id": self.counter, "method": method, "params": parameters}
        if session:
            call["sessionId"] = session
        os.write(self.out, json.dumps(call).encode() + b"\0")
        return self.counter

    def call(self, method, session=None, **parameters):
        number, until = self.send(method, session, **parameters), time.monotonic() + 60
        while number not in self.answers:
            if time.monotonic() > until:
                raise RuntimeError(f"{method}: no answer")
            self.listen(1)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, name, variant):
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Runtime.enable", session)
        self.call("Runtime.addBinding", session, name="crossingReport")
        self.call("Page.enable", session)
        self.call("Page.addScriptToEvaluateOnNewDocument", session, source=REPORT)
        self.send("Page.navigate", session, url=address(self.checkout, name, variant))
        return session, target, context

    def run(self, tests):
        """The results of all tests, in their order."""
        results, running, waiting = {}, {}, list(tests)
        while waiting or running:
            while waiting and len(running) < self.at_once:
                name, variant, _, is_long = waiting.pop(0)
                session, target, context = self.open(name, variant)
                limit = time.monotonic() + (200 if is_long else 45)
                running[session] = (name, variant, target, context, limit)
            self.listen(1)
            self.answers.clear()
            for session, (name, variant, target, context, limit) in list(running.items()):
                report = self.reports.pop(session, None)
                if report is None and target not in self.broken and time.monotonic() < limit:
                    continue
                results[name, variant] = report or {"status": 2, "message": "nothing was reported", "tests": []}
                del running[session]
                self.call("Target.disposeBrowserContext", browserContextId=context)
        return [(name, variant, results[name, variant]) for name, variant, _, _ in tests]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.profile.cleanup()


def results(checkout, tests, options):
    """Chromium's version and results: measured now, unless they are kept already."""
    if options.chromium.is_file():
        return json.loads(options.chromium.read_text())
    browser = Chromium(checkout, options.jobs)
    try:
        measured = [browser.version, browser.run(tests)]
    finally:
        browser.close()
    options.chromium.write_text(json.dumps(measured))
    return measured
