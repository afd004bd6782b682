-- explore.lua - `twomsl explore`: reports each search of a script as it ends, and joins what the parts of a swarm have
-- reported. A report is one line of JSON.

local M = explore_machinery
explore_machinery = nil

local json, reason = M.json()
local io = M.io()

local function usage(text) M.misuse("twomsl: explore: " .. text .. "; twomsl explore --help shows how") end
local function say(text) M.print(text .. "\n") end

-- ---- The command line ----

local options = {}

function options.part(given, value)
  local part, parts = (value or ""):match("^(%d+)/(%d+)$")
  part, parts = math.tointeger(tonumber(part)), math.tointeger(tonumber(parts))
  if not part or part < 1 or part > parts or parts > 1000000 then
    usage("--part wants i/n, the i-th of n parts: --part=2/8")
  end
  given.part, given.parts = part, parts
end

function options.format(given, value)
  if value ~= "text" and value ~= "json" then usage("--format wants text or json") end
  given.format = value
end

function options.progress(given, value)
  given.progress = tonumber(value)
  if not given.progress or not (given.progress > 0) then usage("--progress wants seconds: --progress=10") end
end

function options.merge(given, value)
  if value then usage("--merge takes no value: the files follow it") end
  given.merge = true
end

local function read_words(words)
  local given, files = {}, {}
  for _, word in ipairs(words) do
    local name, value = word:match("^%-%-(%w+)=(.*)$")
    name = name or word:match("^%-%-(%w+)$")
    if name and options[name] then options[name](given, value)
    elseif name then usage("unknown option " .. word)
    else files[#files + 1] = word end
  end
  if given.merge and #files == 0 then usage("--merge: which files?") end
  if given.merge and (given.part or given.progress) then usage("--merge goes with --format alone") end
  given.format = given.format or (given.part and "json" or "text")
  if not json and (given.merge or given.format == "json") then
    error("explore: lua-cjson, which reads and writes JSON, cannot be loaded; install Debian's lua-cjson (Fedora: \z
      lua-cjson, Arch: lua-cjson).\n" .. tostring(reason), 0)
  end
  return given, files
end

-- ---- JSON: the same report is the same line each time, so its fields have an order ----

local order = {"kind", "where", "nth", "seed", "start", "part", "parts", "missing", "within", "complete", "cut",
  "broken", "states", "distinct", "edges", "depth", "ends", "waiting", "faults", "odds", "seconds", "memory", "pairs",
  "path", "by_part", "script", "met"}

local encode

local function encode_list(list)
  local items = {}
  for i, item in ipairs(list) do items[i] = encode(item) end
  return "[" .. table.concat(items, ",") .. "]"
end

local function encode_fields(object, names)
  local fields = {}
  for _, name in ipairs(names) do
    if object[name] ~= nil then fields[#fields + 1] = json.encode(name) .. ":" .. encode(object[name]) end
  end
  return "{" .. table.concat(fields, ",") .. "}"
end

local function sorted(object)
  local names = {}
  for name in pairs(object) do names[#names + 1] = name end
  table.sort(names)
  return names
end

function encode(value)
  if math.type(value) == "integer" then return ("%d"):format(value) end
  if math.type(value) == "float" then return ("%.9g"):format(value) end
  if type(value) ~= "table" then return json.encode(value) end
  if #value > 0 then return encode_list(value) end
  return encode_fields(value, sorted(value))
end

local function print_json(report) say(encode_fields(report, order)) end

-- ---- Each search of a script ----

local copied = {"part", "parts", "within", "complete", "cut", "broken", "states", "edges", "depth", "ends", "waiting",
  "odds", "seconds", "memory"}

-- What a line says of a search.
local function report_of(findings, about, nth)
  local report = {kind = about.kind, where = about.where, nth = nth, seed = about.seed, start = about.start,
    met = about.met}
  for _, name in ipairs(copied) do report[name] = findings[name] end
  if findings.pairs then
    report.pairs = {}
    for pair, path in pairs(findings.pairs) do report.pairs[pair] = #path end
  end
  if findings.path then
    report.script = findings.path:script()
    report.path = M.inputs(findings.path)
  end
  return report
end

local function indented(text, by) return by .. text:gsub("\n+$", ""):gsub("\n", "\n" .. by) end

local function print_path(script)
  say("  as a script:")
  say(indented(script, "    "))
end

local function print_findings(findings, about)
  local found = about.kind == "find" and findings.path
  say(about.where .. ": " .. about.kind)
  if found then
    say(("  found: %d step%s"):format(#found, #found == 1 and "" or "s"))
    say(indented(tostring(found), "    "))
  else
    say(indented(tostring(findings), "  "))
  end
  if findings.path then print_path(findings.path:script()) end
end

local function report_searches(given)
  local nth = 0
  if given.part then M.part(given.part, given.parts) end
  M.report_to(function(findings, about)
    if about.kind == "progress" then
      findings.kind, findings.nth, findings.part, findings.parts = "progress", nth + 1, given.part, given.parts
      if given.format == "json" then print_json(findings)
      else say(("  %d states, %d waiting, depth %d, %.0f s"):format(findings.states, findings.waiting,
        findings.depth, findings.seconds)) end
      return
    end
    nth = nth + 1
    if findings.broken then M.fail() end
    if given.format == "json" then print_json(report_of(findings, about, nth)) else print_findings(findings, about) end
  end, given.format == "json", given.progress)
end

-- ---- Reading reports ----

local BUCKETS = 4096

-- A register is a character, "0" is 0.
local rank_of = {}
for digit in ("0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcde"):gmatch(".") do
  rank_of[digit] = rank_of.count or 0
  rank_of.count = rank_of[digit] + 1
end

local wanted = {kind = "string", where = "string", nth = "integer", seed = "string", start = "string",
  within = "string", complete = "boolean", states = "integer", edges = "integer", depth = "integer",
  odds = "number", met = "string"}

local function is_sketch(met) return #met == BUCKETS and not met:find("[^0-e]") end

local function read_line(line, place)
  local good, report = pcall(json.decode, line)
  if not good then error(place .. ": this is no JSON: " .. tostring(report), 0) end
  if type(report) ~= "table" then error(place .. ": this is no report of twomsl explore", 0) end
  if report.kind == "progress" then return nil end
  for name, kind in pairs(wanted) do
    local value = report[name]
    if kind == "integer" then value = math.tointeger(value) end
    local is = kind == "integer" and value and "integer" or type(value)
    if is ~= kind then
      error(("%s: this is no report of twomsl explore: %s is %s"):format(place, name,
        report[name] == nil and "missing" or "no " .. kind), 0)
    end
    report[name] = value
  end
  if not is_sketch(report.met) then error(place .. ": `met` is damaged", 0) end
  report.place = place
  return report
end

-- The search of the first part says what the others must have searched.
local function check_same(report, first)
  for _, name in ipairs{"kind", "start", "within"} do
    if report[name] ~= first[name] then
      error(("%s: search %d is not the one of %s (%s differs): parts need the same script and --seed"):format(
        report.place, report.nth, first.place, name), 0)
    end
  end
end

local function add_report(searches, report)
  local search = searches[report.nth]
  if not search then
    search = {parts = {}, seen = {}}
    searches[report.nth] = search
    searches.count = math.max(searches.count, report.nth)
  end
  check_same(report, search.parts[1] or report)
  local part = math.tointeger(report.part)
  if part and search.seen[part] then
    error(("%s: part %d of search %d is in %s already"):format(report.place, part, report.nth, search.seen[part]), 0)
  end
  if part then search.seen[part] = report.place end
  search.parts[#search.parts + 1] = report
end

local function read_file(searches, path)
  local file, why = io.open(path)
  if path == "-" then file = io.stdin end
  if not file then error("explore: cannot open " .. tostring(why), 0) end
  local number = 0
  for line in file:lines() do
    number = number + 1
    local report = line:find("%S") and read_line(line, path .. ":" .. number)
    if report then add_report(searches, report) end
  end
  if path ~= "-" then file:close() end
end

-- ---- How many different states ----

-- Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017): without bias from 0 to 2^64.
local function sigma(x)
  if x == 1 then return math.huge end
  local y, z, before = 1, x, nil
  repeat
    x, before = x * x, z
    z, y = z + x * y, 2 * y
  until z == before
  return z
end

local function tau(x)
  if x == 0 or x == 1 then return 0 end
  local y, z, before = 1, 1 - x, nil
  repeat
    x, before, y = math.sqrt(x), z, y / 2
    z = z - (1 - x) ^ 2 * y
  until z == before
  return z / 3
end

local RANKS = 52 -- bits of a fingerprint besides the bucket's

local function estimate(sketch)
  local count = {}
  for rank = 0, RANKS + 1 do count[rank] = 0 end
  for i = 1, BUCKETS do count[sketch[i]] = count[sketch[i]] + 1 end
  local z = BUCKETS * tau(1 - count[RANKS + 1] / BUCKETS)
  for rank = RANKS, 1, -1 do z = (z + count[rank]) / 2 end
  z = z + BUCKETS * sigma(count[0] / BUCKETS)
  return math.floor(BUCKETS * BUCKETS / (2 * math.log(2)) / z + 0.5)
end

local function join_sketches(parts)
  local sketch = {}
  for i = 1, BUCKETS do sketch[i] = 0 end
  for _, part in ipairs(parts) do
    local i = 0
    for digit in part.met:gmatch(".") do
      i = i + 1
      if rank_of[digit] > sketch[i] then sketch[i] = rank_of[digit] end
    end
  end
  return sketch
end

-- ---- Joining ----

local function is_shorter(a, b) return not b or #(a.path or {}) < #(b.path or {}) end

local function missing_parts(search, parts)
  local missing = {}
  for part = 1, parts or 0 do if not search.seen[part] then missing[#missing + 1] = part end end
  return missing
end

-- Complete where one part was: it has met everything, unless two states had one fingerprint in each such part.
local function join(search)
  local first = search.parts[1]
  local joined = {kind = first.kind, where = first.where, nth = first.nth, seed = first.seed, start = first.start,
    within = first.within, parts = #search.parts, complete = false, states = 0, edges = 0, depth = 0,
    odds = 1, pairs = {}}
  joined.missing = missing_parts(search, math.tointeger(first.parts))
  for _, report in ipairs(search.parts) do
    for _, name in ipairs{"states", "edges"} do joined[name] = joined[name] + report[name] end
    joined.depth = math.max(joined.depth, report.depth)
    if report.complete then joined.complete, joined.odds = true, joined.odds * report.odds end
    for pair, steps in pairs(report.pairs or {}) do
      joined.pairs[pair] = math.tointeger(math.min(steps, joined.pairs[pair] or steps))
    end
    if type(report.broken) == "string" then
      joined.by = (joined.by or 0) + 1
      if is_shorter(report, search.shortest) then search.shortest = report end
    end
  end
  if not joined.complete then joined.odds = nil end
  local shortest = search.shortest or first
  joined.broken, joined.path, joined.script = shortest.broken, shortest.path, shortest.script
  joined.by_part = search.shortest and math.tointeger(shortest.part)
  joined.distinct = estimate(join_sketches(search.parts))
  return joined
end

local function grouped(number)
  local digits = ("%d"):format(number)
  return (digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

local function print_joined(joined)
  local text = joined.parts == 1 and "1 part" or joined.parts .. " parts"
  if #joined.missing > 0 then text = text .. ", not those of part " .. table.concat(joined.missing, " ") end
  say(("%s: %s, %s"):format(joined.where, joined.kind, text))
  if joined.broken then
    say(("  broken, as %d of them found: %s"):format(joined.by, joined.broken))
    say(("  the shortest path has %d steps, in part %d"):format(#(joined.path or {}), joined.by_part or 1))
  elseif joined.kind == "find" and joined.path then
    say(("  found: %d steps"):format(#joined.path))
  elseif joined.complete then
    say(("  complete: every order within %s was tried%s"):format(joined.within,
      joined.kind == "find" and "" or ", and nothing is broken"))
  else
    say(("  not complete: no part has tried every order within %s"):format(joined.within))
  end
  say(("  about %s different states (standard error 1.6 %%), met %.1f times each; %s edges, depth %d"):format(
    grouped(joined.distinct), joined.states / math.max(1, joined.distinct), grouped(joined.edges), joined.depth))
  if joined.kind ~= "find" then say(("  %d pairs of states"):format(#sorted(joined.pairs))) end
  if joined.odds then say(("  odds of a missed state: %.2g"):format(joined.odds)) end
  if type(joined.script) == "string" then print_path(joined.script) end
end

local function merge(given, files)
  local searches = {count = 0}
  for _, path in ipairs(files) do read_file(searches, path) end
  if searches.count == 0 then error("explore: there is no report in these files", 0) end
  for nth = 1, searches.count do
    local joined = searches[nth] and join(searches[nth])
    if joined and joined.broken then M.fail() end
    if joined and given.format == "json" then
      if #joined.missing == 0 then joined.missing = nil end
      print_json(joined)
    elseif joined then
      print_joined(joined)
    end
  end
end

local given, files = read_words{...}
if given.merge then merge(given, files) else report_searches(given) end
