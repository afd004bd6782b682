-- Every word has help with an example, and every example runs and shows something.

local shown
local env = setmetatable({print = function(...) shown = shown + select("#", ...) end}, {__index = _ENV})

local words = help()
assert(#words > 40, "help() lists the words")
for _, word in ipairs(words) do
  reset()
  shown = 0
  local chunk = assert(load(word.before .. "\n" .. word.example, "=" .. word.name, "t", env))
  local ok, message = pcall(chunk)
  if not ok then error("the example of " .. word.name .. " fails: " .. tostring(message), 0) end
  local talks = word.example:find("print") ~= nil
  if talks and shown == 0 then error("the example of " .. word.name .. " shows nothing", 0) end
  local page = tostring(help(word.name))
  assert(page:find(word.usage, 1, true) and page:find(word.example, 1, true), "help of " .. word.name)
end

-- Every global function of the vocabulary is a word.
local known = {}
for _, word in ipairs(words) do known[word.name] = true end
for _, name in ipairs{"host", "step", "run", "settle", "wait", "now", "back", "forward", "seek", "steps", "reset",
  "netstat", "timers", "ladder",
  "show", "why", "trace", "help", "say", "ask", "check", "pause", "lesson", "lessons"} do
  assert(known[name], "help has no " .. name)
  assert(type(_ENV[name]) == "function", "there is no " .. name)
  assert(tostring(help(_ENV[name])):find(name, 1, true), "help(" .. name .. ")")
end

-- Objects, methods, rules, states and fields are explained too.
reset()
local s = B:listen(80)
local c = A:connect(B, 80)
for _, thing in ipairs{A, c, s, wire, wire[1], c.send, A.connect, A.rules, "msl", "TIME_WAIT", "snd", "rttvar"} do
  assert(#tostring(help(thing)) > 20, "help(" .. tostring(thing) .. ")")
end
assert(tostring(help "TIME_WAIT"):find("FIN_WAIT_2  > TIME_WAIT", 1, true))
assert(tostring(help(c.send)) == tostring(help "send"))
print(#words .. " words: ok")
