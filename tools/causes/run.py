#!/usr/bin/env python3
"""Holds what `crossing` calls a cause against what real browsers call it: run.py COMMAND [chromium|firefox]…

Each case is played by a page in the browser, and by `crossing check`, against the same server on loopback. The browser's name for the
cause is read from its DevTools protocol (Chromium) or its console service (Firefox).
"""

import json
import socket
import subprocess
import sys

import cases
import chromium
import firefox
import server


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def ours(command, case, page, url, browser):
    """What `crossing` says that this browser calls the cause."""
    if case.code is not None:
        name = getattr(case, browser)
        run = subprocess.run([command, "explain", name, "--json"], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            return f"explain does not know {name}"
        codes = [reason["code"] for reason in json.loads(run.stdout)["reasons"]]
        return name if not case.code or case.code in codes else f"explain says {codes}"
    run = subprocess.run([command, "check", url, "--from", page, "--json", *case.flags], capture_output=True,
                         text=True, check=False)
    if not run.stdout:
        return run.stderr.strip()
    reason = json.loads(run.stdout)["reason"]
    return reason[browser] if reason else "allowed"


def main():
    command, *wanted = sys.argv[1:]
    places = {"closed": closed_port()}
    there = server.serve(server.of_cases(cases.CASES, places))
    here = server.serve(server.page)
    places["other"] = f"127.0.0.1:{server.serve(server.page)}"
    pages = {
        "page": f"http://127.0.0.1:{here}",
        "public": f"http://localhost:{here}",
        "insecure": f"http://page.test:{here}",
    }
    flags = [f"--host-resolver-rules=MAP page.test 127.0.0.1", f"--ip-address-space-overrides=127.0.0.1:{here}=public"]
    agree, complaints = 0, []
    for kind in (chromium.Chromium, firefox.Firefox):
        if wanted and kind.name not in wanted:
            continue
        mine = [case for case in cases.CASES if getattr(case, kind.name)]
        for flagged in (False, True) if kind is chromium.Chromium else (False,):
            chosen = [case for case in mine if (case.page != "page") == flagged] if kind is chromium.Chromium else mine
            browser = kind(flags if flagged else [])
            try:
                for case in chosen:
                    page = pages[case.page]
                    url = (case.path or f"http://127.0.0.1:{there}/{case.name}").format(**places)
                    expected = getattr(case, kind.name)
                    seen = browser.cause(page + "/", url, case.init, case.preferences)
                    said = ours(command, case, page, url, kind.name)
                    if seen == said == expected:
                        agree += 1
                    else:
                        complaints.append(f"{kind.name} {case.name}: expected {expected}, seen {seen}, said {said}")
            finally:
                browser.close()
    for name, why in cases.LEFT_OUT.items():
        print(f"left out: {name}: {why}")
    print("\n".join(complaints + [f"{agree} causes named alike, {len(complaints)} not"]))
    return bool(complaints)


sys.exit(main())
