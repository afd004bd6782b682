# Files above 700 lines and functions above 90 are violations; functions above 70 are named, so that they stay few.

function close_file() { if (file != "" && lines > 700) printf "%s: %d lines: one room, one meaning; at most 700\n", file, lines }

FNR == 1 { close_file(); file = FILENAME; start = 0 }
{ lines = FNR }

# A function's head stands at the margin, alone or over several lines, and its end is a brace at the margin.
file ~ /\.[ch]$/ && /^[A-Za-z_].*[(]/ && !/;[ \t]*$/ && !/^(typedef|enum|struct|union) .*\{$/ { head = $0; head_line = FNR }
file ~ /\.[ch]$/ && /\{[ \t]*$/ && !start && head != "" && (FNR == head_line || /^[ \t{]/) && FNR - head_line < 6 { start = head_line }
file ~ /\.[ch]$/ && /^\}/ {
    if (start) {
        name = head; sub(/[ \t]*\(.*/, "", name); sub(/.*[ \t*]/, "", name)
        size = FNR - start + 1
        if (size > 90) printf "%s:%d: %s has %d lines: a function fits on a screen; at most 90\n", file, start, name, size
        else if (size > 70) printf "note: %s:%d: %s has %d lines\n", file, start, name, size
    }
    start = 0; head = ""
}
END { close_file() }
