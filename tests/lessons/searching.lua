-- explore, find and replay: what a search returns, that its paths lead where it says, and what it refuses.

local function raises(what, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. what)
  assert(tostring(message):find(what, 1, true), "expected '" .. what .. "', got: " .. tostring(message))
end

local s, c, d

local function opening()
  reset()
  s = B:listen(80)
  c = A:connect(B, 80, {port=7777})
end

local function opened()
  opening()
  run()
  d = s:accept()
end

-- Opening: every order within the budget, and the shortest way to each pair of states.
opening()
local r = explore{drops=2}
assert(r.complete and not r.cut and not r.broken and not r.path)
assert(r.states > 100 and r.edges > r.states and r.depth > 10)
assert(#r.pairs["SYN_SENT/LISTEN"] == 0 and #r.pairs["ESTABLISHED/SYN_RCVD"] == 2)
assert(not r.pairs["ESTABLISHED/LISTEN"] and not r.pairs["SYN_SENT/ESTABLISHED"])
assert(tostring(r):find("complete", 1, true))
assert(steps() == 2 and c.state == "SYN_SENT", "a search changes nothing")

-- B never opens before A.
r = explore{drops=2, check=function()
  return #B.conns < 2 or B.conns[2].state ~= "ESTABLISHED" or c.state == "ESTABLISHED", "B opened first"
end}
assert(r.complete and not r.broken)

-- A check sees the connections of the world it is called in, in every list.
local seen = {}
opening()
r = explore{check=function()
  local shown = tostring(netstat())
  assert(#netstat() == #A.conns + #B.conns)
  for i = 1, #B.conns do
    assert(shown:find(B.conns[i].state, 1, true))
    seen[B.conns[i].state] = true
  end
  return #B.conns < 2 or B.conns[2].state ~= "ESTABLISHED", "B is open"
end}
assert(r.broken == "B is open" and seen.LISTEN and seen.SYN_RCVD and seen.ESTABLISHED)
assert(#B.conns == 1 and B.conns[1].state == "LISTEN")

-- A connection that has gone is not counted where a path names another one.
opening()
c:abort()
local second = find(function() return c.state == "CLOSED" and #A.conns == 1 and #wire == 2 end,
  {may={{A, "connect", B, 80, {port=7778}}}})
replay(second)
second = find(function() return #A.conns == 0 end, {may={{A.conns[1], "abort"}}})
assert(load(second:script()))()
assert(#A.conns == 0)

-- A check that fails ends the search at the nearest such point.
opening()
r = explore{drops=1, check=function() return c.state ~= "ESTABLISHED", "A is open" end}
assert(r.broken == "A is open" and #r.path == 2 and not r.complete and r.cut == "broken")
assert(replay(r.path) and c.state == "ESTABLISHED")

-- Paths: by states, by rule, by a function; walked, and done by hand from their script.
opened()
local may = {{c, "close"}, {d, "close"}}
local closing = find({A="CLOSING", B="CLOSING"}, {may=may})
assert(#closing == 4 and closing[1]:find("close", 1, true) and closing[4]:find("CLOSING", 1, true) and not closing[5])
assert(not closing[0] and not closing[math.mininteger])
local script = closing:script()
assert(load(script, "=script"))()
assert(c.state == "CLOSING" and d.state == "CLOSING")
back(4)
assert(#replay(closing) == 4 and c.state == "CLOSING" and d.state == "CLOSING")
step()
assert(replay(closing) and c.state == "CLOSING", "replay goes back to where the path begins")

opened()
local lost = find("timeout.retransmit", {may={{c, "send", "x"}}, drops=1, delays=0})
assert(#lost == 3 and lost[2]:find("lost", 1, true))
local none, how = find({A="LISTEN"}, {drops=1})
assert(not none and how.complete and how.states > 0)

-- What an oracle reports can be looked for.
A.rules.time_wait, A.rules.delayed_ack = false, false
c:shutdown()
run()
A.rules.isn, B.rules.isn = c.iss + 100, d.iss
d:send("old")
d:close()
local old = find("oracle.old-byte", {delays=true, resends=1, may={{A, "connect", B, 80, {port=7777}}}})
assert(old and old[#old]:find("oracle.old-byte", 1, true))
opened()
assert(#find(function() return c.state == "ESTABLISHED" end) == 0)

-- A packet that is slower than a timer is delayed on the way there.
opening()
local late = find(function() return now() >= 1 and #wire > 1 end, {delays=1})
assert(late and late:script():find(":delay(", 1, true))
replay(late)
assert(now() >= 1 and #wire > 1)

-- recv without a number takes what there is.
opened()
local read = find("recv.taken", {may={{c, "send", "abc"}, {d, "recv"}}})
assert(#read == 3 and read[3]:find("3 bytes", 1, true))

-- Hosts stand for their youngest connection.
opening()
local both = find({A="TIME_WAIT"}, {may={{A, "close"}, {B, "close"}, {B, "accept"}}})
assert(both and replay(both) and c.state == "TIME_WAIT")

-- What a text is made of may be collected while the search goes on.
opened()
do
  local sends = {{c, "send", ("x"):rep(3) .. tostring(now())}}
  r = explore{may=sends, check=function() sends[1] = nil; collectgarbage(); return true end}
  assert(r.complete)
end

-- Limits end it as cut, with their name.
opened()
may = {{c, "close"}, {d, "close"}, {c, "send", "abc"}, {d, "send", "de"}}
assert(explore{drops=2, dups=1, may=may, states=500}.cut == "states")
assert(explore{drops=2, dups=1, may=may, memory=200000}.cut == "memory")
may = {{c, "close"}, {d, "close"}}
assert(explore{drops=3, dups=3, delays=3, may=may, seconds=0.01}.cut == "seconds")
local one, exact = explore{drops=1, may=may}, explore{drops=1, may=may, exact=true}
assert(one.complete and one.states == exact.states and one.edges == exact.edges and one.depth == exact.depth)

-- What a result says besides: within which budget it is complete, how likely a state was missed, what it cost.
opening()
r = explore{drops=2}
assert(r.within == "drops=2, dups=0, delays=1" and r.ends > 0 and r.waiting == 0)
assert(r.odds > 0 and r.odds < 1e-9 and r.seconds > 0 and r.memory > 1000)
assert(tostring(r):find("complete: every order within " .. r.within .. " was tried, and nothing is broken", 1, true))
assert(tostring(r):find("odds of a missed state: 1 in %d+%.?%d* trillion"))
r = explore{drops=1, delays=0, resends=2, timers=false, in_order=true, exact=true}
assert(r.within == "drops=1, dups=0, delays=0, resends=2, timers=false, in_order=true" and r.odds == 0)
assert(tostring(r):find("0 (exact)", 1, true))
r = explore{drops=3, dups=1, states=300}
assert(r.waiting > 0 and tostring(r):find("not complete: cut by its limit of states", 1, true))
local _, nowhere = find({A="LISTEN"}, {drops=1})
assert(nowhere.within == "drops=1, dups=0, delays=1" and not tostring(nowhere):find("broken", 1, true))

-- Parts of a swarm: others each, the same each time; each alone is complete where it has room.
local function part(i) return explore{drops=3, dups=1, delays=2, states=2000, part=i, parts=4} end
local second, third = part(2), part(3)
assert(second.cut == "states" and second.part == 2 and second.parts == 4)
assert(second.edges ~= third.edges and second.edges == part(2).edges)
assert(tostring(second):find("part 2 of 4", 1, true))
for i = 1, 4 do assert(explore{drops=1, part=i, parts=4}.complete) end
r = explore{drops=1, part=3, parts=4, check=function() return c.state ~= "ESTABLISHED", "A is open" end}
assert(r.broken == "A is open" and replay(r.path) and c.state == "ESTABLISHED")

-- Time ends a search also where the check takes long.
opening()
r = explore{drops=3, dups=3, delays=3, seconds=0.05, check=function() for _ = 1, 20000 do end return true end}
assert(r.cut == "seconds" and r.seconds < 5)

-- A limit of the search's worlds ends it with its name.
opened()
A.rules.congestion, A.rules.mss = false, 64
r = explore{timers=false, may={{c, "send", ("x"):rep(60000)}}}
assert(r.cut:find("^no room for more "))
assert(tostring(r):find("not complete: in a world of it there was no room", 1, true))

-- With a limit of retransmissions, any number of delays is searched to the end.
opening()
r = explore{drops=2, delays=true, resends=1}
assert(r.complete and r.within == "drops=2, dups=0, delays=true, resends=1")

-- Searching is only looking.
opened()
raises("a check only looks; it changes nothing", explore, {check=function() c:close() end})
raises("a check only looks", explore, {check=function() return explore{} end})
for _, go in ipairs{reset, back, forward, function() seek(0) end} do
  local step, events = steps(), tostring(trace())
  raises("a check only looks; it changes nothing", explore, {check=function() go() return true end})
  assert(steps() == step and tostring(trace()) == events)
end
raises("boom", explore, {check=function() error("boom") end})
assert(c.state == "ESTABLISHED")

-- Mistakes.
raises("there is no rule 'rst.chalenge' (did you mean rst.challenge?)", find, "rst.chalenge")
raises("A must be a state", find, {A="OPEN"})
raises("no field 'C'", find, {C="CLOSED"})
raises("find{A=\"CLOSING\", B=\"CLOSING\"}", find, {})
raises("no field 'drop' (did you mean drops?)", explore, {drop=1})
raises("drops must be a whole number, 0 to 15, not 16", explore, {drops=16})
raises("may[1] names no call", explore, {may={{c, "shut"}}})
raises("may[1] does not begin with a host or a connection", explore, {may={{"c", "close"}}})
raises("may[2] is no list", explore, {may={{c, "close"}, 7}})
raises("is a call of a host", explore, {may={{c, "connect", B, 80}}})
raises("connects to no host", explore, {may={{A, "connect", "nobody", 80}}})
raises("part and parts belong together", explore, {part=2})
raises("part must be a whole number, 1 to 4, not 5", explore, {part=5, parts=4})
raises("find has no parts", find, {A="CLOSED"}, {part=1, parts=2})
local many = {}
for i = 1, 17 do many[i] = {c, "close"} end
raises("at most 16", explore, {may=many})
raises("that is not a path", replay, {})
raises("no longer here", function() opened(); local p = find{A="ESTABLISHED"}; reset(); replay(p) end)
