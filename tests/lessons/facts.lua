-- facts.lua - says what a scenario did, one line per step, with numbers relative to x (A's first) and y (B's), and
-- compares it with what it must do.
--
--   A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
--   SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
--
-- Settings, and the application's calls that change nothing on the wire, are left out.

local function relative(number, name, base)
  local distance = (number - base) & 0xffffffff
  if distance == 0 then return name end
  if distance < 100000 then return name .. "+" .. distance end
  return tostring(number)
end

local function segment(e, x, y)
  local of_a = e.src:match("^127%.0%.0%.1:")
  local to_a = e.dst:match("^127%.0%.0%.1:")
  local text = e.flags .. " seq=" .. relative(e.seq, of_a and "x" or "y", of_a and x or y)
  if e.flags == "RST,ACK" and e.seq == 0 then text = "RST,ACK seq=0" end -- from no connection, which has no numbers
  if e.flags:find("ACK") then text = text .. " ack=" .. relative(e.ack, to_a and "x" or "y", to_a and x or y) end
  if e.len > 0 then text = text .. " len=" .. e.len end
  if e.again then text = text .. " again" end
  return text
end

local function trigger(e)
  if e.kind == "deliver" then return e.flags .. " to " .. e.host end
  if e.kind == "drop" then return e.flags .. " lost" end
  if e.kind == "timer" then return e.host .. " " .. e.timer .. " timer" end
  if e.kind == "call" then return e.host .. " " .. e.call end
  return e.kind
end

-- One line per step, of the events from the first on; steps that neither send nor change a state nor move a packet are
-- no facts.
local function happened(x, y, first)
  local lines, groups = {}, {}
  for i, e in ipairs(trace()) do
    if i < first then goto continue end
    groups[#groups + 1] = (#groups == 0 or groups[#groups].step ~= e.step) and {step = e.step} or nil
    local group = groups[#groups]
    group[#group + 1] = e
    ::continue::
  end
  for _, group in ipairs(groups) do
    local states, sends, errors = {}, {}, {}
    for _, e in ipairs(group) do
      if e.kind == "state" then states[#states + 1] = e.host .. " " .. e.from .. " > " .. e.to end
      if e.kind == "send" then sends[#sends + 1] = e.host .. " sends " .. segment(e, x, y) end
      if e.kind == "error" then errors[#errors + 1] = e.host .. " " .. e.error end
      if e.kind == "oracle" then errors[#errors + 1] = "BROKEN " .. e.rule end
    end
    local effects = table.move(sends, 1, #sends, #states + 1, states)
    effects = table.move(errors, 1, #errors, #effects + 1, effects)
    local moves = group[1].kind == "deliver" or group[1].kind == "drop" or group[1].kind == "timer"
    if moves or #effects > 0 then
      local text = trigger(group[1])
      lines[#lines + 1] = #effects > 0 and text .. ": " .. table.concat(effects, "; ") or text
    end
  end
  return lines
end

local function split(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    line = line:match("^%s*(.-)%s*$")
    if line ~= "" then lines[#lines + 1] = line end
  end
  return lines
end

local function compare(name, is, must)
  for i = 1, math.max(#is, #must) do
    if is[i] ~= must[i] then
      error(string.format("%s, line %d\n  must be: %s\n  is:      %s\n%s", name, i, must[i] or "(nothing)", is[i]
        or "(nothing)",
        table.concat(is, "\n")), 0)
    end
  end
end

-- Plays `run(x, y)` with several pairs of first numbers, those around zero among them, and compares.
function scenario(name, run, facts)
  for _, pair in ipairs{{100, 300}, {0xffffffff, 0xfffffffe}, {0x7fffffff, 0x80000000}} do
    local x, y = table.unpack(pair)
    reset()
    A.rules.isn, B.rules.isn = x, y
    run(x, y)
    compare(string.format("%s (x=%d, y=%d)", name, x, y), happened(x, y, 1), split(facts))
  end
  print("ok " .. name)
end

-- Walks a path that a search has just found here, and compares.
function walk(name, path, facts, x, y)
  local first = #trace() + 1
  replay(path)
  compare(name, happened(x, y, first), split(facts))
end

-- An open connection from A:7777 to B:80: A's end, B's end, and the listener. on_fin is for B.
function open(on_fin)
  local s = B:listen(80, {on_fin = on_fin})
  local c = A:connect(B, 80, {port = 7777})
  run()
  return c, s:accept(), s
end

opening = [[
  B listen: B CLOSED > LISTEN
  A connect: A CLOSED > SYN_SENT; A sends SYN seq=x
  SYN to B: B LISTEN > SYN_RCVD; B sends SYN,ACK seq=y ack=x+1
  SYN,ACK to A: A SYN_SENT > ESTABLISHED; A sends ACK seq=x+1 ack=y+1
  ACK to B: B SYN_RCVD > ESTABLISHED
]]
