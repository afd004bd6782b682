-- report.lua - `twomsl drill`: the scripts, the result of each, and the totals.

local drill = ...
local M = drill.machinery
local report = {}

-- ---- The command line ----

local function usage(text) M.misuse("twomsl: drill: " .. text .. "; twomsl drill --help shows how") end

local function read_option(given, word)
  local name, value = word:match("^%-%-([%w_%-]+)=(.*)$")
  name = name or word:match("^%-%-([%w_%-]+)$")
  if word == "-v" then name = "verbose" end
  local wrong, missing = drill.settings.set(given, name or word, value)
  if wrong then usage(missing and wrong .. " is not known here" or wrong) end
end

local function read_arguments(arguments)
  local given, paths = {defines = {}}, {}
  local i = 1
  while i <= #arguments do
    local word = arguments[i]
    local definition = word:match("^%-D(.+)$")
    if word == "-D" then
      i = i + 1
      definition = arguments[i] or usage("-D wants NAME or NAME=VALUE")
    end
    if definition then read_option(given, "--define=" .. definition)
    elseif word == "-i" then given.interactive = true
    elseif word:match("^%-.") then read_option(given, word)
    else paths[#paths + 1] = word end
    i = i + 1
  end
  return given, paths
end

-- The scripts at a path: itself, or those in the folder.
local function scripts_at(path)
  local names = M.list(path)
  if not names then return {path} end
  local found = {}
  for _, name in ipairs(names) do
    if name:match("%.pkt$") then found[#found + 1] = path:gsub("/+$", "") .. "/" .. name end
  end
  table.sort(found)
  if #found == 0 then usage("there is no script (*.pkt) in " .. path) end
  return found
end

-- ---- One script ----

local function apply_settings(run, read_settings)
  local settings = run.settings
  for _, one in ipairs(read_settings) do
    local wrong, missing = drill.settings.set(settings, one.name, one.value)
    if wrong and missing then drill.unsupported(one.line, wrong) end
    if wrong then drill.failed(one.line, wrong) end
  end
end

local function prepare_host(run, text)
  local settings = run.settings
  run.profile = settings.profile ~= "auto" and settings.profile or drill.settings.guess(text)
  reset()
  drill.settings.apply_profile(A, run.profile)
  if run.profile == "freebsd" then run.keepalive.probes = 8 end
  local headers = settings.ip_version == "ipv6" and 60 or 40
  local mtu = settings.mtu or 1500
  if mtu <= 65535 then wire.mtu = mtu end
  A.rules.mss = settings.mss or mtu - headers
end

-- The script's options, read before all other lines: #ifdef depends on them.
local function definitions(text, settings)
  for definition in text:gmatch("\n%s*%-%-define=(%S+)") do drill.settings.set(settings, "define", definition) end
end

local function run_script(path, given, told)
  local text, why = M.read(path)
  if not text then drill.failed(0, "cannot read it: " .. why) end
  local settings = drill.settings.new(given)
  definitions("\n" .. text, settings)
  local clean = drill.source.clean(text, settings.defines)
  local run = drill.run.new(settings, path)
  told.run = run
  local read_settings, events, before, after = drill.grammar.read(clean, drill.source.lines(clean))
  apply_settings(run, read_settings)
  prepare_host(run, clean)
  if #events == 0 then drill.failed(1, "this script has no events") end
  if given.interactive then drill.lesson.begin(run, path, text) end
  run:all(events, before, after)
end

-- "passed", "failed" or "unsupported", and why.
local function outcome(path, given)
  local told = {}
  local ok, trouble = pcall(run_script, path, given, told)
  if ok then return "passed" end
  if type(trouble) == "table" and trouble.drill then
    local place = trouble.line > 0 and path .. ":" .. trouble.line or path
    return trouble.drill, place .. ": " .. trouble.text
  end
  if trouble == "interrupted" or type(trouble) ~= "string" then error(trouble, 0) end
  -- The vocabulary refuses a value that the script asks for.
  return "failed", path .. ":" .. (told.run and told.run.line or 1) .. ": " .. trouble:gsub("^[^\n]-%.lua:%d+: ", "")
end

-- ---- All of them ----

local function say(text) M.print(text .. "\n") end

function report.main(_, arguments)
  local given, paths = read_arguments(arguments)
  if #paths == 0 then usage("which script?") end
  local count = {passed = 0, failed = 0, unsupported = 0}
  for _, path in ipairs(paths) do
    for _, script in ipairs(scripts_at(path)) do
      local how, why = outcome(script, given)
      count[how] = count[how] + 1
      if why then say((how == "unsupported" and "unsupported: " or "") .. why) end
      if given.verbose and how == "passed" then say("passed: " .. script) end
    end
  end
  say(("%d passed, %d failed, %d unsupported"):format(count.passed, count.failed, count.unsupported))
  if count.failed > 0 or count.passed == 0 then M.fail() end
end

return report
