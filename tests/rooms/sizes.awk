# Violations: source files above 700 lines, functions above 90 lines, lines above 120 columns. Columns are characters:
# this runs in the C locale and does not count bytes that continue a UTF-8 character. Functions above 70 lines are
# noted.

function is_source(name) { return name ~ /\.([ch]|lua|sh|awk|def)$/ }
function close_file() {
    if (is_source(file) && lines > 700) printf "%s: %d lines: split it by meaning; at most 700\n", file, lines
}

# A Markdown table's row cannot be broken.
function check_width(    text, width) {
    if (length($0) <= 120 || (file ~ /\.md$/ && /^\|/)) return
    text = $0
    width = length($0) - gsub(/[\200-\277]/, "", text)
    if (width > 120) printf "%s:%d: %d columns; at most 120\n", file, FNR, width
}

FNR == 1 { close_file(); file = FILENAME; start = 0 }
{ lines = FNR; check_width() }

# A function's head stands at the margin, alone or over several lines, and its end is a brace at the margin.
file !~ /\.[ch]$/ { next }
/^[A-Za-z_].*[(]/ && !/;[ \t]*$/ && !/^(typedef|enum|struct|union) .*\{$/ { head = $0; head_line = FNR }
/\{[ \t]*$/ && !start && head != "" && (FNR == head_line || /^[ \t{]/) && FNR - head_line < 6 { start = head_line }
/^\}/ {
    if (start) {
        name = head; sub(/[ \t]*\(.*/, "", name); sub(/.*[ \t*]/, "", name)
        size = FNR - start + 1
        if (size > 90) printf "%s:%d: %s has %d lines; a function has at most 90\n", file, start, name, size
        else if (size > 70) printf "note: %s:%d: %s has %d lines\n", file, start, name, size
    }
    start = 0; head = ""
}
END { close_file() }
