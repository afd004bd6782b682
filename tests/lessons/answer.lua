-- answer.lua - a question, the search that answers it, and what that must find: a scene, which is walked and compared
-- line by line, or nothing, which is an answer only where the search was complete.
--
--   question  what is asked
--   world     makes the world at which the search begins; what it returns is passed on
--   find      a function, the name of a rule or a pair of states; or a function of what world() returned, as `look`
--   budget    options of find; `may` may be a function of what world() returned
--   scene     what the shortest way does, as in facts.lua
--   after     looks at the world at the end of the scene; where there is none, at the one in which the search began
--   never     true: there is none within the budget
--   holds     in place of `find`: a function that must be true in every world within the budget
--   states    size of a search that finds nothing
dofile "facts.lua"

X, Y = 100, 300 -- the first sequence numbers

-- A world in which all numbers are known.
function fresh()
  reset()
  A.rules.isn, B.rules.isn = X, Y
end

local function options(q, ...)
  local budget = {}
  for name, value in pairs(q.budget or {}) do
    budget[name] = name == "may" and type(value) == "function" and value(...) or value
  end
  return budget
end

local function budget_text(q)
  local names = {}
  for name, value in pairs(q.budget or {}) do
    if name ~= "may" and name ~= "seconds" then names[#names + 1] = name .. "=" .. tostring(value) end
  end
  table.sort(names)
  return #names > 0 and table.concat(names, " ") or "no fault"
end

local function holds(q, ...)
  local budget = options(q, ...)
  budget.check = q.holds
  return explore(budget)
end

local function searched(q, result)
  assert(result.complete, q.question .. "\n" .. tostring(result))
  assert(result.states == q.states, q.question .. "\nstates = " .. result.states)
end

function answer(q)
  local made = table.pack(q.world())
  if q.holds then
    local result = holds(q, table.unpack(made))
    assert(not result.broken, q.question .. "\n" .. tostring(result.path))
    searched(q, result)
    print(string.format("%s Always, with %s: %s", q.question, budget_text(q), result))
    return
  end
  local what = q.find or q.look(table.unpack(made))
  local path, result = find(what, options(q, table.unpack(made)))
  if q.never then
    assert(not path, q.question .. "\nfound:\n" .. tostring(path))
    searched(q, result)
    print(string.format("%s Never, with %s: %s", q.question, budget_text(q), result))
  else
    assert(path, q.question .. "\nnothing: " .. tostring(result))
    walk(q.question, path, q.scene, X, Y)
    print(string.format("%s In %d steps, with %s", q.question, #path, budget_text(q)))
  end
  if q.after then q.after(table.unpack(made)) end
end

-- Walks the shortest way to `find` but for its last step, the arrival of a segment; that one is lost instead, and
-- leaves the states `left`, "A/B".
function loses_the_last(q)
  local made = table.pack(q.world())
  local path = find(q.find, options(q, table.unpack(made)))
  local lines = {}
  for line in path:script():gmatch("[^\n]+") do lines[#lines + 1] = line end
  local last = table.remove(lines):match("^wire%[(%d+)%]:deliver")
  assert(load(table.concat(lines, "\n")))()
  wire[tonumber(last)]:drop()
  for states, way in pairs(explore{timers = false}.pairs) do
    assert(#way > 0 or states == q.left, states)
  end
  print("Without its last segment: " .. q.left)
end
