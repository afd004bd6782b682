#!/bin/sh
# saving.sh PROGRAM - histories in files: save and load, what a script may write, and what is said of damaged files.
set -u
program=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/scripts" "$work/scripts/below"
ln -s /tmp "$work/scripts/outside"
cat > "$work/scripts/play.lua" <<'LUA'
local function fails(said, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(said, 1, true), tostring(message))
end
B:listen(80)
c = A:connect(B, 80)
wire:delay{flags="SYN,ACK", by=0.5}
A.rules.nagle = false
run()
c:send("text")
seek(4)
wire[1]:drop()
branches()[1].name = "open"
run()
local bytes = save "x.2msl"
assert(bytes > 500)
local text, k, state, events = tostring(branches()), steps(), c.state, tostring(trace())

-- In another history: what is open stays where the file is wrong, and goes where it is right.
reset()
local old = A:connect(B, 81)
fails("cannot open none.2msl: No such file", load, "none.2msl")
fails("cannot load damaged.2msl: damaged: the record at byte", load, "damaged.2msl")
fails("what is open stays as it is", load, "damaged.2msl")
fails("cannot load short.2msl: it ends too early, after 100 bytes", load, "short.2msl")
fails("cannot load newer.2msl: made by a newer version, format 2; this one reads 1", load, "newer.2msl")
fails("cannot load play.2msl: it is no history that save() has written", load, "play.2msl")
assert(steps() == 1 and old.state == "SYN_SENT")
assert(load "x.2msl" == k)
assert(tostring(branches()) == text and tostring(trace()) == events)
assert(A.conns[1].state == state and A.rules.nagle == false)
assert(not pcall(function() return old.state end), "a handle of before is stale")
assert(save "below/y.2msl" == bytes, "saved again it is the same")
branch "open"
assert(A.conns[1].state == "ESTABLISHED")

-- Files of a script lie beside it.
fails("a script writes only beside itself", save, "../x.2msl")
fails("a script writes only beside itself", save, "outside/x.2msl")
fails("a script writes only beside itself", save, "/tmp/x.2msl")
fails("it is no file", save, "below.2msl")
fails("no kind of file that works; these do: .2msl", save, "x.doc")
fails("no kind of file that works; these do: .2msl", load, "x.doc")
fails("the name of a file is a string", save, 5)
fails("cannot write none/x.2msl", save, "none/x.2msl")

-- Lua's own load() is what it was.
assert(load("return 1 + 1")() == 2 and load "x = 1.5")
LUA
cd "$work/scripts" || exit 1
"$program" -e 'c = A:connect(B, 80); save "first.2msl"' > "$work/out" 2>&1 || { cat "$work/out"; exit 1; }
[ -s first.2msl ] || { echo "a line at the command line writes nothing"; exit 1; }
head -c 100 first.2msl > short.2msl
cp play.lua play.2msl
mkdir below.2msl
{ head -c 8 first.2msl; printf '\002'; tail -c +10 first.2msl; } > newer.2msl
{ head -c 200 first.2msl; printf '\377\376'; tail -c +203 first.2msl; } > damaged.2msl
"$program" play.lua || exit 1
[ -s x.2msl ] && [ -s below/y.2msl ] || { echo "not written"; exit 1; }
# Nothing is left of a file that cannot be finished, and the old one stays.
cp x.2msl old
out=$(trap '' XFSZ; ulimit -f 0; "$program" -e 'load "x.2msl"; save "x.2msl"' 2>&1)
printf '%s\n' "$out" | grep -q 'cannot write x.2msl: File too large' || { echo "no error: $out"; exit 1; }
cmp -s x.2msl old || { echo "the old file is gone"; exit 1; }
[ "$(find . -name 'x.2msl.*' | wc -l)" = 0 ] || { echo "half a file is left"; exit 1; }
