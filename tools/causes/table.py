"""docs/browser-codes.md, from the cases: BLESS=1 writes it, and else it is compared."""

import os
import pathlib

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/browser-codes.md"

TOP = """# What browsers call it

Each code that Chromium 156 and Firefox 153 have for a request that CORS stopped, what brings it about, and the reason that it is here:
`crossing explain CODE` says more of each. `./test codes` produces every one in the real browser, reads its name from Chromium's DevTools
protocol and from Firefox's console, and holds that `crossing check` names the same cause for the same server, and that `crossing explain`
finds it in the line on the browser's console.

This page is written from the cases in `tools/causes/cases.py`.
"""


def page(cases):
    out = [TOP]
    for browser, codes in (("chromium", cases.CHROMIUM), ("firefox", cases.FIREFOX)):
        out.append(f"\n## {browser.capitalize()}\n\n| code | ours | produced by |\n|---|---|---|\n")
        for code in codes:
            found = [case for case in cases.CASES if getattr(case, browser) == code]
            if found:
                ours = ", ".join(f"`{ours}`" for ours in dict.fromkeys(case.code for case in found))
                out.append(f"| `{code}` | {ours} | {'; '.join(case.how for case in found)} |\n")
            else:
                out.append(f"| `{code}` | | not here: {cases.LEFT_OUT[code]} |\n")
    out.append("\n## Without a code\n\nThe line on the console is all there is; some stop without one.\n\n"
               "| ours | produced by |\n|---|---|\n")
    for case in cases.CASES:
        if not case.chromium and not case.firefox:
            out.append(f"| `{case.code}` | {case.how} |\n")
    return "".join(out)


def complaints(cases):
    known = set(cases.CHROMIUM + cases.FIREFOX)
    named = {name for case in cases.CASES for name in (case.chromium, case.firefox) if name}
    for name in sorted(named - known):
        yield f"{name} is no code of a browser"
    for name in sorted(known - named - set(cases.LEFT_OUT)):
        yield f"{name} is neither produced nor left out"
    for name in sorted(named & set(cases.LEFT_OUT)):
        yield f"{name} is produced, and said to be left out"
    if "BLESS" in os.environ:
        PAGE.write_text(page(cases), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page(cases):
        yield "docs/browser-codes.md should be as BLESS=1 writes it"
