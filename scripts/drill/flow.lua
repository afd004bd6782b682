-- flow.lua - one connection in the script's numbers: translates between them and the live ones, by packetdrill's
-- rules.
--
-- A SYN's numbers are absolute; all others are relative to the initial sequence numbers. Inbound packets use the
-- script's numbers, outbound ones are relative to the ISN that this TCP chose. Timestamps of this TCP are relative to
-- the first one.

local drill = ...
local packet = drill.packet
local WORD = 0xffffffff

local flow = {}
flow.__index = flow

-- ports: {local, remote} of our side. `opens` is set where a socket listens or connects: only then an inbound SYN
-- starts a connection.
function flow.new(ports) return setmetatable({ports = ports, ts_live = {}}, flow) end

local function has_syn(one) return packet.has(one, "S") end

function flow:local_offset(syn)
  if not self.local_live then return 0 end
  return self.local_live - (syn and self.local_script or 0)
end

function flow:remote_offset(syn) return syn and 0 or self.remote or 0 end

local function shifted(options, by)
  if type(options) ~= "table" then return options end
  local list = {}
  for i, option in ipairs(options) do
    list[i] = option
    if option.kind == "sack" then
      local blocks = {}
      for j, block in ipairs(option.blocks) do blocks[j] = {block[1] + by & WORD, block[2] + by & WORD} end
      list[i] = {kind = "sack", blocks = blocks}
    end
  end
  return list
end

-- ---- Inbound ----

-- What this TCP sent when the script's timestamp was `echo`. Packetdrill refuses an echo of a timestamp never sent.
function flow:live_echo(echo, settings, line)
  if self.ts_live[echo] then return self.ts_live[echo] end
  if settings.tcp_ts_ecr_scaled and self.ts_first then
    return echo - self.ts_first.script + self.ts_first.live & WORD
  end
  if echo == 0 then return 0 end
  drill.failed(line, "TS ecr " .. echo .. " echoes a timestamp that was not sent before")
end

local function live_options(self, event, settings, by)
  local options = shifted(event.options, by)
  for i, option in ipairs(options or {}) do
    if option.kind == "TS" and packet.has(event, ".") then
      options[i] = {kind = "TS", val = option.val, ecr = self:live_echo(option.ecr, settings, event.line)}
    end
  end
  return options
end

-- The script's inbound packet in live numbers.
function flow:inbound(event, settings)
  local syn = has_syn(event)
  if syn and self.opens and (not self.remote or packet.has(event, ".")) and not self.settled then
    self.remote = event.seq.from
  end
  if syn then
    self.last_syn = event.seq.from
    self:saw_syn("their_syn", event.options)
  end
  local to_local = self:local_offset(syn)
  return {flags = event.flags, seq = event.seq.from + self:remote_offset(syn) & WORD, length = event.seq.length,
    ack = event.ack and packet.has(event, ".") and event.ack + to_local & WORD, win = event.win, urg = event.urg,
    options = live_options(self, event, settings, to_local)}
end

-- ---- Outbound ----

-- A SYN of ours starts a connection: numbers are relative to its ISN. `wanted` is the script's packet, or nil.
function flow:begins(got, wanted)
  if not has_syn(got) then return end
  self.local_live = got.seq
  self:saw_syn("our_syn", got.options)
  self.local_script = wanted and has_syn(wanted) and wanted.seq.from or 0
  if got.ack and self.last_syn and got.ack == self.last_syn + 1 & WORD then self.remote = self.last_syn end
end

-- After it has answered the other side's SYN, later SYNs do not change the ISN.
function flow:sent(live)
  if packet.has(live, ".") and not packet.has(live, "R") then self.settled = true end
end

function flow:learn_timestamp(got, wanted)
  local live, script = packet.timestamp(got), wanted and packet.timestamp(wanted)
  if not live or not script then return end
  self.ts_live[script.val] = live.val
  self.ts_first = self.ts_first or {script = script.val, live = live.val}
end

-- A packet of ours in the script's numbers.
function flow:outbound(got)
  local syn = has_syn(got)
  local one = {}
  for key, value in pairs(got) do one[key] = value end
  -- The RST that answers a segment without ACK has the number 0 in any case (RFC 9293 3.10.7.1).
  local bare = packet.has(got, "R") and got.seq == 0
  if not bare then one.seq = got.seq - self:local_offset(syn) & WORD end
  local to_remote = self:remote_offset(syn)
  if got.ack then one.ack = got.ack - to_remote & WORD end
  one.options = shifted(got.options, -to_remote)
  for i, option in ipairs(one.options) do
    if option.kind == "TS" and self.ts_first then
      one.options[i] = {kind = "TS", val = self.ts_first.script + option.val - self.ts_first.live & WORD,
        ecr = option.ecr}
    end
  end
  return one
end

-- ---- What the SYNs negotiated ----

local function find_option(options, kind)
  for _, option in ipairs(type(options) == "table" and options or {}) do
    if option.kind == kind then return option end
  end
end

function flow:saw_syn(side, options) self[side] = options or {} end

-- {options=, send_scale=, receive_scale=}: the bits of tcpi_options.
function flow:agreed()
  if not self.our_syn or not self.their_syn then return {} end
  local both = function(kind) return find_option(self.our_syn, kind) and find_option(self.their_syn, kind) end
  local scaled = both"wscale"
  return {options = (both"TS" and 1 or 0) | (both"sackOK" and 2 or 0) | (scaled and 4 or 0),
    send_scale = scaled and find_option(self.their_syn, "wscale").value or 0,
    receive_scale = scaled and find_option(self.our_syn, "wscale").value or 0}
end

return flow
