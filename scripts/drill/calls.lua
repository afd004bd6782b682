-- calls.lua - the system calls of a script, made on the vocabulary's connections. File descriptors are kept here; a
-- call that blocks is tried again after each step.

local drill = ...
local M = drill.machinery

local calls = {}
calls.__index = calls

local WAIT = {} -- what a handler returns where the call would block
calls.WAIT = WAIT

function calls.new(run) return setmetatable({run = run, host = run.host, sockets = {}}, calls) end

-- ---- Arguments ----

local values = {}
calls.values = values

-- A word defined with --define is replaced by its value.
function values.word(run, expression)
  local word = expression.value
  local defined = run.settings.defines[word]
  if defined and defined ~= "" then return tonumber(defined) or defined end
  return word
end

-- All words and the sum of all numbers of `A | B | 2`.
function values.flags(run, expression, into)
  into = into or {number = 0}
  if expression.kind == "or" then
    values.flags(run, expression[1], into)
    values.flags(run, expression[2], into)
  elseif expression.kind == "number" then
    into.number = into.number | expression.value
  elseif expression.kind == "word" then
    into[values.word(run, expression)] = true
  end
  return into
end

function values.first_word(set)
  for word in pairs(set) do
    if word ~= "number" then return word end
  end
end

function calls:number(event, index)
  local expression = event.arguments[index]
  if expression and expression.kind == "number" then return math.tointeger(expression.value) end
  if expression and expression.kind == "word" then
    local number = math.tointeger(tonumber(values.word(self.run, expression)))
    if number then return number end
  end
  drill.failed(event.line, event.name .. ": argument " .. index .. " must be a number")
end

function calls:flags(event, index)
  local expression = event.arguments[index]
  return expression and values.flags(self.run, expression) or {number = 0}
end

-- The socket of argument 1; nil: it is no descriptor.
function calls:socket(event) return self.sockets[self:number(event, 1)] end

-- A list's only element.
function values.only(expression)
  if expression and expression.kind == "list" and #expression == 1 then return expression[1] end
end

-- {sa_family=..., sin_port=htons(80), ...}: its port, or nil.
function values.port(expression)
  for _, field in ipairs(expression and expression.kind == "struct" and expression or {}) do
    if field.name == "sin_port" or field.name == "sin6_port" then
      local value = field.value.kind == "apply" and field.value[1] or field.value
      return value.kind == "number" and math.tointeger(value.value) or nil
    end
  end
end

-- The sum of the lengths in an iovec or a msghdr.
function values.total(expression)
  if expression.kind == "struct" then
    for _, field in ipairs(expression) do
      if field.name == "msg_iov" then return values.total(field.value) end
    end
    local last = expression[#expression].value
    return last.kind == "number" and last.value or 0
  end
  local sum = 0
  for _, element in ipairs(expression) do sum = sum + values.total(element) end
  return sum
end

-- Compares `got` with a number or a word; `...` matches any value.
function calls:expect(event, expression, got, what)
  if not expression or expression.kind == "any" then return end
  local wanted = expression.value
  if expression.kind == "word" then wanted = values.word(self.run, expression) end
  if wanted == got or tostring(wanted) == tostring(got) then return end
  drill.failed(event.line, ("%s: expected %s %s, got %s %s"):format(event.name, what, wanted, what, got))
end

-- ---- Errors of a connection, as errno ----

local errors = {
  ["connection refused"] = "ECONNREFUSED", ["connection reset"] = "ECONNRESET", ["connection timed out"] = "ETIMEDOUT",
  ["connection aborted"] = "ECONNABORTED", ["connection does not exist"] = "ENOTCONN", ["connection closing"] = "EPIPE",
  ["insufficient resources"] = "EAGAIN", ["connection already exists"] = "EADDRINUSE",
  ["not an address one can connect to"] = "ENETUNREACH", ["destination unreachable"] = "EHOSTUNREACH",
  ["the host crashed"] = "ECONNABORTED",
}

local function errno_of(socket, profile)
  local text, before = socket.conn.error, socket.before
  if text == "connection reset" and before == "SYN_SENT" then return "ECONNREFUSED" end
  if text == "connection reset" and before == "CLOSE_WAIT" and profile == "linux" then return "EPIPE" end
  return errors[text] or "ECONNABORTED"
end

-- An error not yet reported by a call; nil: none.
function calls:take_error(socket)
  if socket.told or not socket.conn or not socket.conn.error then return nil end
  socket.told = true
  return errno_of(socket, self.run.profile)
end

function calls:peek_error(socket)
  if socket.told or not socket.conn or not socket.conn.error then return nil end
  return errno_of(socket, self.run.profile)
end

local function would_block(socket, flags)
  if socket.nonblock or (flags and flags.MSG_DONTWAIT) then return -1, "EAGAIN" end
  return WAIT
end

-- ---- Making calls ----

local handlers = {}
calls.handlers = handlers

function calls:compare(event, result, errno)
  local wanted = event.result
  local text = tostring(result) .. (errno and " " .. errno or "")
  if wanted.kind == "any" then return end
  local number = wanted.kind == "number" and wanted.value
    or wanted.kind == "word" and tonumber(values.word(self.run, wanted))
  if not number then drill.unsupported(event.line, event.name .. ": this kind of result") end
  local alike = number == result and (result ~= -1 or not event.errno or event.errno == errno
    or (event.errno == "EWOULDBLOCK" and errno == "EAGAIN"))
  if alike then return end
  local expected = ("%d"):format(number) .. (event.errno and " " .. event.errno or "")
  drill.failed(event.line, ("%s: expected %s, got %s"):format(event.name, expected, text))
end

function calls:finished(call, result, errno)
  local now, tolerance = M.now(), self.run:tolerance(call.ends)
  self:compare(call.event, result, errno)
  if math.abs(now - call.ends) <= tolerance then return end
  drill.failed(call.event.line, ("%s: expected time %.6f, got time %.6f when it returned"):format(
    call.event.name, call.ends / 1e6, now / 1e6))
end

local least = {socket = 3, bind = 3, listen = 2, accept = 1, accept4 = 4, connect = 3, read = 3, readv = 3, recv = 4,
  recvfrom = 4, recvmsg = 3, write = 3, writev = 3, send = 4, sendto = 4, sendmsg = 3, close = 1, shutdown = 2,
  setsockopt = 5, getsockopt = 5, fcntl = 2, ioctl = 3, poll = 3}

local function check_arguments(event)
  local given, wanted = #event.arguments, least[event.name] or 0
  if given < wanted then
    drill.failed(event.line, ("%s: %d arguments are too few, it takes %d"):format(event.name, given, wanted))
  end
end

function calls:try(call) return call.handler(self, call.event, call.state) end

function calls:make(event, when)
  local handler = handlers[event.name]
  if not handler then drill.unsupported(event.line, "the system call " .. event.name) end
  check_arguments(event)
  local base = event.time.kind == "relative" and when.base or 0
  local call = {event = event, handler = handler, state = {}, ends = event.till and base + event.till or M.now()}
  local result, errno = self:try(call)
  if result ~= WAIT then return self:finished(call, result, errno) end
  if not event.till then
    drill.failed(event.line, event.name
      .. ": expected it to return at once, got a call that waits (a call that waits is written +0...0.1)")
  end
  self.blocked = call
end

-- After a step: tries the blocked call again.
function calls:look()
  for _, socket in pairs(self.sockets) do self:watch(socket) end
  local call = self.blocked
  if not call then return end
  local result, errno = self:try(call)
  if result == WAIT then return end
  self.blocked = nil
  self:finished(call, result, errno)
end

-- Keeps the last state of a connection that has ended.
function calls:watch(socket)
  if not socket.conn then return end
  local state = socket.conn.state
  if state ~= "CLOSED" then socket.before = state end
end

-- When the blocked call times out; nil: never.
function calls:wakes() return self.blocked and self.blocked.state.wakes end

-- Before the next call, and at the end, a blocked call must have returned.
function calls:finish_blocked()
  local call = self.blocked
  if not call then return end
  local limit = call.ends + self.run:tolerance(call.ends) + 10 * 1000000
  while self.blocked == call and self.run:step_before(limit) do end
  if self.blocked ~= call then return end
  drill.failed(call.event.line, ("%s: expected it to return at %.6f, got nothing: it still waits"):format(
    call.event.name, call.ends / 1e6))
end

-- ---- Descriptors ----

function calls:add(event, socket)
  local fd = event.result.kind == "number" and event.result.value >= 0 and event.result.value or nil
  if not fd then
    fd = 3
    while self.sockets[fd] do fd = fd + 1 end
  end
  if self.sockets[fd] then drill.failed(event.line, event.name .. ": descriptor " .. fd .. " is still open") end
  self.sockets[fd] = socket
  self:watch(socket)
  return fd
end

function handlers.socket(self, event)
  local kind, protocol = self:flags(event, 2), self:flags(event, 3)
  if not kind.SOCK_STREAM then drill.unsupported(event.line, "sockets that are not SOCK_STREAM") end
  local other = not protocol.IPPROTO_TCP and (values.first_word(protocol)
    or (protocol.number ~= 0 and protocol.number ~= 6))
  if other then drill.unsupported(event.line, "a protocol other than TCP") end
  return self:add(event, {nonblock = kind.SOCK_NONBLOCK or false, options = {}})
end

function handlers.bind(self, event)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  if socket.bound then return -1, "EINVAL" end
  local port = values.port(event.arguments[2]) or self.run.settings.bind_port
  for _, other in pairs(self.sockets) do
    if other.bound == port and not (other.options.SO_REUSEPORT and socket.options.SO_REUSEPORT)
        and (other.listener or not (other.options.SO_REUSEADDR and socket.options.SO_REUSEADDR)) then
      return -1, "EADDRINUSE"
    end
  end
  socket.bound = port
  self.run.bound = port
  return 0
end

function handlers.listen(self, event)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  if socket.conn then return -1, "EINVAL" end
  if socket.listener then return 0 end
  local backlog = self:number(event, 2)
  -- Linux queues one connection more than the backlog.
  if self.run.profile == "linux" then backlog = backlog + 1 end
  socket.bound = socket.bound or self.run.settings.bind_port
  local listener, why = self.host:listen(socket.bound, {backlog = math.min(math.max(backlog, 1), 65535)})
  if not listener then return -1, errors[why] or "EINVAL" end
  socket.listener = listener
  self.run.listening, self.run.bound = true, socket.bound
  return 0
end

function calls:listens(port)
  for _, socket in pairs(self.sockets) do
    if socket.listener and socket.bound == port then return true end
  end
end

local function accepted(self, event, flags)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  if not socket.listener then return -1, "EINVAL" end
  local conn = socket.listener:accept()
  if not conn then return would_block(socket) end
  local nonblock = flags.SOCK_NONBLOCK or (self.run.profile == "freebsd" and socket.nonblock) or false
  local fd = self:add(event, {nonblock = nonblock, conn = conn, options = {}, passive = true})
  self.run.under_test = self.sockets[fd]
  return fd
end

function handlers.accept(self, event) return accepted(self, event, {}) end
function handlers.accept4(self, event) return accepted(self, event, self:flags(event, 4)) end

-- ---- connect ----

local function begin_connect(self, event, socket)
  local port = values.port(event.arguments[2]) or self.run.settings.connect_port
  local conn, why = self.host:connect(B, port, socket.bound and {port = socket.bound})
  if not conn then return -1, errors[why] == "EADDRINUSE" and "EADDRNOTAVAIL" or errors[why] or "EINVAL" end
  socket.conn, socket.before = conn, "SYN_SENT"
  self.run.under_test = socket
  self.run.flow = self.run:flow_of{math.tointeger(tonumber(conn.src:match("%d+$"))), port}
  self.run.flow.opens = true
  if not socket.nonblock then return WAIT end
  return -1, "EINPROGRESS"
end

function handlers.connect(self, event, state)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  if socket.listener then return -1, "EISCONN" end
  if not socket.conn then
    state.began = true
    return begin_connect(self, event, socket)
  end
  local errno = self:take_error(socket)
  if errno then return -1, errno end
  local now = socket.conn.state
  if now == "SYN_SENT" or now == "SYN_RCVD" then
    if state.began then return WAIT end
    return -1, "EALREADY"
  end
  if now == "CLOSED" then return -1, "ECONNABORTED" end
  if socket.connected and not state.began then return -1, "EISCONN" end
  socket.connected = true
  return 0
end

-- ---- Reading ----

local function take(self, socket, count, flags)
  if flags.MSG_PEEK and socket.conn.unread > 0 then return math.min(count, socket.conn.unread) end
  local data, why = socket.conn:recv(count)
  if data then return #data end
  if why == "closed" then return 0 end
  if why == "nothing yet" then return nil end
  local errno = self:take_error(socket)
  if errno then return -1, errno end
  return 0
end

-- A buffer of NULL.
local function nowhere(event)
  local buffer = event.arguments[2]
  return buffer.kind == "word" and buffer.value == "NULL"
end

local function read_bytes(self, event, state, count, flags)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  if nowhere(event) and count > 0 then return -1, "EFAULT" end
  if flags.MSG_OOB then drill.unsupported(event.line, "reading urgent data (MSG_OOB)") end
  if flags.MSG_ERRQUEUE then drill.unsupported(event.line, "the error queue (MSG_ERRQUEUE)") end
  if not socket.conn then return -1, "ENOTCONN" end
  if count == 0 then return 0 end
  local wanted = count - (state.taken or 0)
  local got, errno = take(self, socket, wanted, flags)
  if got == nil and socket.shut_read then return state.taken or 0 end
  if got == nil and state.taken and (socket.nonblock or flags.MSG_DONTWAIT) then return state.taken end
  if got == nil then return would_block(socket, flags) end
  if got <= 0 then
    if state.taken then return state.taken end
    return got, errno
  end
  state.taken = (state.taken or 0) + got
  local all = flags.MSG_WAITALL and not flags.MSG_PEEK and state.taken < count
  if not all then return state.taken end
  return read_bytes(self, event, state, count, flags)
end

local none = {number = 0}
function handlers.read(self, event, state) return read_bytes(self, event, state, self:number(event, 3), none) end
function handlers.recv(self, event, state)
  return read_bytes(self, event, state, self:number(event, 3), self:flags(event, 4))
end
handlers.recvfrom = handlers.recv
function handlers.readv(self, event, state)
  return read_bytes(self, event, state, values.total(event.arguments[2]), none)
end
function handlers.recvmsg(self, event, state)
  return read_bytes(self, event, state, values.total(event.arguments[2]), self:flags(event, 3))
end

-- ---- Writing ----

local opening = {SYN_SENT = true, SYN_RCVD = true}
local not_sent = {MSG_FASTOPEN = "TCP Fast Open", MSG_MORE = "MSG_MORE", MSG_ZEROCOPY = "MSG_ZEROCOPY",
  MSG_EOR = "MSG_EOR"}

local function refusal(self, socket)
  local errno = self:take_error(socket)
  if errno then return errno end
  if socket.shut_write or socket.conn.state == "CLOSED" then return "EPIPE" end
end

local function write_bytes(self, event, state, count, flags)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  if nowhere(event) and count > 0 then return -1, "EFAULT" end
  for flag, name in pairs(not_sent) do
    if flags[flag] then drill.unsupported(event.line, name) end
  end
  if not socket.conn then return -1, self.run.profile == "freebsd" and "ENOTCONN" or "EPIPE" end
  local errno = refusal(self, socket)
  if errno then
    if state.given then return state.given end
    return -1, errno
  end
  if opening[socket.conn.state] then return would_block(socket, flags) end
  local left = count - (state.given or 0)
  if left == 0 then return 0 end
  local given, why = socket.conn:send(("\0"):rep(left), flags.MSG_OOB and {urgent = true} or nil)
  if not given and errors[why] ~= "EAGAIN" then return -1, errors[why] or "EPIPE" end
  state.given = (state.given or 0) + (given or 0)
  self.run:wrote()
  if state.given == count then return count end
  if state.given > 0 and (socket.nonblock or flags.MSG_DONTWAIT) then return state.given end
  return would_block(socket, flags)
end

function handlers.write(self, event, state) return write_bytes(self, event, state, self:number(event, 3), none) end
function handlers.send(self, event, state)
  return write_bytes(self, event, state, self:number(event, 3), self:flags(event, 4))
end
handlers.sendto = handlers.send
function handlers.writev(self, event, state)
  return write_bytes(self, event, state, values.total(event.arguments[2]), none)
end
function handlers.sendmsg(self, event, state)
  return write_bytes(self, event, state, values.total(event.arguments[2]), self:flags(event, 3))
end

-- ---- Closing ----

function handlers.close(self, event)
  local fd = self:number(event, 1)
  local socket = self.sockets[fd]
  if not socket then return -1, "EBADF" end
  local linger = socket.options.SO_LINGER
  if linger and linger.on and linger.seconds > 0 then drill.unsupported(event.line, "close() that lingers") end
  self.sockets[fd] = nil
  if socket.listener then
    socket.listener:close()
  elseif socket.conn and linger and linger.on then
    socket.conn:abort()
  elseif socket.conn then
    socket.conn:close()
  end
  return 0
end

local how_words = {[0] = "SHUT_RD", "SHUT_WR", "SHUT_RDWR"}

function handlers.shutdown(self, event)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  local flags = self:flags(event, 2)
  local how = values.first_word(flags) or how_words[flags.number]
  if socket.listener then
    socket.listener:close()
    return 0
  end
  if not socket.conn or socket.conn.state == "CLOSED" then return -1, "ENOTCONN" end
  if how ~= "SHUT_WR" then socket.shut_read = true end
  if how == "SHUT_RD" then return 0 end
  socket.conn:shutdown()
  socket.shut_write = true
  return 0
end

-- ---- fcntl, ioctl ----

function handlers.fcntl(self, event)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  local what = self:flags(event, 2)
  if what.F_GETFL then return 2 | (socket.nonblock and (self.run.profile == "freebsd" and 4 or 0x800) or 0) end
  if not what.F_SETFL then drill.unsupported(event.line, "this fcntl()") end
  local flags = self:flags(event, 3)
  socket.nonblock = flags.O_NONBLOCK or flags.number & 0x800 ~= 0
  return 0
end

local counts = {
  SIOCINQ = function(conn) return conn.unread end, FIONREAD = function(conn) return conn.unread end,
  SIOCOUTQ = function(conn) return conn.unacked end, FIONWRITE = function(conn) return conn.unacked end,
  SIOCOUTQNSD = function(conn) return conn.unacked - (conn.snd.nxt - conn.snd.una & 0xffffffff) end,
}

function handlers.ioctl(self, event)
  local socket = self:socket(event)
  if not socket then return -1, "EBADF" end
  local what = self:flags(event, 2)
  local value = values.only(event.arguments[3])
  if what.FIONBIO then
    socket.nonblock = value and value.value ~= 0 or false
    return 0
  end
  for name, count in pairs(counts) do
    if what[name] then
      if not socket.conn then return -1, "EINVAL" end
      self:expect(event, value, count(socket.conn), name)
      return 0
    end
  end
  drill.unsupported(event.line, "this ioctl()")
end

-- ---- poll ----

local sends = {ESTABLISHED = true, CLOSE_WAIT = true}
local read_ends = {CLOSE_WAIT = true, LAST_ACK = true, CLOSING = true, TIME_WAIT = true, CLOSED = true}

local function happened(self, socket)
  if socket.listener then return {POLLIN = socket.listener.accept_queue > 0} end
  local conn = socket.conn
  if not conn then return {POLLHUP = true, POLLOUT = true} end
  local ended = read_ends[conn.state] or socket.shut_read
  local room = self.host.rules.send_buffer - conn.unacked
  return {POLLIN = conn.unread > 0 or ended, POLLRDHUP = ended, POLLERR = self:peek_error(socket) ~= nil,
    POLLOUT = (sends[conn.state] and room > 0) or conn.state == "CLOSED" or socket.shut_write,
    POLLHUP = conn.state == "CLOSED" or (ended and socket.shut_write)}
end

local function poll_fields(entry)
  local fields = {}
  for _, field in ipairs(entry) do fields[field.name] = field.value end
  return fields
end

local function poll_one(self, event, fields)
  if not fields.fd or not fields.events then
    drill.failed(event.line, "poll: an entry has fd, events and revents: {fd=4, events=POLLIN, revents=POLLIN}")
  end
  local socket = self.sockets[fields.fd and fields.fd.value]
  if not socket then return {POLLNVAL = true} end
  local now, asked, got = happened(self, socket), values.flags(self.run, fields.events), {}
  for _, name in ipairs{"POLLIN", "POLLOUT", "POLLRDHUP", "POLLERR", "POLLHUP"} do
    local always = name == "POLLERR" or name == "POLLHUP"
    if now[name] and (always or asked[name]) then got[name] = true end
  end
  return got
end

local function words_of(set)
  local list = {}
  for word in pairs(set) do
    if word ~= "number" then list[#list + 1] = word end
  end
  table.sort(list)
  return #list > 0 and table.concat(list, "|") or "0"
end

function handlers.poll(self, event, state)
  local timeout = self:number(event, 3)
  local count, got = 0, {}
  if event.arguments[1].kind ~= "list" then
    drill.failed(event.line, "poll: argument 1 must be a list: [{fd=4, events=POLLIN, revents=POLLIN}]")
  end
  for i, entry in ipairs(event.arguments[1]) do
    got[i] = poll_one(self, event, poll_fields(entry))
    if next(got[i]) then count = count + 1 end
  end
  state.wakes = state.wakes or (timeout > 0 and M.now() + timeout * 1000 or nil)
  local over = timeout == 0 or (state.wakes and M.now() >= state.wakes)
  if count == 0 and not over then return WAIT end
  for i, entry in ipairs(event.arguments[1]) do
    local revents = poll_fields(entry).revents
    local wanted = revents and words_of(values.flags(self.run, revents)) or nil
    if wanted and wanted ~= words_of(got[i]) then
      drill.failed(event.line, ("poll: expected revents %s, got revents %s"):format(wanted, words_of(got[i])))
    end
  end
  return count
end

return calls
