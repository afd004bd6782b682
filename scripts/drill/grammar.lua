-- grammar.lua - the language of packetdrill: a script's text becomes options and events.
--
-- An event is {line=, time={kind=, at=, till=}, what="packet" | "call" | "command" | "code", ...}; times are
-- microseconds. Syntax that this TCP does not support is read as far as needed to report it: {unsupported="..."}.

local drill = ...
local lpeg = drill.lpeg
local P, S, R, V, C, Cc, Cf, Cg, Cmt, Cp, Cs, Ct = lpeg.P, lpeg.S, lpeg.R, lpeg.V, lpeg.C, lpeg.Cc, lpeg.Cf, lpeg.Cg,
  lpeg.Cmt, lpeg.Cp,
    lpeg.Cs, lpeg.Ct

local grammar = {}

-- ---- Words ----

-- The farthest position read: the syntax error is there.
local farthest = 0
local function reached(_, at)
  if at > farthest then farthest = at end
  return true
end

local space = S" \t\r\n"^0
local function token(pattern) return pattern * Cmt(true, reached) * space end
local function mark(text) return token(P(text)) end

local digit, letter = R"09", R("az", "AZ") + P"_"
local name = C(letter * (letter + digit)^0)
local function keyword(text) return token(P(text) * -(letter + digit)) end

-- A number that is too large is noted, and refused when its line is read.
local oversized
local function to_number(text)
  local number = math.tointeger(tonumber(text))
  if number and number > -2^53 and number < 2^53 then return number end
  oversized = text
  return 0
end

local whole = token(C(P"-"^-1 * digit^1) / to_number)
local natural = token(C(digit^1) / to_number)
local hex = token(C(P"0x" * R("09", "af", "AF")^1) / to_number)
local word = token(name)
local quoted = Cs(P'"' / ""
  * ((P"\\" * C(1)) / {n = "\n", t = "\t", r = "\r", ["0"] = "\0", ['"'] = '"', ["\\"] = "\\"} + (1 - S'"'))^0
  * (P'"' / ""))
local text = token(quoted)

local function micros(text)
  local seconds = tonumber(text)
  if seconds <= 1e9 then return math.floor(seconds * 1e6 + 0.5) end
  oversized = text
  return 0
end
local seconds = token(C(digit^0 * P"." * digit^1 + digit^1) / micros)
local ellipsis = mark"..."

-- ---- Times ----

local function time_of(kind)
  return function(at, till) return {kind = kind, at = at, till = till or at} end
end
local time = mark"+" * seconds * mark"~" * mark"+" * seconds / time_of("relative_range")
    + mark"+" * seconds / time_of("relative")
    + seconds * mark"~" * seconds / time_of("absolute_range")
    + seconds / time_of("absolute")
    + mark"*" / function() return {kind = "any"} end

-- ---- Packets ----

local function unsupported(what)
  return function(words) return {unsupported = what .. (words and words ~= "" and ": " .. words or "")} end
end

local block = Ct(natural * mark":" * natural)
local in_option = C((1 - S",>")^1)
local option = Ct(Cg(keyword"nop" * Cc"nop", "kind"))
    + Ct(Cg(keyword"eol" * Cc"eol", "kind"))
    + Ct(Cg(keyword"mss" * Cc"mss", "kind") * Cg(natural, "value"))
    + Ct(Cg(keyword"wscale" * Cc"wscale", "kind") * Cg(natural, "value"))
    + Ct(Cg(keyword"sackOK" * Cc"sackOK", "kind"))
    + Ct(Cg(keyword"sack" * Cc"sack", "kind") * Cg(Ct(block^1), "blocks"))
    + Ct(Cg(keyword"TS" * Cc"TS", "kind") * keyword"val" * Cg(natural, "val") * keyword"ecr" * Cg(natural, "ecr"))
    + token(in_option / unsupported("the TCP option"))
local options = mark"<" * (ellipsis * Cc"any" + Ct(option * (mark"," * option)^0)) * mark">"

local ecn = keyword"noecn" * Cc(0) + keyword"ect0" * Cc(2) + keyword"ect1" * Cc(1) + keyword"ect01" * Cc("ect01")
  + keyword"ce" * Cc(3)
local ip_field = Cg(ecn, "ecn") + keyword"tos" * Cg(hex + natural, "tos") + keyword"ttl" * Cg(natural, "ttl")
    + Cg(keyword"flowlabel" * (hex + natural) * Cc"a flow label (IPv6)", "unsupported")
local ip_fields = ip_field * (mark"," * ip_field)^0
local ip = Ct(mark"(" * ip_fields * mark")" + mark"[" * ip_fields * mark"]")

local sequence = natural * mark":" * natural * mark"(" * natural * mark")"
    / function(from, till, length) return {from = from, till = till, length = length} end
    + ellipsis * mark"(" * natural * mark")" / function(length) return {any = true, length = length} end
local letters = S"SFRPUEWA"
local flags = token(C(letters^1 * P"."^-1 + P"." + P"-") * -(letter + digit))
local accurate = token(C(letters^0 * P"." * digit)) / unsupported("AccECN's ACE field")

local tcp = Cg(ip, "ip")^-1 * Cg(Ct(natural * mark">" * natural), "ports")^-1
    * (Cg(flags, "flags") + Cg(accurate, "trouble"))
    * Cg(sequence, "seq") * (keyword"ack" * Cg(natural, "ack"))^-1 * (keyword"win" * Cg(natural, "win"))^-1
    * (keyword"urg" * Cg(natural, "urg"))^-1 * Cg(options, "options")^-1
    * Cg(token(P"{" * C((1 - P"}")^0) * P"}") / unsupported("changing packets at random"), "trouble")^-1
local icmp_word = token(C(letter * (letter + digit)^0)) - (keyword"mtu" + keyword"id")
local about = mark"[" * (Cg(sequence, "about") + Cg(C((1 - S"]\n")^1) - ip_field, "other")) * mark"]"
local icmp = Cg(ip, "ip")^-1 * Cg(Ct(about^-1 * keyword"icmp" * Cg(icmp_word, "type") * Cg(icmp_word, "code")^-1
    * (keyword"mtu" * Cg(natural, "mtu"))^-1 * (keyword"id" * Cg(natural, "id"))^-1 * about^-1), "icmp")
local foreign = Cg(Cmt(C((P"udp" + P"udplite" + P"sctp" + P"gre" + P"GREv0" + P"mpls" + P"ipv4" + P"ipv6")
  * -(letter + digit)) * (1 - P"\n")^0,
    function(_, at, protocol) return reached(_, at), {unsupported = "packets of " .. protocol} end) * space, "trouble")
local direction = mark"<" * Cc"in" + mark">" * Cc"out"
local packet = Ct(Cg(Cc"packet", "what") * Cg(direction, "direction") * (foreign + icmp + tcp))

-- ---- Calls ----

local function with(kind, field)
  return function(value) return {kind = kind, [field or "value"] = value} end
end
local function fold_or(first, second) return {kind = "or", first, second} end

local expression = P{"or",
  ["or"] = Cf(V"one" * (mark"|" * V"one")^0, fold_or),
  one = ellipsis / function() return {kind = "any"} end
      + hex / with("number") + whole / with("number")
      + Ct(text^1) * ellipsis^-1 / function(parts) return {kind = "text", value = table.concat(parts)} end
      + Ct(Cg(Cc"apply", "kind") * Cg(word, "name") * mark"(" * (V"or" * (mark"," * V"or")^0)^-1 * mark")")
      + word / with("word")
      + Ct(Cg(Cc"list", "kind") * mark"[" * (V"or" * (mark"," * V"or")^0)^-1 * mark"]")
      + Ct(Cg(Cc"struct", "kind") * mark"{" * (V"field" * (mark"," * V"field")^0)^-1 * mark"}"),
  field = Ct(Cg(word, "name") * (mark"(" * Cg(V"or", "argument") * mark")")^-1 * mark"=" * Cg(V"or", "value"))
    + Ct(Cg(V"or", "value")),
}
local note = mark"(" * C((1 - S")\n")^0) * mark")"
local call = Ct(Cg(Cc"call", "what") * (ellipsis * Cg(seconds, "till"))^-1 * Cg(word, "name")
    * mark"(" * Cg(Ct((expression * (mark"," * expression)^0)^-1), "arguments") * mark")"
    * mark"=" * Cg(expression, "result") * (Cg(word, "errno") * note)^-1 * Cg(note, "note")^-1)

-- ---- Commands, code, options ----

local backquoted = Cs((P"`" / "") * ((P"\\" / "") * P"`" + (1 - P"`"))^0 * (P"`" / ""))
local command = Ct(Cg(Cc"command", "what") * Cg(token(backquoted), "command"))
local code = Ct(Cg(Cc"code", "what") * token(P"%{" * Cg(C((1 - P"}%")^0), "code") * P"}%"))

local plain = P'"' * (P"\\" * 1 + (1 - P'"'))^0 * P'"' + P"`" * (1 - P"`")^0 * P"`" + (1 - S" \t\r\n")
local value = C(plain^1)
local setting = Ct(Cg(Cp(), "at") * P"--" * Cg(C((letter + digit + P"-")^1), "name")
  * (P"=" * S" \t"^0 * Cg(value, "value"))^-1) * token(true)

local whole_head = space * Ct(setting^0) * Ct((Cg(Cp(), "at") * command)^-1) * Cp()
local whole_event = Ct(Cg(Cp(), "at") * Cg(time, "time") * Cg(packet + call + command + code, "action")) * Cp()
local whole_command = Ct(Cg(Cp(), "at") * command) * Cp()

-- ---- A script ----

local function shortened(text)
  return "`" .. (#text > 40 and text:sub(1, 40) .. "..." or text) .. "`"
end

-- Names the first word that does not fit, or the text before an unexpected end.
local function unreadable(script, line_of, started)
  local at = math.min(math.max(farthest, started), #script)
  local rest = script:match("^%s*([^\n]*)", at):gsub("%s+$", "")
  local ends_early = script:match("^[ \t\r]*\n", at) or rest == ""
  local line = line_of(ends_early and at or script:match("^%s*()", at))
  if not ends_early then drill.failed(line, "cannot read this line from " .. shortened(rest) .. " on") end
  local before = script:sub(1, at - 1):match("([^\n]*)$")
  drill.failed(line, "cannot read this line: something is missing after " .. shortened(before:match("^%s*(.-)%s*$")))
end

local function in_range(line, what, value, most)
  if value and value > most then
    drill.failed(line, ("%s %d is too large: it goes up to %d"):format(what, value, most))
  end
end

local option_limits = {mss = 65535, wscale = 255}

local function check_ranges(one, line)
  in_range(line, "the window", one.win, 65535)
  in_range(line, "the urgent pointer", one.urg, 65535)
  in_range(line, "the acknowledgment", one.ack, 0xffffffff)
  for _, port in ipairs(one.ports or {}) do in_range(line, "the port", port, 65535) end
  for _, option in ipairs(type(one.options) == "table" and one.options or {}) do
    in_range(line, option.kind or "", option.value, option_limits[option.kind] or 0xffffffff)
    in_range(line, "the timestamp", option.val, 0xffffffff)
    in_range(line, "the timestamp", option.ecr, 0xffffffff)
  end
  if one.ip then
    in_range(line, "tos", one.ip.tos, 255)
    in_range(line, "ttl", one.ip.ttl, 255)
  end
  if not one.seq then return end
  in_range(line, "the sequence number", one.seq.from, 0xffffffff)
  in_range(line, "the length", one.seq.length, one.direction == "in" and 65000 or 0xffffffff)
end

local function finish(event, line)
  local action = event.action
  if oversized then drill.failed(line, "the number " .. oversized .. " is too large") end
  if action.what == "packet" and not action.trouble then check_ranges(action, line) end
  action.line, action.time = line, event.time
  if action.unsupported then action.trouble = {unsupported = action.unsupported} end
  local sequence = action.seq
  if sequence and sequence.any and action.direction == "in" then
    drill.failed(line, "... stands for any number of what goes out")
  end
  if sequence and not sequence.any and (sequence.from + sequence.length) & 0xffffffff ~= sequence.till & 0xffffffff then
    drill.failed(line, string.format("%d:%d(%d) does not add up: %d and %d bytes end at %d", sequence.from,
      sequence.till, sequence.length,
      sequence.from, sequence.length, sequence.from + sequence.length))
  end
  return action
end

-- Reads a script without comments. Returns its options, its events, and the commands that run before and after them (or
-- nil).
function grammar.read(script, line_of)
  farthest, oversized = 0, nil
  local settings, first, at = whole_head:match(script)
  local events, before, after = {}, first[1] and {what = "command", command = first[1].command,
    line = line_of(first.at)}, nil
  for _, one in ipairs(settings) do one.line = line_of(one.at) end
  while at <= #script do
    farthest = math.max(farthest, at)
    local one, next_at = whole_event:match(script, at)
    if one then
      events[#events + 1] = finish(one, line_of(one.at))
    else
      one, next_at = whole_command:match(script, at)
      if not one or next_at <= #script then unreadable(script, line_of, at) end
      after = {what = "command", command = one[1].command, line = line_of(one.at)}
    end
    at = next_at
  end
  return settings, events, before, after
end

return grammar
