-- drill.lua - runs packetdrill scripts against this TCP: `twomsl drill FILE.pkt...`.
--
-- The parts lie in drill/: source and grammar read a script, run walks through it on the virtual clock, packet and flow
-- know what packets look like, calls, sockopts, shell, sysctl and tcpinfo are what a system does for the script, report
-- tells how it went.

local drill = {machinery = drill_machinery}
drill_machinery = nil
local M = drill.machinery

-- ---- How a script ends early ----

-- Line of the script, and why: it fails, or it asks for what this TCP does not have.
function drill.failed(line, text) error({drill = "failed", line = line, text = text}, 0) end
function drill.unsupported(line, text)
  error({drill = "unsupported", line = line, text = text .. " is not supported"}, 0)
end

-- ---- The parts ----

local reason
drill.lpeg, reason = M.lpeg()
if not drill.lpeg then
  error("drill: LPeg, which reads the scripts, cannot be loaded; install Debian's lua-lpeg (Fedora: lua-lpeg, Arch: \z
    lua54-lpeg).\n"
    .. tostring(reason), 0)
end

local function part(name)
  local chunk, message = loadfile("drill/" .. name .. ".lua", "t", _ENV)
  if not chunk then error("drill: " .. message, 0) end
  drill[name] = chunk(drill)
end
for _, name in ipairs{"source", "grammar", "packet", "flow", "settings", "icmp", "calls", "sockopts", "sysctl", "shell",
  "tcpinfo", "run", "lesson", "report"} do
  part(name)
end

drill.report.main(drill.settings, {...})
