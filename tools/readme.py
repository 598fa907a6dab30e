#!/usr/bin/env python3
"""Runs the commands of Markdown files and compares what they print with what is written there.

A block that begins with ```console holds commands, each after "$ ", with the output that follows. Then:

  $ command              runs with bash, from the project's root; standard output and standard error are read together
  $ command \\            goes on in the next line
  > and here
  $ command &            a server: runs until the end of the file. If lines follow, they are waited for; else, if the
                         command names a port (8000), until something listens there on loopback
  $ echo $?              shows the status of the command before; without it, a status other than 0 is a failure
  ...                    a line that stands for any lines
  a [..] b               stands for anything within the line

`crossing` is the one built with `cargo build --release`. Blocks of any other kind (sh, text, toml) are not run.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECONDS = 300  # for one command
BUILD_SECONDS = 3000  # for one that builds: as long as a busy machine needs, within the limit of the part
SERVER = re.compile(r"(?<!&)&\s*(#.*)?$")  # how a command ends that runs until the end of the file


class Command:
    def __init__(self, line, text):
        self.line, self.text, self.expected, self.shows_status = line, text, [], False


def commands(path):
    """The commands of one file, in order; and complaints about blocks that cannot be read."""
    found, complaints, block, fence = [], [], None, None
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for number, line in enumerate(lines, 1):
        mark = re.match(r"^\s*(`{3,}|~{3,})\s*(\S*)", line)
        if mark and fence is None:
            fence, block = mark[1], [] if mark[2] == "console" else None
        elif mark and fence and mark[1].startswith(fence) and not mark[2]:
            found += block or []
            fence, block = None, None
        elif block is None:
            continue
        elif line.startswith("$ "):
            if block:
                block[-1].shows_status = "$?" in line
            block.append(Command(number, line[2:]))
        elif not block:
            complaints.append(f"{path}:{number}: a console block begins with a command, not with: {line}")
            block = None
        elif not block[-1].expected and block[-1].text.endswith("\\"):
            block[-1].text = block[-1].text[:-1] + re.sub(r"^> ?", "", line)
        else:
            block[-1].expected.append(line)
    if fence is not None:
        complaints.append(f"{path}: a block is never closed")
    return found, complaints


def fits(expected, printed):
    """Whether the printed lines are the expected ones, wildcards included."""
    pieces = [[]]
    for line in expected:
        if line.strip() == "...":
            pieces.append([])
        else:
            pieces[-1].append(re.compile(".*".join(map(re.escape, line.rstrip().split("[..]")))))

    def stands_at(piece, at):
        here = printed[at:at + len(piece)]
        return len(here) == len(piece) and all(p.fullmatch(line) for p, line in zip(piece, here))

    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(printed) == len(first) and stands_at(first, 0)
    if not stands_at(first, 0):
        return False
    at = len(first)
    for piece in pieces[1:-1]:
        at = next((i for i in range(at, len(printed) + 1) if stands_at(piece, i)), None)
        if at is None:
            return False
        at += len(piece)
    return len(printed) - len(last) >= at and stands_at(last, len(printed) - len(last))


def lines_of(text):
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    return [line.rstrip() for line in text.rstrip("\n").split("\n")] if text.strip() else []


def trimmed(lines):
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def run(command, status, environment):
    """Runs one command after one that ended with `status`; its output, its status, and what went wrong."""
    text = f"(exit {status}); {command.text}" if "$?" in command.text else command.text
    seconds = BUILD_SECONDS if re.search(r"\bcargo\b", command.text) else SECONDS
    process = subprocess.Popen(["bash", "-c", text], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return "", None, f"took longer than {seconds} s"
    wrong = None
    if process.returncode != 0 and not command.shows_status:
        wrong = f"ended with status {process.returncode}, and nothing here says so (add: $ echo $?)"
    return output.decode("utf-8", "replace"), process.returncode, wrong


def start(command, environment, servers):
    """Starts a server and waits until it is there; its output so far, and what went wrong."""
    text = SERVER.sub("", command.text)
    port = re.search(r"\b(\d{4,5})\b", command.text)
    if port and listens(int(port[1])):
        return "", f"something listens on port {port[1]} already"
    log = tempfile.TemporaryFile()
    process = subprocess.Popen(["bash", "-c", "exec " + text], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                               stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    servers.append(process)

    def printed():
        log.seek(0)
        return log.read().decode("utf-8", "replace")

    for _ in range(10 * SECONDS):
        if command.expected:
            if fits(trimmed(command.expected), lines_of(printed())):
                return printed(), None
        elif port is None or listens(int(port[1])):
            return printed(), None
        if process.poll() is not None:
            return printed(), f"the server ended at once, with status {process.returncode}"
        time.sleep(0.1)
    return printed(), f"the server did not get ready within {SECONDS} s"


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def check(path, environment):
    """Runs one file; how many commands passed and failed."""
    found, complaints = commands(path)
    for complaint in complaints:
        print(complaint)
    passed, failed, status, servers = 0, len(complaints), 0, []
    try:
        for command in found:
            if SERVER.search(command.text):
                output, wrong = start(command, environment, servers)
                status = 0
            else:
                output, status, wrong = run(command, status, environment)
                expected, printed = trimmed(command.expected), lines_of(output)
                if wrong is None and not fits(expected, printed):
                    wrong = "printed something else"
            if wrong is None:
                passed += 1
                print(f"{path}:{command.line}: ok: {command.text}")
            else:
                failed += 1
                print(f"{path}:{command.line}: FAILED: {command.text}\n  {wrong}")
                print("  --- written there\n" + "".join(f"  {line}\n" for line in command.expected), end="")
                print("  --- printed\n" + "".join(f"  {line}\n" for line in lines_of(output)), end="")
    finally:
        for server in servers:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()
    return passed, failed


def main(paths):
    bin_directory = os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target")), "release")
    environment = dict(os.environ, PATH=bin_directory + os.pathsep + os.environ["PATH"], NO_COLOR="1",
                       CARGO_TERM_QUIET="true", PYTHONUNBUFFERED="1")
    passed = failed = 0
    for path in paths:
        ok, bad = check(path, environment)
        passed, failed = passed + ok, failed + bad
    if os.environ.get("TALLY"):
        with open(os.environ["TALLY"], "a", encoding="utf-8") as tally:
            tally.write(f"{passed} {failed}\n")
    print(f"{passed} commands as written, {failed} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
