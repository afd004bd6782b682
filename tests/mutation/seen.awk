# seen.awk BEFORE AFTER: what search.c prints of the engine as it is and of a changed one. Prints the difference that is
# met in the fewest moves, as "SCENE: what, after N moves"; where something is broken, that. Nothing: none is seen.
BEGIN { FS = OFS = "\t" }
{ key = $1 "\t" $2 "\t" $3 }
FNR == NR { before[key] = $4; next }
{ after[key] = $4 }
$2 == "broken" { broken[$1] = 1 }

# A broken search says nothing of what it would have met.
END {
    for (key in after) if (!(key in before)) differs(key, after[key], 0)
    for (key in before) if (!(key in after)) differs(key, before[key], 1)
    if (found != "") print found
}

function differs(key, moves, missing,    part, rank, words) {
    split(key, part, "\t")
    if (broken[part[1]] && part[2] != "broken") return
    rank = (part[2] == "broken" ? 0 : 1000000) + (part[2] == "end" ? 100000 : moves * 10 + missing)
    if (found != "" && (rank > least || (rank == least && key > first))) return
    least = rank
    first = key
    found = part[1] ": " words_for(part[2], part[3], missing) \
        (part[2] == "end" ? "" : ", after " moves " move" (moves == 1 ? "" : "s"))
}

function words_for(kind, what, missing) {
    if (kind == "broken") return what
    if (kind == "end") return missing ? "no longer " what : what
    if (kind == "pair") return (missing ? "never meets " : "meets ") what
    if (kind == "rest") return (missing ? "never rests at " : "rests at ") what
    return (missing ? "never follows " : "follows ") what
}
