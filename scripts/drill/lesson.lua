-- lesson.lua - `twomsl drill -i`: a script is a lesson, played line by line; the caption highlights the next
-- line.

local drill = ...
local M = drill.machinery
local lesson = {}

local function split(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do lines[#lines + 1] = line end
  return lines
end

-- The next line that is not empty, from `at` on in steps of `way`; nil: there is none.
local function beside(lines, at, way)
  repeat at = at + way until not lines[at] or lines[at]:match("%S")
  return lines[at] and at
end

-- The highlighted line and its neighbours, as many as the caption has room for.
local function page(lines, lit)
  local shown = {}
  for _, i in ipairs{beside(lines, lit, -1) or lit, lit, beside(lines, lit, 1)} do
    if i ~= shown.last then
      shown[#shown + 1] = ("%s %d  %s"):format(i == lit and "▶" or "   ", i, lines[i]:match("^%s*(.-)%s*$"))
    end
    shown.last = i
  end
  return table.concat(shown, "\n")
end

-- Shows the events of the last line, and waits for the user before the next one.
function lesson.begin(run, path, text)
  local lines = split(text)
  local seen = steps()
  run.slow = true
  function run.show_news()
    local now = steps()
    if now > seen then say(M.steps(seen, now)) end
    seen = now
  end
  function run.before_event(event)
    run.show_news()
    M.caption(path, page(lines, event.line))
    M.print(("%s:%d  %s\n"):format(path, event.line, lines[event.line] or ""))
    pause()
  end
end

return lesson
