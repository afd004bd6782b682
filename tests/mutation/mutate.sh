#!/bin/sh
# Breaks single lines of engine/tcp and counts the changes that no test notices.
#
#   mutate.sh WORK-FOLDER SECONDS SEED [FILE...]   changes chosen at random (of engine/tcp/*.c), until the time is up
#   mutate.sh WORK-FOLDER again                    those that were not noticed the last time
#   mutate.sh WORK-FOLDER sample                   the changes of sample.txt, which must all be noticed
#
# A change that does not compile, or that compiles to the same code, is not counted. Those that no test notices are
# listed. Status 1 where fewer than 95 % are noticed. The engine is a shared library here, so that a change means one
# compilation and one link. A change that makes a test run out of time or memory is noticed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
cc=${CC:-cc}

# ---- Building once: the engine, the tests that are linked with it, a program that runs packetdrill scripts ----

rules() {
    lua=$(pkg-config --cflags lua5.4 2>/dev/null || pkg-config --cflags lua)
    lua_libs=$(pkg-config --libs lua5.4 2>/dev/null || pkg-config --libs lua)
    cat <<END
flags = -std=c11 -O1 -fPIC -D_GNU_SOURCE -DTWOMSL_SOURCE_DIR="\"$source\"" -DTWOMSL_PROGRAM="\"false\"" $lua
rule compile
  command = $cc \$flags -MD -MF \$out.d -c \$in -o \$out
  depfile = \$out.d
  deps = gcc
rule share
  command = $cc -shared -o \$out \$in
rule link
  command = $cc -o \$out \$in -L. -lengine $lua_libs -lcmocka -lm
END
}
object() { printf 'objects/%s.o' "$(printf '%s' "$1" | tr / _)"; }
compiled() { for file in "$@"; do printf 'build %s: compile %s/%s\n' "$(object "$file")" "$source" "$file"; done; }
objects() { for file in "$@"; do printf ' %s' "$(object "$file")"; done; }
engine_files() { (cd "$source" && for room in wire tcp trace world history; do ls engine/$room/*.c; done); }
lab_files() { (cd "$source" && ls repl/lua/*.c repl/text/*.c) && echo tests/mutation/drill.c; }
slow_tests='drill property_blind property_transfer property_inputs property_histories'
test_files() {
    (cd "$source" && ls tests/unit/*.c)
    echo tests/matrix/matrix.c
    for test in blind transfer inputs histories; do echo "tests/property/$test.c"; done
}

# shellcheck disable=SC2046
plan() {
    rules
    compiled $(engine_files) $(lab_files) $(test_files)
    echo "build libengine.so: share$(objects $(engine_files))"
    echo "build drill: link$(objects $(lab_files)) | libengine.so"
    for file in $(test_files); do
        echo "build $(basename "$(dirname "$file")")_$(basename "$file" .c): link $(object "$file") | libengine.so"
    done
}

prepare() {
    mkdir -p "$work/objects" "$work/grid/pending" || exit 1
    plan >"$work/new.ninja"
    cmp -s "$work/new.ninja" "$work/build.ninja" || cp "$work/new.ninja" "$work/build.ninja"
    # shellcheck disable=SC2086
    ninja -C "$work" matrix_matrix $quick_tests $slow_tests >"$work/build.log" ||
        { cat "$work/build.log"; echo "mutate: cannot build"; exit 1; }
    awk -v out="$work/grid" -f "$source/tests/drill/grid.awk" "$source/tests/drill/states.txt" \
        "$source/tests/drill/grid.txt" || exit 1
    awk -f "$source/tests/drill/grid.awk" "$source/tests/drill/states.txt" "$source/tests/drill/grid.txt" >"$work/cells"
}

# ---- One change ----

# limited LIBRARY-FOLDER SECONDS PROGRAM [ARG]...
limited() {
    (
        LD_LIBRARY_PATH=$1; export LD_LIBRARY_PATH
        seconds=$2; shift 2
        ulimit -v 2000000
        exec timeout "$seconds" "$@"
    ) >/dev/null 2>&1
}
# noticed LIBRARY-FOLDER: prints the first test that fails with that engine, the fast ones first.
noticed() {
    limited "$1" 5 "$work/matrix_matrix" "$work/cells" || { echo matrix; return; }
    for test in $quick_tests; do limited "$1" 10 "$work/$test" || { echo "$test"; return; }; done
    [ -n "$slow_tests" ] || return
    for scripts in "$source/tests/drill" "$work/grid"; do
        limited "$1" 20 "$work/drill" "$source/scripts" --strict "$scripts" || { echo "drill of $scripts"; return; }
    done
    for test in $slow_tests; do
        [ "$test" = drill ] || limited "$1" 60 "$work/$test" || { echo "$test"; return; }
    done
}

# try FILE LINE NEW-TEXT: prints "VERDICT <tab> FILE:LINE <tab> old <tab> new".
try() {
    folder=$(mktemp -d "$work/change.XXXXXX") || exit 1
    old=$(sed -n "$2p" "$source/$1")
    {
        printf '#line 1 "%s/%s"\n' "$source" "$1"
        NEW=$3 awk -v n="$2" 'NR == n { print ENVIRON["NEW"]; next } { print }' "$source/$1"
    } >"$folder/changed.c"
    if ! $cc -std=c11 -O1 -fPIC -w -iquote "$source/$(dirname "$1")" -c "$folder/changed.c" -o "$folder/changed.o" \
        2>/dev/null; then
        verdict='does not compile'
    else
        strip -o "$folder/new" "$folder/changed.o"; strip -o "$folder/old" "$work/$(object "$1")"
        if cmp -s "$folder/new" "$folder/old"; then
            verdict='the same code'
        else
            # shellcheck disable=SC2046
            (cd "$work" && $cc -shared -o "$folder/libengine.so" "$folder/changed.o" \
                $(objects $(engine_files | grep -vFx "$1")))
            verdict=$(noticed "$folder" 2>/dev/null)
            verdict=${verdict:-SURVIVED}
        fi
    fi
    rm -rf "$folder"
    printf '%s\t%s:%s\t%s\t%s\n' "$verdict" "$1" "$2" "$old" "$3"
}

# ---- Many ----

# All changes in the order in which chance takes them.
shuffled() {
    (cd "$source" && LC_ALL=C awk -f "$here/mutants.awk" "$@") |
        awk -v seed="$seed" 'BEGIN { srand(seed) } { printf "%.9f\t%s\n", rand(), $0 }' | sort | cut -f 2-
}

tab=$(printf '\t')
# Every second line of the list of changes, from line $1 on, until the time is up.
worker() {
    awk -v from="$1" 'NR % 2 == from % 2' "$work/changes" | while IFS=$tab read -r file line text; do
        [ "$(date +%s)" -lt "$end" ] || break
        try "$file" "$line" "$text" >>"$work/results.$1"
    done
}

report() {
    cat "$work"/results.[12] 2>/dev/null | sort -t "$tab" -k 2 >"$work/results"
    awk -F "$tab" '
        $1 == "SURVIVED" { print $2 "\n    was " $3 "\n    now " $4; survived++; next }
        $1 == "does not compile" || $1 == "the same code" { idle++; next }
        { noticed++ }
        END {
            total = noticed + survived
            percent = total ? 100 * noticed / total : 0
            printf "%d changes noticed of %d (%.1f %%), %d not counted\n", noticed, total, percent, idle
            exit total == 0 || noticed < 0.95 * total
        }' "$work/results"
}

# Lines of sample.txt: FILE | old text | new text. The old text stands in the file once.
sample() {
    grep -vE '^(#|$)' "$here/sample.txt" | sed "s/  *|  */$tab/g" | while IFS=$tab read -r file old new; do
        OLD=$old NEW=$new awk '
            (at = index($0, ENVIRON["OLD"])) > 0 {
                found++
                line = substr($0, 1, at - 1) ENVIRON["NEW"] substr($0, at + length(ENVIRON["OLD"]))
                line = FILENAME "\t" FNR "\t" line
            }
            END {
                if (found == 1) print line
                else printf "sample.txt: \"%s\" stands %d times in %s\n", ENVIRON["OLD"], found, FILENAME >"/dev/stderr"
                exit found != 1
            }' "$file" || echo stale >"$work/stale"
    done
}

# The survivors of the last run, in the lines where they now stand.
survivors() {
    awk -F "$tab" '$1 == "SURVIVED" { sub(/:.*/, "", $2); print $2 "\t" $3 "\t" $4 }' "$work/results" |
        while IFS= read -r change; do
            OLD=$(printf '%s' "$change" | cut -f 2) NEW=$(printf '%s' "$change" | cut -f 3) awk '
                $0 == ENVIRON["OLD"] { print FILENAME "\t" FNR "\t" ENVIRON["NEW"]; exit }' "${change%%"$tab"*}"
        done
}

[ $# -ge 2 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
mkdir -p "$1" || exit 1
work=$(cd "$1" && pwd)
seconds=$2
[ "$seconds" = sample ] && slow_tests=
cd "$source" || exit 1
quick_tests=$(test_files | sed -n 's|^tests/unit/\(.*\)\.c|unit_\1|p' | grep -vE 'unit_(flights|reassembly|session)$')
quick_tests="$quick_tests unit_reassembly unit_session unit_flights"
prepare
rm -f "$work"/results.* "$work/stale"
fails=$(noticed "$work")
[ -z "$fails" ] || { echo "mutate: without any change, this fails: $fails"; exit 1; }

if [ "$seconds" = again ]; then
    seconds=3600
    survivors >"$work/changes"
elif [ "$seconds" = sample ]; then
    seconds=600
    sample >"$work/changes"
    [ -e "$work/stale" ] && exit 1
else
    seed=$3
    shift 3
    [ $# = 0 ] && set -- engine/tcp/*.c
    shuffled "$@" >"$work/changes"
fi
end=$(($(date +%s) + seconds))
worker 1 &
worker 2 &
wait
report
