-- sandbox.lua - whatever a script does to its globals, the words of the lab keep their meaning and a lesson plays to
-- its end. (That a check that fails fails then, too, is in status.sh: it decides the exit status.)

local assert, error, ipairs, pairs, pcall, rawset, setmetatable, tostring, type = assert, error, ipairs, pairs, pcall,
  rawset, setmetatable, tostring, type
local find, getmetatable, load = string.find, getmetatable, load
local globals = _G

local function must_fail(with, f, ...)
  local ok, message = pcall(f, ...)
  if ok then error("must fail with: " .. with, 2) end
  if not find(tostring(message), with, 1, true) then error("fails with: " .. tostring(message), 2) end
end

local words = {}
for _, word in ipairs(help()) do
  -- load is Lua's own, which a script may replace as all of these
  if not word.of and globals[word.name] ~= nil and word.name ~= "load" then words[#words + 1] = word.name end
end
assert(#words >= 26, "words are globals")

-- The lab works: steps, a lesson to its end, a check that holds.
local function works(what)
  local function holds(condition) if not condition then error("after " .. what, 2) end end
  reset()
  B:listen(80)
  local c = A:connect(B, 80)
  holds(step().kind == "deliver")
  holds(#run() == 2 and c.state == "ESTABLISHED")
  lesson "open-three-way"
  check(true, "a check that holds")
  holds(find(tostring(ladder()), "SYN,ACK", 1, true))
  holds(find(tostring(help "step"), "step", 1, true))
  holds(#lessons() >= 8 and rfc("MUST-31").rules[1] == "urgent")
  holds(find(tostring(netstat()), "ESTABLISHED", 1, true) and find(tostring(timers()), "timer", 1, true))
  holds(find(tostring(why()), "RFC", 1, true) and #trace() > 3 and #help() > 20)
end

-- Words cannot be overwritten, one after the other.
for _, name in ipairs(words) do
  must_fail(name .. " is a word of the lab and keeps its meaning", function() globals[name] = function() end end)
  must_fail(name .. " is a word of the lab", function() globals[name] = nil end)
  must_fail(name .. " is a word of the lab", rawset, globals, name, 1)
end
must_fail("check is a word of the lab", load "check = function() end")
must_fail("check is a word of the lab", load "function check() end")
must_fail("protected metatable", setmetatable, globals, {})
assert(debug.setmetatable == nil and debug.getupvalue == nil and debug.sethook == nil, "debug is traceback only")
works "trying to overwrite words"

-- A variable of a script's own is an ordinary global, and a local may have any name.
mine = 1
assert(mine == 1 and globals.mine == 1)
rawset(globals, "mine", 2)
assert(mine == 2)
mine = nil
do
  local check = function() return "local" end
  assert(check() == "local")
end
do
  local _ENV = setmetatable({}, {__index = globals})
  check = function() end
  step = nil
end
works "an environment of a script's own"

local seen = {}
for name in pairs(globals) do seen[name] = true end
assert(seen.check and seen.step and seen.print and not seen.mine, "pairs(_G) shows globals and words")

-- Everything of Lua's own can be overwritten, and the lab works all the same.
local function evil() error("the script's own function was called") end
assert(getmetatable("") == "the methods of strings", "the metatable of strings is protected")
for _, library in ipairs{"string", "table", "math", "coroutine", "utf8", "os", "debug"} do
  for name in pairs(globals[library]) do globals[library][name] = evil end
end
works "overwriting the functions of all libraries"
assert(("%d"):format(7) == "7" and ("x"):rep(3) == "xxx", "methods of strings stay")
string.twice = function(s) return s .. s end
assert(("ab"):twice() == "abab", "a script adds methods to strings")
local own = {}
for name in pairs(globals) do
  if type(name) == "string" and not pcall(function() globals[name] = globals[name] end) then own[name] = true end
end
for name in pairs(globals) do
  if not own[name] then globals[name] = evil end
end
works "overwriting all globals"
