#!/bin/sh
# A lesson as text: plays to its end, says nothing on stderr, checks something, and no line is wider than 80 columns.
#
#   play.sh PROGRAM NAME LANGUAGE
set -u
out=$(mktemp) || exit 1
err=$(mktemp) || exit 1
trap 'rm -f "$out" "$err"' EXIT
"$1" lesson "$2" --no-window --wire=memory --lang="$3" >"$out" 2>"$err" </dev/null || {
    echo "status $?"
    cat "$out" "$err"
    exit 1
}
[ -s "$err" ] && { echo "on stderr:"; cat "$err"; exit 1; }
grep -q '✓' "$out" || { echo "no check in it"; exit 1; }
grep -q '^→ ' "$out" || { echo "no question in it"; exit 1; }
if [ "$3" = zh_CN ]; then
    # every paragraph is translated: a line of several English words is a step, a check or a choice
    if grep -E '^[A-Z][a-z]+( [a-z]+){5}' "$out"; then echo "not translated"; exit 1; fi
fi
widest=$(LC_ALL=C.UTF-8 wc -L <"$out")
[ "$widest" -le 80 ] || { echo "$widest columns wide"; exit 1; }
