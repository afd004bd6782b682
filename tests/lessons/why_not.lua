-- why_not: what a connection waits for, on the way to a state and with what it has to send.

local function says(conn, state, ...)
  local text = tostring(why_not(conn, state))
  for _, part in ipairs{...} do assert(text:find(part, 1, true), "'" .. part .. "' is not in:\n" .. text) end
end

-- The handshake: which segment, where it is, which timer sends it again.
local s = B:listen(80)
says(s, "SYN_RCVD", "is in LISTEN", "no SYN for it is in flight")
local c = A:connect(B, 80, {port=7777})
c:send("early")
says(s, "SYN_RCVD", "SYN, #1, is in flight and arrives in 0.050 s")
says(c, "ESTABLISHED", "SYN_SENT > ESTABLISHED takes: SYN,ACK", "its own SYN, #1", "retransmit timer fires in 1.000 s",
  "5 bytes are not sent: the connection is not open yet")
wire[1]:hold()
says(s, "SYN_RCVD", "held: release it")
wire[1]:release()
step()
says(c, "ESTABLISHED", "SYN,ACK, #2, is in flight")
says(B.conns[2], "ESTABLISHED", "SYN_RCVD > ESTABLISHED takes: ACK of SYN", "its own SYN,ACK, #2")
wire[1]:drop()
says(c, "ESTABLISHED", "the retransmit timer fires in 0.950 s: its SYN is sent again")
run()
local d = s:accept()
d:recv()

-- Closing: whose call, whose FIN; the way goes round resets where it can.
says(c, "ESTABLISHED", "so nothing is missing")
says(c, "CLOSED", "ESTABLISHED > FIN_WAIT_1 takes: close", "application on A: close() or shutdown()")
says(c, "LISTEN", "no way leads from there to LISTEN")
says(c, "LAST_ACK", "ESTABLISHED > CLOSE_WAIT takes: FIN",
  "the other side is in ESTABLISHED: its application has not closed")
c:close()
says(c, "FIN_WAIT_2", "takes: ACK of FIN", "its own FIN,ACK", "the other side acknowledges it")
run()
says(c, nil, "FIN_WAIT_2 > TIME_WAIT takes: FIN", "the other side is in CLOSE_WAIT: its application has not closed")
says(d, nil, "CLOSE_WAIT > LAST_ACK takes: close", "application on B")
d:close()
wire[1]:drop()
says(c, "TIME_WAIT", "its FIN was sent and has not arrived",
  "the retransmit timer fires in", "the other side sends it again")
run()
says(c, nil, "TIME_WAIT > CLOSED takes: 2 MSL", "the time_wait timer fires in")
settle()
says(c, "ESTABLISHED", "has ended: it enters no state any more")

-- A half-open connection: the other side has none.
reset()
s = B:listen(80)
c = A:connect(B, 80)
run()
B:crash()
says(c, "CLOSE_WAIT", "the other side has no such connection any more")

-- What keeps a sender from sending.
reset()
B.rules.recv_buffer = 2000
s = B:listen(80)
c = A:connect(B, 80)
run()
c:send(("x"):rep(5000))
assert(run(function() return c.snd.wnd == 0 end))
says(c, nil, "3000 bytes are not sent: the window of the other side is closed", "the persist timer fires in")
reset()
s = B:listen(80)
c = A:connect(B, 80)
run()
c:send("x")
c:send("y")
says(c, nil, "a small segment waits for the ACK of what is in flight (Nagle)")
c:send(("z"):rep(20000))
says(c, nil, "as much is in flight as the congestion window allows")
reset()
A.rules.congestion = false
B.rules.recv_buffer = 4000
s = B:listen(80)
c = A:connect(B, 80)
run()
c:send(("z"):rep(20000))
says(c, nil, "what fits the window is not worth a segment")

-- Mistakes.
local function raises(what, ...)
  local ok, message = pcall(why_not, ...)
  assert(not ok and tostring(message):find(what, 1, true), tostring(message))
end
raises("it takes a connection", A)
raises("the state must be one of netstat's", c, "OPEN")
raises("did you mean ESTABLISHED?", c, "ESTABLISED")
