# Draws the house from the includes: each room, and below it the rooms whose headers it uses. Called with the sources in
# engine/ and repl/, relative to the root. Status 1 where a room uses one that stands above it.

BEGIN {
    n = split("repl repl/stage repl/view repl/lua repl/prompt repl/text engine/link engine/history engine/world " \
              "engine/tcp engine/trace engine/wire engine.h", order, " ")
    for (i = 1; i <= n; i++) height[order[i]] = n - i
}

function room_of(path,    parts, count) {
    count = split(path, parts, "/")
    if (path ~ /^engine\/[a-z]*\.h$/ || path ~ /\.def$/ || path == "engine/tcp/seq.h") return "engine.h"
    return count > 2 ? parts[1] "/" parts[2] : parts[1]
}

# "repl/lua/x.c" and "../text/text.h" make "repl/text/text.h".
function resolve(file, target,    path) {
    path = file; sub(/[^\/]*$/, "", path)
    path = path target
    while (sub(/[^\/.]+\/\.\.\//, "", path)) continue
    return path
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    target = $0; sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
    from = room_of(FILENAME); to = room_of(resolve(FILENAME, target))
    if (from != to) uses[from, to]++
}

END {
    for (i = 1; i <= n; i++) {
        line = ""
        for (k = 1; k <= n; k++) {
            if (!uses[order[i], order[k]]) continue
            up = height[order[k]] > height[order[i]]
            if (up) wrong = 1
            line = line "  " (up ? "UP TO " : "") order[k]
        }
        if (line != "") printf "%-16s ->%s\n", order[i], line
    }
    exit wrong
}
