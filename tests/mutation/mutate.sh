#!/bin/sh
# Breaks single lines of engine/tcp and counts the changes that no test notices.
#
#   mutate.sh WORK-FOLDER SECONDS SEED [FILE...]   changes chosen at random (of engine/tcp/*.c), until the time is up
#   mutate.sh WORK-FOLDER again                    those that were not noticed the last time
#   mutate.sh WORK-FOLDER sample                   the changes of sample.txt, each noticed by the test named there
#   mutate.sh WORK-FOLDER explored                 the changes of explored.txt: 17 must be noticed by searches alone,
#                                                  because an oracle or what must hold at rest is broken, or because
#                                                  other pairs of states, other rests or other rules are met
#
# A change that does not compile, or that compiles to the same code, is not counted, nor is one of equivalent.txt. Those
# that no test notices are listed. Status 1 where fewer than 95 % are noticed. The engine is a shared library here, so
# that a change means one compilation and one link. A change that makes a test run out of time or memory is noticed.
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
rule link_search
  command = $link_search \$out \$in
END
}
object() { printf 'objects/%s.o' "$(printf '%s' "$1" | tr / _)"; }
compiled() { for file in "$@"; do printf 'build %s: compile %s/%s\n' "$(object "$file")" "$source" "$file"; done; }
objects() { for file in "$@"; do printf ' %s' "$(object "$file")"; done; }
engine_files() { (cd "$source" && for room in wire tcp trace world history explore; do ls engine/$room/*.c; done); }
link_search="$cc -Wl,--wrap=world_step_seen -o"
lab_files() { (cd "$source" && ls repl/lua/*.c repl/text/*.c) && echo tests/mutation/drill.c; }
slow_tests='drill property_blind property_transfer property_inputs property_histories'
# Without no_memory.c, which is linked with an allocator of its own.
test_files() {
    (cd "$source" && ls tests/unit/*.c | grep -v /no_memory)
    echo tests/matrix/matrix.c
    for test in blind transfer inputs histories; do echo "tests/property/$test.c"; done
}

# shellcheck disable=SC2046
plan() {
    rules
    compiled $(engine_files) $(lab_files) $(test_files) tests/mutation/search.c
    echo "build libengine.so: share$(objects $(engine_files))"
    echo "build search: link_search$(objects tests/mutation/search.c $(engine_files))"
    echo "build drill: link$(objects $(lab_files)) | libengine.so"
    for file in $(test_files); do
        echo "build $(basename "$(dirname "$file")")_$(basename "$file" .c): link $(object "$file") | libengine.so"
    done
}

# prepare TARGET...
prepare() {
    mkdir -p "$work/objects" "$work/grid/pending" || exit 1
    plan >"$work/new.ninja"
    cmp -s "$work/new.ninja" "$work/build.ninja" || cp "$work/new.ninja" "$work/build.ninja"
    ninja -C "$work" "$@" >"$work/build.log" || { cat "$work/build.log"; echo "mutate: cannot build"; exit 1; }
}

# The scripts and lines of the grid.
prepare_grid() {
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
# noticed LIBRARY-FOLDER [TEST]: prints the first test that fails with that engine, the fast ones first.
noticed() {
    [ -z "${2-}" ] || { limited "$1" 10 "$work/$2" || echo "$2"; return; }
    limited "$1" 5 "$work/matrix_matrix" "$work/cells" || { echo matrix; return; }
    for test in $quick_tests; do limited "$1" 10 "$work/$test" || { echo "$test"; return; }; done
    for scripts in "$source/tests/drill" "$work/grid"; do
        limited "$1" 20 "$work/drill" "$source/scripts" --strict "$scripts" || { echo "drill of $scripts"; return; }
    done
    for test in $slow_tests; do
        [ "$test" = drill ] || limited "$1" 60 "$work/$test" || { echo "$test"; return; }
    done
}

# compile FILE LINE NEW-TEXT: makes changed.o in $folder.
compile() {
    {
        printf '#line 1 "%s/%s"\n' "$source" "$1"
        NEW=$3 awk -v n="$2" 'NR == n { print ENVIRON["NEW"]; next } { print }' "$source/$1"
    } >"$folder/changed.c"
    $cc -std=c11 -O1 -fPIC -w -iquote "$source/$(dirname "$1")" -c "$folder/changed.c" -o "$folder/changed.o" \
        2>/dev/null
}

# try FILE LINE NEW-TEXT [TEST]: prints "VERDICT <tab> FILE:LINE <tab> old <tab> new".
try() {
    folder=$(mktemp -d "$work/change.XXXXXX") || exit 1
    old=$(sed -n "$2p" "$source/$1")
    if ! compile "$@"; then
        verdict='does not compile'
    else
        strip -o "$folder/new" "$folder/changed.o"; strip -o "$folder/old" "$work/$(object "$1")"
        if cmp -s "$folder/new" "$folder/old"; then
            verdict='the same code'
        else
            # shellcheck disable=SC2046
            (cd "$work" && $cc -shared -o "$folder/libengine.so" "$folder/changed.o" \
                $(objects $(engine_files | grep -vFx "$1")))
            verdict=$(noticed "$folder" "${4-}" 2>/dev/null)
            verdict=${verdict:-SURVIVED}
        fi
    fi
    rm -rf "$folder"
    printf '%s\t%s:%s\t%s\t%s\n' "$verdict" "$1" "$2" "$old" "$3"
}

# explore FILE LINE NEW-TEXT MISTAKE: prints "VERDICT <tab> FILE:LINE <tab> mistake <tab> new". The verdict tells what
# differs first in the fewest moves; what is broken comes before all.
explore() {
    folder=$(mktemp -d "$work/change.XXXXXX") || exit 1
    if ! compile "$@"; then
        verdict='does not compile'
    else
        # shellcheck disable=SC2046
        (cd "$work" && $link_search "$folder/search" "$folder/changed.o" \
            $(objects tests/mutation/search.c $(engine_files | grep -vFx "$1")))
        timeout 60 "$folder/search" >"$folder/seen" 2>"$folder/said"
        status=$?
        verdict=$(awk -F "$tab" -f "$here/seen.awk" "$work/seen" "$folder/seen")
        [ $status = 0 ] || verdict="the search ends with status $status: $(tail -n 1 "$folder/said")"
        verdict=${verdict:-SURVIVED}
    fi
    rm -rf "$folder"
    printf '%s\t%s:%s\t%s\t%s\n' "$verdict" "$1" "$2" "$4" "$3"
}

# ---- Many ----

# All changes in the order in which chance takes them.
shuffled() {
    (cd "$source" && LC_ALL=C awk -f "$here/mutants.awk" "$@") |
        awk -v seed="$seed" 'BEGIN { srand(seed) } { printf "%.9f\t%s\n", rand(), $0 }' | sort | cut -f 2-
}

tab=$(printf '\t')
attempt=try
# Every second line of the list of changes, from line $1 on, until the time is up.
worker() {
    awk -v from="$1" 'NR % 2 == from % 2' "$work/changes" | while IFS=$tab read -r file line text test; do
        [ "$(date +%s)" -lt "$end" ] || break
        $attempt "$file" "$line" "$text" "$test" >>"$work/results.$1"
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

# What searches see of each mistake.
report_explored() {
    cat "$work"/results.[12] | sort -t "$tab" -k 2 >"$work/results"
    awk -F "$tab" '
        { print $2 ": " $3; print "    " ($1 == "SURVIVED" ? "NOT NOTICED" : $1) }
        $1 != "SURVIVED" && $1 !~ /^(does not compile|the search ends)/ { noticed++ }
        END {
            printf "%d of %d mistakes noticed by searches\n", noticed, NR
            exit NR < 20 || noticed < 17
        }' "$work/results"
}

# listed LIST: the changes of a list as FILE <tab> LINE <tab> the changed line <tab> what the list says of it.
# Its lines: FILE | old text | new text | a word on it, with two spaces around each bar; an indented line goes on with
# the one before. The old text stands in the file once. Says where it does not, and leaves the file "stale".
listed() {
    awk '/^(#|$)/ { next } /^ / { entry = entry $0; next } entry { print entry } { entry = $0 } END { print entry }' \
        "$here/$1" | sed "s/   *|   */$tab/g" | while IFS=$tab read -r file old new word; do
        OLD=$old NEW=$new WORD=$word LIST=$1 awk '
            (at = index($0, ENVIRON["OLD"])) > 0 {
                found++
                line = substr($0, 1, at - 1) ENVIRON["NEW"] substr($0, at + length(ENVIRON["OLD"]))
                line = FILENAME "\t" FNR "\t" line "\t" ENVIRON["WORD"]
            }
            END {
                if (found == 1) print line
                else printf "%s: \"%s\" stands %d times in %s\n", ENVIRON["LIST"], ENVIRON["OLD"], found, FILENAME \
                    >"/dev/stderr"
                exit found != 1
            }' "$file" || echo stale >"$work/stale"
    done
}

# Without the changes of equivalent.txt.
counted() {
    listed equivalent.txt | cut -f 1-3 >"$work/equivalent"
    grep -vxF -f "$work/equivalent"
}

# The survivors of the last run, in the lines where they now stand: the same text, nearest to where it stood.
survivors() {
    awk -F "$tab" '$1 == "SURVIVED" { sub(/:/, "\t", $2); print $2 "\t" $3 "\t" $4 }' "$work/results" |
        while IFS=$tab read -r file line old new; do
            AT=$line OLD=$old NEW=$new awk '
                $0 == ENVIRON["OLD"] {
                    far = FNR > ENVIRON["AT"] ? FNR - ENVIRON["AT"] : ENVIRON["AT"] - FNR
                    if (!best || far < least) { best = FNR; least = far }
                }
                END { if (best) print FILENAME "\t" best "\t" ENVIRON["NEW"] }' "$file"
        done
}

[ $# -ge 2 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2; }
mkdir -p "$1" || exit 1
work=$(cd "$1" && pwd)
seconds=$2
cd "$source" || exit 1
rm -f "$work"/results.* "$work/stale"

if [ "$seconds" = sample ]; then
    seconds=600
    listed sample.txt >"$work/changes"
    [ -e "$work/stale" ] && exit 1
    tests=$(cut -f 4 "$work/changes" | sort -u)
    # shellcheck disable=SC2086
    prepare $tests
    for test in $tests; do fails=$(noticed "$work" "$test"); [ -z "$fails" ] || break; done
elif [ "$seconds" = explored ]; then
    seconds=600
    attempt=explore
    listed explored.txt >"$work/changes"
    [ -e "$work/stale" ] && exit 1
    prepare search
    fails=
    timeout 60 "$work/search" >"$work/seen" 2>"$work/said" || fails=$(cat "$work/said")
    fails=$fails$(grep "${tab}broken$tab" "$work/seen")
else
    quick_tests=$(test_files | sed -n 's|^tests/unit/\(.*\)\.c|unit_\1|p' |
        grep -vE 'unit_(flights|reassembly|session)$')
    quick_tests="$quick_tests unit_reassembly unit_session unit_flights"
    # shellcheck disable=SC2086
    prepare matrix_matrix $quick_tests $slow_tests
    prepare_grid
    fails=$(noticed "$work")
    if [ "$seconds" = again ]; then
        seconds=3600
        survivors | counted >"$work/changes"
    else
        seed=$3
        shift 3
        [ $# = 0 ] && set -- engine/tcp/*.c
        shuffled "$@" | counted >"$work/changes"
    fi
fi
[ -z "$fails" ] || { echo "mutate: without any change, this fails: $fails"; exit 1; }
end=$(($(date +%s) + seconds))
worker 1 &
worker 2 &
wait
if [ $attempt = explore ]; then report_explored; else report; fi
