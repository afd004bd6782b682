-- TIME_WAIT, answered by search: when can bytes of an old connection reach a new one between the same two endpoints
-- (RFC 9293 3.4.3), and what ends TIME_WAIT early (RFC 1337)? A closes first, so A has TIME_WAIT. The sequence numbers
-- of the second connection make the old bytes acceptable: B's are the same again, A's less than a window above the old.
dofile "answer.lua"

local function half_closed(time_wait, rfc1337)
  fresh()
  A.rules.time_wait, A.rules.rfc1337, A.rules.delayed_ack = time_wait, rfc1337, false
  local c, d = open()
  c:shutdown()
  run()
  A.rules.isn, B.rules.isn = X + 100, Y
  return c, d
end

-- Packets take any time up to MSL; each host resends up to `resends` times.
local function budget(drops, resends)
  return {delays = true, drops = drops, resends = resends, in_order = true, may = function(_, d)
    return {{d, "send", "old"}, {d, "close"}, {A, "connect", B, 80, {port = 7777}}}
  end}
end

local function old_byte(time_wait, rfc1337, drops, resends)
  return {
    question = string.format("Do old bytes reach a new connection, with time_wait = %s, rfc1337 = %s?", time_wait,
      rfc1337),
    world = function() return half_closed(time_wait, rfc1337) end,
    find = "oracle.old-byte",
    budget = budget(drops, resends),
  }
end

local function yes(q, scene)
  q.scene = scene
  q.after = q.after or function(c) assert(c.state == "CLOSED" and A.conns[#A.conns].unread == 3) end
  answer(q)
end

local function never(q, states)
  q.never, q.states = true, states
  answer(q)
end

-- Without TIME_WAIT a segment that was resent too early is enough.
yes(old_byte(false, true, 0, 1), [[
  B send: B sends PSH,ACK seq=y+1 ack=x+2 len=3
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+4 ack=x+2
  B retransmit timer: B sends FIN,PSH,ACK seq=y+1 ack=x+2 len=3 again
  FIN,PSH,ACK to A: A FIN_WAIT_2 > CLOSED; A sends ACK seq=x+2 ack=y+5
  ACK to B: B LAST_ACK > CLOSED
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x+100
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+101
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+101 ack=y+1
  PSH,ACK to A: A sends ACK seq=x+101 ack=y+4; BROKEN oracle.old-byte
]])

-- One MSL is too short without any loss: the segment that B sent again just before the ACK reached it is younger than
-- A's TIME_WAIT.
yes(old_byte(1, true, 0, 1), [[
  B send: B sends PSH,ACK seq=y+1 ack=x+2 len=3
  PSH,ACK to A: A sends ACK seq=x+2 ack=y+4
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+4 ack=x+2
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+5
  B retransmit timer: B sends FIN,PSH,ACK seq=y+1 ack=x+2 len=3 again
  ACK to B: B LAST_ACK > CLOSED
  A time_wait timer: A TIME_WAIT > CLOSED
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x+100
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+101
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+101 ack=y+1
  FIN,PSH,ACK to A: A ESTABLISHED > CLOSE_WAIT; A sends ACK seq=x+101 ack=y+5; BROKEN oracle.old-byte
]])

-- Two are enough, whatever is lost and resent in the budget.
never(old_byte(2, true, 0, 1), 372)
never(old_byte(2, true, 0, 2), 6435)
never(old_byte(2, true, 1, 2), 18661)
never(old_byte(2, true, 2, 2), 26512)
never(old_byte(2, true, 0, 3), 138553)
never(old_byte(2, true, 1, 3), 447850)

-- Not where a RST ends TIME_WAIT: an ACK that comes too late meets the listener, whose RST A obeys.
yes(old_byte(2, false, 0, 1), [[
  B send: B sends PSH,ACK seq=y+1 ack=x+2 len=3
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+4 ack=x+2
  B retransmit timer: B sends FIN,PSH,ACK seq=y+1 ack=x+2 len=3 again
  FIN,PSH,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+5
  FIN,ACK to A: A sends ACK seq=x+2 ack=y+5
  ACK to B: B LAST_ACK > CLOSED
  ACK to B: B sends RST seq=y+5
  RST to A: A TIME_WAIT > CLOSED
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x+100
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+101
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+101 ack=y+1
  PSH,ACK to A: A sends ACK seq=x+101 ack=y+4; BROKEN oracle.old-byte
]])

-- Nor where B goes on for longer than two MSL: the ACK and each FIN that was resent is lost, and what B sends then is
-- as young as the new connection.
local function patient()
  local c, d = half_closed(2, true)
  d:send("old")
  d:close()
  while c.state ~= "TIME_WAIT" do step() end
  local lost = 0
  while c.state == "TIME_WAIT" do
    for _ = 1, #wire do
      wire[1]:drop()
      lost = lost + 1
    end
    step()
  end
  assert(lost == 7 and d.state == "LAST_ACK" and d.timers.user > d.timers.retransmit)
  return c, d
end
yes({question = "And where B resends for longer than two MSL?", world = patient, find = "oracle.old-byte",
     budget = {delays = true, resends = 1, may = {{A, "connect", B, 80, {port = 7777}}}}}, [[
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x+100
  SYN to B: B sends ACK seq=y+5 ack=x+2
  ACK to A: A sends RST seq=x+2
  A retransmit timer: A sends SYN seq=x+100 again
  B retransmit timer: B sends FIN,PSH,ACK seq=y+1 ack=x+2 len=3 again
  RST to B: B LAST_ACK > CLOSED
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+101
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+101 ack=y+1
  FIN,PSH,ACK to A: A ESTABLISHED > CLOSE_WAIT; A sends ACK seq=x+101 ack=y+5; BROKEN oracle.old-byte
]])

-- TIME_WAIT is cut short by one RST, of a peer that has forgotten the connection: RFC 1337's first hazard.
local function assassination(rfc1337)
  return {
    question = string.format("Does a RST end TIME_WAIT early, with rfc1337 = %s?", rfc1337),
    world = function() return half_closed(2, rfc1337) end,
    look = function(c)
      local start = now()
      return function() return c.state == "CLOSED" and now() < start + 2 * A.rules.msl end
    end,
    budget = {delays = true, drops = 1, resends = 1, may = function(_, d) return {{d, "close"}} end},
  }
end
local killed = assassination(false)
killed.after = function(c) assert(c.state == "CLOSED" and c.error == nil) end
yes(killed, [[
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  B retransmit timer: B sends FIN,ACK seq=y+1 ack=x+2 again
  ACK to B: B LAST_ACK > CLOSED
  FIN,ACK to A: A sends ACK seq=x+2 ack=y+2
  ACK to B: B sends RST seq=y+2
  RST to A: A TIME_WAIT > CLOSED
]])
never(assassination(true), 34)
