"""Chromium, over the pipe of its DevTools protocol: what it calls what stopped a request, and what its console says."""

import json
import os
import select
import subprocess
import tempfile
import time

import answers


class Chromium:
    name = "chromium"

    def __init__(self, flags):
        self.profile = tempfile.TemporaryDirectory(prefix="crossing-", ignore_cleanup_errors=True)
        to_it, self.out = os.pipe()
        self.incoming, from_it = os.pipe()

        def place():  # it reads from 3 and writes to 4
            first, second = os.dup(to_it), os.dup(from_it)
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe",
             "--disable-background-networking", "--disable-component-update", "--lang=en-US",
             "--disable-features=HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable",
             f"--user-data-dir={self.profile.name}", *flags, "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=place)
        os.close(to_it)
        os.close(from_it)
        self.buffer, self.counter, self.events, self.session = b"", 0, [], None
        self.version = self.call("Browser.getVersion")["product"]
        target = self.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Network", "Log", "Audits", "Runtime"):
            self.call(f"{domain}.enable")

    def message(self, until):
        while b"\0" not in self.buffer:
            if not select.select([self.incoming], [], [], max(0, until - time.monotonic()))[0]:
                return None
            read = os.read(self.incoming, 1 << 16)
            if not read:
                raise RuntimeError("Chromium has ended")
            self.buffer += read
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, parameters=None, seconds=30):
        self.counter += 1
        call = {"id": self.counter, "method": method, "params": parameters or {}}
        if self.session:
            call["sessionId"] = self.session
        os.write(self.out, json.dumps(call).encode() + b"\0")
        until = time.monotonic() + seconds
        while (message := self.message(until)) is not None:
            if message.get("id") == self.counter:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)
        raise RuntimeError(f"{method}: no answer in {seconds} s")

    def evaluate(self, script, seconds=30):
        told = self.call("Runtime.evaluate", {"expression": script, "awaitPromise": True}, seconds)
        return told["result"].get("value")

    def open(self, page):
        self.call("Page.navigate", {"url": page})
        for _ in range(200):
            if self.evaluate("document.readyState + location.href") == "complete" + page:
                return
            time.sleep(0.05)
        raise RuntimeError(f"{page} does not open: {self.evaluate('location.href')}")

    def play(self, page, script, _preferences):
        """The name of the CORS error that stops this script's request, if there is one, and the console's lines."""
        self.open(page)
        self.events.clear()
        told = self.evaluate(script)
        until = time.monotonic() + 0.4
        while (message := self.message(until)) is not None:
            self.events.append(message)
        # Where the request never left, an issue alone has the name.
        names = filter(None, [*map(failure, self.events), *map(issue, self.events)])
        return answers.Seen(told, next(names, None), list(filter(None, map(line, self.events))))

    def close(self):
        self.process.kill()
        self.process.wait()
        self.profile.cleanup()


def failure(event):
    if event.get("method") == "Network.loadingFailed":
        return event["params"].get("corsErrorStatus", {}).get("corsError")
    return None


def issue(event):
    if event.get("method") == "Audits.issueAdded":
        details = event["params"]["issue"]["details"].get("corsIssueDetails", {})
        return details.get("corsErrorStatus", {}).get("corsError")
    return None


def line(event):
    if event.get("method") == "Log.entryAdded":
        return event["params"]["entry"]["text"]
    return None
