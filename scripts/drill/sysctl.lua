-- sysctl.lua - kernel settings in scripts: each sets a rule, or is what this TCP does in any case, or is not supported.

local drill = ...
local sysctl = {}

local function switch(rule) return function(host, value) host.rules[rule] = value ~= 0 end end
local function scaled(rule, scale) return function(host, value) host.rules[rule] = value * scale end end
local function bytes(rule) return function(host, value) host.rules[rule] = math.max(256, value) end end

-- Only these values match what this TCP does.
local function only(...)
  local good = {}
  for _, value in ipairs{...} do good[value] = true end
  return function(_, value) return good[value] or false end
end
local function anything() return true end

-- "min default max": the most of tcp_rmem decides the scale that is offered.
local function largest(text) return tonumber(text:match("(%d+)%s*$")) end
local function receive_sizes(host, _, text)
  local shift = 0
  while shift < 14 and largest(text) >> shift > 65535 do shift = shift + 1 end
  host.rules.window_shift = shift
end
local function send_sizes(host, _, text) host.rules.send_buffer = math.max(256, largest(text)) end

local function attempts(rule)
  -- The last of n retransmissions, each after twice the time of the one before, beginning with one second.
  return function(host, value) host.rules[rule] = math.min(2 ^ (value + 1) - 1, 86400) end
end

local function keepalive(field, scale)
  return function(_, value, _, run) run.keepalive[field] = value * scale end
end

local linux = {
  tcp_keepalive_time = keepalive("idle", 1), tcp_keepalive_intvl = keepalive("interval", 1),
  tcp_keepalive_probes = keepalive("probes", 1), tcp_timestamps = switch"timestamps", tcp_sack = switch"sack",
  tcp_window_scaling = switch"window_scale", tcp_rfc1337 = switch"rfc1337", tcp_syncookies = only(0, 1),
  tcp_fin_timeout = scaled("fin_wait_2_timeout", 1), tcp_rmem = receive_sizes, tcp_wmem = send_sizes,
  tcp_syn_retries = attempts"syn_timeout", tcp_synack_retries = attempts"syn_timeout",
  tcp_ecn = function(run_host, value, _, run)
    run.ecn = value ~= 0
    return value == 0 or value == 2
  end,
  tcp_dsack = only(0), tcp_fack = only(0), tcp_frto = only(0), tcp_recovery = only(0), tcp_early_retrans = only(0),
  tcp_fastopen = only(0), tcp_reordering = only(3), tcp_max_reordering = anything, tcp_slow_start_after_idle = only(1),
  tcp_abc = only(0), tcp_mtu_probing = only(0), tcp_autocorking = only(0), tcp_moderate_rcvbuf = only(0),
  tcp_no_metrics_save = anything, tcp_tso_win_divisor = anything, tcp_min_tso_segs = anything,
  tcp_limit_output_bytes = anything, tcp_pacing_ss_ratio = anything, tcp_pacing_ca_ratio = anything,
  tcp_notsent_lowat = anything, tcp_tw_reuse = anything, tcp_challenge_ack_limit = anything,
  tcp_invalid_ratelimit = anything, tcp_adv_win_scale = anything, tcp_shrink_window = only(0),
  tcp_plb_enabled = only(0), tcp_rto_min_us = scaled("rto_min", 1e-6),
  ip_default_ttl = function(host, value) host.rules.ttl = value end,
}

-- Without the safeguards of RFC 5961: one rule here, two settings there.
local function insecure(host, value) host.rules.challenge_ack = value == 0 end

local freebsd = {
  ["tcp.keepidle"] = keepalive("idle", 0.001), ["tcp.keepintvl"] = keepalive("interval", 0.001),
  ["tcp.keepcnt"] = keepalive("probes", 1), ["tcp.rexmit_slop"] = only(200), ["tcp.rexmit_drop_options"] = only(0),
  ["tcp.rfc1323"] = function(host, value)
    -- 2: window scaling alone, 3: timestamps alone
    host.rules.window_scale, host.rules.timestamps = value == 1 or value == 2, value == 1 or value == 3
  end,
  ["tcp.sack.enable"] = switch"sack", ["tcp.nolocaltimewait"] = anything, ["tcp.drop_synfin"] = only(0),
  ["tcp.blackhole"] = only(0),
  ["tcp.ecn.enable"] = function(_, value, _, run)
    run.ecn = value ~= 0
    return value == 0 or value == 2
  end,
  ["tcp.recvspace"] = function(host, value, _, run)
    run.receive_space = value
    host.rules.recv_buffer = math.max(256, drill.sockopts.whole_segments(host, value))
  end,
  ["tcp.sendspace"] = bytes"send_buffer", ["tcp.msl"] = scaled("msl", 0.001),
  ["tcp.rexmit_initial"] = scaled("rto_initial", 0.001), ["tcp.rexmit_min"] = scaled("rto_min", 0.001),
  ["tcp.delayed_ack"] = function(host, value)
    if value == 0 then host.rules.delayed_ack = false end
  end,
  ["tcp.delacktime"] = scaled("delayed_ack", 0.001), ["tcp.mssdflt"] = only(536), ["tcp.v6mssdflt"] = only(1220),
  ["tcp.minmss"] = anything, ["tcp.keepinit"] = scaled("syn_timeout", 0.001),
  ["tcp.finwait2_timeout"] = scaled("fin_wait_2_timeout", 0.001),
  ["tcp.fast_finwait2_recycle"] = only(0), ["tcp.initcwnd_segments"] = function(host, value)
    host.rules.initial_window = value
  end,
  ["tcp.syncookies"] = only(0, 1), ["tcp.syncookies_only"] = only(0), ["tcp.insecure_rst"] = insecure,
  ["tcp.insecure_syn"] = insecure, ["tcp.insecure_ack"] = only(0), ["tcp.tso"] = anything,
  ["tcp.rfc3042"] = switch"limited_transmit", ["tcp.rfc3390"] = anything, ["tcp.rfc6675_pipe"] = anything,
  ["tcp.do_prr"] = only(0), ["tcp.do_prr_conservative"] = anything, ["tcp.do_lrd"] = only(0),
  ["tcp.abc_l_var"] = only(1, 2),
  ["tcp.cc.algorithm"] = function(_, _, text) return text == "newreno" end,
    ["tcp.functions_default"] = function(_, _, text) return text == "freebsd" end,
  ["tcp.hostcache.purgenow"] = anything, ["tcp.hostcache.purge"] = anything, ["tcp.hostcache.enable"] = anything,
  ["tcp.recvbuf_auto"] = anything, ["tcp.sendbuf_auto"] = anything, ["tcp.recvbuf_max"] = anything,
  ["tcp.sendbuf_max"] = anything, ["tcp.icmp_may_rst"] = only(1), ["tcp.path_mtu_discovery"] = anything,
  ["tcp.pmtud_blackhole_detection"] = only(0), ["tcp.fastopen.server_enable"] = only(0),
  ["tcp.fastopen.client_enable"] = only(0), ["tcp.ts_offset_per_conn"] = anything, ["tcp.log_in_vain"] = anything,
  ["tcp.log_debug"] = anything, ["tcp.always_keepalive"] = only(0), ["tcp.tolerate_missing_ts"] = only(0),
  ["tcp.reass.maxqueuelen"] = anything, ["tcp.syncache.rexmtlimit"] = anything,
  ["tcp.syncache.rst_on_sock_fail"] = anything, ["tcp.per_cpu_timers"] = anything, ["tcp.udp_tunneling_port"] = only(0),
  ["tcp.accurate_ecn"] = only(0),
  ["ip.ttl"] = function(host, value) host.rules.ttl = value end,
}

local other = {
  ["kern.ipc.maxsockbuf"] = anything, ["kern.ipc.somaxconn"] = anything, ["kern.ipc.soacceptqueue"] = anything,
  ["kern.timecounter.alloweddeviation"] = anything, ["net.core.rmem_max"] = anything, ["net.core.wmem_max"] = anything,
  ["net.core.somaxconn"] = anything, ["net.core.rmem_default"] = anything, ["net.core.wmem_default"] = anything,
  ["net.core.default_qdisc"] = anything, ["net.core.busy_read"] = anything, ["net.core.busy_poll"] = anything,
  ["net.ipv4.route.flush"] = anything, ["net.ipv4.conf.all.rp_filter"] = anything,
  ["net.ipv4.conf.default.rp_filter"] = anything,
}

local function find(name)
  local ours = name:match("^net%.ipv4%.(.+)$") or name:match("^net%.mptcp%.(.+)$")
  if ours and linux[ours] then return linux[ours] end
  ours = name:match("^net%.inet%.(.+)$") or name:match("^net%.inet6%.(tcp.+)$")
  return ours and freebsd[ours] or other[name]
end

-- Makes the setting. Nil, or why it cannot be made.
function sysctl.set(run, name, text)
  local setter = find(name)
  if not setter then return "the setting " .. name end
  local value = math.tointeger(tonumber(text)) or tonumber(text:match("^%S+")) or 0
  local ok, answer = pcall(setter, run.host, value, text, run)
  if not ok then
    return "the setting " .. name .. "=" .. text .. " (" .. tostring(answer):gsub("^[^:]*:%d+: ", "") .. ")"
  end
  if answer == false then return "the setting " .. name .. "=" .. text end
end

return sysctl
