-- Misuse of the vocabulary: each mistake gets one clear line that says where, what was wrong and what to do; nothing is
-- changed by it.

-- Before every line: s = B:listen(80); c = A:connect(B, 80, {port = 7777}); p = wire[1].
-- Each line of code, then words that must stand in its message.
local mistakes = {
  -- rules
  'A.rules.mls = 5', "there is no rule 'mls' (did you mean msl?); the rules are: isn, msl, time_wait",
  'A.rules.msl = "x"', 'rules.msl must be a number of seconds, 0.001 to 3600, not "x"',
  'A.rules.msl = -1', "rules.msl must be a number of seconds",
  'A.rules.isn = "foo"', 'rules.isn must be "rfc6528" or a whole number, 0 to 4294967295, not "foo"',
  'A.rules.isn = 1.5', "rules.isn must be",
  'A.rules.nagle = 3', "rules.nagle must be true or false, not 3",
  'A.rules.time_wait = true; A.rules.handshake = 2.5', "rules.handshake must be a whole number, 2 to 3, not 2.5",
  'A.rules.congestion = "cubic"', 'rules.congestion must be "reno" or false, not "cubic"',
  'A.rules.keepalive = {ide = 3}',
    "1: keepalive has no field 'ide' (did you mean idle?); it has: idle, interval, probes",
  'return A.rules.xyz', "there is no rule 'xyz'",
  'A.rules = {foo = 1}', "there is no rule 'foo'",
  'A.rules = {msl = 5, isn = "foo"}', 'rules.isn must be',
  'reset(); return c.rules', "that connection does not exist at this point of the history",
  'r = c.rules; reset(); return r.nagle', "that connection does not exist at this point of the history",
  'r = c.rules; reset(); r.nagle = true', "that connection does not exist at this point of the history",
  'C = host "C"; r = C.rules; reset(); host "D"; r.msl = 1', "that host does not exist at this point of the history",
  -- hosts
  'A.name = "Z"', "host.name cannot be set",
  'return A.adr', "a host has no field 'adr' (did you mean addr?); it has: name, addr, conns, rules, listen()",
  'return A.listen(80)', "listen: it is called on a host, not on a number; write it with a colon: x:listen(...)",
  'A:listen()', "listen: the port must be a whole number, 1 to 65535, not nothing",
  'A:listen("80")', "listen: the port must be a whole number, 1 to 65535, not a string",
  'A:listen(99999)', "listen: the port must be a whole number, 1 to 65535, not 99999",
  'A:listen(8, {backlog = 0})', "listen: backlog must be a whole number, 1 to 65535, not 0",
  'A:listen(8, {bakclog = 5})',
    "listen: the options table has no field 'bakclog' (did you mean backlog?); it has: backlog, on_fin",
  'A:listen(8, {backlog = "5"})', "listen: backlog must be a whole number, 1 to 65535, not a string",
  'A:listen(8, {[5] = 1})', "listen: the options table has no field 'a number'",
  'A:listen(8, 7)', "listen: the options must be a table like {backlog=...}, not a number",
  'A:listen(8, {on_fin = "stay"})', 'listen: on_fin must be "close", or left out',
  'A:connect()', 'connect: the other side must be a host (B) or an address ("127.0.0.2"), not nothing',
  'A:connect("foo", 80)', 'connect: the other side must be a host (B) or an address ("127.0.0.2"), not "foo"',
  'A:connect("127.0.0.2:80")', 'connect: give the port by itself',
  'A:connect(B)', "connect: the port must be",
  'A:connect(B, 80, {port = 0})', "connect: port must be a whole number, 1 to 65535, not 0",
  'for i = 1, 20 do host("H" .. i) end', "host: no room for another host: at most 16",
  'host()', 'host: the name must be a string, host "C", not nothing',
  'host "a b"', "host: the name must have 1 to 15 bytes, without spaces and colons",
  -- connections
  'return c.stat', "a connection has no field 'stat' (did you mean state?); it has: state, src, dst",
  'c.state = "X"', "state cannot be set: the fields of a connection are read-only",
  'c.snd.una = 3', "una cannot be set",
  'return c.rcv.una', "c.rcv has no field 'una'; it has: nxt, wnd, up",
  'c.rules.msl = 5', "rules.msl is one for the whole host: h.rules.msl; a connection may have its own delayed_ack, \z
    nagle, user_timeout",
  'c.rules.nagel = 5', "there is no rule 'nagel' (did you mean nagle?)",
  'c.rules.ttl = 0', "rules.ttl must be a whole number, 1 to 255, not 0",
  's.rules.ttl = 5', "ttl: a listening connection carries no data",
  'c:send(5)', "send: the data must be a string, not a number",
  'c.send("x")', "send: it is called on a connection, not on a string; write it with a colon",
  'c:recv(-1)', "recv: how many bytes must be a whole number, 1 to 4294967295, not -1",
  -- packets
  'p:drop(); p:drop()', "drop: packet 1 is no longer in flight: dropped by hand at 0.000 s",
  'step(); p:delay(1)', "delay: packet 1 is no longer in flight: delivered at 0.050 s",
  'p:drop(); step(p)', "step: packet 1 is no longer in flight",
  'back(); p:drop()', "packet 1 does not exist at this point of the history",
  'p:delay("x")', "delay: the delay must be a number of seconds, not a string",
  'p:delay(-5)', "delay: packet 1 arrives in 0.05 s and cannot arrive in the past",
  'p:corrupt(9999)', "corrupt: the byte must be a whole number, 0 to 43 in this packet, not 9999",
  'p:edit(3)', "edit: say what to change in a table: p:edit{seq=9}, not a number",
  'p:edit{foo = 3}', "a segment has no field 'foo'; it has: from, to, flags, seq",
  'p:edit{seq = -1}', "seq must be a whole number, 0 to 4294967295, not -1",
  'p:edit{flags = "SYM"}', 'flags must be names joined by commas, like "SYN,ACK"',
  'p.seq = 4', "packet.seq cannot be set: change a packet in flight with p:edit{seq=...}",
  'return p.sqe', "a packet has no field 'sqe' (did you mean seq?)",
  -- orders
  'wire:drop()', 'drop: say which packets in a table: wire:drop{from=A, flags="ACK", times=1}, not nothing',
  'wire:drop{form = A}',
    "an order has no field 'form' (did you mean from?); it has: from, to, flags, has, seq, ack, len, again",
  'wire:drop{from = "Z"}',
    'drop: from must be a host (A), its name or its address, with or without a port ("A:7777"), not "Z"',
  'wire:drop{to = 80}', 'drop: to must be a host (A)',
  'wire:drop{flags = "SYNACK"}', 'flags must be names joined by commas, like "SYN,ACK"',
  'wire:drop{has = 1}', 'has must be names joined by commas',
  'wire:drop{again = 1}', "drop: again must be true (retransmissions) or false (what is sent first), not 1",
  'wire:drop{len = {5, 1}}', "drop: len must be a number of bytes, or {least, most}, like {1, 536}",
  'wire:drop{nth = 0}', "drop: nth must be a whole number, 1 to 4294967295, not 0",
  'wire:drop{nth = 2, times = 2}', "drop: nth means one packet: leave out times, or nth",
  'wire:drop{by = 3}', "drop: by is for wire:delay{..., by=3} only",
  'wire:delay{flags = "SYN"}', 'delay: by is missing: how many seconds later, wire:delay{flags="SYN", by=3}',
  'wire:delay{by = -1}', "delay: by must be 0 to 86400 seconds, not -1",
  'wire.drop{}', "drop: it is called on the wire, not on a table",
  'o = wire:drop{}; o:cancel(); o:cancel()', "cancel: order 1 was cancelled already",
  'o = wire:drop{from = B, times = 1}; step(); o:cancel()', "cancel: order 1 is done already",
  'o = wire:drop{}; back(); o:cancel()', "order 1 does not exist at this point of the history",
  'wire.orders = {}', "wire.orders cannot be set: wire:drop{...} gives an order, o:cancel() ends it",
  'wire:inject{}', 'inject: from is missing: from="127.0.0.1:7777"',
  'wire:inject{from = "A:1", to = "B:80"}', 'inject: flags is missing',
  'wire:inject{from = "A", to = "B:80", flags = "SYN"}', 'from must be an address with a port',
  'wire.inject{from = "A:1", to = "B:80", flags = "SYN"}', "inject: it is called on the wire, not on a table",
  'wire:inject{from = "A:1", to = "B:80", flags = "SYN", opts = {foo = 1}}',
    "opts has no field 'foo'; it has: mss, wscale, sack_ok, sack, ts",
  'wire.latency = -1', "wire.latency must be a number of seconds, 0 to 3600, not -1",
  'wire.loss = 2', "wire.loss must be a probability, 0 to 1, not 2",
  'wire.loss = "x"', 'wire.loss must be a probability, 0 to 1, not "x"',
  'wire.mtu = "1500"', 'wire.mtu must be a whole number of bytes, 104 to 65535, not "1500"',
  'wire.mtu = 67', "wire.mtu must be a whole number of bytes, 104 to 65535, not 67",
  'wire.mtu = 68', "wire.mtu must be a whole number of bytes, 104 to 65535, not 68",
  'wire.mtu = 103', "wire.mtu must be a whole number of bytes, 104 to 65535, not 103",
  'wire.mtu = 104.5', "wire.mtu must be a whole number of bytes, 104 to 65535, not 104.5",
  'wire.mtu = 65536', "wire.mtu must be a whole number of bytes, 104 to 65535, not 65536",
  'wire.mtu = false', "wire.mtu must be a whole number of bytes, 104 to 65535, not false",
  'wire.lateny = 1', "the wire has no field 'lateny' (did you mean latency?)",
  'wire.kind = "raw"', "wire.kind cannot be set here: start twomsl with --wire=raw",
  -- time and history
  'step "x"', "step: it takes nothing, how many steps (1 or more), or a packet, not a string",
  'step(0)', "step: it takes nothing, how many steps (1 or more), or a packet, not 0",
  'run(5)', "run: it takes nothing or a function",
  'wait()', "wait: the time must be a number of seconds, not nothing",
  'wait(-1)', "wait: the time must be 0 to 1e+09 seconds, not -1",
  'for i = 1, 3000 do wait(1e9) end', "wait: the virtual clock ends at 2305843009213.0 s",
  'why("1")', "why: it takes an event of trace(), a step, a packet or a connection, not a string",
  'return wait(0)["1"]', "a list of steps has no field '1'",
  'seek(1000)', "seek: the step must be a whole number, 0 to 2, not 1000",
  'back "x"', "back: how many steps must be a whole number, back(1), not a string",
  'back(2); return c.state', "that connection does not exist at this point of the history",
  'reset(); return c.state', "that connection does not exist at this point of the history",
  'C = host "C"; back(); return C.addr', "host C does not exist at this point of the history",
  -- looking, help, lessons
  'show(5)', "show: it takes a packet, show(wire[1]), or the name of a rule, show \"rst.challenge\", not a number",
  'reset(); show()', "show: nothing is in flight",
  'trace{kind="sned"}', "trace: there is no kind of event 'sned'; the kinds are: send, deliver, drop",
  'trace{kind={"send", 5}}', "trace: kind must be the name of a kind of event or a list of such names, not a number",
  'trace{kind={}}', "trace: the list of kinds is empty",
  'trace{host="C"}', "trace: there is no host 'C'; the hosts are: A, B",
  'trace{host=1}', "trace: host must be a host or its name, not a number; the hosts are: A, B",
  'trace{conn="c"}', "trace: conn must be a connection, as A:connect() returns one, not a string",
  'trace{from="x"}', "trace: from must be a number of seconds, not a string",
  'trace{to=-1}', "trace: to must be 0 to 1e+12 seconds, not -1",
  'trace{from=2, to=1}', "trace: from must not be later than to",
  'trace{last=0}', "trace: last must be a whole number, 1 to 10000, not 0",
  'trace{form=1}', "trace: the conditions table has no field 'form' (did you mean from?); it has: from, to, kind",
  'trace "all"', "trace: how many events must be a whole number, 1 to 10000, not a string",
  'trace(10001)', "trace: how many events must be a whole number, 1 to 10000, not 10001",
  'ladder(0)', "ladder: how many rows must be a whole number, 1 to 10000, not 0",
  'netstat "x"', "netstat: how many connections must be a whole number, 1 to 10000, not a string",
  'timers(1.5)', "timers: how many timers must be a whole number, 1 to 10000, not 1.5",
  't = trace(); back(); A:connect(B, 80); return t[#t]', "these events lie in a future that was undone",
  't = ladder(); back(); A:connect(B, 80); return t[#t]', "this ladder is of a future that was undone",
  'why(99999)', "why: it takes an event of trace(), a step, a packet or a connection, not a number",
  'reset(); why()', "why: nothing has happened yet",
  'e = trace()[1]; reset(); why(e)', "why: that event lies in a future that was undone",
  'help "conect"', "help: there is no word 'conect' (did you mean connect?); help() lists them",
  'help(nil)', "help: that is nil; put the word in quotes",
  'lesson "foo"', "there is no lesson 'foo'; the lessons are: close-four-way, ",
  'lesson "../../README"', "there is no lesson '../../README'",
  'lesson{title = "x", run = print, foo = 1}', "there is no field 'foo'; a lesson has: name, title, order, run",
  'lesson{title = "x"}', "run is missing",
  'check()', "check: it takes a condition and what it says",
  'say(5)', 'say: it takes text, say{en="..."}',
  'ask{en = "x"}', "ask: choices is missing",
  'ask{en = "x", choices = {"a"}, answer = 2}', "ask: answer must be the number of the right choice, 1 to 1",
}

-- What TCP refuses is no mistake: nil, and the words of RFC 9293.
local refusals = {
  'return B:listen(80)', "connection already exists",
  'return A:connect(B, 80, {port = 7777})', "connection already exists",
  'return A:connect("0.0.0.0", 80)', "remote socket unspecified",
  'return s:send("x")', "a listening connection carries no data",
  'return s:recv()', "a listening connection carries no data",
  'return c:accept()', "not a listening connection",
  'return s:accept()', "nothing yet",
  'return c:recv()', "nothing yet",
  'c:close(); return c:close()', "connection does not exist",
  'run(); c:close(); return c:close()', "connection closing",
  'run(); c:close(); return c:send("x")', "connection closing",
  'c:abort(); return c:abort()', "connection aborted",
  'reset(); c = A:connect(B, 80); run(); return c:send("x")', "connection refused",
}

local function try(code)
  reset()
  s = B:listen(80)
  c = A:connect(B, 80, {port = 7777})
  p = wire[1]
  return pcall(assert(load(code, "=typed")))
end

local failed = 0
local function fail(...)
  failed = failed + 1
  print(...)
end

for i = 1, #mistakes, 2 do
  local code, words = mistakes[i], mistakes[i + 1]
  local ok, message = try(code)
  if ok then
    fail(code, "is not refused")
  else
    message = tostring(message)
    if not message:find(words, 1, true) then fail(code, "says: " .. message, "must say: " .. words) end
    if message:find("\n") then fail(code, "says more than one line: " .. message) end
    if not message:find("^typed:1: ") then fail(code, "does not say where: " .. message) end
  end
end

for i = 1, #refusals, 2 do
  local code, words = refusals[i], refusals[i + 1]
  local ok, result, message = try(code)
  if not ok or result ~= nil or message ~= words then
    fail(code, "gives", ok, result, message, "must give nil and: " .. words)
  end
end

assert(failed == 0, failed .. " mistakes are not answered as they should be")
print(#mistakes // 2 .. " mistakes, " .. #refusals // 2 .. " refusals: ok")
