#!/bin/sh
# scripts.sh PROGRAM - save "x.lua": random histories, written as scripts, end the same when these run.
set -u
program="$1 --wire=memory"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
cat > show.lua <<'LUA'
print(netstat(1000)) print(now(), (steps())) print(timers()) print(wire.orders)
local function hex(text) return (text:gsub(".", function(b) return ("%02x"):format(b:byte()) end)) end
for i = 1, #wire do print(i, wire[i], wire[i].due, wire[i].held, hex(wire[i].bytes)) end
for i = 1, #trace() do print(trace()[i]) end
for _, h in ipairs{A, B} do print(h.rules) for i = 1, #h.conns do print(h.conns[i], h.conns[i].rules) end end
LUA
cat > random.lua <<'LUA'
local seed = tonumber((...))
math.randomseed(seed)
reset{seed=seed}
local draw = math.random
local function one(list) return list[draw(#list)] end
local function packet() return wire[draw(#wire)] end
local function host_() return one{A, B, A, B, host "C"} end
local function conn() local conns = host_().conns; return conns[draw(#conns)] end
local function flags() return one{"SYN", "ACK", "RST", "FIN,ACK", "SYN,ACK"} end
local acts = {
  function() host_():listen(one{80, 81}, {backlog=draw(3), on_fin=one{"close", false}}) end,
  function() host_():connect(one{B, A, host "C"}, one{80, 81}, {on_fin=one{"close", false}}) end,
  function() A:connect(B, 80, {port=7000 + draw(20)}) end,
  function() conn():accept() end, function() conn():accept() end,
  function() conn():send(("\0\"\\x\n"):rep(draw(400)), {urgent=draw(5) == 1}) end,
  function() conn():recv() end, function() conn():recv(draw(100)) end,
  function() conn():shutdown() end, function() conn():close() end,
  function() if draw(4) == 1 then conn():abort() end end,
  function() if draw(8) == 1 then host_():crash() end end,
  function() packet():drop() end, function() packet():dup() end, function() packet():delay(draw() * 2) end,
  function() packet():hold() end, function() packet():release() end, function() packet():deliver() end,
  function() packet():corrupt(one{nil, 21, 30}) end,
  function() packet():edit{seq=draw(1000), data="edited", opts={mss=draw(1000), sack={{1, 2}, {5, 9}}}} end,
  function() packet():edit{win=draw(60000), ack=draw(9)} end,
  function() local c = conn()
    wire:inject{from=c.remote, to=c["local"], flags=flags(), seq=c.rcv.nxt, ack=c.snd.nxt} end,
  function() wire:inject{from="A:9", to="B:80", flags=flags(), seq=draw(9), data="f", delay=draw()} end,
  function() wire:inject{icmp=one{"port unreachable", "source quench"}, about=packet()} end,
  function() wire:inject{bytes=packet().bytes} end,
  function() host_().rules[one{"nagle", "sack", "timestamps"}] = draw(2) == 1 end,
  function() host_().rules.msl = draw(30) + 0.25 end,
  function() host_().rules.keepalive = one{false, {idle=draw() + 1, interval=1, probes=2}} end,
  function() conn().rules.nagle = draw(2) == 1 end,
  function() wire.latency = draw() / 3 end, function() wire.loss = draw() / 5 end,
  function() wire.mtu = 200 + draw(1300) end, function() wire.duplicate = draw() / 5 end,
  function() wire:drop{from=one{A, B, "B:80"}, flags=flags(), nth=draw(3)} end,
  function() wire:delay{len={1, 900}, again=draw(2) == 1, by=draw()} end,
  function() wire:corrupt{has="FIN", times=draw(2)} end,
  function() wire.orders[1]:cancel() end,
  function() host "D" end, function() host_():profile(one{"linux", "freebsd", "rfc"}) end,
  function() wait(draw() * 3) end, function() wait(0.2) end,
}
A.rules.delayed_ack = 0.2
B:listen(80)
A:connect(B, 80)
run()
for _ = 1, 150 do
  pcall(one(acts))
  for _ = 1, draw(4) do step() end
  if draw(10) == 1 then
    for _, h in ipairs{A, B} do for i = 1, #h.conns do
      for _, timer in ipairs{"user", "time_wait", "delayed_ack", "retransmit"} do
        pcall(function() h.conns[i]:fire(timer) end)
      end
    end end
  end
end
if draw(2) == 1 then back(draw(9)) end
save "x.lua"
dofile "show.lua"
LUA
# Two timers of one instant: step() takes the older connection's.
cat > instant.lua <<'LUA'
reset{seed=1}
local c, d = A:connect(B, 80), A:connect(B, 81)
wire[1]:drop() wire[1]:drop()
local ok, said = pcall(function() c:fire("persist") end)
assert(not ok and said:find("the timer persist does not run", 1, true), said)
ok, said = pcall(function() c:fire("x") end)
assert(not ok and said:find("it must be a timer", 1, true), said)
d:fire("retransmit")
ok, said = pcall(function() d:fire("retransmit") end)
assert(not ok and said:find("something else before", 1, true), said)
save "x.lua"
dofile "show.lua"
LUA
same() { # NAME SEED
  $program "$1.lua" "$2" > want 2> errors || { echo "$1, seed $2:"; cat errors; exit 1; }
  cp x.lua again.lua
  echo 'dofile "show.lua"' >> again.lua
  $program again.lua > have 2> errors || { echo "$1, seed $2: the script fails:"; cat errors; exit 1; }
  cmp -s want have || { echo "$1, seed $2: the script makes another history:"; diff want have | head -n 20; exit 1; }
}
same instant 1
grep -q 'A.conns\[2\]:fire("retransmit")' x.lua || { echo "no fire:"; cat x.lua; exit 1; }
first=${SEED:-$(date +%s)}
echo "seeds $first to $((first + 11))"
lines=0
for seed in $(seq "$first" $((first + 11))); do
  same random "$seed"
  lines=$((lines + $(wc -l < x.lua)))
done
[ "$lines" -gt 1200 ] || { echo "too short: $lines lines"; exit 1; }
