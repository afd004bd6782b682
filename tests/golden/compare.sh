#!/bin/sh
# What a script of this folder prints, against the text beside it.
#
#   compare.sh PROGRAM NAME            status 1 and a diff where they differ
#   TWOMSL_UPDATE=1 compare.sh ...     writes the text anew: check it with git diff
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=$1
name=$2
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
env -u DISPLAY -u WAYLAND_DISPLAY LC_ALL=C.UTF-8 "$program" "$here/$name.lua" --no-window --wire=memory --seed=1 \
    --lang=en >"$out" </dev/null || exit 1
if [ "${TWOMSL_UPDATE:-}" = 1 ]; then
    cp "$out" "$here/$name.txt"
    exit 0
fi
[ -s "$here/$name.txt" ] || { echo "$here/$name.txt is not there: TWOMSL_UPDATE=1 writes it"; exit 1; }
diff -u "$here/$name.txt" "$out"
