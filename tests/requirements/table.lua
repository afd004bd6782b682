-- Prints what rfc() knows, a fact a line, for check.awk: each requirement, each section, and what lies beyond them.

local function put(what, value) if value then print("    " .. what .. value) end end
local function each(what, list) for _, value in ipairs(list or {}) do put(what, value) end end

for _, series in ipairs(rfc()) do
  for _, id in ipairs(rfc(series.series).requirements) do
    local one = rfc(id)
    print(id .. "  " .. table.concat(one.sections, ", "))
    put("text: ", one.text)
    each("section: ", one.sections)
    each("rule: ", one.rules)
    each("setting: ", one.settings)
    put("without: ", one.without)
    each("", one.tests)
    put("note: ", one.note)
    put("reason: ", one.reason)
  end
end
for _, name in ipairs(rfc().sections) do
  local one = rfc(name)
  print("section  " .. name)
  put("title: ", one.title)
  each("rule: ", one.follows)
end
for _, group in ipairs(rfc().beyond) do
  print("beyond  " .. group.text)
  each("rule: ", group.rules)
end
