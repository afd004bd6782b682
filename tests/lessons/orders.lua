-- Standing orders: what the wire does to packets that are not sent yet.

local function is(value, wanted, what)
  if value ~= wanted then error(string.format("%s: must be %s, is %s", what, wanted, value), 2) end
end

local function pair()
  reset()
  A.rules.isn, B.rules.isn = 100, 300
  local s = B:listen(80)
  local c = A:connect(B, 80, {port = 7777})
  run()
  return c, s:accept(), s
end

local function open_with(order)
  reset()
  A.rules.isn, B.rules.isn = 100, 300
  local o = order()
  B:listen(80)
  local c = A:connect(B, 80, {port = 7777})
  return c, o
end

local function count(kind, rule)
  local n = 0
  for _, e in ipairs(trace{kind = kind}) do if e.rule == rule then n = n + 1 end end
  return n
end

-- Exactly the third ACK of A is lost.
local c, d = pair()
local o = wire:drop{from = A, flags = "ACK", nth = 3}
for i = 1, 4 do d:send("x"); run() end
is(o.done, true, "the third ACK has gone by")
is(o.matched, 3, "three were counted, then it was done")
is(count("drop", "path.order"), 1, "one was lost")
is(#wire.orders, 0, "an order that is done stands no longer")
local lost = trace{kind = "drop"}[1]
is(lost.order, o.id, "the event names the order")
is(lost.reason, "dropped by an order", "the reason")
is(lost.packet.fate.order, o.id, "the fate, too")
assert(tostring(lost.packet.fate):find("lost at .*: dropped by order 1$"), tostring(lost.packet.fate))
assert(tostring(why(lost)):find("gives order 1: drop", 1, true), tostring(why(lost)))
assert(tostring(ladder()):find("dropped by order 1", 1, true), "the ladder tells it")

-- Every FIN of B is held, and its retransmissions.
c, d = pair()
o = wire:hold{from = B, has = "FIN"}
c:close(); run(); d:close(); run()
assert(o.matched > 1, "the FIN is sent again and again")
is(count("hold", "path.order"), o.matched, "each is held")
is(o.done, false, "for ever")
is(c.state, "FIN_WAIT_2", "A has heard of none")

-- The first SYN is delayed by 3 s and arrives as an old duplicate.
c, o = open_with(function() return wire:delay{flags = "SYN", times = 1, by = 3} end)
local syn = wire[1]
is(syn.due, 3.05, "3 s later than the latency")
run(function() return c.state == "ESTABLISHED" end)
is(c.state, "ESTABLISHED", "the second SYN arrives first")
is(syn.in_flight, true, "while the first is under way")
run()
is(c.state, "ESTABLISHED", "the old duplicate does no harm")
is(now() >= 3.05, true, "it has arrived")

-- Each data segment is doubled; a segment without data is not.
c, d = pair()
o = wire:dup{len = {1}}
c:send("one"); run(); c:send("two"); run()
is(count("dup", "path.order"), 2, "both")
is(d:recv(), "onetwo", "read once")
is(table.concat(o.len, "-"), "1-65535", "len as a range")

-- The second packet is damaged.
c, o = open_with(function() return wire:corrupt{nth = 2} end)
step()
is(wire[1].corrupted, true, "the SYN,ACK")
is(o.done, true, "done")

-- Addresses, ports and numbers; retransmissions only; flags in any order.
c, d = pair()
local none = wire:drop{from = "A:9999"}
local seq = wire:drop{from = "127.0.0.1", to = "B:80", flags = "ack,psh", seq = 101, len = 1, again = false}
local again = wire:hold{again = true, times = 1}
c:send("x")
is(#wire, 0, "lost")
is(none.matched, 0, "another port")
is(seq.flags, "PSH,ACK", "flags as everywhere")
is(seq.from .. " " .. seq.to, "127.0.0.1 127.0.0.2:80", "ends")
is(tostring(seq), 'order 2  wire:drop{from="A", to="B:80", flags="PSH,ACK", seq=101, len=1, again=false}  matched 1',
  "in words")
step()
is(wire[1].held, true, "the retransmission")
is(again.done, true, "once")

-- The list, cancelling, and history.
c, d = pair()
local step_before = steps and #trace()
local first, second = wire:drop{from = A}, wire:dup{from = B, times = 2}
is(#wire.orders, 2, "two")
is(wire.orders[1], first, "in order")
is(tostring(wire.orders), tostring(first) .. "\n" .. tostring(second), "one a line")
for i, order in ipairs(wire.orders) do is(order.id, i, "ipairs") end
first:cancel()
is(first.done, true, "cancelled")
assert(tostring(first):find("matched 0, cancelled", 1, true), tostring(first))
is(#wire.orders, 1, "one is left")
back()
is(first.done, false, "it stands again")
is(#wire.orders, 2, "both")
forward()
is(first.done, true, "cancelled again")
back(3)
is(#wire.orders, 0, "none was given yet")
local ok, message = pcall(function() return first.done end)
assert(not ok and message:find("order 1 does not exist at this point of the history", 1, true), message)
local other = wire:hold{}
assert(other ~= first, "another future's order 1 is another one")
assert(not pcall(function() return first.done end), "and the old one does not exist in it")
reset()
is(#wire.orders, 0, "reset")
is(tostring(wire.orders), "no standing order", "in words")

-- An order counts what another one drops; what is forged is exempt.
c, o = open_with(function() wire:drop{nth = 1}; return wire:hold{nth = 2} end)
is(o.matched, 1, "counted")
step()
is(wire[1].held, true, "the second SYN is held")
reset()
wire:drop{}
wire:inject{from = "A:1", to = "B:80", flags = "SYN", seq = 1}
is(#wire, 1, "forged")
step()
is(#wire, 0, "its answer is lost")

-- A search knows them: with the SYN,ACK lost for ever, A never opens.
reset()
B:listen(80)
wire:drop{from = B}
A:connect(B, 80)
local path, told = find({A = "ESTABLISHED"}, {drops = 0, dups = 0, states = 3000})
is(path, nil, "A is never open")
reset()
B:listen(80)
wire:drop{from = B, nth = 1}
A:connect(B, 80)
path = find{A = "ESTABLISHED"}
assert(path and #path > 2, "it takes a retransmission")
replay(path)
is(A.conns[1].state, "ESTABLISHED", "replayed")

-- Room for so many.
reset()
for i = 1, 32 do wire:drop{seq = i} end
ok, message = pcall(wire.drop, wire, {})
assert(not ok and message:find("no room for another standing order: at most 32", 1, true), message)
is(#wire.orders, 32, "nothing was changed")
wire.orders[1]:cancel()
wire:drop{}
print("orders: ok")
