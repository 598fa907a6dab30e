"""Firefox, over Marionette: the category and the text of what its console shows for a request that was stopped."""

import json
import os
import re
import socket
import subprocess
import tempfile
import time

import answers

# In the browser's own context: what its console service has heard of the network.
HEARD = """
return Services.console.getMessageArray().filter(message => message instanceof Ci.nsIScriptError)
    .map(error => [error.category, error.errorMessage]);
"""
# Hosts of the cases are this machine, and nothing is looked up or fetched besides.
PREFERENCES = {
    "dom.security.https_first": False,
    "network.dns.localDomains": "page.test,plain.test",
    "network.dns.disableIPv6": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.server": "",
}


class Firefox:
    name = "firefox"

    def __init__(self, _flags):
        self.profile = tempfile.TemporaryDirectory(prefix="crossing-", ignore_cleanup_errors=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with open(os.path.join(self.profile.name, "user.js"), "w", encoding="utf-8") as file:
            for name, value in {**PREFERENCES, "marionette.port": port}.items():
                file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
        self.process = subprocess.Popen(
            ["firefox-esr", "--headless", "--no-remote", "-profile", self.profile.name, "--marionette",
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
        about = self.call("WebDriver:NewSession", {"acceptInsecureCerts": True})["capabilities"]
        self.version = f"Firefox/{about['browserVersion']}"

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

    def evaluate(self, script):
        script = f"const done = arguments[0]; Promise.resolve({script}).then(done, error => done(String(error)));"
        return self.call("WebDriver:ExecuteAsyncScript", {"script": script, "args": []})["value"]

    def play(self, page, script, preferences):
        """The name of the message's help page, if there is one, and the console's lines."""
        for name, value in preferences.items():
            self.inside(f"Services.prefs.setBoolPref({json.dumps(name)}, {json.dumps(value)});")
        self.call("WebDriver:Navigate", {"url": page})
        self.inside("Services.console.reset();")
        told = self.evaluate(script)
        heard = []
        for _ in range(10):
            if heard := self.inside(HEARD):
                break
            time.sleep(0.05)
        for name in preferences:
            self.inside(f"Services.prefs.clearUserPref({json.dumps(name)});")
        # Keys of messages that were reworded end in a number; their help pages do not.
        named = [re.sub(r"\d+$", "", category) for category, _ in heard if category.startswith("CORS")]
        return answers.Seen(told, named[0] if named else None, [text for _, text in heard])

    def close(self):
        self.process.kill()
        self.process.wait()
        self.profile.cleanup()
