#!/usr/bin/env python3
"""Holds every dependency in Cargo.lock against deny.toml: its licence, where it comes from, and that no crate is there
in two versions unless deny.toml says why. What cargo-deny checks beyond that (advisories) needs a network."""
import json
import os
import re
import subprocess
import sys
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"


def allowed(expression, licences):
    """Whether an SPDX expression can be met with these licences."""
    words = re.findall(r"\(|\)|/|[^\s()/]+", expression)

    def alternatives(at):
        ok, at = terms(at)
        while at < len(words) and words[at] in ("OR", "/"):
            other, at = terms(at + 1)
            ok = ok or other
        return ok, at

    def terms(at):
        ok, at = term(at)
        while at < len(words) and words[at] == "AND":
            other, at = term(at + 1)
            ok = ok and other
        return ok, at

    def term(at):
        if words[at] == "(":
            ok, at = alternatives(at + 1)
            return ok, at + 1
        name, at = words[at], at + 1
        if at < len(words) and words[at] == "WITH":
            name, at = f"{name} WITH {words[at + 1]}", at + 2
        return name in licences, at

    return alternatives(0)[0]


def main():
    with open(os.path.join(ROOT, "deny.toml"), "rb") as file:
        rules = tomllib.load(file)
    metadata = json.loads(subprocess.run(["cargo", "metadata", "--format-version", "1", "--locked"], cwd=ROOT,
                                         check=True, stdout=subprocess.PIPE).stdout)
    members = set(metadata["workspace_members"])
    licences = set(rules["licenses"]["allow"])
    exceptions = {rule["crate"]: set(rule["allow"]) for rule in rules["licenses"].get("exceptions", [])}
    skipped = {rule["crate"].split("@")[0] for rule in rules["bans"].get("skip", [])}
    complaints, versions, checked = [], {}, 0
    for package in metadata["packages"]:
        if package["id"] in members:
            continue
        checked += 1
        name, version = package["name"], package["version"]
        versions.setdefault(name, []).append(version)
        if not allowed(package["license"] or "none", licences | exceptions.get(name, set())):
            complaints.append(f"{name} {version}: its licence is {package['license']}, which deny.toml does not allow")
        if package["source"] != CRATES_IO:
            complaints.append(f"{name} {version}: comes from {package['source']}, not from crates.io")
    for name, found in sorted(versions.items()):
        if len(found) > 1 and name not in skipped:
            complaints.append(f"{name} is there as {' and '.join(found)}: make it one, or say why in deny.toml")
    for name in sorted(skipped):
        if len(versions.get(name, [])) < 2:
            complaints.append(f"deny.toml excuses two versions of {name}, and there are not two")
    for complaint in complaints:
        print(complaint)
    print(f"{checked} dependencies, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
