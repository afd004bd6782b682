-- shell.lua - the commands in backticks that concern TCP: settings, tables of connections filtered by grep, tcpdrop.

local drill = ...
local shell = {}

-- ---- Words of a command line ----

-- "a 'b c' \"d\"" to {"a", "b c", "d"}.
local function split(text)
  local words, word = {}, nil
  local quote
  for character in text:gmatch(".") do
    if quote then
      if character == quote then quote = nil else word = word .. character end
    elseif character == "'" or character == '"' then
      quote, word = character, word or ""
    elseif character:match("%s") then
      if word then words[#words + 1], word = word, nil end
    else
      word = (word or "") .. character
    end
  end
  if word then words[#words + 1] = word end
  return words
end

-- Cuts at a separator that is not in quotes.
local function cut(text, separator)
  local parts, from, at, quote = {}, 1, 1, nil
  while at <= #text do
    local character = text:sub(at, at)
    if quote then
      if character == quote then quote = nil end
    elseif character == "'" or character == '"' then
      quote = character
    elseif text:sub(at, at + #separator - 1) == separator then
      parts[#parts + 1] = text:sub(from, at - 1)
      from, at = at + #separator, at + #separator - 1
    end
    at = at + 1
  end
  parts[#parts + 1] = text:sub(from)
  return parts
end

-- ---- Tables of connections, as each tool writes them ----

local styles = {
  sockstat = {},
  ss = {SYN_SENT = "SYN-SENT", SYN_RCVD = "SYN-RECV", ESTABLISHED = "ESTAB", CLOSE_WAIT = "CLOSE-WAIT",
    FIN_WAIT_1 = "FIN-WAIT-1",
    FIN_WAIT_2 = "FIN-WAIT-2", LAST_ACK = "LAST-ACK", TIME_WAIT = "TIME-WAIT"},
  netstat_linux = {SYN_RCVD = "SYN_RECV", FIN_WAIT_1 = "FIN_WAIT1", FIN_WAIT_2 = "FIN_WAIT2"},
  netstat_freebsd = {},
}

local function has_descriptor(run, conn)
  for _, socket in pairs(run.calls.sockets) do
    if socket.conn == conn or socket.listener == conn then return true end
  end
  return false
end

local writers = {
  sockstat = function(run, conn, state)
    local owner = has_descriptor(run, conn) and "root     packetdrill 1     3  " or "?        ?          ?     ?  "
    return owner .. (run.settings.ip_version == "ipv6" and "tcp6" or "tcp4") .. "   " .. conn.src .. "   " .. conn.dst
      .. "   " .. state
  end,
  ss = function(_, conn, state) return state .. "   0   0   " .. conn.src .. "   " .. conn.dst end,
  netstat_linux = function(_, conn, state)
    return "tcp   0   0   " .. conn.src .. "   " .. conn.dst .. "   " .. state
  end,
}
writers.netstat_freebsd = writers.netstat_linux

local listening_flags = {ss = "l", netstat_linux = "[la]", netstat_freebsd = "a", sockstat = "."}

local function connections(run, words, style)
  local lines = {}
  local options = table.concat(words, " ", 2)
  local all = style == "sockstat" or options:match("%-%a*a") or options:match("%-%-all") or options:match("state")
  for _, conn in ipairs(run.host.conns) do
    local listens = conn.state == "LISTEN"
    local wanted = all or (listens and options:match("%-%a*" .. listening_flags[style]))
      or (not listens and not options:match("%-%a*l"))
    if wanted then lines[#lines + 1] = writers[style](run, conn, styles[style][conn.state] or conn.state) end
  end
  return lines
end

-- ---- Filters ----

-- A pattern of grep as a list of Lua's, between which anything may stand (.*); nil: not supported.
local function pieces_of(text)
  if text:find("[%z%(%)%[%]{}+?\\]") then return nil end
  local pieces = {}
  for piece in (text:gsub("%.%*", "\0") .. "\0"):gmatch("(%Z*)%z") do
    pieces[#pieces + 1] = (piece:gsub("[%-%%]", "%%%0"))
  end
  return pieces
end

-- The leftmost match of each piece leaves most room for the next.
local function has_pieces(line, pieces)
  local at = 1
  for _, piece in ipairs(pieces) do
    local from, to = line:find(piece, at)
    if not from then return false end
    at = to + 1
  end
  return true
end

local function grep(words, lines, complain)
  local flags, patterns = "", {}
  for i = 2, #words do
    if words[i]:match("^%-%a") then flags = flags .. words[i]:sub(2) else patterns[#patterns + 1] = words[i] end
  end
  if #patterns ~= 1 then complain("grep with files") end
  local alternatives = {}
  for one in (patterns[1]:gsub("\\|", "|") .. "|"):gmatch("(.-)|") do
    local text = flags:find("i") and one:lower() or one
    alternatives[#alternatives + 1] = pieces_of(text) or complain("the pattern " .. patterns[1])
  end
  local kept = {}
  for _, line in ipairs(lines) do
    local hay, found = flags:find("i") and line:lower() or line, false
    for _, pieces in ipairs(alternatives) do found = found or has_pieces(hay, pieces) end
    if found ~= (flags:find("v") ~= nil) then kept[#kept + 1] = line end
  end
  if flags:find("c") then return {tostring(#kept)}, #kept > 0 end
  return flags:find("q") and {} or kept, #kept > 0
end

-- ---- Commands ----

local quiet = {["true"] = true, [":"] = true, sync = true, echo = true, rm = true}

local function assign(run, line, name, value)
  local why = drill.sysctl.set(run, name, value)
  if why then drill.unsupported(line, why) end
end

local function run_sysctl(run, line, words)
  for i = 2, #words do
    local name, value = words[i]:match("^([%w_.%-/]+)=(.*)$")
    if name then assign(run, line, (name:gsub("/", ".")), value)
    elseif not words[i]:match("^%-") and words[i] ~= ">" and words[i] ~= "/dev/null" then
      drill.unsupported(line, "asking for the setting " .. words[i])
    end
  end
  return {}, true
end

local function proc_name(path)
  local name = path:match("^/proc/sys/(.+)$")
  return name and (name:gsub("/", "."))
end

local function drop(run, line, words)
  if words[2] == "-l" then drill.unsupported(line, "tcpdrop -l") end
  local port = words[2] ~= "-a" and tonumber(words[3])
  for _, conn in ipairs(run.host.conns) do
    local meant = conn.state ~= "LISTEN" and (not port or conn.src:match(":(%d+)$") == tostring(port))
    if meant then conn:abort() end
  end
  run:collect()
  return {}, true
end

local commands = {
  sysctl = run_sysctl,
  tcpdrop = drop,
  sockstat = function(run, _, words) return connections(run, words, "sockstat"), true end,
  ss = function(run, _, words) return connections(run, words, "ss"), true end,
  netstat = function(run, _, words)
    return connections(run, words, run.profile == "freebsd" and "netstat_freebsd" or "netstat_linux"), true
  end,
  grep = function(_, line, words, lines)
    return grep(words, lines, function(what) drill.unsupported(line, what) end)
  end,
  wc = function(_, _, _, lines) return {tostring(#lines)}, true end,
  ["false"] = function() return {}, false end,
  tc = function() return {}, true end,
  ip = function(_, line, words)
    if words[2] ~= "tcp_metrics" then drill.unsupported(line, "the command ip " .. tostring(words[2])) end
    return {}, true
  end,
}
commands.egrep = commands.grep

-- The scripts that packetdrill's own tests begin with: production settings of Linux, which the profile has; or single
-- settings.
local function helper(run, line, words)
  local base = words[1]:match("[^/]+$")
  if base:match("^sysctl_restore") or base:match("^defaults.*%.sh$") then return true end
  if base ~= "set_sysctls.py" then return false end
  for i = 2, #words do
    local path, value = words[i]:match("^([^=]+)=(.*)$")
    local name = path and proc_name(path)
    if not name then drill.unsupported(line, "the setting " .. words[i]) end
    assign(run, line, name, value)
  end
  return true
end

local function one_command(run, line, text, lines)
  local words = split(text)
  if words[1] == "sudo" then table.remove(words, 1) end
  if #words == 0 then return lines or {}, true end
  local target = text:match(">%s*(/proc/sys/%S+)")
  if words[1] == "echo" and target then
    assign(run, line, proc_name(target), text:match("^%s*echo%s+(.-)%s*>"):gsub('"', ""))
    return {}, true
  end
  if quiet[words[1]] then return {}, true end
  local command = commands[words[1]:match("[^/]+$")]
  if command then return command(run, line, words, lines or {}) end
  if helper(run, line, words) then return {}, true end
  drill.unsupported(line, "the command " .. words[1])
end

-- A ! in front negates the result.
local function pipeline(run, line, text)
  local negated, rest = text:match("^%s*(!)%s+(.*)$")
  local lines, good = nil, true
  for _, part in ipairs(cut(rest or text, "|")) do lines, good = one_command(run, line, part, lines) end
  if negated then good = not good end
  return good, lines
end

-- Runs the commands in backticks; one that fails makes the script fail.
function shell.run(run, event)
  local text = event.command:gsub("\\\n", " ")
  if text:find("%$%(") then drill.unsupported(event.line, "a command within a command") end
  text = text:gsub("%$%{?PPID%}?", "0"):gsub("%d?>+%s*/dev/null", ""):gsub("%d>&%d", "")
  for line in text:gmatch("[^\n;]+") do
    for _, part in ipairs(cut(line, "&&")) do
      local good, got = pipeline(run, event.line, part)
      if not good then
        local seen = got and #got > 0 and ": got " .. table.concat(got, ", ") or ""
        drill.failed(event.line, ("expected `%s` to succeed, got nothing found%s; there are: %s"):format(
          part:gsub("^%s+", ""):gsub("%s+$", ""), seen,
          shell.states(run)))
      end
    end
  end
end

-- The states of all connections, for messages.
function shell.states(run)
  local list = {}
  for i, conn in ipairs(run.host.conns) do list[i] = conn.state end
  return #list > 0 and table.concat(list, ", ") or "no connections"
end

return shell
