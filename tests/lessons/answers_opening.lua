-- The handshake, answered by search: why three, and why not four?
dofile "answer.lua"

-- ---- An old SYN: two are not enough ----

-- A gave up; its SYN is late.
local function late_syn(handshake)
  return function()
    fresh()
    B.rules.handshake = handshake
    B:listen(80)
    A:connect(B, 80, {port = 7777}):abort()
    A.rules.isn = X + 1000
  end
end

-- B is open, A has no such connection, and nothing is under way that could tell B.
local function nobody_has_it()
  local d = B.conns[#B.conns]
  if d.state ~= "ESTABLISHED" or #wire > 0 then return false end
  for _, c in ipairs(A.conns) do
    if c.iss == d.irs then return false end
  end
  return true
end

local again = {{A, "connect", B, 80, {port = 7777}}}
answer{
  question = "With handshake = 2, can a late SYN leave B with a connection that nobody has?",
  world = late_syn(2),
  find = nobody_has_it,
  budget = {drops = 1, delays = 0, resends = 1, may = again},
  scene = [[
  SYN to B: B LISTEN > ESTABLISHED; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK lost
]],
  after = function() assert(#A.conns == 0 and #timers() == 0, "it stays") end,
}
-- Or its own TIME_WAIT keeps A from resetting it.
answer{
  question = "And with nothing lost?",
  world = function()
    fresh()
    B.rules.handshake = 2
    B:listen(80)
    local c = A:connect(B, 80, {port = 7777})
    wire[1]:dup():delay(20)
    step(2)
    c:close()
    run(function() return c.state == "FIN_WAIT_2" end)
    B.conns[2]:close()
    run(function() return c.state == "TIME_WAIT" end)
    wait(1)
    B.rules.isn = Y + 1000 -- above the old numbers (RFC 9293 3.4.1), so that A's ACK is of nothing new
    return c
  end,
  look = function(c)
    return function() return B.conns[#B.conns].state == "ESTABLISHED" and #wire == 0 and c.state == "TIME_WAIT" end
  end,
  budget = {delays = 0},
  scene = [[
  SYN to B: B LISTEN > ESTABLISHED; B sends SYN,ACK seq=y+1000 ack=x+1
  SYN,ACK to A: A sends ACK seq=x+2 ack=y+2
  ACK to B
]],
}
for _, size in ipairs{{1, 0, 2923}, {2, 1, 31906}} do
  answer{
    question = "And with handshake = 3?",
    world = late_syn(3),
    find = nobody_has_it,
    budget = {drops = size[1], dups = size[2], delays = true, resends = 1, may = again},
    never = true,
    states = size[3],
  }
end

-- ---- Two generals: the last segment may be lost, whichever it is ----

local function opening(rules)
  return function()
    fresh()
    for name, value in pairs(rules or {}) do A.rules[name], B.rules[name] = value, value end
    B:listen(80)
    return A:connect(B, 80, {port = 7777})
  end
end

local function of_b() return B.conns[#B.conns].state end

-- The shortest way to an agreement ends with an arrival; without it they disagree.
loses_the_last{
  world = opening(),
  find = {A = "ESTABLISHED", B = "ESTABLISHED"},
  left = "ESTABLISHED/SYN_RCVD",
}
loses_the_last{
  question = "both open at once",
  world = function()
    fresh()
    A:connect(B, 80, {port = 7777})
    B:connect(A, 7777, {port = 80})
  end,
  find = {A = "ESTABLISHED", B = "ESTABLISHED"},
  left = "SYN_RCVD/ESTABLISHED",
}

-- n losses keep them apart for 2^(n-1) - 1 seconds, and n - 1 do not, whatever is lost.
local function apart_until(time)
  return function(c)
    return function() return c.state == "ESTABLISHED" and of_b() == "SYN_RCVD" and #wire == 0 and now() >= time end
  end
end
local scenes = {}
scenes[1] = [[
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  ACK lost
]]
scenes[2] = [[
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  ACK lost
  B retransmit timer: B sends SYN,ACK seq=y ack=x+1 again
  SYN,ACK lost
]]
scenes[3] = [[
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  ACK lost
  B retransmit timer: B sends SYN,ACK seq=y ack=x+1 again
  SYN,ACK lost
  B retransmit timer: B sends SYN,ACK seq=y ack=x+1 again
  SYN,ACK lost
]]
for n, size in ipairs{4, 31, 76} do
  local q = {question = string.format("Do %d losses keep the two sides apart?", n), world = opening(),
             look = apart_until(2 ^ (n - 1) - 1), budget = {drops = n, delays = 0}, scene = scenes[n]}
  answer(q)
  q.budget.drops, q.never, q.states = n - 1, true, size
  answer(q)
end

-- One more ACK does not help: the same loss has the same effect, and they never come to an end.
answer{
  question = "And where each ACK is acknowledged?",
  world = opening{ack_acks = true},
  look = apart_until(0),
  budget = {drops = 1, delays = 0},
  scene = scenes[1],
}
answer{
  question = "Is anything ever known to both then, so that they can stop?",
  world = opening{ack_acks = true},
  find = function() return of_b() == "ESTABLISHED" and #wire == 0 end,
  budget = {delays = 0},
  never = true,
  states = 68,
}
