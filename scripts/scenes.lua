-- scenes.lua - show(rule): how to come to the shortest scene in which a rule is followed, and playing it.
--
-- A scene begins in a fresh lab. The steps of its setup are made first; from there a search finds the rest, so that the
-- scene has fewest faults and then fewest steps among those that begin so. A rule that is not in the table below needs
-- no setup and no faults. In the table may stand
--   setup = {"A:connect(B, 80)"},  commands of the lab; each makes one step or more. Here are settings, forged packets,
--                                  and what they need before them: no more than the rule asks for. A function returns
--                                  such a list.
--   may = "A connect, B close",    the calls that the search may make, by their names in `calls`, instead of the usual
--   drops = 1, dups = 1, delays = 3,  as find() takes them
--   none = {en=, zh_CN=, zh_TW=}   alone: why there is no scene
-- The test lessons.shown plays all of them.

local machinery = ...

local calls = {
  ["B listen"] = {B, "listen", 80},
  ["B accept"] = {B, "accept"},
  ["B connect"] = {B, "connect", A, 7777, {port=80}},
  ["A connect"] = {A, "connect", B, 80, {port=7777}},
  ["A connect again"] = {A, "connect", B, 80, {port=7777}},
  ["A connect other"] = {A, "connect", B, 80, {port=7778}},
  ["A send"] = {A, "send", "x"},
  ["A send 100"] = {A, "send", ("x"):rep(100)},
  ["A send 200"] = {A, "send", ("x"):rep(200)},
  ["A send 300"] = {A, "send", ("x"):rep(300)},
  ["A send 2920"] = {A, "send", ("x"):rep(2920)},
  ["A send 5840"] = {A, "send", ("x"):rep(5840)},
  ["A send 7300"] = {A, "send", ("x"):rep(7300)},
  ["B send"] = {B, "send", "y"},
}
for _, verb in ipairs{"recv", "shutdown", "close", "abort", "crash"} do
  calls["A " .. verb], calls["B " .. verb] = {A, verb}, {B, verb}
end

local usual = "B listen, A connect, B accept, A send, B send, A recv, B recv, A shutdown, B shutdown, A close, \z
  B close, A abort, B abort, A crash, B crash"

-- Both ends of the only connection, for commands.
local to_B, to_A = 'from="A:7777", to="B:80"', 'from="B:80", to="A:7777"'
local listen, connect, step = "B:listen(80)", "A:connect(B, 80, {port=7777})", "step()"

local function forge(ends, what) return "wire:inject{" .. ends .. ", " .. what .. "}" end
local function icmp(name) return 'wire:inject{icmp="' .. name .. '", about=wire[1]}' end

-- A handshake, and the packets that are forged when A is open.
local function opened(...) return {listen, connect, step, step, ...} end

-- Damage that the checksum does not notice: in the text, nine bytes 0 and one 255, a bit of the second becomes 1 and
-- the same bit of the last 0. Which bit the next damage hits is drawn; what does not fit goes to a copy.
local function unnoticed()
  local first, commands, count, bit = {}, {}, 0, nil
  repeat
    wire[1]:corrupt(40 + count)
    count = count + 1
    bit = wire[1].data:sub(count, count)
    local again = first[bit]
    first[bit] = again or count
  until again
  back(count)
  if count > 2 then commands[1] = "wire[1]:dup()" end
  for i = 1, count do
    commands[#commands + 1] = i == first[bit] and "wire[1]:corrupt(41)" or i == count and "wire[1]:corrupt(49)" or
      "wire[2]:corrupt(40)"
  end
  return commands
end

local scenes = {
  -- Calls
  ["recv.taken"] = {may="B listen, A connect, A send, B recv"},
  ["close.listen"] = {setup={listen, "B.conns[1]:close()"}},

  -- LISTEN
  ["listen.other"] = {setup={listen, forge(to_B, 'flags="none"')}},
  ["listen.syn-queue-full"] = {setup={"B:listen(80, {backlog=1})"}, may="A connect, A connect other"},
  ["cookie.sent"] = {setup={"B.rules.syncookies = true", "B:listen(80, {backlog=1})"},
    may="A connect, A connect other"},
  ["cookie.right"] = {setup={"B.rules.syncookies = true", "B:listen(80, {backlog=1})"},
    may="A connect, A connect other"},
  ["listen.bad-address"] = {setup={listen, forge('from="224.0.0.1:7777", to="B:80"', 'flags="SYN"')}},

  -- SYN_SENT
  ["syn-sent.bad-ack"] = {setup={connect, forge(to_A, 'flags="ACK", ack=A.conns[1].iss')}},
  ["syn-sent.bad-ack-rst"] = {setup={connect, forge(to_A, 'flags="RST,ACK", ack=A.conns[1].iss')}},
  ["syn-sent.syn"] = {may="A connect, B connect"},
  ["simultaneous.syn-ack"] = {may="A connect, B connect"},

  -- The sequence number
  ["sequence.closed-window"] = {setup={"B.rules.recv_buffer = 256"}, may="B listen, A connect, A send 300"},
  ["sequence.filled"] = {setup={"B.rules.recv_buffer = 256", "B.rules.mss = 128"},
    may="B listen, A connect, A send 300, B send, B close"},
  ["time-wait.fin-again"] = {may="B listen, A connect, A close, B close", dups=1},
  ["fin.again"] = {setup=opened(
    forge(to_B, 'flags="FIN,ACK", seq=A.conns[1].snd.nxt+1, ack=A.conns[1].rcv.nxt')), may="A close"},
  ["timestamp.missing"] = {setup={"A.rules.timestamps = true", "B.rules.timestamps = true", listen, connect,
    forge(to_B, 'flags="ACK"')}},
  ["timestamp.old"] = {setup={"A.rules.timestamps = true", "B.rules.timestamps = true", listen, connect,
    forge(to_B, 'flags="ACK", opts={ts={value=wire[1].opts.ts.value-1 & 0xffffffff}}')}},
  ["scale.too-large"] = {setup={"B.rules.window_scale = true", listen,
    forge(to_B, 'flags="SYN", opts={wscale=15}')}},

  -- RST and SYN
  ["rst.active"] = {may="A connect, B connect, B abort"},
  ["rst.closing-told"] = {setup={"B.rules.closing_reset = true"},
    may="B listen, A connect, A close, B close, A abort, B abort, A crash, B crash"},
  ["syn.passive"] = {setup={listen, connect, forge(to_B, 'flags="SYN", seq=A.conns[1].iss+1')}},
  ["rst.time-wait"] = {setup={"A.rules.rfc1337 = true"}, may="B listen, A connect, A close, B close, B crash"},
  ["challenge.throttled"] = {setup=opened('for i = 1, 11 do ' ..
    forge(to_A, 'flags="RST", seq=A.conns[1].rcv.nxt+1') .. ' end'), may=""},
  ["time-wait.reused"] = {setup=opened(step), may="A close, B close, A connect again"},
  ["time-wait.syn-old"] = {setup={"A.rules.timestamps = true", "B.rules.timestamps = true"},
    may="B listen, A connect, B close, A close", dups=1},
  ["syn.challenge"] = {setup=opened(forge(to_A, 'flags="SYN", seq=A.conns[1].rcv.nxt'))},
  ["syn.reset"] = {setup={"A.rules.challenge_ack = false", table.unpack(opened(
    forge(to_A, 'flags="SYN", seq=A.conns[1].rcv.nxt')))}},

  -- ACK
  ["ack.missing"] = {setup={listen, connect, forge(to_B, 'flags="none", seq=A.conns[1].iss+1')}},
  ["ack.out-of-range"] = {setup=opened(
    forge(to_A, 'flags="ACK", seq=A.conns[1].rcv.nxt, ack=A.conns[1].snd.una-70000 & 0xffffffff'))},
  ["ack.too-far"] = {setup=opened(
    forge(to_A, 'flags="ACK", seq=A.conns[1].rcv.nxt, ack=A.conns[1].snd.nxt+1'))},
  ["ack.syn-received-bad"] = {setup={listen, connect, forge(to_B, 'flags="ACK", seq=A.conns[1].iss+1')}},
  ["ack.accept-queue-full"] = {setup={"B:listen(80, {backlog=1})"}, may="A connect, A connect other"},
  ["ack.window-update"] = {setup={"B.rules.recv_buffer = 256"}, may="B listen, A connect, A send 200, B recv"},
  ["ack.probe-answered"] = {setup={"B.rules.recv_buffer = 256"}, may="B listen, A connect, A send 300"},

  -- Text
  ["urgent"] = {setup={listen, connect, 'A.conns[1]:send("x", {urgent=true})'}},
  ["text.with-syn"] = {setup={listen, forge(to_B, 'flags="SYN", data="x"')}},
  ["text.after-fin"] = {setup=opened(
    forge(to_B, 'flags="ACK", seq=A.conns[1].snd.nxt+1, ack=A.conns[1].rcv.nxt, data="x"')), may="A close"},

  -- Timers
  ["timeout.user"] = {setup={"A.rules.user_timeout = 1.5", table.unpack(opened())}, may="A send", delays=2},
  ["timeout.syn-user"] = {setup={"A.rules.syn_timeout = 1.5"}, may="A connect", delays=2},
  ["timeout.persist"] = {setup={"B.rules.recv_buffer = 256"}, may="B listen, A connect, A send 300"},
  ["timeout.silly-window"] = {setup={"B.rules.recv_buffer = 256"},
    may="B listen, A connect, A send 200, A send 100"},
  ["timeout.fin-wait-2"] = {setup={"A.rules.fin_wait_2_timeout = 1"}, may="B listen, A connect, A close"},
  ["timeout.keepalive"] = {setup={"A.rules.keepalive = 1"}, may="B listen, A connect"},
  ["timeout.keepalive-dead"] = {setup={"A.rules.keepalive = 1", "A.rules.keepalive_interval = 1",
    "A.rules.keepalive_probes = 1"}, may="B listen, A connect"},
  ["timeout.syn"] = {may="A connect"},
  ["timeout.r1"] = {may="A connect", delays=3},

  -- ICMP
  ["icmp.soft"] = {setup={connect, icmp("host unreachable")}},
  ["icmp.hard"] = {setup={connect, icmp("port unreachable")}},
  ["icmp.source-quench"] = {setup={connect, icmp("source quench")}},
  ["icmp.strange"] = {setup={connect, icmp("host unreachable")}, may="A abort"},

  -- Output
  ["output.ack-now"] = {setup={"B.rules.delayed_ack = false"}, may="B listen, A connect, A send"},
  ["output.ack-second"] = {may="B listen, A connect, A send 2920"},
  ["output.window-update"] = {may="B listen, A connect, A send 2920, B recv"},
  ["output.fast-retransmit"] = {may="B listen, A connect, A send 5840"},
  ["output.limited-transmit"] = {may="B listen, A connect, A send 5840"},
  ["output.sack-hole"] = {setup={"A.rules.sack = true", "B.rules.sack = true", "A.rules.initial_window = 5"},
    may="B listen, A connect, A send 7300"},
  ["output.partial-ack"] = {setup={"A.rules.initial_window = 5"}, may="B listen, A connect, A send 7300"},

  -- The path
  ["path.checksum"] = {setup={connect, "wire[1]:corrupt(24)"}},
  ["path.malformed"] = {setup={connect, "wire[1]:corrupt(3)"}}, -- the length, whichever bit is drawn
  ["path.lifetime"] = {may="A connect, A abort", drops=1},
  ["path.no-host"] = {setup={'A:connect("127.0.0.9", 80)'}},
  ["path.no-fragments"] = {none={
    en="The lab's TCP sends no segment that is larger than the path takes; only a TCP outside the lab could.",
    zh_CN="实验室的 TCP 不会发送超过路径 MTU 的报文段；只有实验室之外的 TCP 才会。",
    zh_TW="實驗室的 TCP 不會傳送超過路徑 MTU 的區段；只有實驗室之外的 TCP 才會。"}},
  ["path.by-hand"] = {may="A connect", drops=1},
  ["path.foreign"] = {none={
    en="It needs a host whose TCP is not the lab's own; A and B have the lab's TCP.",
    zh_CN="它需要一台 TCP 不属于实验室的主机；A 和 B 用的都是实验室的 TCP。",
    zh_TW="它需要一台 TCP 不屬於實驗室的主機；A 和 B 用的都是實驗室的 TCP。"}},
  ["path.order"] = {setup={"wire:drop{from=A}"}, may="A connect"},
  ["path.chance"] = {setup={"wire.loss = 1", connect}},

  -- What if
  ["what-if.handshake-2"] = {setup={"B.rules.handshake = 2"}, may="B listen, A connect"},
  ["what-if.fin-counts"] = {setup={"A.rules.fin_counts = false"}, may="B listen, A connect, A close, B close"},
  ["what-if.ack-acks"] = {setup={"B.rules.ack_acks = true"}, may="B listen, A connect"},
  ["what-if.no-time-wait"] = {setup={"A.rules.time_wait = false"}, may="B listen, A connect, A close, B close"},

  -- Oracles
  ["oracle.old-byte"] = {may="B listen, A connect, A connect again, A send, A abort"},
  ["oracle.wrong-byte"] = {setup={listen, connect, 'A.conns[1]:send(("\\0"):rep(9) .. "\\255")', step, step,
    unnoticed}},
  ["oracle.forged-byte"] = {setup=opened(
    forge(to_A, 'flags="ACK", seq=A.conns[1].rcv.nxt, ack=A.conns[1].snd.nxt, data="x"'))},
  ["oracle.lost-byte"] = {setup=opened('A.conns[1]:send("x")',
    forge(to_A, 'flags="ACK", seq=A.conns[1].rcv.nxt, ack=A.conns[1].snd.nxt'))},
  ["oracle.early-end"] = {setup=opened(
    forge(to_A, 'flags="FIN,ACK", seq=A.conns[1].rcv.nxt, ack=A.conns[1].snd.nxt'))},
  ["oracle.waits-for-ever"] = {may="B listen, A connect, A close, B crash"},
  ["oracle.storm"] = {setup={"A.rules.ack_acks = true", "B.rules.ack_acks = true", listen, connect, "step(65)"}},

  ["setting"] = {setup={"A.rules.nagle = false"}},
}

-- ---- Playing ----

local all_set_up = {en="All of it was set up; nothing was left to search.",
  zh_CN="整个场景都由设置完成，没有需要搜索的部分。",
  zh_TW="整個場景都由設定完成，沒有需要搜尋的部分。"}

local function calls_named(names)
  local list = {}
  for name in names:gmatch("[^,%s][^,]*") do list[#list + 1] = calls[name] end
  return list
end

-- Makes the steps of a setup; returns the command of each, "" where the one before made it too.
local function set_up(setup)
  local commands = {}
  for _, part in ipairs(setup) do
    for _, command in ipairs(type(part) == "function" and part() or {part}) do
      local before = steps()
      load(command, "=scene", "t", _ENV)()
      for i = before + 1, steps() do commands[i] = i == before + 1 and command or "" end
    end
  end
  return commands
end

-- The scene of a rule as a path, played; nil and why where there is none.
return function(rule)
  local scene = scenes[rule] or {}
  if scene.none then return nil, machinery.words(scene.none) end
  reset()
  local commands = set_up(scene.setup or {})
  if machinery.follows(rule) then return machinery.join(commands), machinery.words(all_set_up) end
  local way, how = find(rule, {may=calls_named(scene.may or usual), drops=scene.drops, dups=scene.dups,
    delays=scene.delays})
  if not way then return nil, how end
  replay(way)
  return machinery.join(commands, way)
end
