#!/bin/sh
# fuzz.sh PROGRAM CORPUS SECONDS - runs the kept corpus, then goes on for so many seconds.
# The corpus is a file with one input a line, in hex, or a folder of packetdrill scripts. A failing input is printed,
# ready to be added.
set -u
program=$1 corpus=$2 seconds=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/corpus"
n=0
if [ -d "$corpus" ]; then
    cp "$corpus"/*.pkt "$work/corpus"
    n=1
else
    while read -r line; do
        n=$((n + 1))
        printf '%s' "$line" | xxd -r -p > "$work/corpus/$n"
    done < "$corpus"
fi
[ "$n" -gt 0 ] || { echo "fuzz.sh: $corpus is empty"; exit 1; }
"$program" -max_total_time="$seconds" -max_len=4096 -timeout=20 -print_final_stats=1 -artifact_prefix="$work/" \
    "$work/corpus" >"$work/log" 2>&1
status=$?
grep -aE 'stat::number_of_executed_units|^calls of the API' "$work/log"
[ $status -eq 0 ] && exit 0
tail -n 40 "$work/log"
for found in "$work"/crash-* "$work"/timeout-* "$work"/oom-*; do
    [ -f "$found" ] || continue
    echo "add this to $corpus once it is mended:"
    if [ -d "$corpus" ]; then cat "$found"; else xxd -p -c 100000 "$found"; fi
done
exit 1
