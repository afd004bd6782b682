-- destroyed.lua - a script replaces or removes everything that it can reach, through tables and metatables, stops the
-- collector, and then the lab does all it does.

local assert, error, next, pcall, print, rawset, type = assert, error, next, pcall, print, rawset, type
local find, getmetatable, setmetatable, tostring = string.find, getmetatable, setmetatable, tostring
local collectgarbage, globals = collectgarbage, _G

local function evil() error("the script's own function was called") end

-- What is reached from the tables of globals and from what the lab returns.
local reached, count = {}, 0
local function reach(value)
  if reached[value] or (type(value) ~= "table" and type(value) ~= "userdata") then return end
  reached[value] = true
  count = count + 1
  reach(getmetatable(value))
  if type(value) ~= "table" then return end
  for key, inside in next, value do
    reach(key)
    reach(inside)
  end
end

B:listen(80)
local c = A:connect(B, 80)
local e = run()
reach{globals, getmetatable(""), getmetatable(print), A, B, wire, c, c.snd, c.timers, A.rules, e, e[1], trace(),
  netstat(), timers(), ladder(), why(), lessons(), help(), help "step", explore{states = 50}, A.conns}
assert(count > 100, "the script reaches a lot")
assert(not reached[steps], "and no word")

local made = {}
for value in next, reached do made[#made + 1] = value end
for _, value in next, made do
  if type(value) == "table" then
    for key in next, value do pcall(rawset, value, key, evil) end
    pcall(setmetatable, value, {__index = evil, __newindex = evil, __call = evil, __len = evil, __metatable = 1})
  end
end
for _, name in next, {"string", "table", "math", "os", "utf8", "coroutine", "debug", "print", "tostring", "pairs"} do
  pcall(rawset, globals, name, nil)
end
pcall(collectgarbage, "stop")

-- And now the lab: says what it shows, in words that are looked for.
local function shows(value, words) assert(find(tostring(value), words, 1, true), words) end
reset()
lesson "open-three-way"
lesson "close-four-way"
shows(ladder(), "FIN,ACK")
shows(why(), "RFC 9293")
shows(help(), "step")
shows(help "TIME_WAIT", "FIN_WAIT_2")
shows(trace(3), "TIME_WAIT")
shows(lessons(), "close-simultaneous")
shows(A.rules, "msl")
shows(("%s!"):format("methods of strings"), "strings!")
settle()
B:listen(80)
local d = A:connect(B, 80)
shows(wire, "SYN")
shows(show(), "sequence number")
run()
shows(d, "ESTABLISHED")
shows(d.snd, "una")
shows(netstat(), "ESTABLISHED")
shows(timers(), "")
