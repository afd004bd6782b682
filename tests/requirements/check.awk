# Compares what rfc() says (printed by table.lua) with the tests, the rules and the settings there are. Variables:
#   series    the series of requirements and how many each has: "MUST 69 SHLD 31 ..."
#   tests     the tests' directory; grid: where the scripts made from tests/drill/grid.txt are
#   known     a file with the names of all tests that ctest runs, one a line
#   rules, settings    engine/tcp/rules.def and host_rules.def
#   chinese   what table.lua prints in another language, a file of that name for each: zh_CN zh_TW
# Prints one line per violation, then how many requirements have a test; status 1 where there is a violation.

BEGIN {
    count = split(series, parts, " ")
    for (i = 1; i < count; i += 2)
        for (n = 1; n <= parts[i + 1]; n++) expected[parts[i] "-" n] = ++total
    while ((getline name < known) > 0) runs[name] = 1
    read_definitions(rules, "RULE", rule_section)
    read_definitions(settings, "HOST_RULE", setting_kind)
    split("zh_CN zh_TW", parts, " ")
    for (i in parts) { languages[parts[i]] = 1; read_words(parts[i]) }
}

function wrong(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; bad++ }

# RULE(ID, "name", "section", and HOST_RULE(name, KIND,
function read_definitions(path, macro, found,    line, parts) {
    while ((getline line < path) > 0) {
        if (index(line, macro "(") != 1) continue
        line = substr(line, length(macro) + 2)
        if (macro == "RULE" && split(line, parts, "\"") >= 4) found[parts[2]] = parts[4]
        else if (macro != "RULE" && split(line, parts, ",") >= 2) found[parts[1]] = parts[2]
    }
    close(path)
}

# The text, the note and the reason of each requirement, and each section's title, in another language.
function read_words(language,    path, line, id, what) {
    path = chinese "/" language
    while ((getline line < path) > 0) {
        if (line !~ /^ /) { id = line; sub(/^section  /, "", id); if (id == line) sub(/ .*/, "", id) }
        else if (match(line, /^ *(text|note|reason|title): /)) {
            what = line; sub(/^ */, "", what); sub(/:.*/, "", what)
            words[language, id, what] = substr(line, RLENGTH + 1)
        }
    }
    close(path)
}

# The words are there in each language; where they are missing in one, those of another stand in for them.
function check_languages(what, english,    cn, tw) {
    cn = words["zh_CN", id, what]
    tw = words["zh_TW", id, what]
    if (cn !~ /[\200-\377]/ || cn == english) wrong(id ": the " what " has no zh_CN")
    else if (tw !~ /[\200-\377]/ || tw == english || tw == cn) wrong(id ": the " what " has no zh_TW")
}

# Titles may be the same in both.
function check_title(    language) {
    for (language in languages)
        if (words[language, section, "title"] !~ /[\200-\377]/) wrong("section " section ": the title has no " language)
}

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

function check_rule(name) {
    if (!(name in rule_section)) { wrong("there is no rule " name); return }
    if (kind == "section" && rule_section[name] != section) wrong(name " cites " rule_section[name])
    if (kind != "requirement" && (name in placed)) wrong(name " stands here twice, first in line " placed[name])
    if (kind == "requirement") named[name] = FNR
    else placed[name] = FNR
    ruled++
}

function finish_requirement() {
    if (!texts) said(id ": what does it ask for?")
    if (!proofs && !reasons) said(id ": neither a test nor a reason")
    if (proofs && reasons) said(id ": a test and a reason why there is none; call it a note")
    if (id ~ /^MUST-/ && !ruled && !without && !reasons) said(id ": neither a rule nor why there is none")
    if (ruled && without) said(id ": a rule, and why there is none")
    if (proofs) proved++
    else if (reasons) excused++
}

function said(text) { printf "%s:%d: %s\n", FILENAME, row_line, text; bad++ }

function finish_row() {
    if (kind == "requirement") finish_requirement()
    kind = ""
    texts = proofs = reasons = ruled = without = 0
    row_line = FNR
}

/^[ \t]*$/ { next }

/^section  / { finish_row(); kind = "section"; section = substr($0, 10); next }
/^beyond  / { finish_row(); kind = "beyond"; next }

/^[^ \t]/ {
    finish_row()
    kind = "requirement"
    id = $1
    if (!(id in expected)) wrong(id " is no requirement")
    else if (id in seen) wrong(id " stands here twice, first in line " seen[id])
    else seen[id] = FNR
    next
}

kind == "" { wrong("it belongs to no requirement"); next }
$1 == "rule:" { check_rule($2); next }
$1 == "title:" && NF > 1 { titled[section] = 1; check_title(); next }
$1 == "section:" { cited[substr($0, index($0, $2))] = FNR; next }
$1 == "setting:" { if (!($2 in setting_kind)) wrong("there is no setting " $2); next }
$1 == "without:" { without++; next }
$1 == "text:" { texts++; if (NF < 4) wrong(id ": what does it ask for?") }
$1 == "reason:" { reasons++; if (NF < 4) wrong(id ": that is no reason") }
$1 ~ /^(text|note|reason):$/ { check_languages(substr($1, 1, length($1) - 1), substr($0, index($0, $2))); next }
$1 == "drill" { proofs++; check_scripts(); next }
$1 == "ctest" { proofs++; check_names(); next }
$1 ~ /^[a-z]+\.[a-z0-9_]+$/ { proofs++; check_functions($1); next }
{ wrong("neither a test, a rule, a setting, a reason nor a note") }

END {
    finish_row()
    for (name in expected) if (!(name in seen)) { missing[expected[name]] = name; bad++ }
    for (n = 1; n <= total; n++) if (n in missing) printf "%s: %s is missing\n", FILENAME, missing[n]
    for (name in rule_section) {
        if (rule_section[name] != "") cited[rule_section[name]] = 1
        if (!(name in named) && !(name in placed)) said("rule " name ": no requirement and no section names it")
        if ((name in named) && (name in placed)) said("rule " name ": a requirement names it; no section need do so")
    }
    for (name in cited) if (!(name in titled)) said("section " name " has no title")
    for (name in titled) if (!(name in cited)) said("section " name ": nothing cites it")
    printf "%d requirements: %d proved by tests, %d with a reason\n", total, proved, excused
    exit bad > 0
}
