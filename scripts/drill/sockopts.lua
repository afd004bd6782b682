-- sockopts.lua - setsockopt and getsockopt. They set the host's rules, so an option of one socket holds for all:
-- scripts test one connection at a time.

local drill = ...
local calls = drill.calls
local values, handlers = calls.values, calls.handlers

local function rules(self) return self.host.rules end

-- ---- Setting ----

local function remember(name)
  return function(self, socket, value)
    socket.options[name] = value.number ~= 0
    return 0
  end
end

local function rule(name, scale)
  return function(self, socket, value)
    if value.number <= 0 then return -1, "EINVAL" end
    rules(self)[name] = scale and value.number * scale or value.number
    return 0
  end
end

local function ignore() return 0 end

-- FreeBSD rounds the receive buffer up to whole segments when the connection opens.
local function whole_segments(host, bytes)
  local mss = host.rules.mss
  return (bytes + mss - 1) // mss * mss
end

-- Linux doubles the size that is set, and returns the double; half of it is for data.
local function buffer(name)
  return function(self, socket, value)
    local bytes = value.number
    if name == "recv_buffer" and self.run.profile == "freebsd" then bytes = whole_segments(self.host, bytes) end
    rules(self)[name] = math.max(bytes, 256)
    socket.options[name] = self.run.profile == "linux" and value.number * 2 or value.number
    return 0
  end
end

local function linger(self, socket, value, expression)
  local fields = {}
  for _, field in ipairs(expression) do fields[field.name] = field.value.value end
  socket.options.SO_LINGER = {on = (fields.onoff or fields.l_onoff or 0) ~= 0, seconds = fields.linger
    or fields.l_linger or 0}
  return 0
end

-- Keep-alive is one rule with three numbers.
local function keepalive_of(self, socket)
  local defaults = self.run.keepalive
  socket.options.keepalive = socket.options.keepalive
    or {idle = defaults.idle, interval = defaults.interval, probes = defaults.probes}
  return socket.options.keepalive
end

local function keepalive(self, socket, field, value)
  local numbers = keepalive_of(self, socket)
  if field then numbers[field] = value end
  rules(self).keepalive = socket.options.SO_KEEPALIVE and numbers or false
  return 0
end

local function keepalive_part(field)
  return function(self, socket, value) return keepalive(self, socket, field, value.number) end
end

-- IPTOS_DSCP_CS1, _AF21, _EF, or the number.
local function codepoint(value)
  local name = values.first_word(value)
  local selector = name and name:match("^IPTOS_DSCP_CS(%d)$")
  local class, drop = (name or ""):match("^IPTOS_DSCP_AF(%d)(%d)$")
  if selector then return tonumber(selector) << 5 end
  if class then return tonumber(class) << 5 | tonumber(drop) << 3 end
  return name == "IPTOS_DSCP_EF" and 0xb8 or value.number
end

local congestion = {reno = true, newreno = true}

local set = {
  SO_REUSEADDR = remember"SO_REUSEADDR", SO_REUSEPORT = remember"SO_REUSEPORT", SO_LINGER = linger,
  SO_SNDBUF = buffer"send_buffer", SO_RCVBUF = buffer"recv_buffer", SO_SNDBUFFORCE = buffer"send_buffer",
  SO_RCVBUFFORCE = buffer"recv_buffer",
  SO_KEEPALIVE = function(self, socket, value)
    socket.options.SO_KEEPALIVE = value.number ~= 0
    return keepalive(self, socket)
  end,
  TCP_KEEPIDLE = keepalive_part"idle", TCP_KEEPINTVL = keepalive_part"interval", TCP_KEEPCNT = keepalive_part"probes",
  TCP_NODELAY = function(self, socket, value)
    socket.options.TCP_NODELAY = value.number ~= 0
    rules(self).nagle = value.number == 0
    return 0
  end,
  TCP_QUICKACK = function(self, socket, value)
    if value.number ~= 0 then rules(self).delayed_ack = false
    else rules(self).delayed_ack = 0.04 end
    return 0
  end,
  TCP_MAXSEG = function(self, socket, value)
    if value.number < 64 or value.number > 32767 then return -1, "EINVAL" end
    rules(self).mss = math.min(value.number, rules(self).mss)
    socket.options.TCP_MAXSEG = value.number
    return 0
  end,
  TCP_USER_TIMEOUT = rule("user_timeout", 0.001), TCP_LINGER2 = rule"fin_wait_2_timeout",
  TCP_KEEPINIT = rule"syn_timeout",
  TCP_CONGESTION = function(self, socket, value, expression, line)
    if not congestion[expression.value] then
      drill.unsupported(line, "the congestion control " .. tostring(expression.value))
    end
    return 0
  end,
  TCP_NOOPT = function(self, socket, value)
    for _, name in ipairs{"window_scale", "timestamps", "sack"} do
      if value.number ~= 0 then rules(self)[name] = false end
    end
    return 0
  end,
  IP_TTL = rule"ttl",
  IP_TOS = function(self, socket, value)
    local byte = codepoint(value)
    if byte & 3 ~= 0 then return -1, "EINVAL" end
    rules(self).diffserv = byte >> 2
    return 0
  end,
  SO_PRIORITY = ignore, SO_MARK = ignore, SO_NO_CHECK = ignore,
}

local function option_name(self, event)
  return values.first_word(self:flags(event, 3)) or tostring(self:flags(event, 3).number)
end

function handlers.setsockopt(self, event)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  local name = option_name(self, event)
  local setter = set[name]
  if not setter then drill.unsupported(event.line, "setsockopt(" .. name .. ")") end
  local expression = event.arguments[4]
  local only = values.only(expression) or expression
  local value = (only.kind == "number" or only.kind == "word" or only.kind == "or") and values.flags(self.run, only)
    or {number = 0}
  local number = only.kind == "word" and tonumber(values.word(self.run, only))
  if number then value.number = math.tointeger(number) end
  return setter(self, socket, value, only, event.line)
end

-- ---- Getting ----

local function buffer_size(name)
  return function(self, socket) return socket.options[name] or rules(self)[name] end
end

local function receive_buffer(self, socket)
  local opened = socket.conn and socket.conn.state ~= "SYN_SENT"
  if self.run.profile ~= "freebsd" then return socket.options.recv_buffer or rules(self).recv_buffer end
  return opened and rules(self).recv_buffer or socket.options.recv_buffer or self.run.receive_space or 65536
end

local get = {
  SO_ERROR = function(self, socket) return self:take_error(socket) or 0 end,
  SO_SNDBUF = buffer_size"send_buffer", SO_RCVBUF = receive_buffer,
  SO_REUSEADDR = function(_, socket) return socket.options.SO_REUSEADDR and 1 or 0 end,
  SO_REUSEPORT = function(_, socket) return socket.options.SO_REUSEPORT and 1 or 0 end,
  SO_KEEPALIVE = function(_, socket) return socket.options.SO_KEEPALIVE and 1 or 0 end,
  SO_ACCEPTCONN = function(_, socket) return socket.listener and 1 or 0 end,
  SO_TYPE = function() return "SOCK_STREAM" end,
  TCP_NODELAY = function(_, socket) return socket.options.TCP_NODELAY and 1 or 0 end,
  TCP_MAXSEG = function(self, socket)
    if socket.conn and socket.conn.state ~= "SYN_SENT" then return socket.conn.mss end
    return socket.options.TCP_MAXSEG or 536
  end,
  TCP_KEEPIDLE = function(self, socket) return math.floor(keepalive_of(self, socket).idle) end,
  TCP_KEEPINTVL = function(self, socket) return math.floor(keepalive_of(self, socket).interval) end,
  TCP_KEEPCNT = function(self, socket) return keepalive_of(self, socket).probes end,
  TCP_KEEPINIT = function(self) return math.floor(rules(self).syn_timeout) end,
  TCP_USER_TIMEOUT = function(self) return math.floor(rules(self).user_timeout * 1000) end,
  TCP_CONGESTION = function() return "reno" end,
  IP_TTL = function(self) return rules(self).ttl end,
  IP_TOS = function(self) return rules(self).diffserv << 2 end,
}

function handlers.getsockopt(self, event)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  local name = option_name(self, event)
  if not get[name] then drill.unsupported(event.line, "getsockopt(" .. name .. ")") end
  local got = get[name](self, socket)
  local wanted = values.only(event.arguments[4]) or event.arguments[4]
  self:expect(event, wanted, got, name)
  return 0
end

return {set = set, get = get, whole_segments = whole_segments}
