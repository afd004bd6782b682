-- Which states A and B can be in at the same time, and in how few steps: each table is one search of every order within
-- its budget, so that a pair that is not in it cannot be, whatever happens within that budget. Rows are A's state,
-- columns B's; a host's state is that of its youngest connection, LISTEN where it only listens, CLOSED where it has
-- none.
local states = {"CLOSED", "LISTEN", "SYN_SENT", "SYN_RCVD", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT",
  "CLOSING", "LAST_ACK", "TIME_WAIT"}

local listen, connect = {B, "listen", 80}, {A, "connect", B, 80, {port = 7777}}
local connect_too = {B, "connect", A, 7777, {port = 80}}
local closes = {{A, "close"}, {B, "close"}}
local aborts = {{A, "abort"}, {B, "abort"}}
local crashes = {{A, "crash"}, {B, "crash"}}

local function budget(options, ...)
  options.may = {}
  for _, calls in ipairs{...} do table.move(calls, 1, #calls, #options.may + 1, options.may) end
  return options
end

-- The path leads there, as it says.
local function leads(path, a, b)
  replay(path)
  assert(#find{A = a, B = b} == 0, a .. "/" .. b)
end

local function cell(pairs_met, a, b)
  local path = pairs_met[a .. "/" .. b]
  if not path then return "    ." end
  leads(path, a, b)
  return string.format("%5d", #path)
end

local function show_pairs(name, options, rules)
  reset()
  for rule, value in pairs(rules or {}) do A.rules[rule], B.rules[rule] = value, value end
  local result, count = explore(options), 0
  assert(result.complete, name)
  local lines = {}
  for _, a in ipairs(states) do
    local line = string.format("%-11s", a)
    for _, b in ipairs(states) do line = line .. cell(result.pairs, a, b) end
    lines[#lines + 1] = line
  end
  for _ in pairs(result.pairs) do count = count + 1 end
  print(string.format("%s: %d of %d pairs in %d worlds", name, count, #states * #states, result.states))
  print("           CLOSE LISTN SNT RCVD ESTAB  FW1  FW2 CLWAI CLOSG LAST  TIME")
  print(table.concat(lines, "\n") .. "\n")
end

-- The shortest way into a state of A or B.
local function show_way(state)
  reset()
  local options = budget({delays = 0}, {listen, connect}, closes)
  local of_a, of_b = find({A = state}, options), find({B = state}, options)
  local path = of_a and (not of_b or #of_a < #of_b) and of_a or of_b
  replay(path)
  print(string.format("%s: %d steps\n%s\n", state, #path, path))
end

show_pairs("No fault: A connects, B listens, both close", budget({delays = 0}, {listen, connect}, closes))
show_pairs("The same with a loss", budget({drops = 1, delays = 0, resends = 2}, {listen, connect}, closes))
show_pairs("The same with a delay", budget({delays = 1, resends = 1}, {listen, connect}, closes))
show_pairs("Both connect, both close, with a loss",
  budget({drops = 1, delays = 0, resends = 1}, {connect, connect_too}, closes))
-- Where the peer crashed FIN_WAIT_2 lasts for ever, which oracle.waits-for-ever reports; systems end it.
local ends = {fin_wait_2_timeout = 60}
show_pairs("No fault, but both may abort and crash too",
  budget({delays = 0, resends = 1}, {listen, connect}, closes, aborts, crashes), ends)
show_pairs("With a loss, and both may crash",
  budget({drops = 1, delays = 0, resends = 1}, {listen, connect}, closes, crashes), ends)
for _, state in ipairs(states) do show_way(state) end
