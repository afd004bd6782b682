-- show(rule): every rule of the standard has a scene, which plays, replays and runs as a script to the same end; or a
-- sentence says why there is none.

local unreachable = {["path.foreign"] = true, ["path.no-fragments"] = true}

-- All that has happened, and what is left of it.
local function end_of_scene() return tostring(trace(10000)) .. "\n" .. tostring(netstat()) .. "\n" .. tostring(wire) end

-- The rule is followed in the last step, and not before.
local function ends_with(rule)
  local first
  for _, event in ipairs(trace()) do
    if not first and event.rule == rule then first = event end
  end
  assert(first, rule .. " is not followed")
  assert(first.step == steps(), rule .. " is followed before the last step:\n" .. tostring(trace(1000)))
end

local function is_path(rule, path)
  local count = 0
  while path[count + 1] do count = count + 1 end
  assert(count == #path and count > 0 and count <= steps(), rule .. ": its steps")
  for line in tostring(path):gmatch("[^\n]+") do assert(line:find("%S") and not line:find("\t", 1, true), rule) end
end

local function plays(rule)
  A:connect(B, 99) -- what was there before is gone
  local path, note = show(rule)
  if unreachable[rule] then
    assert(path == nil and type(note) == "string" and #note > 20, rule .. ": why there is no scene")
    return
  end
  assert(path, rule .. " has no scene: say in scripts/scenes.lua how to come to it (" .. tostring(note) .. ")")
  local played = end_of_scene()
  ends_with(rule)
  is_path(rule, path)
  reset()
  replay(path)
  assert(end_of_scene() == played, rule .. ": replayed, it ends otherwise:\n" .. played .. "\n\n" .. end_of_scene())
  reset()
  assert(load(path:script(), "=script"))()
  assert(end_of_scene() == played, rule .. ": its script ends otherwise:\n" .. played .. "\n\n" .. end_of_scene())
end

local rules = rfc().rules
assert(#rules > 120)
for _, rule in ipairs(rules) do plays(rule) end

-- What is returned.
local path, note = show("syn.challenge")
assert(#path == 6 and note == nil and path[6]:find("SYN", 1, true) and #A.conns == 1 and #B.conns == 2)
assert(path:script():find('wire:inject{from="B:80", to="A:7777", flags="SYN", seq=A.conns[1].rcv.nxt}', 1, true))
step()
replay(path)
assert(steps() == 6, "replay goes back to the beginning")
path, note = show("setting")
assert(#path == 1 and note:find("set up", 1, true))

-- Mistakes.
local function raises(what, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(what, 1, true), "expected '" .. what .. "', got: " .. tostring(message))
end
raises("there is no rule 'rst.chalenge' (did you mean rst.challenge?)", show, "rst.chalenge")
raises("a check only looks", explore, {check=function() show("setting") end})
assert(steps() == 1, "an error resets nothing")
