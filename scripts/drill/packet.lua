-- packet.lua - packets in the notation of the machinery and of scripts, and the differences between two of them.
--
-- A packet here is {flags="S.", seq=, length=, ack=, win=, urg=, options={{kind="mss", value=1460} ...}, tos=, ttl=,
-- ports={src, dst}}.

local drill = ...
local M = drill.machinery

local packet = {}

-- ---- Flags: letters and names ----

local letters = {"S", "F", "R", "P", "U", "E", "W", "."}
local names = {S = "SYN", F = "FIN", R = "RST", P = "PSH", U = "URG", E = "ECE", W = "CWR", ["."] = "ACK"}

-- "SYN,ACK" as a script writes it: "S.".
local function flag_letters(text)
  local found = ""
  for _, letter in ipairs(letters) do
    if text:find(names[letter], 1, true) then found = found .. letter end
  end
  return found == "" and "-" or found
end

-- The letters of a script's flags, each once and in one order.
local function flag_set(text)
  local found = ""
  for _, letter in ipairs(letters) do
    if text:find(letter, 1, true) then found = found .. letter end
  end
  return found
end

-- "SYN,ACK", as wire:inject() takes it.
function packet.flag_names(text)
  local list = {}
  for letter in text:gmatch("[SFRPUEW.]") do list[#list + 1] = names[letter] end
  return #list > 0 and table.concat(list, ",") or "none"
end

function packet.has(one, letter) return one.flags:find(letter, 1, true) ~= nil end

-- ---- Options ----

-- A script's name of an option, and the machinery's.
local wire_name = {mss = "mss", wscale = "wscale", sackOK = "sack_ok", TS = "ts", sack = "sack", nop = "nop",
  eol = "eol"}
local script_name = {}
for script, wire in pairs(wire_name) do script_name[wire] = script end

local function read_option(raw)
  local option = {kind = script_name[raw[1]] or "unknown option"}
  if option.kind == "TS" then
    option.val, option.ecr = raw[2], raw[3]
  elseif option.kind == "sack" then
    option.blocks = {}
    for at = 2, #raw, 2 do option.blocks[#option.blocks + 1] = {raw[at], raw[at + 1]} end
  else
    option.value = raw[2]
  end
  return option
end

local function write_option(option)
  local raw = {wire_name[option.kind]}
  if option.kind == "TS" then
    raw[2], raw[3] = option.val, option.ecr
  elseif option.kind == "sack" then
    for _, block in ipairs(option.blocks) do
      raw[#raw + 1] = block[1]
      raw[#raw + 1] = block[2]
    end
  else
    raw[2] = option.value
  end
  return raw
end

-- Options as the machinery's inject() takes them.
function packet.raw_options(options)
  local list = {}
  for i, option in ipairs(options or {}) do list[i] = write_option(option) end
  return list
end

local writers = {
  mss = function(o) return "mss " .. o.value end,
  wscale = function(o) return "wscale " .. o.value end,
  TS = function(o) return "TS val " .. o.val .. " ecr " .. o.ecr end,
  sack = function(o)
    local parts = {"sack"}
    for i, block in ipairs(o.blocks) do parts[i + 1] = block[1] .. ":" .. block[2] end
    return table.concat(parts, " ")
  end,
}

function packet.option_text(options)
  if options == "any" then return "<...>" end
  if not options or #options == 0 then return "" end
  local parts = {}
  for i, option in ipairs(options) do parts[i] = (writers[option.kind] or function(o) return o.kind end)(option) end
  return "<" .. table.concat(parts, ",") .. ">"
end

function packet.timestamp(one)
  if type(one.options) ~= "table" then return nil end
  for _, option in ipairs(one.options) do
    if option.kind == "TS" then return option end
  end
end

-- ---- A whole datagram ----

function packet.decode(bytes)
  local got = M.decode(bytes)
  local options = {}
  for i, raw in ipairs(got.options) do options[i] = read_option(raw) end
  local ack = got.flags:find("ACK", 1, true) and got.ack or nil
  return {flags = flag_letters(got.flags), seq = got.seq, length = got.length, ack = ack, win = got.win, urg = got.urg,
    options = options, tos = got.tos, ttl = got.ttl, ports = {got.src, got.dst}}
end

-- ---- As a script writes it ----

function packet.text(one, direction)
  local seq = type(one.seq) == "table" and one.seq or {from = one.seq, till = one.seq + one.length, length = one.length}
  local parts = {direction == "in" and "<" or ">"}
  local ip = one.ip
  if ip and ip.ecn then
    parts[#parts + 1] = "[" .. ({[0] = "noecn", "ect1", "ect0", "ce", ect01 = "ect01"})[ip.ecn] .. "]"
  end
  if ip and ip.tos then parts[#parts + 1] = ("[tos 0x%x]"):format(ip.tos) end
  if ip and ip.ttl then parts[#parts + 1] = "[ttl " .. ip.ttl .. "]" end
  parts[#parts + 1] = one.flags
  parts[#parts + 1] = seq.any and ("...(%d)"):format(seq.length)
    or ("%d:%d(%d)"):format(seq.from, seq.till & 0xffffffff, seq.length)
  if one.ack then parts[#parts + 1] = "ack " .. one.ack end
  if one.win then parts[#parts + 1] = "win " .. one.win end
  if one.urg and one.urg ~= 0 then parts[#parts + 1] = "urg " .. one.urg end
  local options = packet.option_text(one.options)
  if options ~= "" then parts[#parts + 1] = options end
  return table.concat(parts, " ")
end

-- ---- Expected and got ----

local function same_option(wanted, got, check)
  if wanted.kind ~= got.kind then return false end
  if wanted.kind == "TS" then return wanted.ecr == got.ecr and check.ts_val(wanted.val, got.val) end
  if wanted.kind == "sack" then return packet.option_text{wanted} == packet.option_text{got} end
  return wanted.value == got.value
end

local function same_options(wanted, got, check)
  if wanted == "any" then return true end
  wanted = wanted or {}
  if #wanted ~= #got then return false end
  for i, option in ipairs(wanted) do
    if not same_option(option, got[i], check) then return false end
  end
  return true
end

local function ecn_differs(wanted, tos)
  if wanted == "ect01" then return tos & 3 ~= 1 and tos & 3 ~= 2 end
  return wanted and tos & 3 ~= wanted
end

-- The differences of `got` (in the script's numbers) from the script's packet: a list of {name, expected, got}. What
-- the script leaves out is not compared; but a packet without options has none, as in packetdrill. check.ts_val(wanted,
-- got) compares timestamps.
function packet.differences(wanted, got, check)
  local list = {}
  local function differ(name, a, b) list[#list + 1] = {name = name, expected = a, got = b} end
  local function compare(name, a, b) if a and a ~= b then differ(name, a, b) end end
  if flag_set(wanted.flags) ~= flag_set(got.flags) then differ("flags", wanted.flags, got.flags) end
  compare("seq", not wanted.seq.any and wanted.seq.from & 0xffffffff, got.seq)
  compare("length", wanted.seq.length, got.length)
  compare("ack", wanted.ack, got.ack or "nothing")
  compare("win", wanted.win, got.win)
  compare("urg", wanted.urg or 0, got.urg)
  if not same_options(wanted.options, got.options, check) then
    differ("options", wanted.options and packet.option_text(wanted.options) or "none",
      #got.options > 0 and packet.option_text(got.options) or "none")
  end
  local ip = wanted.ip or {}
  if ecn_differs(ip.ecn, got.tos) then differ("ECN", ip.ecn, got.tos & 3) end
  compare("tos", ip.tos, got.tos)
  compare("ttl", ip.ttl, got.ttl)
  if wanted.ports then
    compare("source port", wanted.ports[1], got.ports[1])
    compare("destination port", wanted.ports[2], got.ports[2])
  end
  return list
end

return packet
