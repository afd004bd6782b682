#!/bin/sh
# Is every requirement of RFC 9293 and its companions proved by a test, or is there a reason? See requirements.txt.
#
#   check.sh table SOURCE-DIR BUILD-DIR CTEST
#   check.sh self                                 shows that each kind of hole is found
#
# Prints one line per violation; status 1 where there is one.
set -u
here=$(cd "$(dirname "$0")" && pwd)
table=$here/requirements.txt
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# check TABLE TESTS-DIR NAMES-FILE GRID-DIR
check() { awk -v tests="$2" -v known="$3" -v grid="$4" -f "$here/check.awk" "$1"; }

names() { "$1" --test-dir "$2" -N | sed -n 's/^ *Test *#[0-9]*: *//p'; }

# ---- Tests of the checks ----

failed=0

# sees TEXT: the table as it is now is refused, and TEXT is said.
sees() {
    if said=$(check "$scratch/table" "$scratch/tests" "$scratch/names" "$scratch/grid" 2>&1); then
        echo "not refused: $1"
        failed=1
    elif ! printf '%s\n' "$said" | grep -qF -e "$1"; then
        printf 'not said: %s\n%s\n' "$1" "$said"
        failed=1
    fi
    cp "$scratch/whole" "$scratch/table"
}

# change SCRIPT: edits the table with sed.
change() { sed "$1" "$scratch/whole" >"$scratch/table"; }

make_tree() {
    mkdir -p "$scratch/tests/unit" "$scratch/tests/drill" "$scratch/grid"
    : >"$scratch/grid/made.pkt"
    {
        echo 'TEST(one) {}'
        echo 'TEST(idle) {}'
        echo 'lab_test(one), cmocka_unit_test(two), cmocka_unit_test_setup_teardown(three, a, b)'
    } >"$scratch/tests/unit/some.c"
    cp "$scratch/tests/unit/some.c" "$scratch/tests/unit/asleep.c"
    : >"$scratch/tests/drill/some.pkt"
    printf 'unit.some\nmatrix\ndrill.pass\n' >"$scratch/names"
    awk '/^[A-Z]/ { print $1 "  It asks for something.\n    reason: the network here has none" }' "$table" |
        sed '/^MUST-1 /{n;s/.*/    unit.some one two\n    drill some.pkt made.pkt\n    ctest matrix\n    note: x/}' \
            >"$scratch/whole"
    cp "$scratch/whole" "$scratch/table"
}

self() {
    make_tree
    said=$(check "$scratch/table" "$scratch/tests" "$scratch/names" "$scratch/grid") ||
        { printf "a whole table is refused:\n%s\n" "$said"; failed=1; }
    printf '%s\n' "$said" | grep -q ' 1 proved by tests' || { echo "the proved are not counted: $said"; failed=1; }
    change '/^SHLD-7 /,+1d'; sees 'SHLD-7 is missing'
    change '/^R1337-7 /,+1d'; sees 'R1337-7 is missing'
    change '/^REC-1 /{n;d}'; sees 'REC-1: neither a test nor a reason'
    change '/^MUST-69 /{n;s/.*/    note: nothing else/}'; sees 'MUST-69: neither a test nor a reason'
    change '/^MUST-2 /{n;s/reason:.*/reason: no/}'; sees 'MUST-2: that is no reason'
    change '/^MUST-2 /{n;s/reason:.*/reason:/}'; sees 'MUST-2: that is no reason'
    change 's/some one two/some one too/'; sees 'some.c runs no test "too"'
    change 's/some one two/some one idle/'; sees 'some.c runs no test "idle"'
    change 's/unit.some one/unit.same one/'; sees 'there is no'
    change 's/unit.some one/unit.asleep one/'; sees 'no test runs unit.asleep'
    change 's/unit.some one.*/unit.some/'; sees 'unit.some: which of its tests?'
    change 's/drill some.pkt/drill same.pkt/'; sees 'there is no script same.pkt'
    change 's/made.pkt/maid.pkt/'; sees 'there is no script maid.pkt'
    change 's/drill some.pkt made.pkt/drill/'; sees 'drill: which script?'
    change 's/ctest matrix/ctest matrices/'; sees 'there is no test matrices'
    change 's/ctest matrix/prove matrix/'; sees 'neither a test, a reason: nor a note:'
    change 's/ctest matrix/reason: it is not done/'; sees 'MUST-1: a test and a reason'
    change 's/^MAY-3 /MAY-2 /'; sees 'MAY-2 stands here twice'
    change 's/^MAY-18 /MAY-19 /'; sees 'MAY-19 is no requirement'
    change 's/^MAY-18 .*/MAY-18/'; sees 'MAY-18: what does it ask for?'
    change '1i\    ctest matrix'; sees 'it belongs to no requirement'
    : >"$scratch/table"; sees 'MUST-1 is missing'
    printf 'unit.some\nmatrix\n' >"$scratch/names"; sees 'no test runs the packetdrill scripts'
    return $failed
}

case ${1-} in
table)
    names "$4" "$3" >"$scratch/names"
    [ -s "$scratch/names" ] || { echo "$4 lists no tests of $3"; exit 1; }
    mkdir -p "$scratch/grid/pending"
    awk -v out="$scratch/grid" -f "$2/tests/drill/grid.awk" "$2/tests/drill/states.txt" "$2/tests/drill/grid.txt"
    check "$table" "$2/tests" "$scratch/names" "$scratch/grid"
    ;;
self) self ;;
*) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
