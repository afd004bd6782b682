-- The oracles: what a step says that breaks one, the packet that did it, why, and what a search makes of it.
local function opened(rules)
  reset()
  for name, value in pairs(rules or {}) do
    A.rules[name], B.rules[name] = value, value
  end
  s = B:listen(80)
  c = A:connect(B, 80, {port=7777})
  run()
  d = s:accept()
end

local function has(text, part) assert(tostring(text):find(part, 1, true), tostring(text) .. "\nlacks: " .. part) end

-- What was said, which must be one thing.
local function said(rule)
  local list = trace{kind="oracle"}
  assert(#list == 1 and list[1].rule == rule, #list > 0 and list[1].rule or "nothing was said")
  return list[1]
end

-- A byte that was never sent on this connection.
opened()
wire:inject{from="127.0.0.1:7777", to="127.0.0.2:80", flags="ACK", seq=c.snd.nxt, ack=c.rcv.nxt, data="gotcha"}
local forged = wire[1].id
local step = step()
local e = said("oracle.forged-byte")
assert(e.host == "B" and e.conn == d and e.packet.id == forged and e.len == 6 and e.seq == c.snd.nxt)
has(step, "✗ oracle.forged-byte\n       B  ORACLE: A byte was delivered that no connection ever sent. (#" .. forged)
has(step, ("why(%d) tells how it came"):format(e.index))
has(why(e.index), "injects #" .. forged)
has(ladder(), "✗ oracle.forged-byte")

-- Lost: an ACK says that more has arrived than has.
opened()
c:send("lost")
wire[1]:drop()
wire:inject{from=d.src, to=c.src, flags="ACK", seq=d.snd.nxt, ack=c.snd.nxt}
has(run(), "A  ORACLE: A byte was acknowledged that the receiver does not have")
assert(said("oracle.lost-byte").conn == c and d.unread == 0 and c.unacked == 0)

-- Lost: a FIN of the connection before ends this one, where there is no TIME_WAIT.
opened{time_wait=false}
d:close()
wire[1]:dup()
local late = wire[2]
late:hold()
run()
c:close()
run()
A.rules.isn = late.ack - 1
B.rules.isn = late.seq - 1
c = A:connect(B, 80, {port=7777})
run()
d = s:accept()
d:send("not the end")
wire[1]:hold()
late:release()
has(run(), "A  ORACLE: The application is told that the data ends here")
local broken = trace{kind="oracle"}
assert(broken[1].rule == "oracle.early-end" and broken[1].packet.id == late.id and c.state == "CLOSE_WAIT")
assert(#broken == 2 and broken[2].rule == "oracle.lost-byte") -- the ACK of the FIN passes for one of a byte

-- Both sides have finished, and one still waits.
opened()
c:close()
run()
assert(c.state == "FIN_WAIT_2" and #trace{kind="oracle"} == 0)
d:abort()
local rst = wire[1].id
wire[1]:drop()
e = said("oracle.waits-for-ever")
assert(e.conn == c and e.packet.id == rst)
has(why(e), "because: 0.250  wire  loses #" .. rst)
settle()
assert(c.state == "FIN_WAIT_2" and #trace{kind="oracle"} == 1)

-- A search finds the shortest way there.
opened()
local e = explore{drops=1, may={{c, "close"}, {d, "abort"}}}
has(e.broken, "Both sides have finished, and this one still waits")
has(e.path, "✗ oracle.waits-for-ever")
has(replay(e.path), "A  ORACLE: " .. e.broken)
assert(said("oracle.waits-for-ever").conn == c and c.state == "FIN_WAIT_2")

-- TCP as it is has no such way where both close; without a number for the FIN it has.
opened()
c:send("x")
run()
d:recv()
local closes = {drops=1, may={{c, "close"}, {d, "close"}}}
assert(explore(closes).complete)
opened{fin_counts=false}
c:send("x")
local e = explore{drops=1, may={{d, "recv"}, {c, "close"}, {d, "close"}}}
has(e.broken, "Both sides have finished")

-- In a long list of steps, whose middle is left out, those are shown that break something.
opened()
c:close()
run()
local other = A:connect(B, 80, {port=7778})
run()
d:abort()
local reset = wire[1]
reset:corrupt()
reset:delay(0.5)
other:send(("x"):rep(60000))
local all = run()
assert(#all > 60)
local between = "... (%d+) steps between ...\n"
local before, after = tostring(all):match(between .. "[^\n]+✗ oracle[^\n]+\n       A  ORACLE: [^\n]+\n" .. between)
assert(before + after + 41 == #all)
