-- api.lua - what the bytes of `input` say, done with the vocabulary. api.c puts before it: the names of all words
-- (`words`), the kinds of objects with their fields and methods (`kinds`), and `input`.
--
-- Each byte decides one thing: what is called, on what, with what. Values are edges, objects (also those that are stale
-- by now), and traps: tables whose metamethods, and functions that, do again what the next bytes say.

local assert, error, next, pcall, pairs, rawget, rawset = assert, error, next, pcall, pairs, rawget, rawset
local select, setmetatable, tostring, type, xpcall = select, setmetatable, tostring, type, xpcall
local byte_of, rep, math_type = string.byte, string.rep, math.type
local at, depth = 0, 0
local env = _ENV
V = {} -- what was returned, also for the lines that api.c runs afterwards
CALLS = 0
local kept = 0

local function byte()
  at = at + 1
  return byte_of(input, at) or 0
end

local function pick(list) return list[byte() % #list + 1] end

local numbers = {0, 1, 2, 80, -1, 0.05, 1.5, -0.0, 1 / 0, -1 / 0, 0 / 0, math.mininteger, math.maxinteger, 65535, 65536,
  2 ^ 31, 1 << 32, 2 ^ 53, 1e300, 3, 40, 1e-7, 1000, 4294967295}
local strings = {"", "x", "A", "B:80", "A:7777", "127.0.0.2", "127.0.0.2:80", "SYN", "SYN,ACK", "ACK", "RST", "FIN,ACK",
  "a\0b", "\27[2J", "%s%n%d", "80", "rfc6528", "linux", "\xff\xfe", "close", "C", "port unreachable", "reno",
  "open-self", "三次握手", "en", rep("x", 70000), rep("long ", 20), "none"}
local names = {"from", "to", "flags", "seq", "ack", "win", "urg", "data", "opts", "src", "dst", "delay", "icmp",
  "about", "port", "backlog", "on_fin", "urgent", "en", "zh_CN", "choices", "answer", "title", "run", "name", "order",
  "mss", "wscale", "sack", "sack_ok", "ts", "value", "echo", "idle", "interval", "probes", "isn", "keepalive", "msl",
  "drops", "dups", "delays", "may", "states", "exact", "check"}
local objects = {}
for _, kind in ipairs(kinds) do
  local sample = kind.sample:gsub("^find(%b{})$", "find(%1, {states = 200})")
  objects[#objects + 1] = assert(load("return " .. sample, "=sample", "t", env))
  for _, name in ipairs(kind.fields) do names[#names + 1] = name end
end

local value, call, object, spring

-- A search ends soon, whatever its options are.
local function bounded(options)
  if options == nil then return {states = 40} end
  if type(options) ~= "table" then return options end
  local states = rawget(options, "states")
  if states == nil or (math_type(states) and states > 200) then rawset(options, "states", 40) end
  return options
end
local searches = {explore = function(options, ...) return explore(bounded(options), ...) end,
  find = function(what, options, ...) return find(what, bounded(options), ...) end}
local function word(name) return searches[name] or env[name] end

local function keep(...)
  for i = 1, select("#", ...) do
    local one = select(i, ...)
    if one ~= nil then
      kept = kept % 24 + 1
      V[kept] = one
    end
  end
  return ...
end

-- The tables made last: a trap may empty them while they are read.
local made_last = {}
local function empty_tables()
  for i, one in pairs(made_last) do
    for key in next, one do rawset(one, key, nil) end
    made_last[i] = nil
  end
  collectgarbage()
end

-- What a trap does, beside a call.
local acts = {reset, back, function() seek(0) end, collectgarbage, function() return wire[1]:drop() end,
  function() error("trap") end, function() error(setmetatable({}, {__tostring = error})) end,
  function() return coroutine.yield(1) end, function() return run() end, function() return c:close() end,
  function() return host(rep("h", byte() % 8 + 1)) end, function() V = {} end, function() return value() end,
  function() return c:send(rep("d", 100 * byte())) end, function() return forward() end, empty_tables,
  empty_tables}

function spring()
  if depth > 12 then return nil end
  depth = depth + 1
  local results = table.pack(pcall(byte() % 2 == 0 and pick(acts) or call))
  depth = depth - 1
  if not results[1] and byte() % 2 == 0 then error(results[2], 0) end
  if byte() % 3 == 0 then return value() end
  return results[2]
end

local events = {"__index", "__index", "__newindex", "__call", "__len", "__eq", "__lt", "__le", "__concat", "__close",
  "__pairs", "__tostring", "__unm", "__add", "__name", "__metatable", "__mode"}

local function trap(fields)
  local mt = {}
  for _ = 0, byte() % 4 do
    local event = pick(events)
    mt[event] = byte() % 8 == 0 and value() or (event == "__mode" and "kv") or spring
  end
  local ok, made = pcall(setmetatable, fields, mt)
  return ok and made or fields
end

-- Tables as the words want them, and now and then with a trap.
local function set(made)
  made_last[#made_last % 8 + 1] = made
  return byte() % 2 == 0 and trap(made) or made
end
local function some(made) return byte() % 4 > 0 and made() or nil end
local function number() return byte() % 8 == 0 and pick(numbers) or byte() end
local function words_of() return set{en = pick(strings), zh_CN = some(function() return pick(strings) end)} end
local function options()
  return set{mss = some(number), wscale = some(number), sack_ok = true, ts = some(function()
    return set{value = some(number), echo = some(number)} end), sack = some(function()
    return set{set{number(), number()}} end)}
end
local function segment()
  return set{from = some(function() return "A:" .. byte() + 1 end), to = some(function() return "B:80" end),
    flags = pick{"SYN", "ACK", "SYN,ACK", "FIN,ACK", "RST", "none"}, seq = some(number), ack = some(number),
    data = some(function() return rep("x", 10 * byte()) .. byte() end), opts = some(options)}
end
local states = {"ESTABLISHED", "SYN_RCVD", "CLOSED", "CLOSING", "TIME_WAIT", "none"}
local function may()
  return set{object(), pick{"close", "send", "connect", "listen", "recv", "crash", "fly"}, value(), value(), value()}
end
local function search()
  return set{drops = some(function() return byte() % 4 end), dups = byte() % 2, delays = some(function()
    return byte() % 3 end), resends = some(function() return byte() % 3 end), timers = byte() % 4 > 0,
    may = some(function() return set{may(), some(may)} end), states = byte(), exact = byte() % 4 == 0,
    in_order = byte() % 4 == 0, memory = byte() % 8 == 0 and number() or nil,
    check = byte() % 4 == 0 and function() return spring() end or nil}
end
local shapes = {segment, segment, options, words_of,
  function() return set{backlog = some(number), on_fin = some(function() return "close" end)} end,
  function() return set{port = some(number), on_fin = some(function() return "close" end)} end,
  function() return set{urgent = true} end, search,
  function() return set{idle = some(number), interval = some(number), probes = some(number)} end,
  function() return set{keepalive = set{idle = some(number), interval = number()}, msl = number()} end,
  function() return set{icmp = "port unreachable", about = value()} end,
  function() return set{en = pick(strings), choices = set{words_of(), pick(strings)}, answer = byte() % 3} end,
  function() return set{title = words_of(), run = byte() % 2 == 0 and spring or function() return value() end} end}

local function fields()
  if byte() % 2 == 0 then return pick(shapes)() end
  local made = {}
  for _ = 1, byte() % 5 do
    local key = byte() % 4 == 0 and value() or pick(names)
    if key == nil or key ~= key then key = 1 end
    made[key] = value()
  end
  made_last[#made_last % 8 + 1] = made
  return made
end

function object() return (byte() % 3 == 0 and V[byte() % 24 + 1]) or pick(objects)() end

local makers = {function() return pick(numbers) end, function() return pick(strings) end, object, object,
  function() return V[byte() % 24 + 1] end, fields, function() return trap(fields()) end,
  function() return byte() % 2 == 0 and spring or function() return true end end, function() return nil end,
  function() return byte() % 2 == 0 end, function() return {value(), value(), value()} end,
  function() return trap{value(), value()} end, function() return pick(shapes)() end,
  function() return byte() end, function() return pick(names) end,
  function() return coroutine.wrap(spring) end, function() return {from = "A:7", to = "B:80", flags = pick(strings),
    data = pick(strings), opts = byte() % 2 == 0 and trap(fields()) or fields()} end}

function value()
  if depth > 12 or at > #input then return nil end
  depth = depth + 1
  local ok, made = pcall(pick(makers))
  depth = depth - 1
  if ok then return made end
end

local function arguments()
  local count, made = byte() % 4, {}
  for i = 1, count do made[i] = value() end
  return table.unpack(made, 1, count)
end

local function with_method()
  local kind, of = pick(kinds), object()
  if #kind.methods == 0 then return tostring(of) end
  local name = pick(kind.methods)
  if byte() % 16 == 0 then return of[name](arguments()) end
  return of[name](of, arguments())
end

-- Calls that mostly do something: one TCP, its packets, and tables as they want them.
local usual = {function() return wire:inject(segment()) end,
  function() return wire[byte() % (#wire + 1) + 1]:edit(segment()) end,
  function() return B:listen(byte() % 4 + 80, pick(shapes)()) end,
  function() return A:connect(B, byte() % 4 + 80, pick(shapes)()) end,
  function() return pick(B.conns):send(rep("s", byte()), pick(shapes)()) end,
  function() object().rules = pick(shapes)() end,
  function() object().keepalive = pick(shapes)() end,
  function() return say(pick(shapes)()) end, function() return ask(pick(shapes)()) end,
  function() return check(true, words_of()) end,
  function() return lesson(pick(shapes)()) end, function() return lesson(pick(lessons()).name) end,
  function() return c:send(rep("d", 50 * byte())) end,
  function() return explore(bounded(search())) end,
  function() return find(set{A = pick(states), B = some(function() return pick(states) end)}, bounded(search())) end,
  function() return find(spring, bounded(search())) end, function() return replay(V[byte() % 24 + 1]) end,
  function() return wire:inject(set{icmp = "port unreachable", about = pick(wire)}) end}

local function closing() local x <close> = trap{value()} return call() end

local libraries = {string, table, utf8, coroutine, math, os}
local library_names = {}
for i, library in ipairs(libraries) do
  library_names[i] = {}
  for name in pairs(library) do table.insert(library_names[i], name) end
  table.sort(library_names[i])
end
local base = {"print", "tostring", "tonumber", "rawequal", "rawlen", "rawget", "rawset", "next", "pairs", "ipairs",
  "select", "load", "error", "assert", "pcall", "xpcall", "setmetatable", "getmetatable", "collectgarbage", "type"}

local operations = {
  function() return word(pick(words))(arguments()) end,
  function() return word(pick(words))(arguments()) end,
  with_method, with_method, with_method,
  function() return pick(usual)() end, function() return pick(usual)() end, function() return pick(usual)() end,
  function() return object()[pick(pick(kinds).fields)] end,
  function() object()[pick(names)] = value() end,
  function() object()[value()] = value() end,
  function() return object()[value()] end,
  function() return tostring(value()) end,
  function() print(value(), value()) end,
  function() return #object() end,
  function() for k, v in pairs(object()) do keep(k, v) end end,
  function() return value() == value() end,
  function() return value() < value() end,
  function() return value() .. value() end,
  function()
    local i = byte() % #libraries + 1
    return libraries[i][pick(library_names[i])](arguments())
  end,
  function() return env[pick(base)](arguments()) end,
  function() return coroutine.wrap(call)() end,
  function() return pcall(coroutine.wrap(call)) end,
  closing,
  function() return xpcall(call, spring) end,
  function() return step() end,
  function() return run(spring) end,
  function() return wire:inject{from = "A:7777", to = "B:80", flags = pick(strings), data = pick(strings)} end}

function call()
  if depth > 12 or at > #input then return nil end
  CALLS = CALLS + 1
  depth = depth + 1
  local before = depth
  local results = table.pack(pcall(pick(operations)))
  depth = before - 1
  if results[1] then return keep(table.unpack(results, 2, results.n)) end
  keep(results[2])
end

while at < #input do call() end
error(value())
