-- rfc: requirements, sections and rules of the standards can be asked for, by whatever name they have. That the tests
-- and the translations are there is checked by the test `requirements`.

local function is(a, b, what)
  if a ~= b then error(string.format("%s: must be %s, is %s", what, tostring(b), tostring(a)), 2) end
end

local function fails(with, ...)
  local ok, message = pcall(rfc, ...)
  if ok then error("must fail with: " .. with, 2) end
  if not message:find(with, 1, true) then error("fails with: " .. message, 2) end
end

local function prints(result, ...)
  local text = tostring(result)
  for _, part in ipairs{...} do
    if not text:find(part, 1, true) then error("'" .. part .. "' is not in:\n" .. text, 2) end
  end
end

local known = {}
for _, name in ipairs(rfc().rules) do known[name] = true end

-- Each of the 69 says what it asks for, what carries it out or why nothing does, and what proves it or why nothing.
is(rfc()[1].series, "MUST", "the first series")
is(rfc()[1].count, 69, "MUSTs")
for n = 1, 69 do
  local one = rfc("MUST-" .. n)
  is(one.id, "MUST-" .. n, "its id")
  assert(one.section:match("^RFC 9293 3%.%d"), one.section)
  assert(#one.text >= 40, one.id .. ": " .. one.text)
  is(#one.rules > 0 or one.without ~= nil or one.reason ~= nil, true, one.id .. ": rules, or why there are none")
  is(#one.tests > 0 or one.reason ~= nil, true, one.id .. ": tests, or why there are none")
  prints(one, one.id, one.section, table.unpack(one.rules))
  for _, name in ipairs(one.rules) do
    prints(one, 'show("' .. name .. '")')
    assert(known[name], name)
  end
end

-- Every series is listed, and each of its requirements can be asked for.
local total = 0
for _, series in ipairs(rfc()) do
  local ids = rfc(series.series).requirements
  is(#ids, series.count, series.series)
  for _, id in ipairs(ids) do is(rfc(id).id, id, "an id of the list") end
  prints(rfc(series.series), ids[1], ids[#ids])
  total = total + #ids
end
assert(total > 200)

-- Each rule tells its sentence, and each section that it cites can be asked for and names the rule.
for name in pairs(known) do
  local rule = rfc(name)
  is(rule.rule, name, "a rule")
  prints(rule, name, rule.section, 'show("' .. name .. '")')
  is(#rule.requirements > 0 or rule.follows ~= nil or rule.beyond ~= nil, true, name .. ": why there is such a rule")
  if rule.section ~= "" then
    local found = false
    for _, other in ipairs(rfc(rule.section).rules) do found = found or other == name end
    is(found, true, rule.section .. " names " .. name)
  end
end
for _, name in ipairs(rfc().sections) do
  local one = rfc(name)
  is(one.section, name, "a section")
  assert(#one.title > 0 and #one.requirements + #one.rules > 0, name)
end

-- By other names.
for _, name in ipairs{"must-31", "MUST31", " Must 31 "} do is(rfc(name).id, "MUST-31", name) end
is(rfc("r5961-1").id, "R5961-1", "one digit")
is(rfc("R596111").id, "R5961-11", "and two")
is(rfc("RST.Challenge").rule, "rst.challenge", "a rule in capitals")
for _, name in ipairs{"3.10.7.4", "RFC 9293 3.10.7.4", "rfc9293 3.10.7.4", "9293 3.10.7.4", "§3.10.7.4", "3.10.7.4."} do
  is(rfc(name).section, "RFC 9293 3.10.7.4", name)
end
is(rfc("a.2").section, "RFC 9293 A.2", "an appendix")
is(rfc("RFC 5961 3.2").rules[1], "rst.challenge", "a section of another RFC")
is(#rfc("RFC 1337").requirements, 7, "a whole RFC")

-- A section has in it what is in the sections inside it, and nothing of its neighbours.
is(rfc("3.8.6").title ~= nil, true, "3.8.6 is a section of its own,")
is(#rfc("3.8.6").sections, 5, "with others inside it")
is(rfc("3.9.1").title, nil, "3.9.1 has only others inside it")
is(#rfc("3.9.1").sections, 6, "those")
is(#rfc("3.10.1").sections, 1, "3.10.1 is not 3.10")
is(rfc("3.10.1").rules[1], "open.passive", "and has its rules")

-- What is returned is a copy.
rfc("MUST-66").rules[1] = "mine"
rfc().rules[1] = "mine"
is(rfc("MUST-66").rules[1], "sequence.closed-window", "nobody else's")
is(rfc().rules[1] ~= "mine", true, "nobody else's")

-- What there is not.
fails("there is no MUST-70: RFC 9293 has MUST-1 to MUST-69", "MUST-70")
fails("there is no R1337-0: RFC 1337 has R1337-1 to R1337-7", "r1337-0")
fails("did you mean rst.challenge?", "rst.chalenge")
fails("did you mean 3.10.7.4?", "3.10.7.44")
fails("rfc() lists what there is", "RFC 793")
fails("rfc() lists what there is", "")
fails("rfc() lists what there is", "%d+")
fails("rfc() lists what there is", ("x"):rep(1e6))
fails("not nothing", nil)
fails("not a number", 31)
fails("not a table", {})
