-- packet.lua - packets: their bytes, how a script writes them, and in what two of them differ.
--
-- A packet here is {flags="S.", seq=, length=, ack=, win=, urg=, options={{kind="mss", value=1460} ...}, tos=, ttl=, ports={src, dst}}.

local packet = {}

-- ---- Flags: bits and letters ----

local letters = {{"S", 2}, {"F", 1}, {"R", 4}, {"P", 8}, {"U", 32}, {"E", 64}, {"W", 128}, {".", 16}}
local names = {S = "SYN", F = "FIN", R = "RST", P = "PSH", U = "URG", E = "ECE", W = "CWR", ["."] = "ACK"}

local function flag_text(bits)
  local text = ""
  for _, flag in ipairs(letters) do
    if bits & flag[2] ~= 0 then text = text .. flag[1] end
  end
  return text == "" and "-" or text
end

local function flag_bits(text)
  local bits = 0
  for _, flag in ipairs(letters) do
    if text:find(flag[1], 1, true) then bits = bits | flag[2] end
  end
  return bits
end

-- "SYN,ACK" as wire:inject wants it.
function packet.flag_names(text)
  local list = {}
  for letter in text:gmatch("[SFRPUEW.]") do list[#list + 1] = names[letter] end
  return #list > 0 and table.concat(list, ",") or "none"
end

function packet.has(one, letter) return one.flags:find(letter, 1, true) ~= nil end

-- ---- Options: bytes and words ----

local function decode_option(kind, body)
  if kind == 2 and #body == 2 then return {kind = "mss", value = (">I2"):unpack(body)} end
  if kind == 3 and #body == 1 then return {kind = "wscale", value = body:byte()} end
  if kind == 4 and #body == 0 then return {kind = "sackOK"} end
  if kind == 8 and #body == 8 then
    local val, ecr = (">I4I4"):unpack(body)
    return {kind = "TS", val = val, ecr = ecr}
  end
  if kind == 5 and #body % 8 == 0 then
    local blocks = {}
    for at = 1, #body, 8 do blocks[#blocks + 1] = {(">I4I4"):unpack(body, at)} end
    return {kind = "sack", blocks = blocks}
  end
  return {kind = "option " .. kind}
end

local function decode_options(bytes)
  local list, at = {}, 1
  while at <= #bytes do
    local kind = bytes:byte(at)
    if kind < 2 then
      list[#list + 1] = {kind = kind == 0 and "eol" or "nop"}
      at = at + 1
    else
      local size = bytes:byte(at + 1) or 0
      list[#list + 1] = decode_option(kind, bytes:sub(at + 2, at + size - 1))
      at = at + math.max(size, 2)
    end
  end
  return list
end

local encoders = {
  nop = function() return "\1" end,
  eol = function() return "\0" end,
  mss = function(o) return (">BBI2"):pack(2, 4, o.value & 0xffff) end,
  wscale = function(o) return ("BBB"):pack(3, 3, o.value & 0xff) end,
  sackOK = function() return "\4\2" end,
  TS = function(o) return (">BBI4I4"):pack(8, 10, o.val & 0xffffffff, o.ecr & 0xffffffff) end,
  sack = function(o)
    local parts = {("BB"):pack(5, 2 + 8 * #o.blocks)}
    for i, block in ipairs(o.blocks) do parts[i + 1] = (">I4I4"):pack(block[1] & 0xffffffff, block[2] & 0xffffffff) end
    return table.concat(parts)
  end,
}

function packet.encode_options(options)
  local parts = {}
  for i, option in ipairs(options or {}) do parts[i] = encoders[option.kind](option) end
  return table.concat(parts)
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
  local first, tos, _, _, _, ttl = (">BBI2I2I2B"):unpack(bytes)
  local tcp = (first & 15) * 4
  local src, dst, seq, ack, offset, bits, win, _, urg = (">I2I2I4I4BBI2I2I2"):unpack(bytes, tcp + 1)
  local data = tcp + (offset >> 4) * 4
  return {flags = flag_text(bits), seq = seq, length = #bytes - data, ack = bits & 16 ~= 0 and ack or nil, win = win, urg = urg,
    options = decode_options(bytes:sub(tcp + 21, data)), tos = tos, ttl = ttl, ports = {src, dst}}
end

-- ---- As a script writes it ----

function packet.text(one, direction)
  local seq = type(one.seq) == "table" and one.seq or {from = one.seq, till = one.seq + one.length, length = one.length}
  local parts = {direction == "in" and "<" or ">"}
  local ip = one.ip
  if ip and ip.ecn then parts[#parts + 1] = "[" .. ({[0] = "noecn", "ect1", "ect0", "ce", ect01 = "ect01"})[ip.ecn] .. "]" end
  if ip and ip.tos then parts[#parts + 1] = ("[tos 0x%x]"):format(ip.tos) end
  if ip and ip.ttl then parts[#parts + 1] = "[ttl " .. ip.ttl .. "]" end
  parts[#parts + 1] = one.flags
  parts[#parts + 1] = seq.any and ("...(%d)"):format(seq.length) or ("%d:%d(%d)"):format(seq.from, seq.till & 0xffffffff, seq.length)
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

-- In what `got` (in the script's numbers) is not what the script's packet says: a list of {name, expected, got}. What the script leaves
-- out is not looked at; but no options are no options, as packetdrill has it. check.ts_val(wanted, got) judges timestamps.
function packet.differences(wanted, got, check)
  local list = {}
  local function differ(name, a, b) list[#list + 1] = {name = name, expected = a, got = b} end
  local function compare(name, a, b) if a and a ~= b then differ(name, a, b) end end
  if flag_bits(wanted.flags) ~= flag_bits(got.flags) then differ("flags", wanted.flags, got.flags) end
  compare("seq", not wanted.seq.any and wanted.seq.from & 0xffffffff, got.seq)
  compare("length", wanted.seq.length, got.length)
  compare("ack", wanted.ack, got.ack or "nothing")
  compare("win", wanted.win, got.win)
  compare("urg", wanted.urg or 0, got.urg)
  if not same_options(wanted.options, got.options, check) then
    differ("options", wanted.options and packet.option_text(wanted.options) or "none", #got.options > 0 and packet.option_text(got.options) or "none")
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
