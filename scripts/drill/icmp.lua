-- icmp.lua - inbound ICMP errors, by packetdrill's names of types and codes (RFC 792, RFC 1812; for IPv6 the
-- nearest of IPv4).

local drill = ...
local M = drill.machinery
local icmp = {}

local types = {
  unreachable = 3, source_quench = 4, time_exceeded = 11, parameter_problem = 12, echo_reply = 0, redirect = 5,
  echo_request = 8, timestamp_request = 13, timestamp_reply = 14, information_request = 15, information_reply = 16,
  address_mask_request = 17, address_mask_reply = 18,
}

local codes = {
  [3] = {net_unreachable = 0, host_unreachable = 1, protocol_unreachable = 2, port_unreachable = 3, frag_needed = 4,
    source_route_failed = 5,
    net_unknown = 6, host_unknown = 7, source_host_isolated = 8, net_prohibited = 9, host_prohibited = 10,
    net_unreachable_for_tos = 11,
    host_unreachable_for_tos = 12, packet_filtered = 13, precedence_violation = 14, precedence_cutoff = 15},
  [11] = {ttl_exceeded_in_transit = 0, frag_reass_exceeded = 1, exceeded_in_transit = 0},
  [12] = {},
}

-- The errors that a TCP processes; all others are dropped.
local errors = {[3] = true, [4] = true, [11] = true, [12] = true}

local function number_of(word, prefix, names)
  local plain = word and word:match("^" .. prefix .. "_(%d+)$")
  if plain then return tonumber(plain) end
  return word and names[word]
end

-- The packet, now in flight; nil where TCP does not process this kind of error.
function icmp.inject(run, event)
  local say = event.icmp
  local kind = number_of(say.type, "type", types)
  if not kind then drill.unsupported(event.line, "the ICMP type " .. say.type) end
  if say.other then drill.unsupported(event.line, "ICMP about " .. say.other) end
  if say.mtu then drill.unsupported(event.line, "path MTU discovery (mtu " .. say.mtu .. ")") end
  local code = say.code and number_of(say.code, "code", codes[kind] or {}) or (not say.code and 0)
  if not code then drill.unsupported(event.line, "the ICMP code " .. say.code) end
  if not errors[kind] then return nil end
  local which = run.flow
  if not which then drill.failed(event.line, "there is no connection yet that this ICMP message could be about") end
  local seq = say.about and say.about.from or 0
  local ours, theirs = run:ends(which)
  return M.icmp{type = kind, code = code, seq = seq + which:local_offset(false) & 0xffffffff, from = ours, to = theirs}
end

return icmp
