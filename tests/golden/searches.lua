-- What some standard searches come to: states, edges and depth, the same on every machine and with any number of
-- threads. (The edges also depend on the seed: of moves that commute, the first is the one with the smaller key, and
-- keys contain the initial sequence numbers.)
local function opening(rules)
  reset()
  for name, value in pairs(rules or {}) do A.rules[name], B.rules[name] = value, value end
  B:listen(80)
  return A:connect(B, 80, {port = 7777})
end

local function opened(rules)
  local c = opening(rules)
  run()
  return c, B.conns[1]:accept()
end

local function says(name, options)
  local r = explore(options)
  assert(r.complete, name)
  print(string.format("%-34s %6d states, %6d edges, depth %d", name, r.states, r.edges, r.depth))
end

opening()
says("handshake", {delays = 0})
opening()
says("handshake, three losses", {drops = 3})
opening()
says("handshake, exact", {drops = 3, exact = true})
opening()
says("handshake, two late or doubled", {dups = 2, delays = 2})
opening{handshake = 2}
says("two-way handshake", {drops = 2, dups = 1})
reset()
says("both connect", {drops = 1, may = {{A, "connect", B, 80, {port = 7777}}, {B, "connect", A, 7777, {port = 80}}}})
local c, d = opened()
says("both close", {drops = 2, dups = 1, may = {{c, "close"}, {d, "close"}}})
c, d = opened{timestamps = true, sack = true}
says("both close, timestamps and SACK", {drops = 2, may = {{c, "close"}, {d, "close"}}})
c, d = opened{delayed_ack = false}
says("data and a close",
  {drops = 1, in_order = true, may = {{c, "send", "abc"}, {c, "close"}, {d, "recv"}, {d, "close"}}})
c, d = opened{fin_wait_2_timeout = 60} -- else it lasts for ever where the RST is lost, and an oracle says so
says("aborts", {drops = 1, dups = 1, may = {{c, "abort"}, {d, "close"}}})
c, d = opened()
says("a crash and a new connection",
  {drops = 1, resends = 1, may = {{A, "crash"}, {A, "connect", B, 80, {port = 7777}}}})
c, d = opened()
c:shutdown()
run()
says("TIME_WAIT, any delay", {delays = true, resends = 2, may = {{d, "close"}, {A, "connect", B, 80, {port = 7777}}}})
