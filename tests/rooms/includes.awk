# Which file may include what. Called with paths relative to the root; prints one line per violation.

BEGIN {
    # The rooms of the pure engine, and whose headers each may include besides its own.
    below["wire"] = ""; below["trace"] = ""; below["tcp"] = "wire"; below["world"] = "tcp wire trace"
    below["history"] = below["explore"] = "world tcp wire trace"
    split("assert.h inttypes.h limits.h stdalign.h stdbool.h stddef.h stdint.h stdlib.h string.h", pure, " ")
    for (i in pure) is_pure[pure[i]] = 1
    # The rooms of the program, and whose headers each may include besides its own.
    sees["text"] = ""; sees["prompt"] = ""; sees["lua"] = "text"; sees["view"] = "text"; sees["stage"] = "text view"
    sees[""] = "text prompt lua view stage"
}

# "repl/lua/x.c" and "../text/text.h" make "repl/text/text.h".
function resolve(file, target,    parts, kept, n, i, m, path) {
    path = file; sub(/[^\/]*$/, "", path)
    n = split(path target, parts, "/")
    m = 0
    for (i = 1; i <= n; i++) {
        if (parts[i] == "" || parts[i] == ".") continue
        if (parts[i] == ".." && m > 0) m--
        else kept[++m] = parts[i]
    }
    path = kept[1]
    for (i = 2; i <= m; i++) path = path "/" kept[i]
    return path
}

function wrong(why) { printf "%s:%d: includes %s: %s\n", FILENAME, FNR, what, why }

# The library a system header belongs to, where it is one that has a room.
function library(header) {
    if (header ~ /^(lua|lauxlib|lualib)\.h$|^lua5|^lua\//) return "lua"
    if (header ~ /^readline\//) return "readline"
    if (header ~ /^SDL/) return "SDL"
    if (header ~ /^(cairo|pango|fontconfig|hb|ft2build)/) return "cairo"
    return ""
}

function room_of(path,    parts, n) {
    n = split(path, parts, "/")
    return n > 2 ? parts[2] : ""
}

function system_header(header,    lib, room) {
    room = room_of(FILENAME)
    lib = library(header)
    if (FILENAME ~ /^engine\// && room != "link") {
        if (!(header in is_pure)) wrong("the pure engine knows memory and strings only")
        return
    }
    if (lib == "lua" && FILENAME !~ /^(repl\/lua\/|tests\/property\/patterns)/) wrong("Lua's room is repl/lua")
    if (lib == "readline" && FILENAME !~ /^repl\/prompt\//) wrong("readline's room is repl/prompt")
    if (lib == "SDL" && FILENAME !~ /^repl\/stage\//) wrong("SDL's room is repl/stage")
    if (lib == "cairo" && FILENAME != "repl/view/paint_cairo.c") wrong("cairo's one file is repl/view/paint_cairo.c")
}

# Does the list of words hold this one?
function holds(list, word) { return index(" " list " ", " " word " ") > 0 }

# engine.h is the public face; it includes its chapters, and they the tables they are made of.
function is_chapter(target) { return target ~ /^engine\/[a-z_]*\.h$/ }
function is_table(target) { return target ~ /^engine\/(tcp|world|wire)\/[a-z_]*\.def$/ }

function from_engine(target,    room, other) {
    room = room_of(FILENAME); other = room_of(target)
    if (target !~ /^engine\//) { wrong("the engine knows nothing outside itself"); return }
    if (target == "engine/engine.h" && room == "") { wrong("engine.h includes its chapters, not they it"); return }
    if (target == "engine/engine.h") return
    if (room == "link") { if (other != "link") wrong("the link knows engine.h only"); return }
    if (is_chapter(target) || target == "engine/tcp/seq.h") return
    if (room == "") {
        if (!is_table(target)) wrong("the chapters of engine.h stand on nothing but seq.h and the .def tables")
        return
    }
    if (other == room) return
    if (!(other in below)) { wrong("the pure engine knows nothing of the link"); return }
    if (!holds(below[room], other)) wrong("history, explore -> world -> tcp -> wire and world -> trace, never back")
}

# What the world outside the engine may include: engine.h, the link, and the tables engine.h is made of.
function is_face(target) { return target == "engine/engine.h" || target == "engine/link/link.h" || is_table(target) }

function from_program(target,    room, other) {
    room = room_of(FILENAME); other = room_of(target)
    if (target ~ /^engine\//) {
        if (!is_face(target)) wrong("outside the engine only engine.h and link.h are included")
        return
    }
    if (target !~ /^repl\//) { wrong("the program includes its own rooms and the engine's face"); return }
    if (other == room) return
    if (!holds(sees[room], other)) wrong("the room repl/" room " does not see repl/" other)
}

/^[ \t]*#[ \t]*include[ \t]*</ {
    what = $0; sub(/^[^<]*</, "", what); sub(/>.*/, "", what)
    system_header(what)
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    what = $0; sub(/^[^"]*"/, "", what); sub(/".*/, "", what)
    target = resolve(FILENAME, what)
    if (FILENAME ~ /^engine\//) from_engine(target)
    else if (FILENAME ~ /^repl\//) from_program(target)
    # A unit test may look at the header of the file it tests; every other test stands outside.
    else if (target ~ /^engine\// && !is_face(target) && FILENAME !~ /^tests\/unit\//)
        wrong("outside the engine only engine.h and link.h are included")
}
