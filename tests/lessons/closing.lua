-- Every closing that a lesson shows: exactly these segments and state changes, and nothing else.
dofile "facts.lua"

scenario("close-four-way", function()
  local c, d = open()
  c:close()
  run()
  assert(c.state == "FIN_WAIT_2" and d.state == "CLOSE_WAIT" and #timers() == 0)
  d:close()
  run()
  assert(c.state == "TIME_WAIT" and c.timers.time_wait > 59 and d.state == "CLOSED")
  settle()
  assert(d.error == nil and c.error == nil)
end, opening .. [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B sends ACK seq=y+1 ack=x+2
  ACK to A: A FIN_WAIT_1 > FIN_WAIT_2
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  ACK to B: B LAST_ACK > CLOSED
  A time_wait timer: A TIME_WAIT > CLOSED
]])

scenario("close-four-way, the server first", function()
  local c, d = open()
  d:close()
  run()
  c:close()
  settle()
end, opening .. [[
  B close: B ESTABLISHED > FIN_WAIT_1; B sends FIN,ACK seq=y+1 ack=x+1
  FIN,ACK to A: A ESTABLISHED > CLOSE_WAIT; A sends ACK seq=x+1 ack=y+2
  ACK to B: B FIN_WAIT_1 > FIN_WAIT_2
  A close: A CLOSE_WAIT > LAST_ACK; A sends FIN,ACK seq=x+1 ack=y+2
  FIN,ACK to B: B FIN_WAIT_2 > TIME_WAIT; B sends ACK seq=y+2 ack=x+2
  ACK to A: A LAST_ACK > CLOSED
  B time_wait timer: B TIME_WAIT > CLOSED
]])

scenario("close-half", function()
  local c, d = open()
  c:shutdown()
  run()
  d:send("late")
  run()
  assert(c.state == "FIN_WAIT_2" and c:recv() == "late")
  d:close()
  settle()
end, opening .. [[
  A shutdown: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B sends ACK seq=y+1 ack=x+2
  ACK to A: A FIN_WAIT_1 > FIN_WAIT_2
  B send: B sends PSH,ACK seq=y+1 ack=x+2 len=4
  PSH,ACK to A
  A delayed_ack timer: A sends ACK seq=x+2 ack=y+5
  ACK to B
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+5 ack=x+2
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+6
  ACK to B: B LAST_ACK > CLOSED
  A time_wait timer: A TIME_WAIT > CLOSED
]])

scenario("close-three-segments", function()
  local c = open("close")
  c:close()
  settle()
end, opening .. [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
  FIN,ACK to A: A FIN_WAIT_1 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  ACK to B: B LAST_ACK > CLOSED
  A time_wait timer: A TIME_WAIT > CLOSED
]])

scenario("close-simultaneous", function()
  local c, d = open()
  c:close()
  d:close()
  run()
  assert(c.timers.time_wait and d.timers.time_wait)
  settle()
end, opening .. [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  B close: B ESTABLISHED > FIN_WAIT_1; B sends FIN,ACK seq=y+1 ack=x+1
  FIN,ACK to B: B FIN_WAIT_1 > CLOSING; B sends ACK seq=y+2 ack=x+2
  FIN,ACK to A: A FIN_WAIT_1 > CLOSING; A sends ACK seq=x+2 ack=y+2
  ACK to A: A CLOSING > TIME_WAIT
  ACK to B: B CLOSING > TIME_WAIT
  A time_wait timer: A TIME_WAIT > CLOSED
  B time_wait timer: B TIME_WAIT > CLOSED
]])

scenario("close-fin-wait-1", function()
  local c, d = open()
  c:close()
  step()
  wire[1]:drop()
  run()
  assert(c.state == "FIN_WAIT_2" and d.state == "CLOSE_WAIT")
end, opening .. [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B sends ACK seq=y+1 ack=x+2
  ACK lost
  A retransmit timer: A sends FIN,ACK seq=x+1 ack=y+1 again
  FIN,ACK to B: B sends ACK seq=y+1 ack=x+2
  ACK to A: A FIN_WAIT_1 > FIN_WAIT_2
]])

scenario("close-lost-last-ack", function()
  local c, d = open()
  c:close()
  run()
  d:close()
  step()
  wire[1]:drop()
  step()
  assert(c.state == "TIME_WAIT" and c.timers.time_wait < 60)
  step()
  assert(c.state == "TIME_WAIT" and c.timers.time_wait == 60)
  step()
  assert(d.state == "CLOSED" and d.error == nil)
  settle()
end, opening .. [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B sends ACK seq=y+1 ack=x+2
  ACK to A: A FIN_WAIT_1 > FIN_WAIT_2
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
  FIN,ACK to A: A FIN_WAIT_2 > TIME_WAIT; A sends ACK seq=x+2 ack=y+2
  ACK lost
  B retransmit timer: B sends FIN,ACK seq=y+1 ack=x+2 again
  FIN,ACK to A: A sends ACK seq=x+2 ack=y+2
  ACK to B: B LAST_ACK > CLOSED
  A time_wait timer: A TIME_WAIT > CLOSED
]])

scenario("close-no-time-wait", function()
  A.rules.time_wait = false
  local c, d = open()
  c:close()
  run()
  d:close()
  step()
  wire[1]:drop()
  settle()
  assert(d.error == nil and d.state == "CLOSED")
end, opening .. [[
  A close: A ESTABLISHED > FIN_WAIT_1; A sends FIN,ACK seq=x+1 ack=y+1
  FIN,ACK to B: B ESTABLISHED > CLOSE_WAIT; B sends ACK seq=y+1 ack=x+2
  ACK to A: A FIN_WAIT_1 > FIN_WAIT_2
  B close: B CLOSE_WAIT > LAST_ACK; B sends FIN,ACK seq=y+1 ack=x+2
  FIN,ACK to A: A FIN_WAIT_2 > CLOSED; A sends ACK seq=x+2 ack=y+2
  ACK lost
  B retransmit timer: B sends FIN,ACK seq=y+1 ack=x+2 again
  FIN,ACK to A: A sends RST seq=x+2
  RST to B: B LAST_ACK > CLOSED
]])

scenario("close-abort", function()
  local c, d = open()
  c:abort()
  settle()
  assert(c.state == "CLOSED" and d.error == "connection reset")
end, opening .. [[
  A abort: A ESTABLISHED > CLOSED; A sends RST seq=x+1
  RST to B: B ESTABLISHED > CLOSED; B connection reset
]])

scenario("close-unread", function()
  local c, d = open()
  c:send("hello")
  run()
  d:close()
  settle()
  assert(c.error == "connection reset")
end, opening .. [[
  A send: A sends PSH,ACK seq=x+1 ack=y+1 len=5
  PSH,ACK to B
  B delayed_ack timer: B sends ACK seq=y+1 ack=x+6
  ACK to A
  B close: B ESTABLISHED > CLOSED; B sends RST seq=y+1
  RST to A: A ESTABLISHED > CLOSED; A connection reset
]])

scenario("close-syn-sent", function()
  local c = A:connect(B, 80, {port = 7777})
  wire[1]:drop()
  c:close()
  settle()
  assert(c.state == "CLOSED")
end, [[
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  SYN lost
  A close: A SYN_SENT > CLOSED
]])
