# Makes an SVG of cairo's a third as large: relative paths, tenths of a pixel, colours in hex, no unused glyph.

function tenth(x,    text) {
    text = sprintf("%.1f", x)
    sub(/\.0$/, "", text)
    sub(/^-0$/, "0", text)
    sub(/^0\./, ".", text); sub(/^-0\./, "-.", text)
    return text
}

function put(text) { out = out (out == "" || out ~ /[a-zA-Z]$/ || text ~ /^-/ ? "" : " ") text }

# "M 1 2 L 3 2 Z M 1 2" makes "M1 2h2z": numbers are rounded before they are subtracted, so that errors do not add up.
function shorter(path,    tokens, n, i, j, command, count, x, y, start_x, start_y, value) {
    out = ""
    n = split(path, tokens, " ")
    for (i = 1; i <= n; i += count) {
        command = tokens[i++]
        count = command == "C" ? 6 : command == "Z" ? 0 : 2
        if (command == "Z") { out = out "z"; x = start_x; y = start_y; continue }
        if (command == "M" && i + count > n && out != "") break
        for (j = 0; j < count; j++) value[j] = sprintf("%.1f", tokens[i + j]) + 0
        if (command == "M") {
            out = out "M"; put(tenth(value[0])); put(tenth(value[1]))
            start_x = value[0]; start_y = value[1]
        }
        else if (command == "L" && value[1] == y) { out = out "h"; put(tenth(value[0] - x)) }
        else if (command == "L" && value[0] == x) { out = out "v"; put(tenth(value[1] - y)) }
        else {
            out = out tolower(command)
            for (j = 0; j < count; j++) put(tenth(value[j] - (j % 2 ? y : x)))
        }
        x = value[count - 2]; y = value[count - 1]
    }
    return out
}

function hex(text,    parts) {
    split(text, parts, /[(),%]+/)
    return sprintf("#%02x%02x%02x", parts[2] * 2.55 + 0.5, parts[3] * 2.55 + 0.5, parts[4] * 2.55 + 0.5)
}

{
    gsub(/glyph/, "g"); gsub(/xlink:href/, "href"); gsub(/ style="stroke:none;"/, "")
    gsub(/(fill-rule:nonzero|(fill|stroke)-opacity:1);/, "")
    sub(/^ +/, ""); sub(/ xmlns:xlink="[^"]*"/, "")
    if (match($0, / d="[^"]*"/))
        $0 = substr($0, 1, RSTART) "d=\"" shorter(substr($0, RSTART + 4, RLENGTH - 5)) "\"" substr($0, RSTART + RLENGTH)
    while (match($0, /rgb\([0-9.,%]*\)/))
        $0 = substr($0, 1, RSTART - 1) hex(substr($0, RSTART, RLENGTH)) substr($0, RSTART + RLENGTH)
    while (match($0, /[xy]="-?[0-9]+\.[0-9][0-9]+"/))
        $0 = substr($0, 1, RSTART + 2) tenth(substr($0, RSTART + 3, RLENGTH - 4)) substr($0, RSTART + RLENGTH - 1)
    line[NR] = $0
    if (match($0, /href="#g[^"]*"/)) used[substr($0, RSTART + 7, RLENGTH - 8)] = 1
}

END {
    for (i = 1; i <= NR; i++) {
        if (match(line[i], /<symbol.* id="[^"]*"/)) {
            name = line[i]; sub(/.* id="/, "", name); sub(/".*/, "", name)
            while (!(name in used) && line[i] !~ /<\/symbol>/) line[i++] = ""
            if (!(name in used)) continue
        }
        print line[i]
    }
}
