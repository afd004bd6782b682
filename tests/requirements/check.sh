#!/bin/sh
# Is every requirement of RFC 9293 and its companions, as rfc() tells them (scripts/rfc/), proved by a test, or is there
# a reason? Is it told in each language? Does each MUST name the rules that carry it out, and is each rule named?
#
#   check.sh table SOURCE-DIR BUILD-DIR CTEST PROGRAM
#   check.sh self                                 shows that each kind of hole is found
#
# Prints one line per violation; status 1 where there is one.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
series="MUST 69 SHLD 31 MAY 18 REC 1 R9293U 9 R5961 11 R6298 18 R5681 14 R6528 7 R7323 15 R2018 12 R1122 12"
series="$series R6691 6 R6191 7 R1337 7"

# check TABLE TESTS-DIR TCP-DIR; the names of the tests, the grid's scripts and the other languages are in $scratch.
check() {
    awk -v series="$series" -v tests="$2" -v known="$scratch/names" -v grid="$scratch/grid" -v rules="$3/rules.def" \
        -v settings="$3/host_rules.def" -v chinese="$scratch" -f "$here/check.awk" "$1"
}

names() { "$1" --test-dir "$2" -N | sed -n 's/^ *Test *#[0-9]*: *//p'; }

# said_in LANGUAGE PROGRAM: the table in a language.
said_in() { "$2" --no-window --wire=memory "--lang=$1" "$here/table.lua" </dev/null; }

# ---- Tests of the checks ----

failed=0

# sees TEXT: the table as it is now is refused, and TEXT is said.
sees() {
    if said=$(check "$scratch/table" "$scratch/tests" "$scratch/tcp" 2>&1); then
        echo "not refused: $1"
        failed=1
    elif ! printf '%s\n' "$said" | grep -qF -e "$1"; then
        printf 'not said: %s\n%s\n' "$1" "$said"
        failed=1
    fi
    for file in table zh_CN zh_TW tcp/rules.def; do cp "$scratch/whole/$file" "$scratch/$file"; done
}

# change SCRIPT [FILE]: edits the table, or another file, with sed.
change() { sed "$1" "$scratch/whole/${2-table}" >"$scratch/${2-table}"; }

# words TEXT: a table in which each requirement has that text and that reason.
words() {
    printf '%s\n' "$series" | awk -v text="$1" '{
        for (i = 1; i < NF; i += 2)
            for (n = 1; n <= $(i + 1); n++)
                printf "%s-%d  %s\n    text: %s\n    section: %s\n    reason: %s\n", $i, n, "RFC 9293 3.1", text,
                    "RFC 9293 3.1", text
    }'
}

make_tree() {
    mkdir -p "$scratch/tests/unit" "$scratch/tests/drill" "$scratch/grid" "$scratch/tcp" "$scratch/whole/tcp"
    : >"$scratch/grid/made.pkt"
    {
        echo 'TEST(one) {}'
        echo 'TEST(idle) {}'
        echo 'lab_test(one), cmocka_unit_test(two), cmocka_unit_test_setup_teardown(three, a, b)'
    } >"$scratch/tests/unit/some.c"
    cp "$scratch/tests/unit/some.c" "$scratch/tests/unit/asleep.c"
    : >"$scratch/tests/drill/some.pkt"
    printf 'unit.some\nmatrix\ndrill.pass\n' >"$scratch/names"
    echo 'HOST_RULE(nagle, HR_SWITCH, false,' >"$scratch/tcp/host_rules.def"
    {
        echo 'RULE(ONE, "rule.one", "RFC 9293 3.1",'
        echo 'RULE(TWO, "rule.two", "RFC 9293 3.2",'
        echo 'RULE(SETTING, "setting", "",'
    } >"$scratch/whole/tcp/rules.def"
    {
        words '一二三 甲 乙'
        printf 'section  RFC 9293 3.1\n    title: 一\nsection  RFC 9293 3.2\n    title: 二\n'
    } >"$scratch/whole/zh_CN"
    sed 's/甲 乙/丙 丁/' "$scratch/whole/zh_CN" >"$scratch/whole/zh_TW"
    words 'It asks for something.' | awk '
        id == "MUST-1" && /reason:/ {
            print "    rule: rule.one\n    setting: nagle\n    unit.some one two\n    drill some.pkt made.pkt"
            print "    ctest matrix"
            id = ""
            next
        }
        /^[A-Z]/ { id = $1 }
        { print }
        END {
            print "section  RFC 9293 3.1\n    title: One\nsection  RFC 9293 3.2\n    title: Two\n    rule: rule.two"
            print "beyond  It is ours.\n    rule: setting"
        }' >"$scratch/whole/table"
    for file in table zh_CN zh_TW tcp/rules.def; do cp "$scratch/whole/$file" "$scratch/$file"; done
}

self_requirements() {
    change '/^SHLD-7 /,+3d'; sees 'SHLD-7 is missing'
    change '/^R1337-7 /,+3d'; sees 'R1337-7 is missing'
    change '/^REC-1 /,+3{/reason:/d}'; sees 'REC-1: neither a test nor a reason'
    change '/^SHLD-2 /,+3s/reason:.*/note: nothing else/'; sees 'SHLD-2: neither a test nor a reason'
    change '/^MUST-2 /,+3s/reason:.*/reason: no/'; sees 'MUST-2: that is no reason'
    change '/^MUST-2 /,+3s/reason:.*/reason:/'; sees 'MUST-2: that is no reason'
    change '/^MUST-2 /,+3s/text:.*/text: no/'; sees 'MUST-2: what does it ask for?'
    change '/^MUST-2 /,+3{/text:/d}'; sees 'MUST-2: what does it ask for?'
    change 's/^MAY-3 /MAY-2 /'; sees 'MAY-2 stands here twice'
    change 's/^MAY-18 /MAY-19 /'; sees 'MAY-19 is no requirement'
    change '1i\    ctest matrix'; sees 'it belongs to no requirement'
    : >"$scratch/table"; sees 'MUST-1 is missing'
}

self_tests() {
    change 's/some one two/some one too/'; sees 'some.c runs no test "too"'
    change 's/some one two/some one idle/'; sees 'some.c runs no test "idle"'
    change 's/unit.some one/unit.same one/'; sees 'there is no'
    change 's/unit.some one/unit.asleep one/'; sees 'no test runs unit.asleep'
    change 's/unit.some one.*/unit.some/'; sees 'unit.some: which of its tests?'
    change 's/drill some.pkt/drill same.pkt/'; sees 'there is no script same.pkt'
    change 's/made.pkt/maid.pkt/'; sees 'there is no script maid.pkt'
    change 's/drill some.pkt made.pkt/drill/'; sees 'drill: which script?'
    change 's/ctest matrix/ctest matrices/'; sees 'there is no test matrices'
    change 's/ctest matrix/prove matrix/'; sees 'neither a test, a rule, a setting, a reason nor a note'
    change 's/ctest matrix/reason: it is not done/'; sees 'MUST-1: a test and a reason'
    printf 'unit.some\nmatrix\n' >"$scratch/names"; sees 'no test runs the packetdrill scripts'
}

self_rules() {
    change 's/rule: rule.one/rule: rule.won/'; sees 'there is no rule rule.won'
    change 's/setting: nagle/setting: nagel/'; sees 'there is no setting nagel'
    change '/rule: rule.one/d'; sees 'MUST-1: neither a rule nor why there is none'
    change '/rule: rule.one/a\    without: a reason'; sees 'MUST-1: a rule, and why there is none'
    change '/rule: rule.two/d'; sees 'rule rule.two: no requirement and no section names it'
    change '/rule: setting/d'; sees 'rule setting: no requirement and no section names it'
    change '/rule: rule.one/a\    rule: rule.two'; sees 'rule rule.two: a requirement names it'
    change '/rule: setting/a\    rule: rule.two'; sees 'rule.two stands here twice'
    change 's/"RFC 9293 3.2"/"RFC 9293 3.1"/' tcp/rules.def; sees 'rule.two cites RFC 9293 3.1'
    change 's/"RFC 9293 3.1"/"RFC 9293 3.3"/' tcp/rules.def; sees 'section RFC 9293 3.3 has no title'
    change '/title: One/d'; sees 'section RFC 9293 3.1 has no title'
    change '/^section  RFC 9293 3.2/i\section  RFC 9293 3.9\n    title: Nine'
    sees 'section RFC 9293 3.9: nothing cites it'
}

self_languages() {
    change '/^MUST-7 /,+3s/text: .*/text: It asks for something./' zh_CN; sees 'MUST-7: the text has no zh_CN'
    change '/^MUST-7 /,+3{/text:/d}' zh_CN; sees 'MUST-7: the text has no zh_CN'
    change '/^MUST-7 /,+3s/text: .*/text: It asks for something./' zh_TW; sees 'MUST-7: the text has no zh_TW'
    change '/^SHLD-7 /,+3s/text: .*/text: 一二三 甲 乙/' zh_TW; sees 'SHLD-7: the text has no zh_TW'
    change '/^MUST-7 /,+3s/reason: .*/reason: 一二三 甲 乙/' zh_TW; sees 'MUST-7: the reason has no zh_TW'
    change 's/title: 二/title: Two/' zh_TW; sees 'section RFC 9293 3.2: the title has no zh_TW'
    change '/^MUST-1 /,+3s/text: .*/&\n    note: It is so here./'; sees 'MUST-1: the note has no zh_CN'
}

self() {
    make_tree
    said=$(check "$scratch/table" "$scratch/tests" "$scratch/tcp") ||
        { printf "a whole table is refused:\n%s\n" "$said"; failed=1; }
    printf '%s\n' "$said" | grep -q ' 1 proved by tests' || { echo "the proved are not counted: $said"; failed=1; }
    self_requirements
    self_rules
    self_languages
    self_tests
    return $failed
}

case ${1-} in
table)
    names "$4" "$3" >"$scratch/names"
    [ -s "$scratch/names" ] || { echo "$4 lists no tests of $3"; exit 1; }
    mkdir -p "$scratch/grid/pending"
    awk -v out="$scratch/grid" -f "$2/tests/drill/grid.awk" "$2/tests/drill/states.txt" "$2/tests/drill/grid.txt"
    for language in en zh_CN zh_TW; do said_in "$language" "$5" >"$scratch/$language" || exit 1; done
    check "$scratch/en" "$2/tests" "$2/engine/tcp"
    ;;
self) self ;;
*) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
