-- lesson.lua - `twomsl drill -i`: a script is a lesson, played line by line; the line that comes stands lit in the caption.

local drill = ...
local M = drill.machinery
local lesson = {}

local AROUND = 3 -- lines shown before and after

local function split(text)
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\r?\n") do lines[#lines + 1] = line end
  return lines
end

-- The lines around one, which is marked.
local function page(lines, lit)
  local shown = {}
  for i = math.max(1, lit - AROUND), math.min(#lines, lit + AROUND) do
    shown[#shown + 1] = ("%s %3d  %s"):format(i == lit and "▶" or " ", i, lines[i])
  end
  return table.concat(shown, "\n")
end

-- Shows what came of the line before, and waits for the person before the next one.
function lesson.begin(run, path, text)
  local lines = split(text)
  local seen = steps()
  run.slow = true
  function run.before_event(event)
    local now = steps()
    if now > seen then say(M.steps(seen, now)) end
    seen = now
    M.caption(path, page(lines, event.line))
    M.print(("%s:%d  %s\n"):format(path, event.line, lines[event.line] or ""))
    pause()
  end
end

return lesson
