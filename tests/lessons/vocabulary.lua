-- The vocabulary does what it says: fields, methods, steps, history.

local function is(a, b, what)
  if a ~= b then error(string.format("%s: must be %s, is %s", what, tostring(b), tostring(a)), 2) end
end

local function fresh()
  reset()
  A.rules = {isn = 100}
  B.rules = {isn = 300}
  local s = B:listen(80)
  return A:connect(B, 80, {port = 7777}), s
end

local tests = {}

function tests.hosts()
  is(A.name .. " " .. A.addr .. " " .. B.name .. " " .. B.addr, "A 127.0.0.1 B 127.0.0.2", "names and addresses")
  local C = host "C"
  is(C.addr, "127.0.0.3", "the next address")
  is(C, host "C", "host returns the one that is there")
  is(tostring(A), "host A 127.0.0.1", "a host in words")
  is(#A.conns, 0, "connections of A")
  local c = A:connect(C, 80)
  is(A.conns[1], c, "the connection of A")
  is(c.host, A, "its host")
  local d = A:connect("127.0.0.3", 81)
  is(d.dst, "127.0.0.3:81", "an address will do")
  A:crash()
  is(#A.conns, 0, "a crash forgets")
end

function tests.rules()
  is(A.rules.msl, 30, "msl")
  is(A.rules.time_wait, 2, "time_wait")
  is(A.rules.isn, "rfc6528", "isn")
  is(A.rules.delayed_ack, 0.2, "delayed_ack")
  is(A.rules.nagle, true, "nagle")
  is(A.rules.congestion, "reno", "congestion")
  is(A.rules.keepalive, false, "keepalive")
  A.rules.keepalive = {idle = 5, probes = 3}
  is(A.rules.keepalive.idle + A.rules.keepalive.interval + A.rules.keepalive.probes, 83, "keepalive in parts")
  A.rules = {msl = 0.5, time_wait = false, nagle = 0, delayed_ack = false}
  is(A.rules.msl, 0.5, "msl")
  is(A.rules.time_wait, false, "time_wait off")
  is(A.rules.nagle, false, "0 is false")
  is(A.rules.delayed_ack, false, "delayed_ack off")
  A.rules.delayed_ack = true
  is(A.rules.delayed_ack, 0.2, "true: the default")
  is(B.rules.msl, 30, "B has its own")
  assert(tostring(A.rules):find("* msl                 0.5", 1, true), "what differs is marked")
end

function tests.rules_of_a_connection()
  local c, s = fresh()
  is(c.rules.nagle, true, "as its host")
  c.rules.nagle = false
  c.rules.keepalive = {idle = 60}
  is(c.rules.nagle, false, "its own")
  is(A.rules.nagle, true, "the host's stays")
  is(c.rules.keepalive.idle, 60, "keepalive in parts")
  is(c.rules.msl, 30, "what only a host has can be read")
  assert(tostring(c.rules):find("* nagle", 1, true), "what differs is marked")
  assert(not tostring(c.rules):find("msl", 1, true), "what a connection cannot choose is left out")
  run()
  c:send("a"); c:send("b")
  is(#wire, 2, "nothing waits")
end

function tests.connection()
  local c, s = fresh()
  is(c.src .. " " .. c.dst, "127.0.0.1:7777 127.0.0.2:80", "ends")
  is(c.iss, 100, "iss")
  is(c.snd.nxt, 101, "snd.nxt")
  is(c.snd.una, 100, "snd.una")
  is(c.timers.retransmit, 1, "timers.retransmit")
  is(s.syn_queue + s.accept_queue, 0, "queues")
  step()
  is(s.syn_queue, 1, "syn_queue")
  run()
  is(s.accept_queue, 1, "accept_queue")
  local d = s:accept()
  is(s.accept_queue, 0, "accept_queue")
  is(s:accept(), nil, "no other")
  is(c.state .. d.state, "ESTABLISHEDESTABLISHED", "states")
  is(c.irs, 300, "irs")
  is(c.rcv.nxt, 301, "rcv.nxt")
  is(next(c.timers), nil, "no timer")
  is(c:send("hello"), 5, "bytes taken")
  is(c.unacked, 5, "unacked")
  run()
  is(d.unread, 5, "unread")
  is(d:recv(2), "he", "two bytes")
  is(d:recv(), "llo", "the rest")
  is(c.srtt ~= nil, true, "srtt measured")
  is(select(2, d:recv()), "nothing yet", "nothing more")
  c:close()
  run()
  is(select(2, d:recv()), "closed", "the other side has closed")
  is(tostring(d), "B:80 > A:7777 CLOSE_WAIT", "a connection in words")
  d:abort()
  run()
  is(c.state, "CLOSED", "gone, but its state is kept")
end

function tests.closing()
  local c, s = fresh()
  run()
  local d = s:accept()
  c:shutdown()
  run()
  d:send("late")
  run()
  is(c:recv(), "late", "after shutdown() what comes can be received")
  is(d.error, nil, "and nobody is reset")
  c, s = fresh()
  run()
  d = s:accept()
  c:close()
  run()
  is(select(2, c:recv()), "connection closing", "after close() nothing can be received")
  d:send("late")
  run()
  is(d.error, "connection reset", "and data is answered with a RST")
  is(c.state, "CLOSED", "which ends the connection")
end

function tests.closed_window()
  A.rules.isn, B.rules.recv_buffer = 100, 256
  B:listen(80)
  local c = A:connect(B, 80)
  run()
  c:send(string.rep("x", 1000))
  run()
  is(c.snd.wnd, 0, "the window is closed")
  assert(c.timers.persist, "the next probe is still to come")
  is(now() < 60, true, "run() returns after a probe is answered")
  wire.loss = 1
  step() -- a probe is sent, and lost
  run()
  is(c.error, "connection timed out", "with a silent peer it goes on until the timeout")
end

function tests.packets()
  local c = fresh()
  local p = wire[1]
  is(#wire, 1, "one in flight")
  is(wire[2], nil, "no second")
  is(p.id .. p.flags .. p.src .. p.dst, "1SYN127.0.0.1:7777127.0.0.2:80", "fields")
  is(p.seq, 100, "seq")
  is(p.win, 65535, "win")
  is(p.len, 0, "len")
  is(p.data, "", "data")
  is(p.opts.mss, 1460, "opts.mss")
  is(p.sent, 0, "sent")
  is(p.due, 0.05, "due")
  is(#p.bytes, 44, "bytes")
  is(p.bytes:byte(1), 0x45, "an IPv4 datagram")
  is(p.conn, c, "conn")
  is(p.from, A, "from")
  local q = p:dup()
  is(q.copy_of, 1, "copy_of")
  is(#wire, 2, "two in flight")
  q:hold()
  is(q.held, true, "held")
  is(q.due, nil, "no due while held")
  q:release()
  q:delay(1)
  is(q.due, 1.05, "delayed")
  p:edit{seq = 500, data = "x"}
  is(p.seq .. p.data, "500x", "edited")
  q:corrupt(30)
  is(q.corrupted, true, "corrupted")
  local e = p:deliver()
  is(e.kind .. e.host .. e.from .. e.to, "deliverBLISTENSYN_RCVD", "the step of a delivery")
  is(p.in_flight, false, "gone")
  is(p.seq, 500, "still readable")
  q:drop()
  local r = wire:inject{from = "A:9", to = "B:80", flags = "SYN,ACK", seq = 1, ack = 2, win = 3, data = "abc",
    opts = {mss = 99}, delay = 0.5}
  is(r.flags .. r.seq .. r.ack .. r.win .. r.data .. r.opts.mss, "SYN,ACK123abc99", "forged")
  is(r.forged, true, "forged")
  is(r.due, now() + 0.5, "its delay")
end

function tests.path()
  wire.latency = 0.2
  is(wire.latency, 0.2, "latency")
  wire.loss = 1
  A:connect(B, 80)
  is(#wire, 0, "all are lost")
  wire.loss = 0
  is(wire.kind == "raw" or wire.kind == "memory", true, "kind")
  is(wire.mtu, 1500, "mtu")
  for _, mtu in ipairs {104, 65535} do
    wire.mtu = mtu
    is(wire.mtu, mtu, "an end of its range")
  end
end

function tests.steps()
  local c = fresh()
  local e = step()
  is(tostring(e), "0.050  A:7777 > B:80  SYN seq=100 win=65535   B: LISTEN > SYN_RCVD", "a step in words")
  is(#e.events >= 3, true, "its events")
  is(e.packet.id, 1, "its packet")
  is(now(), 0.05, "now")
  is(#step(2), 2, "step(2)")
  is(step(), nil, "nothing is left")
  c:close()
  is(run(function() return c.state == "FIN_WAIT_2" end), true, "run(f)")
  is(run(function() return false end), false, "run(f) that never comes")
  is(now() < 100, true, "and time has passed to the last thing only")
  wait(2.5)
  local before = now()
  wait(1)
  is(math.abs(now() - before - 1) < 1e-9, true, "wait")
end

function tests.busy()
  local c, s = fresh()
  run()
  local d = s:accept()
  c:close()
  run()
  d:close()
  run()
  is(c.state, "TIME_WAIT", "run leaves TIME_WAIT alone")
  is(now() < 2, true, "and does not wait for it")
  settle()
  is(c.state, "CLOSED", "settle goes through it")
  is(#timers() + #wire, 0, "nothing is left")
end

-- What became of a packet: on the way, at the host, as of any point of the history.
function tests.fate()
  local c = fresh()
  local syn, copy = wire[1], wire[1]:dup()
  is(syn.fate.state .. syn.fate.sent .. syn.fate.due .. syn.fate.copies, "under way0.00.051", "in flight")
  is(tostring(syn.fate), "sent at 0.000 s, copied, arrives at 0.050 s", "a sentence")
  is(#syn.fate.events, 2, "its events")
  is(syn.fate.events[2].kind, "dup", "its events")
  is(syn.fate.outcome, nil, "not known yet")
  is(copy.fate.copy_of, 1, "a copy")
  copy:hold()
  is(copy.fate.state .. tostring(copy.fate.due), "heldnil", "held")
  copy:release()
  copy:delay(1)
  is(copy.fate.held .. copy.fate.delayed, "11.0", "held and delayed")
  copy:corrupt(30)
  copy:deliver()
  is(copy.fate.state .. copy.fate.reason, "lostwrong checksum", "discarded")
  is(copy.fate.corrupted, true, "corrupted")
  step()
  local fate = syn.fate
  is(fate.state .. fate.ended .. fate.outcome .. fate.rule, "arrived0.05takenlisten.syn", "arrived")
  is(fate.answer, wire[1], "its answer")
  is(fate.section:sub(1, 8), "RFC 9293", "the section")
  run()
  c:send("hello")
  local data = wire[1]
  run()
  is(data.fate.outcome .. data.fate.bytes .. data.fate.answer.flags, "taken5ACK", "data")
  local at = steps()
  back(3)
  is(data.fate.state, "under way", "the past")
  data:drop()
  is(data.fate.state .. data.fate.reason, "lostdropped by hand", "another future")
  is(ladder()[#ladder()].lost, "dropped by hand", "the ladder tells it too")
  seek(1)
  is(select(2, pcall(function() return data.fate end)):find("does not exist") ~= nil, true, "not sent yet")
end

-- A segment beyond a hole is kept, its ACK is a duplicate: neither brings bytes.
function tests.outcomes()
  local c = fresh()
  run()
  A.rules.nagle = false
  c:send("lost")
  c:send("kept")
  local lost, kept = wire[1], wire[2]
  lost:drop()
  step()
  is(kept.fate.outcome .. tostring(kept.fate.bytes), "keptnil", "kept")
  local answer = kept.fate.answer
  step()
  is(answer.fate.outcome .. answer.fate.nth, "duplicate ACK1", "a duplicate ACK")
  local seen = {}
  for _, e in ipairs(answer.fate.events) do
    if e.kind == "accept" then seen[#seen + 1] = e.outcome .. tostring(e.bytes) end
  end
  is(table.concat(seen, " "), "duplicate ACKnil", "the event says so too")
  run()
  is(lost.fate.outcome, nil, "what is lost has no outcome")
  is(kept.fate.outcome, "kept", "and stays so when the hole is filled")
end

function tests.history()
  local c = fresh()
  local at, all = steps()
  is(at, all, "at the newest")
  run()
  local last, time = steps(), now()
  is(c.state, "ESTABLISHED", "open")
  is(back(), last - 1, "back says where we are")
  is(select(2, steps()), last, "nothing is lost")
  back(2)
  is(c.state, "SYN_SENT", "the past")
  is(forward(3), last, "forward")
  is(now(), time, "the same moment")
  is(forward(), nil, "no more")
  seek(at)
  is(c.state, "SYN_SENT", "seek")
  wire[1]:drop()
  is(select(2, steps()), at + 1, "a new future")
  is(back(1000), 0, "the beginning")
  is(back(), nil, "no earlier")
  reset()
  is(steps(), 0, "reset")
  is(now(), 0, "reset")
end

function tests.looking()
  fresh()
  is(netstat()[1].state, "LISTEN", "netstat")
  is(timers()[1].timer, "retransmit", "timers")
  is(timers()[1].left, 1, "timers")
  is(show(wire[1]).seq, 100, "show")
  is(show(wire[1]).correct, true, "its checksum")
  run()
  is(#ladder(), 3, "ladder")
  is(ladder()[2].flags, "SYN,ACK", "ladder")
  is(ladder()[2].arrived, 0.1, "ladder")
  local events = trace()
  for i, e in ipairs(events) do
    is(e.index, i, "index")
    assert(e.cause == nil or e.cause < i, "causes come before")
    assert(e.host == "A" or e.host == "B" or e.host == nil, "host is a name")
  end
  local last = events[#events]
  is(last.kind .. last.host .. last.from .. last.to, "stateBSYN_RCVDESTABLISHED", "the last event")
  is(last.section:sub(1, 8), "RFC 9293", "section")
  assert(#last.sentence > 10 and #last.rule > 3, "rule")
  local chain = why(last)
  is(chain[1], last, "why begins with it")
  is(chain[#chain].kind, "call", "and goes back to the beginning")
  is(chain[#chain].call, "connect", "where A connected")
  assert(tostring(why()):find(last.section, 1, true), "why() is about the last step")
end

function tests.pairs()
  local c = fresh()
  for _, thing in ipairs{A, A.rules, c, c.snd, c.rcv, wire[1], trace()[1], wire} do
    local count = 0
    for name, value in pairs(thing) do
      assert(type(name) == "string" and value ~= nil)
      count = count + 1
    end
    assert(count >= 3, tostring(thing) .. " shows its fields")
  end
end

function tests.lessons()
  local list = lessons()
  is(list[1].name, "open-three-way", "the first lesson")
  is(#list >= 8, true, "eight lessons")
  is(ask{en = "?", choices = {"a", "b"}, answer = 1}, nil, "nobody answers here")
end

local names = {}
for name in pairs(tests) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  reset()
  tests[name]()
  print("ok " .. name)
end
