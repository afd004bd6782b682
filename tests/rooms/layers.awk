# The layers of layers.txt, held against the symbols of the object files: no lower layer calls a higher one.
# Called with layers.txt and then the output of `nm -A` over the objects, whose names are cut to SOURCE.c by the caller.
# Prints one line per violation; those of a folder marked "report" begin with "note: ".

FNR == 1 { input++ }
input == 1 && /^[ \t]*(#|$)/ { next }
input == 1 && /^[^ \t]/ {
    folder = folders[++folder_count] = $1
    reports[folder] = $2 == "report"
    level = 0
    next
}
input == 1 { level++; for (i = 1; i <= NF; i++) { rank[folder, $i] = level; stands[folder, $i] = FNR }; next }

# "engine/tcp/arrive.c: 00000000 T arrive" or "engine/tcp/arrive.c:          U world_now"
{
    file = $1; sub(/:.*/, "", file)
    symbol = $NF; kind = $(NF - 1)
    files[file] = 1
    if (kind == "U") { calls[++call_count] = symbol; caller[call_count] = file }
    else if (kind ~ /^[A-Z]$/) home[symbol] = file
}

# The name under which a file stands in a folder: "tcp" for engine/tcp/arrive.c in engine, "arrive" in engine/tcp.
function unit(folder, file,    name) {
    if (index(file, folder "/") != 1) return ""
    name = substr(file, length(folder) + 2)
    if (name !~ /\//) sub(/\.c$/, "", name)
    sub(/\/.*/, "", name)
    return name
}

function say(folder, text) { print (reports[folder] ? "note: " : "") text }

function check_names(folder,    file, name, pair, key) {
    for (file in files) {
        name = unit(folder, file)
        if (name == "") continue
        used[folder, name] = 1
        if (!((folder, name) in rank) && !told[folder, name]++)
            say(folder, folder "/" name ": stands in no layer of " folder)
    }
    for (key in rank) {
        split(key, pair, SUBSEP)
        if (pair[1] == folder && !((folder, pair[2]) in used))
            say(folder, "layers.txt:" stands[key] ": there is no " folder "/" pair[2])
    }
}

function check_calls(folder,    i, from, to, target) {
    for (i = 1; i <= call_count; i++) {
        if (!(calls[i] in home)) continue
        target = home[calls[i]]
        from = unit(folder, caller[i]); to = unit(folder, target)
        if (from == "" || to == "" || !((folder, from) in rank) || !((folder, to) in rank)) continue
        if (rank[folder, from] < rank[folder, to])
            say(folder, caller[i] ": calls " calls[i] " of " target ", a higher layer of " folder)
    }
}

END {
    if (!call_count) print "layers: no object file was read"
    for (f = 1; f <= folder_count; f++) { check_names(folders[f]); check_calls(folders[f]) }
}
