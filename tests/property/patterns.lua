-- patterns.lua - random patterns and subjects, and the cases of the manual: `ours` and Lua's own string library return
-- the same values or raise the same errors. Globals: ours, seed (patterns.c sets them).

local host = string
math.randomseed(seed)

local function pick(list) return list[math.random(#list)] end

local function text(letters, most)
  local parts = {}
  for i = 1, math.random(0, most) do parts[i] = pick(letters) end
  return table.concat(parts)
end

local letters = {"a", "b", "a", "b", "A", "1", "-", " ", "(", ")", "[", "]", "%", "^", "$", ".", "\0", "\xe4", "_"}
local singles = {"a", "b", "a", ".", "%a", "%d", "%s", "%S", "%w", "%l", "%u", "%x", "%p", "%c", "%g", "%A", "%z", "%.",
  "%%", "%]", "%-", "[ab]", "[^a]", "[a-c]", "[]]", "[^]]", "[]-a]", "[a-]", "[-a]", "[%a1]", "[^%w%s]",
  "[%a-z]", "[a%]b]", "[\0]", "[^\0]", "\0", "[.]", "[+--]", "-", "]", "^", "$", "%q", "[%q]"}
local repeats = {"", "", "", "*", "+", "-", "?"}
local others = {"(", ")", "()", "(", ")", "(", ")", "%1", "%2", "%0", "%9", "%bab", "%b()", "%baa", "%f[a]", "%f[%a]",
  "%f[^a]", "%f[\0]", "%f[%z]"}
local broken = {"%", "[", "[a", "[^", "[%", "[]", "%b", "%ba", "%f", "%fa", "%f[", "("}

-- Groups are closed in most patterns, so that most of them are well-formed.
local function pattern()
  local parts, open = {}, 0
  if math.random(6) == 1 then parts[1] = "^" end
  for _ = 1, math.random(0, 6) do
    local kind = math.random(12)
    if kind <= 8 then parts[#parts + 1] = pick(singles) .. pick(repeats)
    elseif kind <= 11 then
      local one = pick(others)
      if one == "(" then open = open + 1 end
      if one == ")" then open = open - 1 end
      parts[#parts + 1] = one
    elseif math.random(8) == 1 then parts[#parts + 1] = pick(broken) end
  end
  if math.random(10) > 1 then parts[#parts + 1] = (")"):rep(math.max(open, 0)) end
  if math.random(6) == 1 then parts[#parts + 1] = "$" end
  return table.concat(parts)
end

-- Values as one string, with types; the function's name in a message does not count.
local function words(ok, ...)
  local list = table.pack(...)
  for i = 1, list.n do
    local value = tostring(list[i])
    if not ok then value = host.gsub(value, "#(%d) to '[^']*'", "#%1") end
    list[i] = math.type(list[i]) or type(list[i])
    list[i] = list[i] .. ":" .. value
  end
  return (ok and "ok " or "error ") .. table.concat(list, " | ", 1, list.n)
end

local function compare(name, ...)
  local expected, got = words(pcall(host[name], ...)), words(pcall(ours[name], ...))
  if expected == got then return expected end
  local arguments = table.pack(...)
  for i = 1, arguments.n do
    arguments[i] = host.format(type(arguments[i]) == "string" and "%q" or "%s", arguments[i])
  end
  local call = name .. "(" .. table.concat(arguments, ", ", 1, arguments.n) .. ")"
  error(host.format("seed %d: %s\n  must be %s\n  but is  %s", seed, call, expected, got))
end

local function all_matches(library, ...)
  local list, count = {}, 0
  for a, b, c in library.gmatch(...) do
    list[#list + 1] = tostring(a) .. "," .. tostring(b) .. "," .. tostring(c)
    count = count + 1
    if count > 50 then break end
  end
  return table.concat(list, ";")
end
host.all, ours.all = function(...) return all_matches(host, ...) end, function(...) return all_matches(ours, ...) end

local templates = {"", "x", "<%0>", "%1", "[%1%2]", "%%", "%3", "%", "%q", "100%", 12, 1.5}
local replacements = {{a = "1", b = 2, ["1"] = false, ["-"] = {}}, function(a, b) return b or a end, function() end,
  function() return false end, function(a) return a == "b" and {} or 7 end, setmetatable({}, {__index = function(_, k)
    return type(k) == "string" and k:upper() or k end}), true, print and nil}
local inits = {-20, -3, -1, 0, 1, 2, 5, 20, math.mininteger, math.maxinteger, "2", 1.0, 1.5}

local good, bad = 0, 0
local function count(result) if host.sub(result, 1, 2) == "ok" then good = good + 1 else bad = bad + 1 end end

for _ = 1, 60000 do
  local subject, p = text(letters, 10), pattern()
  count(compare("find", subject, p))
  compare("match", subject, p)
  compare("find", subject, p, pick(inits), pick{true, false})
  compare("match", subject, p, pick(inits))
  compare("all", subject, p)
  compare("all", subject, p, pick(inits))
  compare("gsub", subject, p, pick(templates))
  compare("gsub", subject, p, replacements[math.random(8)])
  compare("gsub", subject, p, pick(templates), pick(inits))
end
assert(good > 40000 and bad > 1000, "the generator makes well-formed and malformed patterns")

-- What random patterns seldom meet.
compare("find", ("a"):rep(40), ("(a)"):rep(32))
compare("find", ("a"):rep(40), ("(a)"):rep(33))
compare("gsub", "a", ("()"):rep(33), "")
compare("find", "a", ("x"):rep(50) .. "(")
compare("match", ("ab"):rep(60), ("a?b?"):rep(60) .. "$")
assert(ours.match(("ab"):rep(10000), ("a?b?"):rep(10000) .. "$"), "a pattern may be long")
compare("gsub", ("ab "):rep(1000), "(%w+) ", "%1,%1;")
compare("find", "a\0b", "\0b")
compare("find", "abc", "")
compare("find", "", "")
compare("find", "abc", "b", -1)
for _, name in ipairs{"find", "match", "gmatch", "gsub"} do
  compare(name)
  compare(name, {}, "a", "b")
  compare(name, "a", {}, "b")
  compare(name, "a", "a", {}, {})
end
compare("find", 1234, 23)
compare("gsub", 1234, 2, 9)
