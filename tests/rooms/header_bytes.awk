# Offsets in headers are used in engine/wire only: everything else uses fields.h. Called with the C and Lua
# sources of the engine, the program and the scripts; prints one line per violation.

BEGIN {
    # What counting bytes looks like, and what it is.
    c["&[ ]*(15|0x0?[fF])[uU]?\\)[ ]*\\*[ ]*4"] = "takes a header's length from its first byte"
    c[">>[ ]*4\\)[ ]*\\*[ ]*4"] = "takes a header's length from its data offset"
    c["\\[[0-9]+\\][ ]*<<[ ]*(8|16|24)"] = "reads a number in network order"
    c["(^|[^A-Za-z0-9_])((get|put|read|write)(16|32)|(be|u)(16|32)_at|word_at)\\("] = "reads or writes network order"
    name = "(^|[^A-Za-z0-9_])(bytes|datagram|packet|segment|ip|tcp|icmp|in|out)"
    c[name "(\\[[0-9]+\\]|[ ]*\\+[ ]*[1-9][0-9]*[^A-Za-z0-9_])"] = "counts the bytes of a datagram"
    name = "(^|[^A-Za-z0-9_])(IP|IPV4|TCP|ICMP)"
    c[name "_?[A-Z0-9_]*[ ]*=[ ]*[0-9]+"] = "says a length, place or number of a header again"
    lua["string\\.(un)?pack|:(un)?pack\\(|:byte\\("] = "reads or writes bytes"
}

# fields.h and segment.h are where the numbers of headers stand; text.c writes UTF-8.
FILENAME ~ /^engine\/(wire\/.*|fields\.h|segment\.h)$/ || FILENAME == "repl/text/text.c" { next }
{
    line = $0
    if (FILENAME ~ /\.lua$/) {
        sub(/--.*/, "", line)
        for (pattern in lua) if (line ~ pattern) report(lua[pattern])
        next
    }
    gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
    sub(/\/\*.*/, "", line)
    gsub(/(char|uint8_t) [a-z_]+\[[0-9]+\]/, "", line) # a declaration
    if (line ~ /^ \*/) next
    for (pattern in c) if (line ~ pattern) report(c[pattern])
}

function report(what) {
    printf "%s:%d: %s: header bytes belong to engine/wire (see engine/fields.h)\n", FILENAME, FNR, what
}
