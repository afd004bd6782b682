# Which fields of a world's records are packed? Called with the headers that define the structs and, last, with
# engine/world/pack.def: every field stands there once, packed or excused. Prints one line per violation.

BEGIN {
    section["Tcb"] = "PACK_TCB"; section["Host"] = "PACK_HOST"
    section["Packet"] = "PACK_PACKET"; section["Order"] = "PACK_ORDER"; section["World"] = "PACK_WORLD"
}

function add(prefix, name,    key) {
    gsub(/[ \t*]|\[[^]]*\]/, "", name)
    key = section[record] " " prefix name
    if (name != "" && !(key in field)) { field[key] = record "." prefix name; order[++fields] = key }
}

# "uint32_t wnd, max_wnd;" adds wnd and max_wnd.
function declaration(text,    n, names, i) {
    sub(/;.*/, "", text)
    n = split(text, names, ",")
    sub(/^[ \t]*(const |unsigned |struct )*[A-Za-z_][A-Za-z_0-9]*[ \t*]+/, "", names[1])
    for (i = 1; i <= n; i++) if (inner) inside[++insides] = names[i]; else add("", names[i])
}

FILENAME !~ /\.def$/ {
    line = $0
    gsub(/\/\*([^*]|\*[^\/])*\*\//, "", line)
    if (in_comment) { if (line !~ /\*\//) next; sub(/.*\*\//, "", line); in_comment = 0 }
    if (line ~ /\/\*/) { sub(/\/\*.*/, "", line); in_comment = 1 }
    if (record == "" && match(line, /^(typedef )?struct (Tcb|Host|Packet|Order|World) \{/)) {
        record = line; sub(/^(typedef )?struct /, "", record); sub(/ .*/, "", record)
        next
    }
    if (record == "") next
    if (line ~ /^\}/) { record = ""; next }
    if (line ~ /^[ \t]*struct \{[ \t]*$/) { inner = 1; insides = 0; next }
    if (inner && line ~ /^[ \t]*\} [a-z_]+;/) {
        name = line; sub(/^[ \t]*\} /, "", name); sub(/;.*/, "", name)
        inner = 0
        for (i = 1; i <= insides; i++) add(name ".", inside[i])
        next
    }
    held = held line
    if (line ~ /;/) { declaration(held); held = "" }
    next
}

/^#ifdef PACK_/ { now = $2; seen[now] = 1 }
/^#endif/ { now = "" }
now != "" && /^PACK_(NUMBER|SEQ|ENDPOINT|BY_HAND|EXCUSED)\(/ {
    name = $0; sub(/^[A-Z_]*\(/, "", name); sub(/[,)].*/, "", name)
    key = now " " name
    if (listed[key]++) printf "%s:%d: %s: listed twice\n", FILENAME, FNR, name
    if (!(key in field)) printf "%s:%d: %s: no such field\n", FILENAME, FNR, name
}

END {
    for (record in section) if (!(section[record] in seen)) printf "engine/world/pack.def: nothing about %s\n", record
    for (i = 1; i <= fields; i++)
        if (!(order[i] in listed)) printf "engine/world/pack.def: %s is neither packed nor excused\n", field[order[i]]
}
