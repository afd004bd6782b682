-- Great loads: what is looked at costs, not what exists; what prints is a screen; as data nothing is missing.

local function is(a, b, what)
  if a ~= b then error(string.format("%s: must be %s, is %s", what, tostring(b), tostring(a)), 2) end
end

local function lines(thing)
  local _, newlines = tostring(thing):gsub("\n", "")
  return newlines + 1
end

local function says(thing, words)
  if not tostring(thing):find(words, 1, true) then error(words .. " is not in:\n" .. tostring(thing), 2) end
end

local tests = {}

local function inject(count)
  for i = 1, count do
    wire:inject{from = "127.0.0.9:" .. i % 60000 + 1, to = "127.0.0.2:80", flags = "SYN", seq = i, delay = i % 7}
  end
end

function tests.packets()
  inject(20000)
  is(#wire, 20000, "in flight")
  is(lines(wire), 21, "a screen")
  says(wire, "\n... 19,980 more: wire[21] .. wire[20000]")
  local last = 0
  for i = 1, #wire do
    assert(wire[i].due >= last, "next to arrive first")
    last = wire[i].due
  end
  is(wire[20001], nil, "past the last")
  is(wire[0], nil, "before the first")
  is(wire[1].id, 7, "the first to arrive")
  is(wire[2].id, 14, "then that sent after it")
  wire[1]:hold()
  is(wire[20000].id, 7, "held ones are last")
  for i = 1, 20000 do wire[(i * 7919) % #wire + 1]:drop() end
  is(#wire, 0, "in flight")
  back(5)
  is(#wire, 5, "back")
  is(wire[5].in_flight, true, "back")
  is(wire[6], nil, "back")
end

function tests.connections()
  for i = 1, 5 do B:listen(80 + i, {backlog = 4000}) end
  for i = 1, 8000 do A:connect(B, 81 + i % 5) end
  is(#A.conns, 8000, "connections")
  run()
  local states = {}
  for i = 1, #B.conns do states[B.conns[i].state] = (states[B.conns[i].state] or 0) + 1 end
  is(states.LISTEN, 5, "listeners")
  is(states.ESTABLISHED, 8000, "open connections")
  is(#netstat(), 16005, "netstat")
  is(netstat()[16005].state, "ESTABLISHED", "netstat")
  is(lines(netstat()), 52, "heading, fifty, and how many more there are")
  is(lines(netstat(3)), 5, "heading, three, and how many more there are")
  says(netstat(), "... 15,955 more: netstat(200) shows 200; in all 5 LISTEN, 16,000 ESTABLISHED")
  for i = 1, #A.conns do A.conns[i]:send("x") end
  is(#timers(), 16000, "retransmit and user")
  is(timers()[15999].timer, "retransmit", "timers")
  is(lines(timers()), 52, "timers")
  says(timers(4), "... 15,996 more: timers(200) shows 200")
  is(lines(A.conns), 51, "A.conns")
  says(A.conns, "\n... 7,950 more: conns[51] .. conns[8000]")
  local before = A.conns
  for _, c in ipairs(A.conns) do c:abort() end
  is(#A.conns, 0, "all are gone")
  is(#before, 8000, "a list stays what it was")
  is(tostring(A.conns), "no connections", "A.conns")
  is(before[1].state, "CLOSED", "what is in it is as it is now")
end

function tests.events()
  for i = 1, 3 do B:listen(80 + i, {backlog = 60000}) end
  for i = 1, 10000 do A:connect(B, 81 + i % 3) end
  run()
  local all = trace()
  assert(#all > 100000, #all)
  is(all[#all].index, #all, "the last")
  is(all[#all + 1], nil, "past the last")
  is(all[1].kind, "call", "the first")
  is(lines(all), 51, "a screen")
  says(all, string.format("... %d,%03d before: trace(200) shows the last 200", (#all - 50) // 1000, (#all - 50) % 1000))
  is(#trace(200), 200, "the last so many")
  is(lines(trace(200)), 200, "the last so many")
  is(trace(200)[200], all[#all], "the last so many")
  local count = 0
  for i, e in pairs(trace()) do count = count + (i == e.index and 1 or 0) end
  is(count, #all, "pairs")
  is(#ladder(), 30000, "one for each packet")
  is(ladder()[30000].flags, "ACK", "the last packet")
  is(ladder()[1].flags, "SYN", "the first packet")
  assert(lines(ladder()) <= 53 and lines(ladder()) > 45, "a screen")
  assert(lines(ladder(200)) <= 203 and lines(ladder(200)) > 190, "more")
  says(ladder(), "... earlier rows: ladder(200) shows the last 200")
end

function tests.chosen_events()
  local s = B:listen(80)
  local c = A:connect(B, 80)
  run()
  c:send("hello")
  run()
  for i, e in ipairs(trace{kind = "state"}) do is(e.kind, "state", "kind") end
  is(#trace{kind = "state"}, 5, "kind")
  is(#trace{kind = {"state", "send"}} - #trace{kind = "send"}, 5, "kinds")
  is(trace{kind = "state", last = 2}[1].to, "ESTABLISHED", "the last so many")
  is(#trace{kind = "state", last = 2}, 2, "the last so many")
  is(#trace{last = 3}, 3, "the last so many")
  for _, e in ipairs(trace{host = A}) do is(e.host, "A", "host") end
  is(#trace{host = A}, #trace{host = "A"}, "a host or its name")
  is(#trace{host = A} + #trace{host = B}, #trace(), "each event here is at a host")
  for _, e in ipairs(trace{conn = c}) do is(e.conn, c, "conn") end
  is(trace{conn = s}[1].to or trace{conn = s}[1].call, "listen", "conn")
  for _, e in ipairs(trace{from = 0.05, to = 0.1}) do assert(e.time >= 0.05 and e.time <= 0.1) end
  is(trace{from = 0.05}[1].kind, "deliver", "from")
  is(trace{to = 0}[#trace{to = 0}].time, 0, "to")
  is(#trace{from = 0.05} + #trace{to = 0.049999}, #trace(), "from and to")
  is(tostring(trace{from = 1000}), "no such event", "none")
  is(#trace{}, #trace(), "all")
  local some = trace{kind = "state"}
  back()
  is(some[1].kind, "state", "back() alone undoes nothing for good")
  c:close()
  says(some, "5 events of a future that was undone")
end

-- They are tables as others are.
function tests.lists()
  B:listen(80)
  B:listen(81)
  A:connect(B, 80)
  local list = netstat()
  is(type(list), "table", "type")
  table.sort(list, function(a, b) return a.src < b.src end)
  is(list[1].host, "A", "sorted")
  is(#list, 3, "as many as before")
  is(select("#", table.unpack(trace())), #trace(), "unpack")
  is(trace().kind, nil, "no such key")
  is(netstat()[1].host, "B", "the next one is as it was made")
  A.conns[1] = nil
  is(#A.conns, 1, "a list that a script changes is its own")
end

local names = {}
for name in pairs(tests) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  reset()
  tests[name]()
  print("ok " .. name)
end
