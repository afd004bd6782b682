# Compares the table of requirements with the tests that exist. Variables: tests (the tests' directory), grid (where the
# scripts made from tests/drill/grid.txt are), known (a file with the names of all tests that ctest runs, one a line).
# Prints one line per violation, then how many requirements have a test; status 1 where there is a violation.

BEGIN {
    split("MUST 69 SHLD 31 MAY 18 REC 1 R9293U 9 R5961 11 R6298 18 R5681 14 R6528 7 R7323 15 R2018 12 " \
          "R1122 12 R6691 6 R6191 7 R1337 7", series, " ")
    for (i = 1; i in series; i += 2)
        for (n = 1; n <= series[i + 1]; n++) expected[series[i] "-" n] = ++count
    while ((getline name < known) > 0) runs[name] = 1
}

function wrong(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; bad++ }

# What main() hands to cmocka in a file: defining a test function is not enough.
function read_file(path,    line, found) {
    if (path in is_read) return is_read[path]
    is_read[path] = 0
    while ((getline line < path) > 0) {
        is_read[path] = 1
        while (match(line, /test(_setup_teardown)?\([a-z][a-z0-9_]*[,)]/)) {
            found = substr(line, RSTART, RLENGTH - 1)
            sub(/.*\(/, "", found)
            registered[path, found] = 1
            line = substr(line, RSTART + RLENGTH)
        }
    }
    close(path)
    return is_read[path]
}

function there(path,    line, result) {
    if (!(path in exists)) {
        exists[path] = (getline line < path) >= 0
        close(path)
    }
    return exists[path]
}

function any_runs(prefix,    name) {
    for (name in runs) if (index(name, prefix) == 1) return 1
    return 0
}

function check_functions(group,    path, i) {
    path = group
    sub(/\./, "/", path)
    path = tests "/" path ".c"
    if (!read_file(path)) { wrong("there is no " path); return }
    if (!(group in runs)) { wrong("no test runs " group); return }
    if (NF < 2) wrong(group ": which of its tests?")
    for (i = 2; i <= NF; i++) if (!((path, $i) in registered)) wrong(path " runs no test \"" $i "\"")
}

function check_scripts(    i) {
    if (!any_runs("drill.")) wrong("no test runs the packetdrill scripts")
    if (NF < 2) wrong("drill: which script?")
    for (i = 2; i <= NF; i++)
        if ($i !~ /\.pkt$/ || !(there(tests "/drill/" $i) || there(grid "/" $i))) wrong("there is no script " $i)
}

function check_names(    i) {
    if (NF < 2) wrong("ctest: which test?")
    for (i = 2; i <= NF; i++) if (!($i in runs)) wrong("there is no test " $i)
}

function finish_row() {
    if (id == "") return
    if (!proofs && !reasons) { bad++; printf "%s:%d: %s: neither a test nor a reason\n", FILENAME, row_line, id }
    if (proofs && reasons) {
        bad++
        printf "%s:%d: %s: a test and a reason why there is none; call it a note\n", FILENAME, row_line, id
    }
    if (proofs) proved++
    else if (reasons) excused++
    id = ""
}

/^[ \t]*(#|$)/ { next }

/^[^ \t]/ {
    finish_row()
    id = $1; row_line = FNR; proofs = reasons = 0
    if (!(id in expected)) wrong(id " is no requirement")
    else if (id in seen) wrong(id " stands here twice, first in line " seen[id])
    else seen[id] = FNR
    if (NF < 3) wrong(id ": what does it ask for?")
    next
}

id == "" { wrong("it belongs to no requirement"); next }
$1 == "note:" { next }
$1 == "reason:" { reasons++; if (NF < 4) wrong(id ": that is no reason"); next }
$1 == "drill" { proofs++; check_scripts(); next }
$1 == "ctest" { proofs++; check_names(); next }
$1 ~ /^[a-z]+\.[a-z0-9_]+$/ { proofs++; check_functions($1); next }
{ wrong("neither a test, a reason: nor a note:") }

END {
    finish_row()
    for (name in expected) if (!(name in seen)) { missing[expected[name]] = name; bad++ }
    for (n = 1; n <= count; n++) if (n in missing) printf "%s: %s is missing\n", FILENAME, missing[n]
    printf "%d requirements: %d proved by tests, %d with a reason\n", count, proved, excused
    exit bad > 0
}
