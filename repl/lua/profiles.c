/* profiles.c - h:profile "linux": a host's rules as a system sets them. Sizes and times are those systems' documented
 * defaults. */
#include "profiles.h"

#include <string.h>

#include "act.h"
#include "handles.h"
#include "raise.h"

enum { SECOND = 1000000, MILLI = 1000 };

typedef struct Setting {
    HostRule rule;
    int64_t value;
} Setting;

#define END \
    { HOST_RULE_COUNT, 0 }

/* The standard and nothing else. */
static const Setting rfc[] = {END};

/* Pictures without side issues: every segment is acknowledged at once, small ones do not wait. */
static const Setting lesson[] = {{HOST_RULE_delayed_ack, HOST_RULE_OFF}, {HOST_RULE_nagle, 0}, END};

/* Linux: ip-sysctl.txt; TCP_DELACK_MIN, TCP_RTO_MIN, TCP_RTO_MAX, TCP_FIN_TIMEOUT; 6 and 15 retries; initial window of
 * RFC 6928. */
static const Setting linux_rules[] = {{HOST_RULE_window_scale, 1},
                                      {HOST_RULE_timestamps, 1},
                                      {HOST_RULE_sack, 1},
                                      {HOST_RULE_syncookies, 1},
                                      {HOST_RULE_initial_window, 10},
                                      {HOST_RULE_delayed_ack, 40 * MILLI},
                                      {HOST_RULE_rto_min, 200 * MILLI},
                                      {HOST_RULE_rto_max, 120 * SECOND},
                                      {HOST_RULE_recv_buffer, 6291456},
                                      {HOST_RULE_send_buffer, 4194304},
                                      {HOST_RULE_fin_wait_2_timeout, 60 * SECOND},
                                      {HOST_RULE_syn_timeout, 127 * SECOND},
                                      {HOST_RULE_user_timeout, INT64_C(924) * SECOND},
                                      {HOST_RULE_closing_reset, 1},
                                      END};

/* FreeBSD: tcp(4); delacktime, rexmit_min, keepinit, keepidle and keepcnt, finwait2_timeout, recvbuf_max; its own order
 * of options. */
static const Setting freebsd[] = {{HOST_RULE_window_scale, 1},
                                  {HOST_RULE_timestamps, 1},
                                  {HOST_RULE_sack, 1},
                                  {HOST_RULE_syncookies, 1},
                                  {HOST_RULE_option_order, 1},
                                  {HOST_RULE_initial_window, 10},
                                  {HOST_RULE_delayed_ack, 40 * MILLI},
                                  {HOST_RULE_rto_min, 30 * MILLI},
                                  {HOST_RULE_rto_max, 64 * SECOND},
                                  {HOST_RULE_recv_buffer, 2097152},
                                  {HOST_RULE_send_buffer, 2097152},
                                  {HOST_RULE_fin_wait_2_timeout, 60 * SECOND},
                                  {HOST_RULE_syn_timeout, 75 * SECOND},
                                  {HOST_RULE_keepalive, INT64_C(7200) * SECOND},
                                  {HOST_RULE_keepalive_probes, 8},
                                  END};

static const struct {
    const char *name;
    const Setting *settings;
} profiles[] = {{"rfc", rfc}, {"lesson", lesson}, {"linux", linux_rules}, {"freebsd", freebsd}};

static const Setting *find_profile(const char *name) {
    for (size_t i = 0; name && i < sizeof profiles / sizeof profiles[0]; i++)
        if (strcmp(profiles[i].name, name) == 0) return profiles[i].settings;
    return NULL;
}

/* The rule as the profile has it; what it does not name is as at the beginning, in "rfc" the standard's. */
static int64_t wanted(const Setting *settings, HostRule rule) {
    for (const Setting *at = settings; at->rule != HOST_RULE_COUNT; at++)
        if (at->rule == rule) return at->value;
    return settings == rfc ? host_rule_standard(rule) : host_rule_info(rule)->initial;
}

void read_profile(lua_State *L, int index, int argument, RuleChanges *changes) {
    const Setting *settings = find_profile(lua_type(L, index) == LUA_TSTRING ? lua_tostring(L, index) : NULL);
    if (!settings) {
        lab_argument_error(L, argument, "the profile must be \"rfc\", \"lesson\", \"linux\" or \"freebsd\", not %s",
                           lua_type(L, index) == LUA_TSTRING ? lua_pushfstring(L, "\"%s\"", lua_tostring(L, index))
                                                             : kind_of_value(L, index));
    }
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        changes->set[i] = i != HOST_RULE_isn;
        changes->values[i] = wanted(settings, (HostRule)i);
    }
}

int host_profile(lua_State *L) {
    HostId host = ((const HostHandle *)object_self(L, HOST, "profile"))->id;
    RuleChanges changes = {0};
    read_profile(L, 2, 1, &changes);
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        HostView view;
        if (!changes.set[i] || !world_host(world_of(L), host, &view) || view.rules[i] == changes.values[i]) continue;
        Input input = {.kind = INPUT_RULE, .host = host, .rule = (HostRule)i, .value = changes.values[i]};
        act_surely(L, &input, "profile");
    }
    return 0;
}
