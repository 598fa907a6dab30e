#!/usr/bin/env bash
# Lints every policy file that changed, and says whom the change lets in: review-policies.sh [BASE]
#
# With BASE, a branch or a commit, it compares the commit at hand with where it left BASE: a CI job. Without, it compares
# what is about to be committed with the last commit: a pre-commit hook.
#
# POLICIES says which files (default: those whose name is like *policy*.toml). A change that lets somebody in ends with 1, unless
# ALLOW_WIDENING=1 says that somebody has looked at it.
set -euo pipefail

if [ $# -gt 0 ]; then
    old=$(git merge-base "$1" HEAD) new=HEAD
    changed=(git diff "$old" HEAD)
else
    # Before the first commit, all of it is new.
    old=$(git rev-parse --quiet --verify HEAD || git hash-object -t tree /dev/null) new=
    changed=(git diff --cached "$old")
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$(git rev-parse --show-toplevel)"

wrong=0 widened=0
while IFS= read -r -d '' kind; do
    IFS= read -r -d '' was
    file=$was
    # A file that was moved is compared with what it was.
    case $kind in R* | C*) IFS= read -r -d '' file ;; esac
    mkdir -p "$scratch/new/$(dirname "$file")" "$scratch/old/$(dirname "$file")"
    git show "$new:$file" >"$scratch/new/$file"
    (cd "$scratch/new" && crossing lint "$file") || { wrong=1; continue; }
    # A file that is new has nothing to be compared with.
    git show "$old:$was" >"$scratch/old/$file" 2>/dev/null || continue
    code=0
    crossing diff "$scratch/old/$file" "$scratch/new/$file" || code=$?
    case $code in
    0) ;;
    1) widened=1 ;;
    *) echo "$file: the old file is no policy: nothing to compare with" >&2 ;;
    esac
done < <("${changed[@]}" --name-status -z --find-renames --diff-filter=ACMRT -- "${POLICIES:-:(glob)**/*policy*.toml}")

if [ "$widened" = 1 ] && [ "${ALLOW_WIDENING:-0}" != 1 ]; then
    echo "This lets somebody in. If that is meant: ALLOW_WIDENING=1" >&2
    wrong=1
fi
exit "$wrong"
