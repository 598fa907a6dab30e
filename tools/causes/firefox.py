"""Firefox, over Marionette: the category of the message that its console shows for a request that CORS stopped."""

import json
import os
import socket
import subprocess
import tempfile
import time

# In the browser's own context: what its console service has heard.
HEARD = """
const errors = Services.console.getMessageArray().filter(message => message instanceof Ci.nsIScriptError);
return errors.map(error => error.category).find(category => category.startsWith("CORS")) ?? null;
"""
FETCH = """
const [url, init, done] = arguments;
fetch(url, init).then(() => done("fetched"), error => done(String(error)));
"""


class Firefox:
    name = "firefox"

    def __init__(self, _flags):
        self.profile = tempfile.TemporaryDirectory(prefix="crossing-", ignore_cleanup_errors=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with open(os.path.join(self.profile.name, "user.js"), "w", encoding="utf-8") as file:
            file.write(f'user_pref("marionette.port", {port});\n')
            file.write('user_pref("dom.security.https_first", false);\n')
        self.process = subprocess.Popen(
            ["firefox", "--headless", "--no-remote", "-profile", self.profile.name, "--marionette",
             "--remote-allow-system-access"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(600):
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
                break
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError("Firefox has ended") from None
                time.sleep(0.1)
        else:
            raise RuntimeError("Firefox does not listen")
        self.buffer, self.counter = b"", 0
        self.read()
        self.call("WebDriver:NewSession", {})

    def read(self):
        while b":" not in self.buffer:
            self.receive()
        length, self.buffer = self.buffer.split(b":", 1)
        while len(self.buffer) < int(length):
            self.receive()
        text, self.buffer = self.buffer[:int(length)], self.buffer[int(length):]
        return json.loads(text)

    def receive(self):
        read = self.socket.recv(1 << 16)
        if not read:
            raise RuntimeError("Firefox has ended")
        self.buffer += read

    def call(self, command, parameters):
        self.counter += 1
        text = json.dumps([0, self.counter, command, parameters]).encode()
        self.socket.sendall(str(len(text)).encode() + b":" + text)
        while True:
            _, number, error, result = self.read()
            if number == self.counter:
                if error:
                    raise RuntimeError(f"{command}: {error}")
                return result

    def inside(self, script):
        self.call("Marionette:SetContext", {"value": "chrome"})
        told = self.call("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]
        self.call("Marionette:SetContext", {"value": "content"})
        return told

    def cause(self, page, url, init, preferences):
        """The category of the message; None where the console shows none."""
        for name, value in preferences.items():
            self.inside(f"Services.prefs.setBoolPref({json.dumps(name)}, {json.dumps(value)});")
        self.call("WebDriver:Navigate", {"url": page})
        self.inside("Services.console.reset();")
        told = self.call("WebDriver:ExecuteAsyncScript", {"script": FETCH, "args": [url, init]})["value"]
        heard = None
        for _ in range(10):
            if heard := self.inside(HEARD):
                break
            time.sleep(0.05)
        for name in preferences:
            self.inside(f"Services.prefs.clearUserPref({json.dumps(name)});")
        return heard or ("fetched" if told == "fetched" else None)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.profile.cleanup()
