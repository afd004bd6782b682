-- tcpinfo.lua - %{ assert tcpi_state == TCP_ESTABLISHED }%: what a script asserts about a connection, evaluated without
-- Python.

local drill = ...
local lpeg = drill.lpeg
local P, S, R, V, C, Ct, Cp = lpeg.P, lpeg.S, lpeg.R, lpeg.V, lpeg.C, lpeg.Ct, lpeg.Cp

local tcpinfo = {}

-- ---- Names ----

local orders = {
  linux = {"ESTABLISHED", "SYN_SENT", "SYN_RCVD", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT", "CLOSED", "CLOSE_WAIT",
    "LAST_ACK", "LISTEN", "CLOSING"},
  freebsd = {[0] = "CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "FIN_WAIT_1", "CLOSING",
    "LAST_ACK", "FIN_WAIT_2", "TIME_WAIT"},
}

local function state_number(profile, name)
  for number, state in pairs(orders[profile == "freebsd" and "freebsd" or "linux"]) do
    if state == name then return number end
  end
end

local state_words = {
  TCP_ESTABLISHED = "ESTABLISHED", TCP_SYN_SENT = "SYN_SENT", TCP_SYN_RECV = "SYN_RCVD", TCP_FIN_WAIT1 = "FIN_WAIT_1",
  TCP_FIN_WAIT2 = "FIN_WAIT_2", TCP_TIME_WAIT = "TIME_WAIT", TCP_CLOSE = "CLOSED", TCP_CLOSE_WAIT = "CLOSE_WAIT",
  TCP_LAST_ACK = "LAST_ACK", TCP_LISTEN = "LISTEN", TCP_CLOSING = "CLOSING", TCPS_CLOSED = "CLOSED",
  TCPS_LISTEN = "LISTEN", TCPS_SYN_SENT = "SYN_SENT", TCPS_SYN_RECEIVED = "SYN_RCVD", TCPS_ESTABLISHED = "ESTABLISHED",
  TCPS_CLOSE_WAIT = "CLOSE_WAIT", TCPS_FIN_WAIT_1 = "FIN_WAIT_1", TCPS_CLOSING = "CLOSING", TCPS_LAST_ACK = "LAST_ACK",
  TCPS_FIN_WAIT_2 = "FIN_WAIT_2", TCPS_TIME_WAIT = "TIME_WAIT",
}

local constants = {TCPI_OPT_TIMESTAMPS = 1, TCPI_OPT_SACK = 2, TCPI_OPT_WSCALE = 4, TCPI_OPT_ECN = 8,
  TCPI_OPT_ECN_SEEN = 16, TCPI_OPT_SYN_DATA = 32,
  True = true, False = false}

local function micros(seconds) return math.floor((seconds or 0) * 1e6 + 0.5) end

local function in_segments(run, conn, bytes)
  if run.profile == "freebsd" then return bytes end
  return bytes // conn.mss
end

-- The options negotiated by the SYNs, as seen on the wire.
local function agreed(run)
  local which = run.flow
  return which and which:agreed() or {}
end

local function sent_segments(run, conn)
  local flying = conn.snd.nxt - conn.snd.una & 0xffffffff
  return (flying + conn.mss - 1) // conn.mss
end

local fields = {
  tcpi_state = function(run, conn) return state_number(run.profile, conn.state) end,
  tcpi_rto = function(_, conn) return micros(conn.rto) end,
  tcpi_rtt = function(_, conn) return micros(conn.srtt) end,
  tcpi_rttvar = function(_, conn) return micros(conn.rttvar) end,
  tcpi_snd_cwnd = function(run, conn) return in_segments(run, conn, conn.cwnd) end,
  tcpi_snd_ssthresh = function(run, conn)
    if conn.ssthresh >= 0x3fffffff then return run.profile == "freebsd" and 1073725440 or 0x7fffffff end
    return in_segments(run, conn, conn.ssthresh)
  end,
  tcpi_snd_mss = function(_, conn) return conn.mss end,
  tcpi_advmss = function(run) return run.host.rules.mss end,
  tcpi_unacked = sent_segments,
  tcpi_total_retrans = function(run) return run.count.again or 0 end,
  tcpi_notsent_bytes = function(_, conn) return conn.unacked - (conn.snd.nxt - conn.snd.una & 0xffffffff) end,
  tcpi_snd_wnd = function(_, conn) return conn.snd.wnd end,
  tcpi_snd_nxt = function(_, conn) return conn.snd.nxt end,
  tcpi_rcv_nxt = function(_, conn) return conn.rcv.nxt end,
  tcpi_bytes_acked = function(_, conn) return (conn.snd.una - conn.iss & 0xffffffff) - 1 end,
  tcpi_options = function(run) return agreed(run).options end,
  tcpi_snd_wscale = function(run) return agreed(run).send_scale end,
  tcpi_rcv_wscale = function(run) return agreed(run).receive_scale end,
}

-- ---- Expressions ----

local space = S" \t\r\n"^0
local function token(pattern) return pattern * space end
local function mark(text) return token(P(text)) end
local letter = R("az", "AZ", "09") + P"_"
local function keyword(text) return token(P(text) * -letter) end
local reserved = (P"and" + P"or" + P"not" + P"assert") * -letter

local function left(first, ...)
  local tree = first
  local rest = {...}
  for i = 1, #rest, 2 do tree = {rest[i], tree, rest[i + 1]} end
  return tree
end

local function chain(first, ...)
  local rest, tree = {...}, nil
  local before = first
  for i = 1, #rest, 2 do
    local one = {rest[i], before, rest[i + 1]}
    tree = tree and {"and", tree, one} or one
    before = rest[i + 1]
  end
  return tree or first
end

local number = token(P"0x" * R("09", "af", "AF")^1 + R"09"^1 * (P"." * R"09"^1)^-1)
local expression = P{"any",
  any = V"all" * (token(C"or" * -letter) * V"all")^0 / left,
  all = V"no" * (token(C"and" * -letter) * V"no")^0 / left,
  no = keyword"not" * V"no" / function(one) return {"not", one} end + V"compared",
  compared = V"bits" * (token(C(P"==" + "!=" + "<=" + ">=" + "<" + ">")) * V"bits")^0 / chain,
  bits = V"masked" * (token(C"|") * V"masked")^0 / left,
  masked = V"shifted" * (token(C"&") * V"shifted")^0 / left,
  shifted = V"sum" * (token(C(P"<<" + ">>")) * V"sum")^0 / left,
  sum = V"product" * (token(C(S"+-")) * V"product")^0 / left,
  product = V"one" * (token(C(P"//" + S"*/%")) * V"one")^0 / left,
  one = mark"(" * V"any" * mark")" + mark"-" * V"one" / function(one) return {"-", 0, one} end
      + C(number) / function(text) return math.tointeger(tonumber(text)) or tonumber(text) end
      + (token(C((R("az", "AZ") + P"_") * letter^0)) - reserved) / function(name) return {"name", name} end,
}

local quoted = P'"' * (1 - P'"')^0 * P'"' + P"'" * (1 - P"'")^0 * P"'"
local comment = P"#" * (1 - P"\n")^0
local statement = token(P"assert" * -letter) * Ct(expression * Cp()) * (mark"," * (token(quoted) + (1 - S";\n") ) ^0)^-1
local between = (S" \t\r\n;" + comment)^0
local program = between * Ct((Ct(Cp() * statement) * between)^0) * Cp()

local operators = {
  ["=="] = function(a, b) return a == b end, ["!="] = function(a, b) return a ~= b end,
    ["<"] = function(a, b) return a < b end,
  ["<="] = function(a, b) return a <= b end, [">"] = function(a, b) return a > b end,
    [">="] = function(a, b) return a >= b end,
  ["|"] = function(a, b) return a | b end, ["&"] = function(a, b) return a & b end,
    ["<<"] = function(a, b) return a << b end,
  [">>"] = function(a, b) return a >> b end, ["+"] = function(a, b) return a + b end,
    ["-"] = function(a, b) return a - b end,
  ["*"] = function(a, b) return a * b end, ["/"] = function(a, b) return a / b end,
    ["//"] = function(a, b) return a // b end,
  ["%"] = function(a, b) return a % b end,
  ["and"] = function(a, b) return a and b end, ["or"] = function(a, b) return a or b end,
    ["not"] = function(a) return not a or a == 0 end,
}

-- `seen` collects the names that were evaluated, with their values.
local function value_of(run, conn, name, line, seen)
  if constants[name] ~= nil then return constants[name] end
  if state_words[name] then return state_number(run.profile, state_words[name]) end
  if not fields[name] then drill.unsupported(line, "the name " .. name .. " in an assertion") end
  local value = fields[name](run, conn)
  if value == nil then drill.unsupported(line, "the name " .. name .. " here") end
  seen[#seen + 1] = name .. " is " .. tostring(value) .. (name == "tcpi_state" and " (" .. conn.state .. ")" or "")
  return value
end

local function evaluate(run, conn, tree, line, seen)
  if type(tree) ~= "table" then return tree end
  if tree[1] == "name" then return value_of(run, conn, tree[2], line, seen) end
  local a = evaluate(run, conn, tree[2], line, seen)
  local b = tree[3] ~= nil and evaluate(run, conn, tree[3], line, seen) or nil
  return operators[tree[1]](a, b)
end

-- ---- Running ----

local function subject(run, line)
  local socket = run.under_test
  if not socket or not socket.conn then
    drill.failed(line, "there is no connection to ask yet: the script has none accepted or connected")
  end
  return socket.conn
end

function tcpinfo.run(run, event)
  local code = event.code
  local statements, past = program:match(code)
  if past <= #code then
    local rest = code:sub(past):match("^[^\n]*")
    drill.unsupported(event.line, "Python beyond assert (`" .. rest:gsub("%s+$", "") .. "`)")
  end
  local conn = #statements > 0 and subject(run, event.line)
  for _, one in ipairs(statements) do
    local from, tree, past_tree = one[1], one[2][1], one[2][2]
    local line = event.line + select(2, code:sub(1, from - 1):gsub("\n", ""))
    local seen = {}
    local holds = evaluate(run, conn, tree, line, seen)
    if not holds or holds == 0 then
      local text = code:sub(from, past_tree - 1):gsub("^assert%s*", ""):gsub("%s+$", "")
      drill.failed(line, ("expected %s, got: %s"):format(
        text, #seen > 0 and table.concat(seen, ", ") or "something else"))
    end
  end
end

return tcpinfo
