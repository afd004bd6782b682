-- stage: what can be set of the window, where there is none; and instant().
local function raises(what, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok and tostring(message):find(what, 1, true), "expected '" .. what .. "', got: " .. tostring(message))
end

assert(stage.theme == nil and stage.panels.diagram == nil)
assert(tostring(stage):find("there is no window", 1, true))
stage.theme = "light" -- says so on stderr, and the script goes on
stage.panels.header = false
assert(stage.theme == nil and stage.panels.header == nil)
raises("did you mean theme?", function() stage.them = "light" end)
raises("did you mean theme?", function() return stage.them end)
raises("must be one of dark, light, not lihgt (did you mean light?)", function() stage.theme = "lihgt" end)
raises("stage.present must be true or false, not a number", function() stage.present = 1 end)
raises("stage.speed must be a number from 0.125 to 16", function() stage.speed = 0 end)
raises("stage.speed must be a number from 0.125 to 16", function() stage.speed = "2" end)
raises("has no field 'plot'", function() stage.panels.plot = true end)
raises("stage.panels.diagram = false", function() stage.panels = {} end)
assert(tostring(help(stage)):find("stage.speed", 1, true) and tostring(help "speed"):find("1 is normal", 1, true))

-- Everything that is due at the next moment, and nothing of a later one.
reset()
local a = A:connect(B, 8888, {port=7777})
local b = B:connect(A, 7777, {port=8888})
local done = instant()
assert(#done == 2 and now() == 0.05, tostring(done))
assert(a.state == "SYN_RCVD" and b.state == "SYN_RCVD")
instant()
assert(a.state == "ESTABLISHED" and b.state == "ESTABLISHED" and now() == 0.1)
back(2)
assert(now() == 0.05 and #instant() == 2)
reset()
assert(#instant() == 0) -- nothing is left to happen
