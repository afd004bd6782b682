-- run.lua - runs the events of one script: the clock, inbound and outbound packets, and blocking calls.
--
-- Host A is the TCP under test. The script takes the place of B: packets that A sends are taken off the wire at once
-- and never arrive.

local drill = ...
local M, packet, flow = drill.machinery, drill.packet, drill.flow

local run = {}
run.__index = run

local LATENCY = 20000 -- the packets' latency in a lesson
local LINUX_DELAY = 40000
local PATIENCE = 10 * 1000000 -- how much longer to wait for a late packet, to report when it came
local FIRST_REMOTE_PORT = 40000

function run.new(settings, file)
  local one = setmetatable({settings = settings, file = file, host = A, sent = {}, flows = {}, flying = {}, count = {}},
    run)
  one.remote_port = FIRST_REMOTE_PORT
  one.keepalive = {idle = 7200, interval = 75, probes = 9}
  one.calls = drill.calls.new(one)
  return one
end

-- ---- What was sent ----

local function port_of(text) return math.tointeger(tonumber(text:match(":(%d+)$"))) end

function run:take(p)
  self.sent[#self.sent + 1] = {at = M.now(), packet = packet.decode(p.bytes)}
  if p.again then self.count.again = (self.count.again or 0) + 1 end
  if self.slow then self.flying[p.id] = true else p:drop() end
end

local function first_new(self)
  if not self.slow then return wire[1] end
  for i = 1, #wire do
    local p = wire[i]
    if p.from == self.host and not self.flying[p.id] then return p end
  end
end

-- Takes the packets that A has sent; a call that then resumes may send more.
function run:collect()
  repeat
    for p in first_new, self do self:take(p) end
    self.calls:look()
  until not first_new(self)
end

-- In a lesson packets are shown on their way before they are taken off the wire at B.
function run:let_go(due)
  local p = self.slow and wire[1]
  if not p or p.from ~= self.host or math.floor(p.due * 1e6 + 0.5) > due then return false end
  M.pass(due)
  p:drop()
  return true
end

function run:flow_of(ports)
  local key = ports[1] .. ":" .. ports[2]
  if not self.flows[key] then self.flows[key] = flow.new(ports) end
  return self.flows[key]
end

-- ---- The clock ----

-- Does the next step, where one is due before `limit`. False: none is.
function run:step_before(limit)
  local due, wakes = M.next(), self.calls:wakes()
  if wakes and wakes < limit and (not due or wakes <= due) then
    M.pass(wakes)
  elseif due and due < limit then
    if not self:let_go(due) then step() end
  else
    return false
  end
  self:collect()
  return true
end

function run:advance(time)
  while self:step_before(time) do end
  M.pass(time)
end

-- The time of an event: {at=, till=, kind=}.
function run:when(event)
  local time = event.time
  if time.kind == "any" then return {kind = "any", at = 0, till = math.maxinteger} end
  local relative = time.kind:find("relative", 1, true)
  local anchored = event.direction == "in" and self.last and self.last.direction == "in"
  local base = not relative and 0 or anchored and self.last_at or M.now()
  return {kind = time.kind, at = base + time.at, till = base + time.till, base = base}
end

function run:tolerance(at)
  local dynamic = (self.settings.tolerance_percent or 0) / 100 * (at - (self.last_at or 0))
  return math.max(self.settings.tolerance_usecs, math.floor(dynamic))
end

local function clock(micros) return ("%.6f"):format(micros / 1e6) end

-- ---- Outbound ----

function run:fail_packet(event, reason, wanted_at, got, got_at)
  local ip = event.ip
  if got and ip then got.ip = {ecn = ip.ecn and got.tos & 3, tos = ip.tos and got.tos, ttl = ip.ttl and got.ttl} end
  local lines = {reason, "    expected  " .. wanted_at .. " " .. packet.text(event, "out")}
  if got then lines[#lines + 1] = "    got       " .. clock(got_at) .. " " .. packet.text(got, "out") end
  drill.failed(event.line, table.concat(lines, "\n"))
end

local function expected_text(when)
  if when.kind == "any" then return "*" end
  return when.till > when.at and clock(when.at) .. "~" .. clock(when.till) or clock(when.at)
end

-- Waits until a packet has been sent; false: none was in time.
function run:await_sent(limit)
  while #self.sent == 0 do
    if not self:step_before(limit) then return false end
  end
  return true
end

-- A sender with segmentation offload (TSO) shows one large packet where this TCP sends several segments: takes as many
-- as make up its length.
function run:gather(event, first, limit)
  local whole = first.packet
  local wanted = event.seq.length
  while whole.length < wanted and whole.length > 0 and not self.settings.strict_segments and self:await_sent(limit) do
    local next = self.sent[1].packet
    local follows = next.seq == whole.seq + whole.length & 0xffffffff and next.ack == whole.ack and next.length > 0
    if not follows or whole.length + next.length > wanted then break end
    table.remove(self.sent, 1)
    local flags = next.flags
    if packet.has(whole, "P") and not packet.has(next, "P") then flags = flags:gsub("%.", "P.") end
    local sum = whole.length + next.length
    local joined = {}
    for key, value in pairs(whole) do joined[key] = value end
    joined.flags, joined.length, joined.win = flags, sum, next.win
    whole = joined
  end
  return whole
end

function run:late(event, when, tolerance)
  local limit = when.till + tolerance
  M.pass(limit)
  if self:await_sent(limit + PATIENCE) then
    local late = self.sent[1]
    return self:fail_packet(event, ("expected time %s, got time %s"):format(expected_text(when), clock(late.at)),
      expected_text(when),
      self:flow_of(late.packet.ports):outbound(late.packet), late.at)
  end
  self:fail_packet(event, ("expected a packet at %s, got nothing"):format(expected_text(when)), expected_text(when))
end

function run:judge_time(event, when, tolerance, got, at)
  if when.kind == "any" or (at >= when.at - tolerance and at <= when.till + tolerance) then return end
  self:fail_packet(event, ("expected time %s, got time %s"):format(expected_text(when), clock(at)), expected_text(when),
    got, at)
end

function run:timestamp_check()
  local tick, tolerance = self.settings.tcp_ts_tick_usecs, self.settings.tolerance_usecs
  return {ts_val = function(wanted, got)
    local apart = (got - wanted + 0x80000000 & 0xffffffff) - 0x80000000
    return math.abs(apart) * tick <= tolerance
  end}
end

function run:outbound(event)
  local when = self:when(event)
  local tolerance = self:tolerance(when.at)
  local limit = when.kind == "any" and math.maxinteger or when.till + tolerance + 1
  if not self:await_sent(limit) then
    if when.kind ~= "any" then self:late(event, when, tolerance) end
    self:fail_packet(event, "expected a packet at some time, got nothing: nothing more will ever happen", "*")
  end
  local first = table.remove(self.sent, 1)
  local which = self:flow_of(first.packet.ports)
  which:begins(first.packet, event)
  local live = self:gather(event, first, limit)
  which:learn_timestamp(live, event)
  local got = which:outbound(live)
  which:sent(live)
  local differences = packet.differences(event, got, self:timestamp_check())
  if #differences > 0 then
    local parts = {}
    for i, one in ipairs(differences) do
      parts[i] = ("expected %s %s, got %s %s"):format(one.name, one.expected, one.name, one.got)
    end
    self:fail_packet(event, table.concat(parts, "; "), expected_text(when), got, first.at)
  end
  self:judge_time(event, when, tolerance, got, first.at)
  self.last_at = when.kind == "any" and M.now() or when.at
end

-- ---- Inbound ----

-- The connection of the script's packet: packetdrill tests one at a time; where there are more, ports select it.
function run:flow_for(event)
  if event.ports then
    local which = self:flow_of{event.ports[2], event.ports[1]}
    which.opens = which.opens or self.calls:listens(event.ports[2])
    return which
  end
  local new = packet.has(event, "S") and not packet.has(event, ".") and self.listening
  if new or not self.flow then
    self.remote_port = self.remote_port + 1
    self.flow = self:flow_of{self.bound or self.settings.bind_port, self.remote_port}
    self.flow.opens, self.listening = self.listening, false
  end
  return self.flow
end

function run:ends(which)
  return self.host.addr .. ":" .. which.ports[1], B.addr .. ":" .. which.ports[2]
end

function run:inject(event, delay)
  local which = self:flow_for(event)
  local ours, theirs = self:ends(which)
  local live = which:inbound(event, self.settings)
  local ip = event.ip or {}
  if packet.has(event, "S") and (packet.has(event, "E") or packet.has(event, "W")) and self.ecn then
    drill.unsupported(event.line, "a SYN that offers ECN")
  end
  local tos = (ip.tos or 0) | (ip.ecn or 0)
  local fields = {from = theirs, to = ours, flags = packet.flag_names(live.flags), seq = live.seq, ack = live.ack or 0,
    win = live.win or 0,
    urg = live.urg or 0, data = ("\0"):rep(live.length)}
  return M.inject(fields, tos, ip.ttl or 64, packet.raw_options(live.options), delay)
end

local function refuse_options(event)
  for _, option in ipairs(type(event.options) == "table" and event.options or {}) do
    if option.unsupported then drill.unsupported(event.line, option.unsupported) end
  end
  if event.direction == "in" and event.options == "any" then
    drill.failed(event.line, "<...> stands for any options of what goes out; what comes in must say its own")
  end
end

function run:inbound(event)
  local when = self:when(event)
  local flight = self.slow and not event.icmp and LATENCY or 0
  self:advance(when.at - flight)
  local p = event.icmp and drill.icmp.inject(self, event)
    or not event.icmp and self:inject(event, math.max(0, when.at - M.now()))
  if flight > 0 then self:advance(when.at) end
  self.last_at = when.at
  if not p then return end
  p:deliver()
  if event.seq and event.seq.length > 0 then self.heard_at = M.now() end
  self:collect()
end

-- Linux's ping-pong mode: data was sent soon after data was received, so from now on ACKs may be delayed.
function run:wrote()
  if self.profile ~= "linux" or self.ping_pong or not self.heard_at or M.now() - self.heard_at > LINUX_DELAY then
    return
  end
  self.ping_pong = true
  self.host.rules.delayed_ack = LINUX_DELAY / 1e6
end

-- ---- All events ----

function run:judge_range(event)
  local ranged = event.time.kind:find("range", 1, true) or event.time.kind == "any"
  if ranged and event.direction ~= "out" then
    drill.failed(event.line, "only what goes out may have a time range or *: what is done has one time")
  end
  if event.time.till and event.time.till < event.time.at then
    drill.failed(event.line, "this time range ends before it begins")
  end
end

function run:event(event)
  self.line = event.line
  self:judge_range(event)
  if event.trouble then drill.unsupported(event.line, event.trouble.unsupported) end
  if event.what == "packet" then
    refuse_options(event)
    if event.direction == "in" then self:inbound(event)
    elseif event.icmp then drill.unsupported(event.line, "ICMP that goes out")
    else self:outbound(event) end
  else
    local when = self:when(event)
    if event.what == "call" then self.calls:finish_blocked(event) end
    self:advance(when.at)
    self.last_at = when.at
    if event.what == "call" then self.calls:make(event, when)
    elseif event.what == "command" then drill.shell.run(self, event)
    else drill.tcpinfo.run(self, event) end
    self:collect()
  end
  self.last = event
end

-- Fails where a packet was sent that no line expects.
function run:judge_rest(line)
  local rest = self.sent[1]
  if not rest or not self.settings.strict then return end
  local which = self:flow_of(rest.packet.ports)
  drill.failed(line, "expected nothing more, got " .. clock(rest.at) .. " "
    .. packet.text(which:outbound(rest.packet), "out"))
end

function run:all(events, before, after)
  if before then drill.shell.run(self, before) end
  local previous = 0
  for _, event in ipairs(events) do
    if event.time.kind == "absolute" and event.time.at < previous then
      drill.failed(event.line, "time goes backwards")
    end
    if event.time.kind == "absolute" then previous = event.time.at end
    if self.before_event then self.before_event(event) end
    self:event(event)
  end
  local last = events[#events]
  self.calls:finish_blocked()
  self:judge_rest(last.line)
  if self.show_news then self.show_news() end
  if after then drill.shell.run(self, after) end
end

return run
