-- source.lua - a script's text before it is parsed: comments, #ifdef, and the line of each byte.

local drill = ...
local lpeg = drill.lpeg
local P, S, R, C, Cs, Ct, Cp = lpeg.P, lpeg.S, lpeg.R, lpeg.C, lpeg.Cs, lpeg.Ct, lpeg.Cp

local source = {}

local function blank(text) return (text:gsub("[^\n]", " ")) end

local escaped = P"\\" * 1
local string = P'"' * (escaped + (1 - S'"\n'))^0 * P'"'
local command = P"`" * (escaped + (1 - P"`"))^0 * P"`"
local code = P"%{" * (1 - P"}%")^0 * P"}%"
local line_comment = (P"//" + P"#") * (1 - P"\n")^0
local long_comment = P"/*" * (1 - P"*/")^0 * P"*/"
local word = (1 - S' \t\n"`/#')^1

-- A # starts a comment at the beginning of a word only: `sequence#` is a word.
local uncommented = Cs((string + command + code + (line_comment + long_comment) / blank + word + 1)^0)

-- ---- #ifdef ----

local directive = P" "^0 * P"#" * P" "^0 * C(P"ifdef" + P"ifndef" + P"else" + P"endif") * -R("az", "AZ", "__")
    * S" \t"^0 * C((R("az", "AZ", "09") + P"_")^0)

local function open_branch(stack, line, defines, kind, name)
  if name == "" then drill.failed(line, "#" .. kind .. " which NAME?") end
  local holds = (defines[name] ~= nil) == (kind == "ifdef")
  local outer = #stack == 0 or stack[#stack].active
  stack[#stack + 1] = {line = line, outer = outer, holds = holds, active = outer and holds}
end

local function turn_branch(stack, line, kind)
  local top = stack[#stack]
  if not top then drill.failed(line, "#" .. kind .. " without #ifdef") end
  if kind == "endif" then
    stack[#stack] = nil
  elseif top.turned then
    drill.failed(line, "a second #else for the #ifdef in line " .. top.line)
  else
    top.turned, top.active = true, top.outer and not top.holds
  end
end

-- The text with the lines of branches not taken left empty.
local function choose(text, defines)
  if not text:find("#", 1, true) then return text end
  local stack, lines, number = {}, {}, 0
  for line in (text .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    local kind, name = directive:match(line)
    if kind == "ifdef" or kind == "ifndef" then
      open_branch(stack, number, defines, kind, name)
    elseif kind then
      turn_branch(stack, number, kind)
    end
    local silent = kind or (#stack > 0 and not stack[#stack].active)
    lines[number] = silent and "" or line
  end
  if #stack > 0 then drill.failed(stack[#stack].line, "this #ifdef has no #endif") end
  return table.concat(lines, "\n")
end

-- The text to parse; it has the length and the lines of the original.
function source.clean(text, defines) return uncommented:match(choose(text, defines)) end

-- ---- Lines ----

local ends = Ct((Cp() * P"\n" + 1)^0)

-- A function from the position of a byte to its line.
function source.lines(text)
  local breaks = ends:match(text)
  return function(at)
    local low, high = 1, #breaks + 1
    while low < high do
      local middle = (low + high) // 2
      if breaks[middle] < at then low = middle + 1 else high = middle end
    end
    return low
  end
end

return source
