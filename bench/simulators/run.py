#!/usr/bin/env python3
"""Plays the conformance suite in jsdom and in happy-dom, against the servers that Chromium plays it against, and counts in how
many scenarios they do as Chromium does; beside them our own browser with Chromium's profile.

    bench/simulators/run.py [--only TEXT] [--show jsdom|happy-dom|crossing]

Counted are the scenarios that Chromium itself plays. A scenario is set apart for a simulator that has no means to play it
(`without_means`, below). `--show` lists what went otherwise. Needs npm; the node that jsdom wants comes along.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NODE = HERE / "node_modules/.bin/node"
CROSSING = ROOT / "target/release/crossing"
SCENARIOS = ROOT / "scenarios"
SHIM = """#!/bin/sh
case "$*" in *--version*) echo "{name} {version}"; exit;; esac
exec "{node}" "{script}" {name} "$@"
"""
# What a script sees; all else is what goes over the wire.
SEEN = re.compile(r"(step \d+: )?(outcome|reason|type|status|url|redirected|body|timing|readable headers?|hidden headers)\b.*: ")


def scenarios():
    for file in sorted((SCENARIOS / "browser").glob("*.toml")):
        for scenario in tomllib.loads(file.read_text()).get("scenario", []):
            yield f"{file.stem}/{scenario['name']}", scenario


def without_means(name, scenario):
    """Why a simulator cannot play it, whatever it does about CORS."""
    steps = scenario.get("step", [scenario])
    pages = [it["page"] for it in [scenario, *steps] if isinstance(it.get("page"), dict)]
    if any(page.keys() - {"url"} for page in pages):
        return "it is given a page's text, without the headers of its answer and without a frame around it"
    if scenario.get("settings", {}).get("hsts"):
        return "it does not hear of it when a host asks for https"
    requests = [step["request"] for step in steps]
    only_fetch = {"mode": "cors", "redirect": "follow", "cache": "default", "referrer": "", "referrer_policy": ""}
    asks = any(request.get(key, default) != default for request in requests for key, default in only_fetch.items())
    if name == "jsdom" and (asks or any(request.get("credentials") == "omit" for request in requests)):
        return "it has no fetch, and XMLHttpRequest cannot ask for that"
    names = [[line[0].lower() for line in request.get("headers", []) if isinstance(line[0], str)] for request in requests]
    if name == "jsdom" and (any(len(set(it)) < len(it) for it in names)
                            or any(step["expect"].get("outcome") == "refused" for step in steps)):
        return "it has no fetch, and XMLHttpRequest joins lines, and refuses with an exception, by rules of its own"
    return None


def conform(arguments, path=None, only=None):
    command = [CROSSING, "conform", *arguments, "--json", "--scenarios", SCENARIOS, *(["--only", only] if only else [])]
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}"} if path else None
    told = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, timeout=1800)
    if told.returncode not in (0, 1):
        sys.exit(f"{arguments}: exit code {told.returncode}")
    return json.loads(told.stdout)["engines"][0]


def simulated(name, only):
    version = subprocess.run(
        [NODE, "-p", f"require('./node_modules/{name}/package.json').version"],
        cwd=HERE, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="crossing-bench-") as directory:
        shim = Path(directory) / "chromium"
        shim.write_text(SHIM.format(name=name, version=version, node=NODE, script=HERE / "simulator.mjs"))
        shim.chmod(0o755)
        return conform(["--browser", "chromium"], directory, only)


def otherwise(engine, divergences):
    """The scenarios that went otherwise, and whether a script saw it."""
    told = {it["name"]: any(SEEN.match(line) for line in it["expected"].splitlines()) for it in engine["disagree"]}
    for line in engine["stale"]:
        name = line.split()[0]
        expect = [it["expect"] for it in divergences if it["scenario"] == name]
        told[name] = told.get(name, False) or any(it.keys() - {"wire", "cookies"} for it in expect)
    return told


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", metavar="TEXT")
    parser.add_argument("--show", choices=["jsdom", "happy-dom", "crossing"])
    arguments = parser.parse_args()
    if not (HERE / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "crossing-cli"], cwd=ROOT, check=True)

    suite = {name: it for name, it in scenarios() if not arguments.only or arguments.only in name}
    divergences = tomllib.loads((SCENARIOS / "divergences.toml").read_text())["divergence"]
    divergences = [it for it in divergences if it["on"] == "chromium"]
    engines = {name: simulated(name, arguments.only) for name in ("jsdom", "happy-dom")}
    not_played = {it["name"] for engine in engines.values() for it in engine["not_played"]}
    engines["crossing"] = conform(["--browser", "own", "--profile", "chromium"], only=arguments.only)
    engines["crossing"]["version"] += ", as Chromium"
    # What no switch of the profile expresses: there ours does not do as Chromium does.
    engines["crossing"]["stale"] = [it["scenario"] for it in divergences if "without_switch" in it]

    played = suite.keys() - not_played
    print(f"{len(suite)} scenarios, of which Chromium plays {len(played)}\n")
    print("| | has the means to play | the script sees the same | and the wire is the same |")
    print("|---|--:|--:|--:|")
    for name, engine in engines.items():
        means = {it for it in played if name == "crossing" or not without_means(name, suite[it])}
        other = {it: seen for it, seen in otherwise(engine, divergences).items() if it in means}
        sees, whole = len(means) - sum(other.values()), len(means) - len(other)
        share = lambda count: f"{count} ({100 * count / max(1, len(means)):.1f} %)"
        print(f"| {engine['version']} | {len(means)} | {share(sees)} | {share(whole)} |")
        if name == arguments.show:
            print(*sorted(other), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()
