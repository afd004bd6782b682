-- settings.lua - options of a script and of the command line, and what each profile sets.

local drill = ...

local settings = {}

-- ---- Profiles: h:profile(), and further settings of the systems for which packetdrill scripts are written ----

-- Buffers are small at first there, and the scale allows them to grow; Linux acknowledges at once until the
-- application has answered data (see run.lua); FreeBSD adds 200 ms to every retransmission timeout. No system has the
-- MSL of RFC 9293, two minutes.
local beyond = {
  rfc = {msl = 30},
  linux = {recv_buffer = 65535, window_shift = 8, delayed_ack = false},
  freebsd = {recv_buffer = 65700, send_buffer = 32768, window_shift = 6, rto_min = 0.23, keepalive = false},
}

-- freebsd where the script names FreeBSD's settings or expects its order of options, else linux: that is what
-- packetdrill scripts assume.
function settings.guess(script)
  if script:find("net%.inet6?%.") or script:find("sockstat", 1, true) then return "freebsd" end
  if script:find("mss%s+%d+%s*,%s*nop%s*,%s*wscale%s+%d+%s*,%s*sackOK") then return "freebsd" end
  return "linux"
end

function settings.apply_profile(host, name)
  host:profile(name)
  for rule, value in pairs(beyond[name]) do host.rules[rule] = value end
end

-- ---- Options ----

local function number(least, most)
  return function(value, complain)
    local given = value and tonumber(value)
    if not given or given < least or given > most then return complain("a number from " .. least .. " to " .. most) end
    return given
  end
end

local function one_of(...)
  local words = {...}
  return function(value, complain)
    for _, known in ipairs(words) do
      if value == known then return value end
    end
    return complain(table.concat(words, ", "))
  end
end

local function switch(value, complain)
  if value == nil or value == "1" or value == "true" then return true end
  if value == "0" or value == "false" then return false end
  return complain("1 or 0")
end

local function any_text(value) return value or "" end

local readers = {
  profile = one_of("auto", "rfc", "linux", "freebsd"),
  ip_version = one_of("ipv4", "ipv4-mapped-ipv6", "ipv6"),
  tolerance_usecs = number(0, 1e12), tolerance_percent = number(0, 1000),
  mss = number(64, 65495), mtu = number(128, 65535),
  bind_port = number(1, 65535), connect_port = number(1, 65535),
  tcp_ts_tick_usecs = number(0, 1e9), tcp_ts_ecr_scaled = switch, strict_segments = switch, strict = switch,
  -- The lab has its own addresses and speed; these options do not change what is checked.
  local_ip = any_text, remote_ip = any_text, gateway_ip = any_text, netmask_ip = any_text, speed = any_text,
  -- Python is not needed: the code in %{ }% is evaluated here.
  code_command = any_text, code_format = any_text, code_sockopt = any_text,
  debug = switch, verbose = switch, dry_run = switch, send_omit_free = switch, is_anyip = switch, non_fatal = any_text,
}

local missing = {
  init_scripts = "scripts to run before", wire_client = "a second machine", wire_server = "a second machine",
  wire_server_ip = "a second machine", wire_server_at = "a second machine", wire_server_port = "a second machine",
  wire_client_dev = "a second machine", wire_server_dev = "a second machine", so_filename = "another TCP in a library",
  so_flags = "another TCP in a library", udp_encaps = "TCP in UDP", persistent_tun_dev = "a tun device",
  tun_dev = "a tun device",
}

local function unquoted(value) return value and (value:match('^"(.*)"$') or value) end

local function define(defines, text)
  local name, value = text:match("^([%a_][%w_]*)=(.*)$")
  if not name then name = text:match("^[%a_][%w_]*$") end
  if name then defines[name] = value or "" end
  return name ~= nil
end

-- Sets option `name` in `into`. Returns nil, or what is wrong with it; and true where it is only that the option is
-- not supported.
function settings.set(into, name, value)
  value = unquoted(value)
  if name == "define" then
    if value and define(into.defines, value) then return nil end
    return "--define wants NAME or NAME=VALUE"
  end
  if missing[name] then return "the option --" .. name .. " (" .. missing[name] .. ")", true end
  local reader = readers[name]
  if not reader then return "the option --" .. name, true end
  local wrong
  local read = reader(value, function(what)
    wrong = "--" .. name .. " must be " .. what .. (value and ", not " .. value or "")
  end)
  if not wrong then into[name] = read end
  return wrong
end

-- The settings before a script is read: the defaults, then those of the command line. The script may change them.
function settings.new(given)
  local one = {profile = "auto", ip_version = "ipv4", tolerance_usecs = 4000, bind_port = 8080, connect_port = 8080,
    tcp_ts_tick_usecs = 0,
    defines = {}}
  for name, value in pairs(given or {}) do
    if name ~= "defines" then one[name] = value end
  end
  for name, value in pairs(given and given.defines or {}) do one.defines[name] = value end
  return one
end

return settings
