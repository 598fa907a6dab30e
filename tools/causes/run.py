#!/usr/bin/env python3
"""Holds what `crossing` says of a cause against what real browsers say: run.py COMMAND [chromium|firefox|--texts]…

Each case is played by a page in the browser, and by `crossing check`, against the same server on loopback. The browser's name for the
cause is read from its DevTools protocol (Chromium) or its console service (Firefox), and its console's line is given to
`crossing explain`. --texts prints the lines. The table in docs/ is written with BLESS=1, and else compared.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile

import answers
import cases
import chromium
import firefox
import server
import table

KINDS = (chromium.Chromium, firefox.Firefox)


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def crossing(command, *arguments):
    """What the command says as a document; its words on standard error where it says none."""
    run = subprocess.run([command, *arguments, "--json"], capture_output=True, text=True, check=False)
    return json.loads(run.stdout) if run.stdout else run.stderr.strip()


def explained(command, text):
    """The codes that `explain` finds in a text."""
    document = crossing(command, "explain", text)
    return [reason["code"] for reason in document["reasons"]] if isinstance(document, dict) else document


def complaints(command, case, kind, origin, url, seen):
    """In what the browser and `crossing` differ."""
    expected = getattr(case, kind.name)
    if seen.name != expected:
        yield f"expected {expected}, seen {seen}"
    if expected and case.code not in (codes := explained(command, expected)):
        yield f"explain {expected} says {codes}"
    speaking = [line for line in seen.lines if not re.search(r"favicon|Content-Length", line)]
    if kind.name not in case.silent and not any(case.code in explained(command, line) for line in speaking):
        yield f"explain finds no {case.code} in {speaking}"
    if case.checked:
        document = crossing(command, "check", url, "--from", origin, *case.flags)
        if not isinstance(document, dict):
            yield f"check says {document}"
        elif not document["reason"]:
            yield "check says that it is allowed"
        elif document["reason"]["code"] != case.code:
            yield f"check says {document['reason']['code']}"
        elif expected and document["reason"][kind.name] != expected:
            yield f"check says that it is called {document['reason'][kind.name]}"


def main():
    command, *wanted = sys.argv[1:]
    show = "--texts" in wanted
    wanted = [word for word in wanted if not word.startswith("--")]
    scratch = tempfile.TemporaryDirectory(prefix="crossing-", ignore_cleanup_errors=True)
    places = {"closed": closed_port()}
    there = server.serve(server.of_cases(cases.CASES, places))
    here = server.serve(server.page)
    secure = server.serve(server.page, server.certificate(scratch.name))
    places.update(there=there, other=f"127.0.0.1:{server.serve(server.page)}")
    pages = {
        "page": f"http://127.0.0.1:{here}/",
        "csp": f"http://127.0.0.1:{here}/csp/",
        "secure": f"https://127.0.0.1:{secure}/",
        "public": f"http://localhost:{here}/",
        "insecure": f"http://page.test:{here}/",
    }
    hosts = "--host-resolver-rules=MAP page.test 127.0.0.1, MAP plain.test 127.0.0.1, MAP nowhere.invalid ~NOTFOUND"
    flags = {False: [hosts, "--ignore-certificate-errors"],
             True: [hosts, f"--ip-address-space-overrides=127.0.0.1:{here}=public"]}
    agree, differ, versions = 0, [], {}
    for kind in KINDS:
        if wanted and kind.name not in wanted:
            continue
        mine = [case for case in cases.CASES if case.only in (None, kind.name)]
        # A page that counts as public is one in all cases of a run of Chromium.
        for public in (False, True):
            chosen = [case for case in mine if (case.page in ("public", "insecure")) == public]
            if not chosen:
                continue
            with contextlib.closing(kind(flags[public])) as browser:
                versions[kind.name] = browser.version
                for case in chosen:
                    page = pages[case.page]
                    origin = page.split("/", 3)
                    url = (case.path or f"http://127.0.0.1:{there}/{case.name}").format(**places)
                    seen = browser.play(page, answers.script(url, case.init), case.preferences)
                    found = list(complaints(command, case, kind, "/".join(origin[:3]), url, seen))
                    agree += not found
                    differ += [f"{kind.name} {case.name}: {complaint}" for complaint in found]
                    if show:
                        print(kind.name, case.name, seen)
    print(", ".join(versions.values()))
    differ += table.complaints(cases)
    print("\n".join(differ + [f"{agree} causes named alike, {len(differ)} differences"]))
    if path := os.environ.get("TALLY"):
        with open(path, "a", encoding="ascii") as tally:
            tally.write(f"{agree} {len(differ)}\n")
    return bool(differ)


sys.exit(main())
