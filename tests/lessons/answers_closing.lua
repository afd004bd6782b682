-- The close, answered by search: what CLOSING needs, and that the last segment may be lost whichever it is.
dofile "answer.lua"

local function opened(on_fin)
  return function()
    fresh()
    return open(on_fin)
  end
end

local function both_close(c, d) return {{c, "close"}, {d, "close"}} end
local function both_speak(c, d) return {{c, "send", "a"}, {d, "send", "b"}, {c, "shutdown"}, {d, "shutdown"}} end

-- ---- CLOSING ----

-- FIN_WAIT_1 is entered by the application's close where no FIN has arrived; FIN_WAIT_2, CLOSING and TIME_WAIT only
-- from there (engine/tcp/states.def). So where one side is in CLOSING, and the other in any of these, both had closed
-- before the other's FIN reached them. CLOSE_WAIT and LAST_ACK are those of a side that the FIN reached first.
local closed_first = {FIN_WAIT_1 = true, FIN_WAIT_2 = true, CLOSING = true, TIME_WAIT = true}
local function closing_needs_both()
  local a, b = A.conns[1], B.conns[2]
  if a and a.state == "CLOSING" then return b and closed_first[b.state] end
  if b and b.state == "CLOSING" then return a and closed_first[a.state] end
  return true
end

answer{
  question = "How does a connection come to CLOSING?",
  world = opened(),
  find = {A = "CLOSING"},
  budget = {delays = 0, may = both_close},
  scene = [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  B close: B ESTABLISHED > FIN_WAIT_1; B sends FIN,ACK seq=y+1 ack=x+1
  FIN,ACK to A: A FIN_WAIT_1 > CLOSING; A sends ACK seq=x+2 ack=y+2
]],
}
answer{
  question = "Whoever is in CLOSING, had both closed before the other's FIN arrived?",
  world = opened(),
  holds = closing_needs_both,
  budget = {drops = 3, dups = 1, delays = 1, may = both_close},
  states = 48362,
}
answer{
  question = "And with data?",
  world = opened(),
  holds = closing_needs_both,
  budget = {drops = 2, delays = 0, in_order = true, may = both_speak},
  states = 106372,
}
answer{
  question = "Is a lost ACK enough, where B closes only after A's FIN?",
  world = opened("close"),
  find = function()
    return A.conns[1] and A.conns[1].state == "CLOSING" or B.conns[2] and B.conns[2].state == "CLOSING"
  end,
  budget = {drops = 4, dups = 1, delays = 1, may = function(c) return {{c, "close"}} end},
  never = true,
  states = 11562,
}

-- ---- Two generals: the last segment may be lost, whichever it is ----

local function all_over() return #B.conns == 1 and A.conns[1] and A.conns[1].state == "TIME_WAIT" end
loses_the_last{
  world = opened(),
  find = all_over,
  budget = {delays = 0, may = both_close},
  left = "TIME_WAIT/LAST_ACK",
}
loses_the_last{
  world = opened("close"),
  find = all_over,
  budget = {delays = 0, may = function(c) return {{c, "close"}} end},
  left = "TIME_WAIT/LAST_ACK",
}
loses_the_last{
  world = opened(),
  find = {A = "TIME_WAIT", B = "TIME_WAIT"},
  budget = {delays = 0, may = both_close},
  left = "CLOSING/TIME_WAIT",
}

-- n losses keep them apart for 2^(n-1) - 1 seconds, and n - 1 do not, whatever is lost.
local function half_closed(rules)
  return function()
    local c, d = opened()()
    c:close()
    run()
    for name, value in pairs(rules or {}) do A.rules[name], B.rules[name] = value, value end
    d:close()
    return c, d, now()
  end
end
local function apart_until(time)
  return function(c, d, start)
    return function()
      return c.state == "TIME_WAIT" and d.state == "LAST_ACK" and #wire == 0 and now() >= start + time
    end
  end
end
local scenes = {}
scenes[1] = [[
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  ACK lost
]]
scenes[2] = [[
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  ACK lost
  B retransmit timer: B sends FIN,ACK seq=y+1 ack=x+2 again
  FIN,ACK lost
]]
scenes[3] = [[
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  ACK lost
  B retransmit timer: B sends FIN,ACK seq=y+1 ack=x+2 again
  FIN,ACK lost
  B retransmit timer: B sends FIN,ACK seq=y+1 ack=x+2 again
  FIN,ACK lost
]]
for n, size in ipairs{4, 11, 20} do
  local q = {question = string.format("Do %d losses keep the two sides apart?", n), world = half_closed(),
             look = apart_until(2 ^ (n - 1) - 1), budget = {drops = n, delays = 0}, scene = scenes[n]}
  answer(q)
  q.budget.drops, q.never, q.states = n - 1, true, size
  answer(q)
end
answer{
  question = "And where each ACK is acknowledged?",
  world = half_closed{ack_acks = true},
  look = apart_until(0),
  budget = {drops = 1, delays = 0},
  scene = scenes[1],
}
