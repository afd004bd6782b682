#!/bin/sh
# A lesson or check that fails makes the status 1, and says where; the list of lessons has a line for each.
#
#   status.sh PROGRAM
set -u
program=$1
here=$(cd "$(dirname "$0")" && pwd)
failed=0
must() { # must STATUS WORDS ARGUMENTS...: the program ends with that status and says those words
    status=$1
    words=$2
    shift 2
    out=$("$program" "$@" --no-window --wire=memory 2>&1 </dev/null)
    is=$?
    [ "$is" = "$status" ] || { echo "status $is, not $status: $*"; failed=1; }
    printf '%s\n' "$out" | grep -qF -- "$words" || { echo "no '$words' in: $out"; failed=1; }
}
must 1 'check failed: pigs fly' -e 'check(false, "pigs fly")'
must 1 '✗ pigs fly' -e 'pcall(check, false, "pigs fly") print "went on"'
evil='for name, f in pairs(string) do string[name] = error end for name in pairs(table) do table[name] = error end
    tostring, pairs, ipairs, pcall, type, select = nil'
must 1 'check is a word of the lab and keeps its meaning' -e 'check = function() end check(false)'
must 1 '✗ pigs fly' -e "$evil" -e 'check(false, "pigs fly")'
must 0 'CLOSE_WAIT' -e "$evil" lesson close-four-way
must 0 '✓ pigs walk' -e 'check(true, "pigs walk")'
must 1 "there is no lesson 'no-such-lesson'; the lessons are: close-four-way" lesson no-such-lesson
endless='B:listen(80) A.rules.keepalive = {idle=1, interval=1, probes=9} c = A:connect(B, 80)'
must 1 'stopped after 100000 steps: something goes on for ever; next in' -e "$endless settle()"
must 1 'wait: stopped after 100000 steps with ' -e "$endless wait(1e9)"
for file in "$here"/../../scripts/lessons/*.lua; do must 0 "$(basename "$file" .lua) " lessons; done
# A lesson's file that cannot be read is named, and the others are listed.
copy=$(mktemp -d) || exit 1
cp -r "$here/../../scripts" "$copy"
echo 'lesson{name=' >"$copy/scripts/lessons/broken.lua"
export TWOMSL_DATA="$copy"
must 0 'lessons/broken.lua:2: unexpected symbol' lessons
must 0 'close-four-way ' lessons
# A lesson's file cannot change a word either, and its globals are its own.
cat >"$copy/scripts/lessons/broken.lua" <<'LUA'
mine = 1
lesson{name = "broken", title = "broken", run = function() check = function() end check(false, "pigs fly") end}
LUA
must 1 'lessons/broken.lua:2: check is a word of the lab' lesson broken
must 0 'mine is nil' -e 'lessons() print("mine is " .. tostring(mine))'
# What it does to Lua's libraries and its environment is no trouble of the others.
cat >"$copy/scripts/lessons/broken.lua" <<'LUA'
local removed = {table.sort, string.format}
for name in pairs(table) do table[name] = nil end
for name in pairs(string) do string[name] = nil end
assert(type(getmetatable(_ENV)) == "string" and not pcall(setmetatable, _ENV, {}))
assert(type(getmetatable("")) == "string")
string, table, math, pairs, ipairs, tostring = nil
lesson{name = "broken", title = "broken", run = function() check(#removed == 2, "it plays") end}
LUA
must 0 'close-four-way ' lessons
must 0 '✓ it plays' lesson broken
must 0 '2 MSL' -e 'lessons() lesson "broken" lesson "close-four-way" lessons()'
rm -rf "$copy"
exit "$failed"
