#!/bin/sh
# fuzz.sh PROGRAM CORPUS.hex SECONDS - runs the kept corpus (one input a line, in hex), then goes on for so many seconds.
# Leaves a failing input in the current folder, in hex, ready to be added to the corpus.
set -u
program=$1 corpus=$2 seconds=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/corpus"
n=0
while read -r line; do
    n=$((n + 1))
    printf '%s' "$line" | xxd -r -p > "$work/corpus/$n"
done < "$corpus"
[ "$n" -gt 0 ] || { echo "fuzz.sh: $corpus is empty"; exit 1; }
"$program" -max_total_time="$seconds" -max_len=4096 -timeout=10 -print_final_stats=1 -artifact_prefix="$work/" "$work/corpus" > "$work/log" 2>&1
status=$?
grep -E 'stat::number_of_executed_units|Done ' "$work/log"
[ $status -eq 0 ] && exit 0
tail -n 40 "$work/log"
for found in "$work"/crash-* "$work"/timeout-* "$work"/oom-*; do
    [ -f "$found" ] && echo "add this line to $corpus once it is mended:" && xxd -p -c 100000 "$found"
done
exit 1
