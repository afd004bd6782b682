-- why(): of the last step, an event, a packet, a connection, a timer.
local s, c, d
local function opened()
  reset()
  s = B:listen(80)
  c = A:connect(B, 80, {port=7777})
  run()
  d = s:accept()
end

local function has(text, part) assert(tostring(text):find(part, 1, true), tostring(text) .. "\nlacks: " .. part) end
local function raises(what, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(what, 1, true), "expected '" .. what .. "', got: " .. tostring(message))
end

-- A timer's own rule comes before what it sent, and then what started it.
opened()
c:send("x")
local data = wire[1]
data:drop()
local step = step()
local w = why()
assert(w[1].kind == "timer" and w[1].timer == "retransmit" and w[2].kind == "call")
local text = tostring(w)
local rule, sent, cause = text:find("RFC 6298", 1, true), text:find("then: ", 1, true), text:find("because: ", 1, true)
assert(rule and sent and cause and rule < sent and sent < cause, text)
has(w, "then: 1.150  A  sends #5")
assert(tostring(why(step)) == text and tostring(why(w[1])) == text)

-- Whose state changes: TIME_WAIT ends by its timer.
opened()
c:close()
run()
d:close()
run()
settle()
w = why()
assert(w[1].timer == "time_wait" and c.state == "CLOSED")
has(w, "then: 60.300  A  TIME_WAIT > CLOSED")

-- A packet: why it was sent, and its way; also where it is gone.
opened()
c:send("x")
data = wire[1]
has(why(data), "sends #4")
has(why(data), "its way: sent at 0.150 s, arrives at 0.200 s")
data:delay(1)
data:drop()
has(why(data), "its way: sent at 0.150 s, delayed by 1.000 s, lost at 0.150 s: dropped by hand")
reset()
raises("does not exist at this point of the history", why, data)

-- A connection: what changed its state last; why it ended.
opened()
assert(why(c)[1].to == "ESTABLISHED" and why(c)[1].conn == c and why(s)[1].to == "LISTEN")
c:send("x")
run()
d:abort()
run()
w = why(c)
assert(w[1].to == "CLOSED" and w[1].rule == "rst.reset")
has(w, "receives #6")
has(w, "abort")

-- A timer: why it runs; where it does not, why it fired last.
opened()
c:send("x")
w = why(c, "retransmit")
assert(w[1].kind == "call" and w[1].call == "send")
has(w, "retransmit timer of A:7777 > B:80 fires in 1.000 s, 1.000 s after its start\n  because: 0.150  A  send 1 bytes")
run()
raises("the retransmit timer of that connection does not run, and has never fired", why, c, "retransmit")
has(why(d, "delayed_ack"), "delayed_ack timer fires")
raises('the timer must be one of c.timers, like "retransmit", not retransmi (did you mean retransmit?)', why, c,
       "retransmi")
raises("a timer belongs to a connection", why, wire[1] or trace()[1], "retransmit")
raises("an event of trace(), a step, a packet or a connection, not a host", why, A)
