-- What is often said of TCP, and wrong: each is refuted by the shortest scene that a search finds, or by a search of
-- every order that finds none.
dofile "answer.lua"

-- ---- Worlds ----

local function with(rules, make)
  return function()
    fresh()
    for name, value in pairs(rules) do A.rules[name], B.rules[name] = value, value end
    return make()
  end
end

local function connecting()
  B:listen(80)
  return A:connect(B, 80, {port = 7777})
end

local function half_closed()
  local c, d = open()
  c:shutdown()
  run()
  return c, d
end

-- B has closed too, A's last ACK is lost, and A connects again.
local function last_ack()
  local _, d = half_closed()
  d:close()
  step()
  wire[1]:drop()
  A.rules.isn, B.rules.isn = X + 100, Y + 200
  A:connect(B, 80, {port = 7777})
end

local function lost_ack()
  connecting()
  step(2)
  wire[1]:drop()
end

-- ---- What is seen ----

local function flying(from, condition)
  for i = 1, #wire do
    if wire[i].src == from and condition(wire[i]) then return true end
  end
  return false
end
local function carries_data(p) return p.len > 0 end
local of_a, of_b = "127.0.0.1:7777", "127.0.0.2:80"

local function youngest(host) return host.conns[#host.conns] end
local function a_closes(c) return {{c, "close"}} end
local function b_closes(_, d) return {{d, "close"}} end
local function both_close(c, d) return {{c, "close"}, {d, "close"}} end
local function anywhere(state)
  return function()
    local a, b = A.conns[1], B.conns[2]
    return a and a.state == state or b and b.state == state or false
  end
end

-- ---- The beliefs ----

local beliefs = {
  {
    belief = "The client ignores the late SYN,ACK.",
    question = "Does a client that gave up reset the server?",
    world = with({}, function() connecting():abort() end),
    find = "rst.passive",
    scene = [[
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A sends RST seq=x+1
  RST to B: B SYN_RCVD > LISTEN
]],
  },
  {
    belief = "The server replies RST to a SYN that meets LAST_ACK.",
    question = "How does the new connection open?",
    world = with({time_wait = false}, last_ack),
    find = function() return youngest(A) and youngest(A).state == "ESTABLISHED" end,
    scene = [[
  SYN to B: B sends ACK seq=y+2 ack=x+2
  ACK to A: A sends RST seq=x+2
  RST to B: B LAST_ACK > CLOSED
  A retransmit timer: A sends SYN seq=x+100 again
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y+200 ack=x+101
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+101 ack=y+201
]],
  },
  {
    belief = "FIN_WAIT_2: the active side still has something to send.",
    question = "Does A, in FIN_WAIT_2, send data?",
    world = with({}, half_closed),
    find = function() return flying(of_a, carries_data) end,
    budget = {drops = 1, dups = 1, delays = 1, may = function(c, d)
      return {{c, "send", "more"}, {d, "send", "late"}, {d, "close"}}
    end},
    never = true,
    states = 3311,
    after = function(c)
      local sent, why = c:send("more")
      assert(not sent and why == "connection closing")
    end,
  },
  {
    belief = "The server goes into TIME_WAIT.",
    question = "Does a server that closes second?",
    world = with({}, function() return open("close") end),
    find = {B = "TIME_WAIT"},
    budget = {drops = 2, dups = 1, delays = 1, may = a_closes},
    never = true,
    states = 3133,
  },
  {
    belief = "The server goes into TIME_WAIT.",
    question = "And the client, which closes first?",
    world = with({}, open),
    find = {A = "TIME_WAIT", B = "LAST_ACK"},
    budget = {delays = 0, may = both_close},
    scene = [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B sends ACK seq=y+1 ack=x+2
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
  FIN,ACK to A: A FIN_WAIT_1 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
]],
  },
  {
    belief = "TIME_WAIT waits for packets of the peer.",
    question = "How does it end where the peer is gone and nothing is under way?",
    world = with({}, half_closed),
    look = function(c) return function() return c.state == "CLOSED" end end,
    budget = {delays = 0, may = b_closes},
    scene = [[
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  ACK to B: B LAST_ACK > CLOSED
  A time_wait timer: A TIME_WAIT > CLOSED
]],
  },
  {
    belief = "2 MSL, because a segment and its answer each take one MSL.",
    question = "Does old data outlive a TIME_WAIT of one MSL, without loss, and as nobody's answer?",
    world = with({time_wait = 1, delayed_ack = false}, half_closed),
    look = function(c) return function() return c.state == "CLOSED" and flying(of_b, carries_data) end end,
    budget = {delays = true, resends = 1, in_order = true, may = function(_, d)
      return {{d, "send", "old"}, {d, "close"}}
    end},
    scene = [[
  B send: B sends PSH,ACK seq=y+1 ack=x+2 len=3
  PSH,ACK to A: A sends ACK seq=x+2 ack=y+4
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+4 ack=x+2
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+5
  B retransmit timer: B sends FIN,PSH,ACK seq=y+1 ack=x+2 len=3 again
  ACK to B: B LAST_ACK > CLOSED
  A time_wait timer: A TIME_WAIT > CLOSED
]],
  },
  {
    belief = "SYN carries no sequence number.",
    question = "What does B expect after the SYN?",
    world = with({}, connecting),
    find = function() return youngest(B).rcv.nxt == X + 1 end,
    scene = [[
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
]],
  },
  {
    belief = "An ACK takes a sequence number.",
    question = "Which number has the first byte after the handshake's ACK?",
    world = with({}, connecting),
    look = function(c)
      return function() return c.state == "ESTABLISHED" and flying(of_a, carries_data) end
    end,
    budget = {may = function(c) return {{c, "send", "x"}} end},
    scene = [[
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  A send: A sends PSH,ACK seq=x+1 ack=y+1 len=1
]],
  },
  {
    belief = "An ACK is of the packet.",
    question = "Is one ACK enough for two segments?",
    world = with({}, open),
    find = "output.ack-second",
    budget = {may = function(c) return {{c, "send", ("x"):rep(2920)}} end},
    scene = [[
  A send: A sends ACK seq=x+1 ack=y+1 len=1460; A sends PSH,ACK seq=x+1461 ack=y+1 len=1460
  ACK to B
  PSH,ACK to B: B sends ACK seq=y+1 ack=x+2921
]],
  },
  {
    belief = "close() silently throws away what is unread.",
    question = "What does a close with unread data send?",
    world = with({}, open),
    find = {A = "CLOSED"},
    budget = {may = function(c, d) return {{c, "send", "x"}, {d, "close"}} end},
    scene = [[
  A send: A sends PSH,ACK seq=x+1 ack=y+1 len=1
  PSH,ACK to B
  B close: B ESTABLISHED > CLOSED; B sends RST seq=y+1
  RST to A: A ESTABLISHED > CLOSED; A connection reset
]],
    after = function(c) assert(c.error == "connection reset") end,
  },
  {
    belief = "FIN means that the connection is closed.",
    question = "Can both sides rest after a FIN, with nothing under way and no timer?",
    world = with({}, open),
    look = function(c, d)
      return function() return c.state ~= "ESTABLISHED" and d.state ~= "CLOSED" and #wire == 0 and #timers() == 0 end
    end,
    budget = {may = a_closes},
    scene = [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B sends ACK seq=y+1 ack=x+2
  ACK to A: A FIN_WAIT_1 > FIN_WAIT_2
]],
    after = function(c, d) assert(c.state == "FIN_WAIT_2" and d.state == "CLOSE_WAIT") end,
  },
  {
    belief = "After its FIN a side can receive nothing.",
    question = "Does A receive after its FIN?",
    world = with({}, open),
    look = function(c) return function() return c.state == "FIN_WAIT_2" and c.unread > 0 end end,
    budget = {in_order = true, may = function(c, d) return {{c, "shutdown"}, {d, "send", "late"}} end},
    scene = [[
  A shutdown: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B sends ACK seq=y+1 ack=x+2
  B send: B sends PSH,ACK seq=y+1 ack=x+2 len=4
  PSH,ACK to A: A FIN_WAIT_1 > FIN_WAIT_2
]],
  },
  {
    belief = "One send is one segment is one recv.",
    question = "How do three sends arrive?",
    world = with({}, open),
    look = function(_, d) return function() return d.unread == 3 end end,
    budget = {in_order = true, may = function(c) return {{c, "send", "a"}, {c, "send", "b"}, {c, "send", "c"}} end},
    scene = [[
  A send: A sends PSH,ACK seq=x+1 ack=y+1 len=1
  PSH,ACK to B
  B delayed_ack timer: B sends ACK seq=y+1 ack=x+2
  ACK to A: A sends PSH,ACK seq=x+2 ack=y+1 len=2
  PSH,ACK to B
]],
    after = function(_, d) assert(d:recv() == "abc") end,
  },
  {
    belief = "Keepalive is always on.",
    question = "Does a connection that rests ever probe?",
    world = with({}, open),
    find = "timeout.keepalive",
    budget = {drops = 1, delays = 1},
    never = true,
    states = 1,
  },
  {
    belief = "Keepalive is always on.",
    question = "And where it was asked for?",
    world = with({keepalive = {idle = 7200, interval = 75, probes = 9}}, open),
    find = "timeout.keepalive",
    scene = [[
  A keepalive timer: A sends ACK seq=x ack=y+1 again
]],
  },
  {
    belief = "A dead peer is noticed at once.",
    question = "Does B notice that A has forgotten everything?",
    world = with({}, function()
      local _, d = open()
      A:crash()
      return d
    end),
    look = function(d) return function() return d.state ~= "ESTABLISHED" end end,
    budget = {drops = 1, delays = 1},
    never = true,
    states = 1,
  },
  {
    belief = "A dead peer is noticed at once.",
    question = "And where it has something to send?",
    world = with({}, function()
      local _, d = open()
      A:crash()
      return d
    end),
    look = function(d) return function() return d.state ~= "ESTABLISHED" end end,
    budget = {may = function(d) return {{d, "send", "x"}} end},
    scene = [[
  B send: B sends PSH,ACK seq=y+1 ack=x+1 len=1
  PSH,ACK to A: A sends RST seq=x+1
  RST to B: B ESTABLISHED > CLOSED; B connection reset
]],
    after = function(d) assert(d.error == "connection reset") end,
  },
  {
    belief = "Three-way means three round trips.",
    question = "How many segments until both are open?",
    world = with({}, connecting),
    find = {A = "ESTABLISHED", B = "ESTABLISHED"},
    scene = [[
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  ACK to B: B SYN_RCVD > ESTABLISHED
]],
  },
  {
    belief = "The third segment must be empty.",
    question = "Can data complete the handshake?",
    world = with({}, connecting),
    find = function() return youngest(B).state == "ESTABLISHED" and youngest(B).unread > 0 end,
    budget = {may = function(c) return {{c, "send", "x"}} end},
    scene = [[
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  A send: A sends PSH,ACK seq=x+1 ack=y+1 len=1
  PSH,ACK to B: B SYN_RCVD > ESTABLISHED
]],
  },
  {
    belief = "A close takes four segments, always.",
    question = "How many, where B closes as soon as it can?",
    world = with({}, function() return open("close") end),
    look = function(c, d) return function() return c.state == "TIME_WAIT" and d.state == "CLOSED" end end,
    budget = {may = a_closes},
    scene = [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
  FIN,ACK to A: A FIN_WAIT_1 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  ACK to B: B LAST_ACK > CLOSED
]],
  },
  {
    belief = "CLOSING comes when an ACK is lost.",
    question = "Does it, where one side closes after the other?",
    world = with({}, half_closed),
    find = anywhere("CLOSING"),
    budget = {drops = 3, dups = 1, delays = 1, may = b_closes},
    never = true,
    states = 721,
  },
  {
    belief = "CLOSING comes when an ACK is lost.",
    question = "How then, with nothing lost?",
    world = with({}, open),
    find = anywhere("CLOSING"),
    budget = {may = both_close},
    scene = [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  B close: B ESTABLISHED > FIN_WAIT_1; B sends FIN,ACK seq=y+1 ack=x+1
  FIN,ACK to A: A FIN_WAIT_1 > CLOSING; A sends ACK seq=x+2 ack=y+2
]],
  },
  {
    belief = "CLOSE_WAIT times out.",
    question = "Does it ever end by itself?",
    world = with({}, open),
    look = function(_, d)
      return function() return d.state ~= "ESTABLISHED" and d.state ~= "CLOSE_WAIT" end
    end,
    budget = {drops = 2, dups = 1, delays = 1, may = function(c) return {{c, "shutdown"}} end},
    never = true,
    states = 250,
  },
  {
    belief = "A shorter TIME_WAIT repairs CLOSE_WAIT.",
    question = "Does it end without any TIME_WAIT?",
    world = with({time_wait = false}, half_closed),
    look = function(_, d) return function() return d.state ~= "CLOSE_WAIT" end end,
    budget = {drops = 2, dups = 1, delays = 1},
    never = true,
    states = 1,
  },
  {
    belief = "A shorter TIME_WAIT repairs CLOSE_WAIT.",
    question = "What does?",
    world = with({}, half_closed),
    look = function(_, d) return function() return d.state ~= "CLOSE_WAIT" end end,
    budget = {may = b_closes},
    scene = [[
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
]],
  },
  {
    belief = "The retransmission timer runs for a pure ACK.",
    question = "Does A's, once it is open?",
    world = with({}, connecting),
    look = function(c) return function() return c.state == "ESTABLISHED" and c.timers.retransmit ~= nil end end,
    budget = {drops = 2, dups = 1, delays = 1},
    never = true,
    states = 2657,
  },
  {
    belief = "The retransmission timer runs for a pure ACK.",
    question = "Who repairs the loss of the handshake's ACK?",
    world = with({}, lost_ack),
    find = {A = "ESTABLISHED", B = "ESTABLISHED"},
    scene = [[
  B retransmit timer: B sends SYN,ACK seq=y ack=x+1 again
  SYN,ACK to A: A sends ACK seq=x+1 ack=y+1
  ACK to B: B SYN_RCVD > ESTABLISHED
]],
  },
}

-- What a person may wait for.
local SECONDS = 10
for _, q in ipairs(beliefs) do
  q.budget = q.budget or {delays = 0}
  q.budget.seconds = SECONDS
  print('"' .. q.belief .. '"')
  answer(q)
end
