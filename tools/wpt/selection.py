"""Which tests are run, and of which scripts each consists."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

BEYOND = [f"fetch/api/{part}" for part in
          ("redirect", "credentials", "headers", "basic", "body", "abort", "request", "response")] + ["xhr"]

# What only a page has. A test whose own scripts use one of these needs a document, and is not run.
NEEDS_DOCUMENT = re.compile(
    r"\bdocument\b|\bwindow\b|\biframe\b|\bWorker\b|serviceWorker|postMessage|\bopen\(['\"]about|DOMParser|XMLSerializer"
    r"|MessageChannel|\bImage\(|BroadcastChannel|WebAssembly|MediaSource|\bcaches\.|<base|Feature-Policy|feature-policy")
# Taken in though a part of it needs frames: the other part does not.
IN_PART = re.compile(r"^xhr/access-control-sandboxed-iframe-denied[\w-]*\.htm$")
META = re.compile(r"^//\s*META:\s*(\w+)=(.*)$")


class Page(HTMLParser):
    """The scripts of a page: (address, text), one of them None."""

    def __init__(self, text):
        super().__init__()
        self.scripts, self.inside, self.elements = [], False, set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.elements.add(tag)
        if tag == "script":
            self.inside = "src" not in attrs
            self.scripts.append((attrs.get("src"), None if "src" in attrs else ""))

    def handle_data(self, data):
        if self.inside and self.scripts:
            self.scripts[-1] = (None, self.scripts[-1][1] + data)

    def handle_endtag(self, tag):
        if tag == "script":
            self.inside = False


def is_cors(path):
    return path.startswith(("cors/", "fetch/api/cors/")) or (
        path.startswith("xhr/") and re.search(r"access-control|cors", Path(path).name) is not None)


def find(checkout, parts):
    """Every test file under these directories, as a path below the checkout."""
    for part in parts:
        for path in sorted((checkout / part).rglob("*")):
            name = path.relative_to(checkout).as_posix()
            if not path.is_file() or "/resources/" in name or "/support/" in name:
                continue
            if name.endswith((".any.js", ".window.js", ".worker.js", ".htm", ".html")):
                yield name


def meta(text):
    """The META lines at a script's head."""
    found = {}
    for line in text.splitlines():
        match = META.match(line)
        if match:
            found.setdefault(match[1], []).append(match[2].strip())
        elif line.strip() and not line.startswith("//"):
            break
    return found


def title(checkout, name):
    """What a browser names a subtest after that has no name of its own; empty where that is the file's name."""
    text = (checkout / name).read_text(errors="replace")
    if name.endswith(".js"):
        return meta(text).get("title", [""])[0]
    found = re.search(r"<title>(.*?)</title>", text, re.S)
    return re.sub(r"\s+", " ", found[1]).strip() if found else ""


def without_document(text):
    """The page with its title, and the global by its other name, where its scripts need no more of a document."""
    title = re.search(r"<title>(.*?)</title>", text, re.S)
    text = text.replace("document.title", json.dumps(title[1].strip() if title else ""))
    return re.sub(r"\bwindow\.(?=\w+\s*=[^=])", "self.", text)


def beside(checkout, name, address):
    """A helper's text, where it is one of the test's own and not of the harness."""
    if "/resources/testharness" in address or address.startswith("/common/"):
        return ""
    path = checkout / urljoin("/" + name, address.split("?")[0]).lstrip("/")
    return path.read_text(errors="replace") if path.is_file() else ""


def read(checkout, name):
    """The scripts of a test as (address, text) and its variants, or None and the reason why it is not run."""
    text = (checkout / name).read_text(errors="replace")
    if "-manual." in name:
        return None, "needs a person"
    if ".h2." in name:
        return None, "needs the HTTP/2 server"
    if name.endswith(".js"):
        head = meta(text)
        glob = ",".join(head.get("global", []))
        if name.endswith(".any.js") and glob and not re.search(r"worker(?!let)|jsshell", glob.replace("serviceworker", "").replace("sharedworker", "")):
            if NEEDS_DOCUMENT.search(text) or "window" not in glob:
                return None, "is for other globals"
        if name.endswith(".window.js") and NEEDS_DOCUMENT.search(text):
            return None, "needs a document"
        if re.search(r"WebAssembly|MediaSource|\bcaches\.", text):
            return None, "needs what only a browser has"
        scripts = [(address, None) for address in head.get("script", [])] + [("/" + name, None)]
        return (scripts, head.get("variant", [""]), "long" in head.get("timeout", [])), None
    page = Page(without_document(text))
    own = " ".join(script if script is not None else beside(checkout, name, address) for address, script in page.scripts)
    if "script" not in page.elements or not any("testharness.js" in (s or "") for s, _ in page.scripts):
        return None, "is no test"
    if IN_PART.match(name):
        own, page.elements = "", {"script"}
    if NEEDS_DOCUMENT.search(own) or page.elements & {"iframe", "form", "frame", "object"}:
        return None, "needs a document"
    scripts = [script for script in page.scripts if not re.search(r"/testharness(report)?\.js", script[0] or "")]
    variants = re.findall(r'<meta name="?variant"? content="([^"]*)"', text) or [""]
    return (scripts, variants, 'content="long"' in text), None
