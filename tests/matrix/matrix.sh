#!/bin/sh
# matrix.sh MATRIX DRILL-FOLDER: the engine's answers are those of grid.txt, and each wrong one would be noticed.
set -u
matrix=$1 grid=$2
cells=$(mktemp) || exit 1
trap 'rm -f "$cells"' EXIT
status=0
expand() { awk "$@" -f "$grid/grid.awk" "$grid/states.txt" "$grid/grid.txt" >"$cells" || exit 1; }
expand
"$matrix" "$cells" || status=1
for what in answer state; do
    expand -v wrong=$what
    said=$("$matrix" --wrong "$cells") ||
        { status=1; printf 'a wrong %s goes unnoticed: %s\n' $what "$(printf '%s\n' "$said" | tail -n 1)"; }
done
exit $status
