# What the parts of ./test share. Sourced, not run.
set -euo pipefail

# tally PASSED FAILED: what a part counted.
tally() { echo "$1 $2" >>"${TALLY:-/dev/null}"; }

# need COMMAND PACKAGE: sees to it that the command is there. Installs the Debian package where it may, else says what
# is missing and fails.
need() {
    if command -v "$1" >/dev/null; then return; fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing $2, for $1"
        export DEBIAN_FRONTEND=noninteractive
        apt-get install -qq -y --no-install-recommends "$2" >/dev/null ||
            { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$2" >/dev/null; } || true
    fi
    command -v "$1" >/dev/null && return
    echo "missing: the command $1. Install it (on Debian: apt-get install $2) and run this again." >&2
    exit 1
}

# need_component COMMAND COMPONENT: the same for a part of the Rust toolchain.
need_component() {
    if "$1" --version >/dev/null 2>&1; then return; fi
    if command -v rustup >/dev/null && rustup component add "$2"; then return; fi
    echo "missing: $1. Install it (rustup component add $2) and run this again." >&2
    exit 1
}

# cargo_test ARGUMENT…: runs `cargo test`, and counts what it says. An ignored test counts as a failed one.
cargo_test() {
    local log code=0
    log=$(mktemp)
    cargo test "$@" 2>&1 | tee "$log" || code=$?
    tally $(awk '/^test result:/ { ok += $4; bad += $6 + $8 } END { print ok + 0, bad + 0 }' "$log")
    if grep -q '^test result:.* [1-9][0-9]* ignored' "$log"; then
        echo "there are ignored tests: run them or delete them" >&2
        code=1
    fi
    rm -f "$log"
    return $code
}
