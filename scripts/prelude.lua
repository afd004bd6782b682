-- prelude.lua - a part of the vocabulary that is written in Lua: lessons.
--
-- Its globals are not those of scripts: libraries are copies, and each function it defines becomes a word.

local machinery = ...

-- The lesson whose file is being read, as {name=, ...}; nil: no file is.
local reading

-- The `play` of a lesson's run(): waits for the user, calls `thing` (step, where none is given), and shows the steps
-- that it made.
local function play(thing, ...)
  pause()
  local before = steps()
  local results = table.pack((thing or step)(...))
  local after = steps()
  if after > before then say(machinery.steps(before, after)) end
  if after < before then print(string.format("  ↶ %d (%.3f s)\n", after, now())) end
  return table.unpack(results, 1, results.n)
end

local function start(one)
  reset()
  machinery.heading(one.title)
  machinery.playing(true)
  local ok, message = pcall(one.run, play)
  machinery.playing(false)
  if not ok then error(message, 0) end
end

-- Reads a lesson's file; nil: there is none.
local function read(name)
  local chunk = machinery.load(name)
  if not chunk then return nil end
  local mine, outer = {}, reading
  reading = mine
  local ok, message = pcall(chunk)
  reading = outer
  if not ok then error(message, 0) end
  if not mine.run then error("scripts/lessons/" .. name .. ".lua has no lesson{name=, title=, run=} in it", 0) end
  return mine
end

-- What the table of a lesson says, its title in the user's language. No metamethod of it runs.
local function described(one)
  local fields = {name = 1, title = 1, order = 1, run = 1}
  for name in next, one do
    if not fields[name] then
      error("lesson: there is no field '" .. tostring(name) .. "'; a lesson has: name, title, order, run", 3)
    end
  end
  local title, order, run = machinery.words(rawget(one, "title")), rawget(one, "order"), rawget(one, "run")
  if type(run) ~= "function" then error("lesson: run is missing: run=function(play) ... end", 3) end
  if not title then error("lesson: title is missing: title={en=\"...\"}", 3) end
  if order ~= nil and math.type(order) == nil then error("lesson: order must be a number", 3) end
  return {title = title, order = order, run = run}
end

function lessons()
  local list = {}
  for _, name in ipairs(machinery.names()) do
    local ok, one = pcall(read, name) -- a lesson that cannot be read does not hide the others
    if not ok then one = {title = "cannot be read: " .. tostring(one)} end
    list[#list + 1] = {name = name, title = one.title, order = one.order or math.huge}
  end
  table.sort(list, function(a, b)
    if a.order ~= b.order then return a.order < b.order end
    return a.name < b.name
  end)
  local lines = {}
  for i, one in ipairs(list) do lines[i] = string.format("%-22s %s", one.name, one.title) end
  if #lines == 0 then lines[1] = "no lessons are installed" end
  return machinery.printed(list, table.concat(lines, "\n"))
end

function lesson(one)
  if type(one) == "table" then
    one = described(one)
    if not reading then return start(one) end
    for name, value in pairs(one) do reading[name] = value end
    return
  end
  if type(one) ~= "string" then
    error("lesson: give the name of one, lesson \"open-three-way\"; lessons() lists them", 2)
  end
  local found = read(one)
  if not found then
    local names = machinery.names()
    table.sort(names)
    error("there is no lesson '" .. one .. "'; the lessons are: " .. table.concat(names, ", "), 2)
  end
  start(found)
end
