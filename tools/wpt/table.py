"""What came of it: subtests per directory, what is unexpected, and the table."""

from collections import defaultdict
from pathlib import PurePosixPath

from selection import is_cors

STATUS = ["pass", "fail", "timeout", "not run", "precondition failed"]
BEGIN, END = "<!-- table: written by tools/wpt/run -->", "<!-- end of table -->"


def subtests(results):
    """(test, subtest, passed, message), where a file that broke before it reported counts as one subtest."""
    for name, variant, result in results:
        test = name + variant
        if not result["tests"]:
            yield test, "", False, f"nothing ran: {result['message']}"
        for it in result["tests"]:
            yield test, it["name"], it["status"] == 0, f"{STATUS[it['status']]}: {it['message']}"


def is_listed(expectations, test, subtest):
    return next((entry for entry in expectations
                 if test.startswith(entry["test"]) and entry.get("subtest", "") in subtest), None)


def tell(results, expectations, options):
    rows, used, bad = defaultdict(lambda: [0, 0, set()]), set(), 0
    for test, subtest, passed, message in subtests(results):
        part = "CORS" if is_cors(test) else "beyond"
        row = rows[part, str(PurePosixPath(test.split("?")[0]).parent)]
        row[0] += passed
        row[1] += 1
        row[2].add(test.split("?")[0])
        if passed:
            continue
        entry = is_listed(expectations, test, subtest)
        if entry:
            used.add(id(entry))
        else:
            bad += 1
        if options.verbose or not entry:
            print(f"{'expected' if entry else 'UNEXPECTED'} {test} | {subtest} | {message[:300]}")
    stale = [] if options.parts or options.cors else [it for it in expectations if id(it) not in used]
    for entry in stale:
        print(f"STALE {entry['test']} | {entry.get('subtest', '')}")
    lines = ["| part | directory | files | subtests | pass |", "|---|---|---:|---:|---:|"]
    for part in ("CORS", "beyond"):
        mine = [(key, row) for key, row in sorted(rows.items()) if key[0] == part]
        for (_, directory), (good, total, files) in mine:
            lines.append(f"| {part} | `{directory}` | {len(files)} | {total} | {good} |")
        good, total = sum(row[0] for _, row in mine), sum(row[1] for _, row in mine)
        files = sum(len(row[2]) for _, row in mine)
        lines.append(f"| **{part}** | together | {files} | {total} | {good} ({100 * good / max(total, 1):.1f} %) |")
    print("\n".join(lines))
    if options.table:
        text = options.table.read_text()
        head, rest = text.split(BEGIN)
        options.table.write_text(head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + rest.split(END)[1])
    return 1 if bad or stale else 0
