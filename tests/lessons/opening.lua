-- Every opening that a lesson shows: exactly these segments and state changes, and nothing else.
dofile "facts.lua"

scenario("open-three-way", function()
  open()
  assert(#timers() == 0 and #wire == 0)
  settle()
end, opening)

local function lose_ack()
  B:listen(80)
  local c = A:connect(B, 80, {port = 7777})
  step(2)
  wire[1]:drop()
  return c
end

scenario("open-lost-ack", function()
  local c = lose_ack()
  assert(c.state == "ESTABLISHED" and B.conns[2].state == "SYN_RCVD")
  settle()
  assert(#timers() == 0)
end, [[
  B listen: B CLOSED > LISTEN
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  ACK lost
  B retransmit timer: B sends SYN,ACK seq=y ack=x+1 again
  SYN,ACK to A: A sends ACK seq=x+1 ack=y+1
  ACK to B: B SYN_RCVD > ESTABLISHED
]])

scenario("open-lost-ack, data instead", function()
  local c = lose_ack()
  c:send("hello")
  step()
  assert(B.conns[2].unread == 5)
end, [[
  B listen: B CLOSED > LISTEN
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  ACK lost
  A send: A sends PSH,ACK seq=x+1 ack=y+1 len=5
  PSH,ACK to B: B SYN_RCVD > ESTABLISHED
]])

scenario("open-lost-syn", function()
  B:listen(80)
  local c = A:connect(B, 80, {port = 7777})
  wire[1]:drop()
  step()
  assert(now() == 1 and c.rto == 2)
  wire[1]:drop()
  step()
  assert(now() == 3)
  run()
end, [[
  B listen: B CLOSED > LISTEN
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  SYN lost
  A retransmit timer: A sends SYN seq=x again
  SYN lost
  A retransmit timer: A sends SYN seq=x again
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  ACK to B: B SYN_RCVD > ESTABLISHED
]])

scenario("open-timeout", function()
  wire.loss = 1
  local c = A:connect(B, 80, {port = 7777})
  assert(run(function() return c.state == "CLOSED" end))
  assert(c.error == "connection timed out" and now() >= 180)
end, [[
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  A retransmit timer: A sends SYN seq=x again
  A retransmit timer: A sends SYN seq=x again
  A retransmit timer: A sends SYN seq=x again; A no acknowledgment yet
  A retransmit timer: A sends SYN seq=x again
  A retransmit timer: A sends SYN seq=x again
  A retransmit timer: A sends SYN seq=x again
  A retransmit timer: A sends SYN seq=x again
  A user timer: A SYN_SENT > CLOSED; A connection timed out
]])

scenario("open-refused", function()
  local c = A:connect(B, 80, {port = 7777})
  settle()
  assert(c.state == "CLOSED" and c.error == "connection refused")
end, [[
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  SYN to B: B sends RST,ACK seq=0 ack=x+1
  RST,ACK to A: A SYN_SENT > CLOSED; A connection refused
]])

scenario("open-simultaneous", function()
  A:connect(B, 8888, {port = 7777})
  B:connect(A, 7777, {port = 8888})
  settle()
  assert(#A.conns == 1 and #B.conns == 1)
end, [[
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  B connect: B CLOSED > SYN_SENT; B sends SYN seq=y
  SYN to B: B SYN_SENT > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN to A: A SYN_SENT > SYN_RCVD; A sends SYN,ACK seq=x ack=y+1
  SYN,ACK to A: A SYN_RCVD > ESTABLISHED
  SYN,ACK to B: B SYN_RCVD > ESTABLISHED
]])

scenario("open-self", function()
  local c = A:connect("127.0.0.1", 50000, {port = 50000})
  run()
  assert(#netstat() == 1 and netstat()[1].src == netstat()[1].dst)
  c:send("echo")
  run()
  assert(c:recv() == "echo")
  c:close()
  settle()
end, [[
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  SYN to A: A SYN_SENT > SYN_RCVD; A sends SYN,ACK seq=x ack=x+1
  SYN,ACK to A: A SYN_RCVD > ESTABLISHED
  A send: A sends PSH,ACK seq=x+1 ack=x+1 len=4
  PSH,ACK to A
  A delayed_ack timer: A sends ACK seq=x+5 ack=x+5
  ACK to A
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+5 ack=x+5
  FIN,ACK to A: A FIN_WAIT_1 > CLOSING; A sends ACK seq=x+6 ack=x+6
  ACK to A: A CLOSING > TIME_WAIT
  A time_wait timer: A TIME_WAIT > CLOSED
]])

scenario("open-old-duplicate, A closed", function(x)
  B:listen(80)
  local z = (x + 5000) & 0xffffffff
  wire:inject{from = "A:7777", to = "B:80", flags = "SYN", seq = z}
  settle()
  assert(#B.conns == 1 and B.conns[1].state == "LISTEN")
end, [[
  B listen: B CLOSED > LISTEN
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+5001
  SYN,ACK to A: A sends RST seq=x+5001
  RST to B: B SYN_RCVD > LISTEN
]])
