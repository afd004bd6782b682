# Prints the changes that can be made to single lines of C files, one a line: FILE <tab> LINE <tab> the changed line.
# Not changed: comments, preprocessor lines, declarations of functions, assertions, the names of rules.

FNR == 1 { in_comment = 0; in_function = 0 }
/^\/\*/ || in_comment { in_comment = !/\*\//; next }
/^[ \t]*\/\*/ { if (!/\*\//) in_comment = 1; next }
/^#/ || /^[ \t]*$/ || /^}/ || /assert\(/ { next }
/^[^ \t]/ && !/\{ return .*\}$/ { next }

{
    code = $0; comment = ""
    if (match(code, /[ \t]*\/\*.*\*\/[ \t]*$/)) { comment = substr(code, RSTART); code = substr(code, 1, RSTART - 1) }
    if (match(comment, /\/\*/) && comment !~ /\*\//) in_comment = 1
    swap(" < ", " <= "); swap(" <= ", " < "); swap(" > ", " >= "); swap(" >= ", " > ")
    swap(" == ", " != "); swap(" != ", " == ")
    swap(" + ", " - "); swap(" - ", " + "); swap(" += ", " -= "); swap(" -= ", " += ")
    swap("++", "--"); swap("--", "++")
    swap(" * ", " / "); swap(" / ", " * ")
    swap(" && ", " || "); swap(" || ", " && ")
    swap("true", "false"); swap("false", "true")
    swap("seq_lt(", "seq_leq("); swap("seq_leq(", "seq_lt("); swap("seq_gt(", "seq_geq("); swap("seq_geq(", "seq_gt(")
    swap("seq_min(", "seq_max("); swap("seq_max(", "seq_min("); swap("seq_eq(", "!seq_eq(")
    swap("TIMER_RETRANSMIT", "TIMER_PERSIST"); swap("TIMER_PERSIST", "TIMER_RETRANSMIT")
    swap("TIMER_USER", "TIMER_PERSIST")
    negate(); renumber(); drop()
}

function change(new) { if (new != code) print FILENAME "\t" FNR "\t" new comment }

# Each place at which `old` stands, one at a time; words are not cut.
function swap(old, new,    at, from, rest) {
    from = 1
    while ((at = index(rest = substr(code, from), old)) > 0) {
        from += at - 1
        if (old !~ /^[a-zA-Z]/ || (substr(code, from - 1, 1) !~ /[A-Za-z0-9_]/ &&
            (old ~ /\($/ || substr(code, from + length(old), 1) !~ /[A-Za-z0-9_]/)))
            change(substr(code, 1, from - 1) new substr(code, from + length(old)))
        from += length(old)
    }
}

# "if (x) y;" to "if (!(x)) y;", where the condition ends in this line.
function negate(    head, rest, depth, i, letter) {
    if (!match(code, /(if|while) \(/)) return
    head = substr(code, 1, RSTART + RLENGTH - 1)
    rest = substr(code, RSTART + RLENGTH)
    depth = 1
    for (i = 1; i <= length(rest); i++) {
        letter = substr(rest, i, 1)
        if (letter == "(") depth++
        if (letter == ")" && --depth == 0) { change(head "!(" substr(rest, 1, i - 1) ")" substr(rest, i)); return }
    }
}

# A number becomes one more; 0 and 1 become each other.
function renumber(    from, number) {
    from = 1
    while (match(substr(code, from), /[^A-Za-z0-9_.][0-9]+[^A-Za-z0-9_.]/)) {
        from += RSTART
        number = substr(code, from, RLENGTH - 2)
        change(substr(code, 1, from - 1) (number == 1 ? 0 : number + 1) substr(code, from + RLENGTH - 2))
        from += RLENGTH - 2
    }
}

# A whole statement is left out: a call, an assignment, a bare return; what follows a condition in the same line, too.
function drop(    indent, body) {
    if (code !~ /;$/ || code ~ /^[ \t]*(for|case|default|else|typedef|enum|static)/) return
    match(code, /^[ \t]*/)
    indent = substr(code, 1, RLENGTH)
    body = substr(code, RLENGTH + 1)
    if (body ~ /^(return;|break;)$/ || body ~ /^[a-z_]+\(.*\);$/ || body ~ /^[a-z_>.\[\]-]+ [+|&-]?= .*;$/ ||
        body ~ /^[a-z_>.-]+(\+\+|--);$/) change(indent ";")
    if (body ~ /^return [a-z].*;$/) change(indent "return 0;")
    if (code ~ /^[ \t]*(if|while) \(/ &&
        match(code, /\) (return( true| false)?;|[a-z_]+\([^()]*(\([^()]*\))?[^()]*\);|[a-z_>.-]+ = [^=].*;)$/))
        change(substr(code, 1, RSTART) " {}")
}
