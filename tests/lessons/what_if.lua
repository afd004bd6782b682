-- rules() and differ(): what deviates from the standard, and the first event that each rule of a host makes different.

local function raises(what, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. what)
  assert(tostring(message):find(what, 1, true), "expected '" .. what .. "', got: " .. tostring(message))
end

local s, c, d

local function opened(rules)
  reset()
  if rules then A.rules, B.rules = rules, rules end
  s = B:listen(80)
  c = A:connect(B, 80, {port=7777})
  run()
  d = s:accept()
end

-- A connection from its beginning to its end, with text.
local function life(rules)
  opened(rules)
  c:send("a")
  c:send("b")
  run()
  d:recv()
  c:close()
  run()
  d:close()
  settle()
end

local function life_with_options() life{window_scale=true, timestamps=true, sack=true} end

local function lost_syn()
  reset()
  wire.loss = 1
  A:connect(B, 80)
  run()
end

local function lost_text()
  opened()
  wire.loss = 1
  c:send("x")
  run()
end

local function much(bytes)
  opened()
  c:send(("x"):rep(bytes))
end

local function forged_rst(to, beyond)
  wire:inject{from=to.dst, to=to.src, flags="RST", seq=to.rcv.nxt + beyond}
  run()
end

local function silent_peer()
  opened{keepalive={idle=1}}
  wire.loss = 1
  wait(1000)
end

-- For each rule another value, and a history in which it makes a difference.
local witness = {
  isn = {5, life}, msl = {5, life}, time_wait = {false, life}, handshake = {2, life},
  fin_counts = {false, life}, ack_acks = {true, life}, delayed_ack = {false, life}, nagle = {false, life},
  mss = {500, life}, recv_buffer = {1000, life}, window_scale = {true, life}, timestamps = {true, life},
  sack = {true, life}, ttl = {3, life}, diffserv = {1, life}, option_order = {1, life_with_options},
  window_shift = {3, life_with_options},
  rto_initial = {2, lost_syn}, syn_timeout = {5, lost_syn},
  rto_min = {0.2, lost_text}, rto_max = {1, lost_text}, user_timeout = {5, lost_text},
  send_buffer = {256, function() much(300) end}, initial_window = {1, function() much(5000) end},
  congestion = {false, function() much(20000) end},
  limited_transmit = {false, function() much(20000) wire[1]:drop() run() end},
  keepalive = {1, function() opened() wait(5) end},
  keepalive_interval = {1, silent_peer}, keepalive_probes = {1, silent_peer},
  fin_wait_2_timeout = {1, function() opened() c:close() run() wait(5) end},
  challenge_ack = {false, function() opened() forged_rst(d, 10) end},
  closing_reset = {true, function() opened() c:close() run() d:close() forged_rst(d, 0) end},
  rfc1337 = {true, function() opened() c:close() run() d:close() run() forged_rst(c, 0) end},
  syncookies = {true, function()
    reset()
    B:listen(80, {backlog=1})
    for _ = 1, 4 do A:connect(B, 80) end
    run(function() return now() > 0.2 end)
  end},
}

local count = 0
for rule in pairs(A.rules) do
  local value, history = table.unpack((assert(witness[rule], rule .. " has no witness")))
  history()
  local before, moment, text = steps(), now(), tostring(ladder())
  local found, why_not = differ{[rule]=value}
  assert(found, rule .. ": " .. tostring(why_not))
  assert(found.rule == rule and (found.a or found.b), rule .. " is not found to be at fault: " .. tostring(found.rule))
  assert(found.step >= 1 and found.step <= before)
  local words = tostring(found)
  assert(words:find("by the rule " .. rule, 1, true))
  assert(words:find("as it was:", 1, true) and words:find(">> ", 1, true))
  assert(found.why_a ~= found.why_b, rule .. ": both sides read alike")
  assert(steps() == before and now() == moment and tostring(ladder()) == text, "the lab is as it was")
  if found.a then assert(tostring(why(found.a)):find(tostring(found.a), 1, true) or #tostring(found.a) > 60) end
  count = count + 1
end
assert(count >= 30)

-- The same rules make no difference.
life()
local none, sentence = differ{nagle=true, handshake=3}
assert(none == nil and sentence == ("no difference in %d steps"):format(steps()))

-- Of the history only what is not undone; also where handles come from another future.
life()
seek(8)
c:send("other")
run()
none, sentence = differ{time_wait=false}
assert(not none and sentence == ("no difference in %d steps"):format(steps()))
local other = differ{nagle=false}
assert(other.step == 9 or other.step == 8)

-- One host alone; what a rule of one host says counts before that of all.
life()
local one = differ{B={isn=5}}
assert(one.b.host == "B" and one.b.seq == 5)
one = differ{isn=7, B={isn=5}}
assert(one.b.host == "A" and one.b.seq == 7)

-- A call or an arrival of the history that the other world refuses; what is due there instead.
opened()
c:send("x")
run()
c:close()
run()
wait(1)
local refused = differ{fin_wait_2_timeout=0.5}
assert(refused.a == nil and refused.b.kind == "timer" and refused.b.timer == "fin_wait_2")

-- Two systems; and one against what was.
life()
local systems = differ("linux", "freebsd")
assert(systems.rule:find("option_order", 1, true) and tostring(systems):find("as freebsd:", 1, true))
assert(differ("linux").a.step == systems.a.step)

raises("there is no rule 'nagl' (did you mean nagle?)", differ, {nagl=false})
raises("rules.handshake must be", differ, {handshake=4})
raises("the profile must be", differ, "windows")
raises("it takes rules", differ)
raises("say which rules", differ, {})

-- rules(): a fresh lab differs in nothing but the MSL.
reset()
local list = rules()
assert(#list == 2 and list[1].host == "A" and list[1].rule == "msl" and list[1].value == 30 and list[1].standard == 120)
assert(tostring(list):find("two", 1, true))
A:profile "rfc"
B:profile "rfc"
assert(#rules() == 0 and tostring(rules()) == "everything is as the standard says")
A.rules.ack_acks = true
wire.loss = 0.5
list = rules()
assert(#list == 2 and list[1].rule == "ack_acks" and list[1].value == true and list[1].standard == false)
assert(list[2].host == "wire" and list[2].rule == "loss" and list[2].value == 0.5)

-- What breaks without numbers for the FIN: the ACK of the text passes for that of the FIN, which was lost.
opened{fin_counts=false}
c:send("x")
c:close()
wire[2]:drop()
run()
assert(c.state == "FIN_WAIT_2" and d.state == "ESTABLISHED")
assert(tostring(why()):find("rule fin_counts of this host, against RFC 9293", 1, true))

-- What breaks where ACKs are acknowledged: the storm oracle speaks, and run() ends there, each time.
opened{ack_acks=true}
local said = trace{kind="oracle"}
assert(#said == 1 and said[1].rule == "oracle.storm" and c.state == "ESTABLISHED")
assert(#run() == 64 and #trace{kind="oracle"} == 2)
assert(run(function() return false end) == false and #trace{kind="oracle"} == 3)
