-- rfc.lua - rfc(x): what the standards ask for, which rules carry it out, which tests prove it.
--
-- The data is in scripts/rfc/. series.lua names the series and the files with their requirements; in each file
--   {id = "MUST-31", section = "3.8.5",    the RFC's section, or a list of them
--    en=, zh_CN=, zh_TW=,                  what it asks for, in our words
--    rules = {"urgent"},                   rules of engine/tcp/rules.def that carry it out;
--    without = "layout",                   or why no rule does: layout, setting, call (see `without` below)
--    settings = {"nagle"},                 what of A.rules it is about
--    tests = {"unit.FILE TEST...",         tests of tests/unit/FILE.c (property and raw alike),
--      "drill SCRIPT.pkt...",              packetdrill scripts of tests/drill,
--      "ctest NAME..."},                   a test as a whole
--    note = {en=, zh_CN=, zh_TW=},         what is different here
--    reason = {en=, zh_CN=, zh_TW=}}       why no test proves it: not done, or nothing to do
-- sections.lua has the sections by their subject, and the rules that no requirement names. The test `requirements`
-- compares all of it with the rules and the tests there are.

local machinery = ...
local words = machinery.words

local NAME = 40 -- longer names are not looked for

local headings = {
  rules = {en = "Carried out by", zh_CN = "执行它的规则", zh_TW = "執行它的規則"},
  settings = {en = "Settings", zh_CN = "设置", zh_TW = "設定"},
  tests = {en = "Proved by", zh_CN = "证明它的测试", zh_TW = "證明它的測試"},
  note = {en = "Note", zh_CN = "说明", zh_TW = "說明"},
  reason = {en = "No test, because", zh_CN = "没有测试，因为", zh_TW = "沒有測試，因為"},
  requirements = {en = "Asked for by", zh_CN = "提出它的要求", zh_TW = "提出它的需求"},
  section = {en = "It follows", zh_CN = "它依据", zh_TW = "它依據"},
  inside = {en = "Requirements", zh_CN = "要求", zh_TW = "需求"},
  citing = {en = "Rules that cite it", zh_CN = "引用它的规则", zh_TW = "引用它的規則"},
  usage = {en = "rfc \"MUST-31\" tells one, rfc \"MUST\" lists a series, rfc \"3.10.7.4\" or rfc \"RFC 5961 3.2\" a \z
      section, rfc \"rst.challenge\" a rule.",
    zh_CN = "rfc \"MUST-31\" 说明一条要求，rfc \"MUST\" 列出一个系列，rfc \"3.10.7.4\" 或 rfc \"RFC 5961 3.2\" 是一节，\z
      rfc \"rst.challenge\" 是一条规则。",
    zh_TW = "rfc \"MUST-31\" 說明一條需求，rfc \"MUST\" 列出一個系列，rfc \"3.10.7.4\" 或 rfc \"RFC 5961 3.2\" 是一節，\z
      rfc \"rst.challenge\" 是一條規則。"},
}

local without = {
  layout = {en = "No rule: it holds for every segment that is built or read, and no event decides by it.",
    zh_CN = "没有规则：它对构造或读取的每个报文段都成立，没有事件依它做决定。",
    zh_TW = "沒有規則：它對建立或讀取的每個區段都成立，沒有事件依它做決定。"},
  setting = {en = "No rule: it asks for a setting, and no event decides by it alone.",
    zh_CN = "没有规则：它要求的是一项设置，没有事件单独依它做决定。",
    zh_TW = "沒有規則：它要求的是一項設定，沒有事件單獨依它做決定。"},
  call = {en = "No rule: it is between TCP and its application, a call that is answered or refused without an event.",
    zh_CN = "没有规则：这是 TCP 与应用程序之间的事，调用得到回答或被拒绝，不产生事件。",
    zh_TW = "沒有規則：這是 TCP 與應用程式之間的事，呼叫得到回應或被拒絕，不產生事件。"},
}

-- ---- Reading the data: once, when rfc() is first asked ----

local function key_of(name) return (name:upper():gsub("[^%w]", "")) end

local function add_requirements(book, file)
  for _, one in ipairs(file) do
    local sections = type(one.section) == "table" and one.section or {one.section}
    one.cites = {}
    for i, section in ipairs(sections) do one.cites[i] = file.rfc .. " " .. section end
    book.requirements[#book.requirements + 1] = one
    book.by_key[key_of(one.id)] = one
    local series = book.series[one.id:match("^(.+)%-%d+$")]
    series.rfc = file.rfc
    series[#series + 1] = one
  end
end

local function add_sections(book, file)
  for _, rfc in ipairs(file) do
    for _, section in ipairs(rfc) do
      section.name = rfc.rfc .. " " .. section[1]
      book.sections[#book.sections + 1] = section
      book.sections[section.name] = section
    end
  end
end

-- Which requirements name a rule, which section or group the others belong to.
local function connect_rules(book)
  for _, rule in ipairs(book.rules) do
    rule.requirements = {}
    book.rules[rule.name] = rule
  end
  local function each(names, f)
    for _, name in ipairs(names or {}) do if book.rules[name] then f(book.rules[name]) end end
  end
  for _, one in ipairs(book.requirements) do
    each(one.rules, function(rule) table.insert(rule.requirements, one.id) end)
  end
  for _, section in ipairs(book.sections) do each(section.rules, function(rule) rule.follows = section.name end) end
  for _, group in ipairs(book.beyond) do each(group.rules, function(rule) rule.beyond = group end) end
end

local kept
local function read()
  if kept then return kept end
  local book = {series = machinery.load("series"), rules = machinery.rules(), requirements = {}, by_key = {},
    sections = {}}
  for _, series in ipairs(book.series) do book.series[series.name] = series end
  for _, name in ipairs(book.series.files) do add_requirements(book, machinery.load(name)) end
  local sections = machinery.load("sections")
  book.beyond = sections.beyond
  add_sections(book, sections)
  connect_rules(book)
  kept = book
  return book
end

-- ---- Text ----

local function paragraph(lines, indent, text)
  lines[#lines + 1] = machinery.paragraph((" "):rep(indent), text, indent)
end

-- A name and its text beside it, from column `at` on.
local function entry(lines, at, name, text)
  lines[#lines + 1] = machinery.paragraph(("%-" .. at .. "s"):format(name), text, at)
end

local function heading(lines, which)
  lines[#lines + 1] = ""
  lines[#lines + 1] = "  " .. words(headings[which])
end

-- A rule and the call that shows it, with its section where that is not the one that is told of.
local function add_rule(lines, book, name, told)
  local rule = book.rules[name]
  if not rule then return paragraph(lines, 4, name) end
  local section = (rule.section == "" or rule.section == told) and "" or " (" .. rule.section .. ")"
  paragraph(lines, 4, name .. ": " .. rule.sentence .. section)
  lines[#lines + 1] = ("      > show(%q)"):format(name)
end

local function title(book, name) return book.sections[name] and words(book.sections[name]) or "" end

local function copied(list) return table.move(list or {}, 1, #(list or {}), 1, {}) end

-- ---- What is asked for ----

local function requirement(book, one)
  local result = {id = one.id, section = one.cites[1], sections = copied(one.cites), text = words(one),
    rules = copied(one.rules), settings = copied(one.settings), tests = copied(one.tests),
    note = one.note and words(one.note), reason = one.reason and words(one.reason)}
  local lines = {("%s  %s  %s"):format(one.id, table.concat(one.cites, ", "), title(book, one.cites[1]))}
  paragraph(lines, 2, result.text)
  if one.rules then
    heading(lines, "rules")
    for _, name in ipairs(one.rules) do add_rule(lines, book, name) end
  elseif one.without then
    result.without = words(without[one.without])
    lines[#lines + 1] = ""
    paragraph(lines, 2, result.without)
  end
  if one.settings then
    heading(lines, "settings")
    for _, name in ipairs(one.settings) do lines[#lines + 1] = "    A.rules." .. name end
  end
  if one.tests then
    heading(lines, "tests")
    for _, test in ipairs(one.tests) do paragraph(lines, 4, test) end
  end
  for _, which in ipairs{"note", "reason"} do
    if result[which] then
      heading(lines, which)
      paragraph(lines, 4, result[which])
    end
  end
  return result, lines
end

local function list_requirements(lines, book, ids)
  for _, id in ipairs(ids) do entry(lines, 14, "    " .. id, words(book.by_key[key_of(id)])) end
end

local function rule(book, one)
  local result = {rule = one.name, section = one.section, text = one.sentence, requirements = copied(one.requirements),
    follows = one.follows, beyond = one.beyond and words(one.beyond)}
  local lines = {("%s  %s"):format(one.name, one.section)}
  paragraph(lines, 2, one.sentence)
  lines[#lines + 1] = ("  > show(%q)"):format(one.name)
  if #one.requirements > 0 then
    heading(lines, "requirements")
    list_requirements(lines, book, one.requirements)
  end
  if one.follows then
    heading(lines, "section")
    paragraph(lines, 4, one.follows .. ": " .. title(book, one.follows))
  end
  if one.beyond then
    lines[#lines + 1] = ""
    paragraph(lines, 2, result.beyond)
  end
  return result, lines
end

local function is_inside(section, name) return section == name or section:sub(1, #name + 1) == name .. "." end

-- A section with those inside it; "RFC 5961": all of them.
local function section(book, name, rfc)
  local result, lines = {section = name, sections = {}, requirements = {}, rules = {}}, {}
  local function holds(cited) return rfc and cited:match("^RFC %d+") == name or is_inside(cited, name) end
  for _, one in ipairs(book.sections) do
    if holds(one.name) then
      table.insert(result.sections, one.name)
      lines[#lines + 1] = one.name .. "  " .. words(one)
    end
  end
  for _, one in ipairs(book.requirements) do
    for _, cited in ipairs(one.cites) do
      if holds(cited) then
        table.insert(result.requirements, one.id)
        break
      end
    end
  end
  for _, one in ipairs(book.rules) do if holds(one.section) then table.insert(result.rules, one.name) end end
  if #result.sections == 0 then return nil end
  if #result.requirements > 0 then
    heading(lines, "inside")
    list_requirements(lines, book, result.requirements)
  end
  if #result.rules > 0 then
    heading(lines, "citing")
    for _, each in ipairs(result.rules) do add_rule(lines, book, each, name) end
  end
  local exactly = book.sections[name]
  if exactly then result.title, result.follows = words(exactly), copied(exactly.rules) end
  return result, lines
end

local function series(book, one)
  local result, lines = {series = one.name, requirements = {}}, {}
  for i, each in ipairs(one) do result.requirements[i] = each.id end
  lines[1] = ("%s  %s: %s"):format(one.name, one.rfc, words(one))
  list_requirements(lines, book, result.requirements)
  return result, lines
end

local function everything(book)
  local result, lines = {sections = {}, rules = {}, beyond = {}}, {}
  for i, one in ipairs(book.sections) do result.sections[i] = one.name end
  for i, one in ipairs(book.rules) do result.rules[i] = one.name end
  for i, one in ipairs(book.beyond) do result.beyond[i] = {text = words(one), rules = copied(one.rules)} end
  for i, one in ipairs(book.series) do
    result[i] = {series = one.name, count = #one, rfc = one.rfc, text = words(one)}
    entry(lines, 14, ("%-7s %3d"):format(one.name, #one), one.rfc .. ": " .. words(one))
  end
  lines[#lines + 1] = ""
  paragraph(lines, 0, words(headings.usage))
  return result, lines
end

-- ---- Finding it ----

-- "3.10.7.4", "RFC 9293 3.8", "5961 3.2", "RFC 5961".
local function section_asked_for(name)
  local rfc, rest = name:upper():match("^RFC%s*(%d+)[%s,]*(.*)$")
  if not rfc then rfc, rest = name:match("^(%d%d%d%d)%s*(.*)$") end
  if not rfc then rfc, rest = "9293", name:upper() end
  rest = rest:gsub("^§%s*", ""):gsub("%.$", "")
  if name == "" or not (rest == "" or rest:match("^[%dA][%d.]*$")) then return nil end
  return "RFC " .. rfc .. (rest == "" and "" or " " .. rest), rest == ""
end

local function names(book)
  local list = {}
  for _, one in ipairs(book.series) do list[#list + 1] = one.name end
  for _, one in ipairs(book.requirements) do list[#list + 1] = one.id end
  for _, one in ipairs(book.sections) do list[#list + 1] = (one.name:gsub("^RFC 9293 ", "")) end
  for _, one in ipairs(book.rules) do list[#list + 1] = one.name end
  return list
end

-- Why nothing is found by that name.
local function unknown(book, name)
  for _, one in ipairs(book.series) do
    local number = key_of(name):match("^" .. one.name .. "(%d+)$")
    if number then
      return ("there is no %s-%s: %s has %s to %s"):format(one.name, number, one.rfc, one[1].id, one[#one].id)
    end
  end
  local near = machinery.nearest(name, names(book)) or machinery.nearest(name:upper(), names(book))
  return ("there is no requirement, section or rule '%s'%s; rfc() lists what there is"):format(name,
    near and " (did you mean " .. near .. "?)" or "")
end

local function find(book, name)
  local key = key_of(name)
  if book.by_key[key] then return requirement(book, book.by_key[key]) end
  if book.rules[name:lower()] then return rule(book, book.rules[name:lower()]) end
  if book.series[key] then return series(book, book.series[key]) end
  local asked, whole = section_asked_for(name)
  if asked then return section(book, asked, whole) end
end

function rfc(...)
  local x, book = (...), read()
  if select("#", ...) == 0 then return machinery.printed(everything(book)) end
  if type(x) ~= "string" then
    error(("rfc: it takes text, rfc(\"MUST-31\"), rfc(\"3.10.7.4\") or rfc(\"rst.challenge\"), not %s"):format(
      machinery.kind(x)), 2)
  end
  local name = x:sub(1, NAME):match("^%s*(.-)%s*$")
  local result, lines
  if #x <= NAME then result, lines = find(book, name) end
  if not result then error("rfc: " .. unknown(book, name), 2) end
  return machinery.printed(result, lines)
end

-- What may stand in quotes after it.
return function() return names(read()) end
