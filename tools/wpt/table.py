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


def passing(results):
    """The subtests that a browser passes, as far as the harness itself came to an end."""
    return {(test, subtest) for test, subtest, passed, _ in subtests(results) if passed}


class Row:
    """One directory: of how many subtests how many pass, and of those that Chromium passes."""

    def __init__(self):
        self.files, self.total, self.good, self.theirs, self.both = set(), 0, 0, 0, 0

    def add(self, other):
        self.files |= other.files
        for key in ("total", "good", "theirs", "both"):
            setattr(self, key, getattr(self, key) + getattr(other, key))

    def cells(self, beside, with_share):
        share = f" ({100 * self.good / max(self.total, 1):.1f} %)" if with_share else ""
        cells = [str(len(self.files)), str(self.total), f"{self.good}{share}"]
        if beside:
            share = f" ({100 * self.both / max(self.theirs, 1):.1f} %)" if with_share else ""
            cells += [str(self.theirs), f"{self.both}{share}"]
        return " | ".join(cells)


def tell(results, expectations, options, chromium=None):
    """Prints what is unexpected and the table. `chromium` is its version and its results."""
    rows, used, bad = defaultdict(Row), set(), 0
    theirs = passing(chromium[1]) if chromium else set()
    for test, subtest, passed, message in subtests(results):
        part = "CORS" if is_cors(test) else "beyond"
        row = rows[part, str(PurePosixPath(test.split("?")[0]).parent)]
        row.files.add(test.split("?")[0])
        row.total += 1
        row.good += passed
        row.both += passed and (test, subtest) in theirs
        entry = is_listed(expectations, test, subtest)
        if passed:
            continue
        if entry:
            used.add(id(entry))
        else:
            bad += 1
        if options.verbose or not entry:
            chromiums = " (Chromium passes)" if (test, subtest) in theirs else ""
            print(f"{'expected' if entry else 'UNEXPECTED'}{chromiums} {test} | {subtest} | {message[:300]}")
    for test, subtest in theirs:
        part = "CORS" if is_cors(test) else "beyond"
        rows[part, str(PurePosixPath(test.split("?")[0]).parent)].theirs += 1
    stale = [] if options.parts or options.cors else [it for it in expectations if id(it) not in used]
    for entry in stale:
        print(f"STALE {entry['test']} | {entry.get('subtest', '')}")
    lines = table(rows, chromium)
    print("\n".join(lines))
    if options.table:
        text = options.table.read_text()
        head, rest = text.split(BEGIN)
        options.table.write_text(head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + rest.split(END)[1])
    return 1 if bad or stale else 0


def table(rows, chromium):
    beside = f" {chromium[0]} passes | of these we pass |" if chromium else ""
    lines = ["| part | directory | files | subtests | we pass |" + beside, "|---|---|" + "---:|" * (5 if chromium else 3)]
    for part in ("CORS", "beyond"):
        whole = Row()
        for (of, directory), row in sorted(rows.items(), key=lambda item: item[0]):
            if of != part:
                continue
            whole.add(row)
            lines.append(f"| {part} | `{directory}` | {row.cells(chromium, False)} |")
        lines.append(f"| **{part}** | together | {whole.cells(chromium, True)} |")
    return lines
