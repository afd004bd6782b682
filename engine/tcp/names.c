/* names.c - the names of states, rules, events and flags, for C, Lua, window and text alike. */
#include <string.h>

#include "../engine.h"

const char *state_name(State state) {
    static const char *const names[] = {
#define STATE(name, summary) #name,
#include "states.def"
    };
    return (unsigned)state < STATE_COUNT ? names[state] : "?";
}

const char *state_summary(State state) {
    static const char *const summaries[] = {
#define STATE(name, summary) summary,
#include "states.def"
    };
    return (unsigned)state < STATE_COUNT ? summaries[state] : "?";
}

static const Arrow arrows[] = {
#define ARROW(from, to, event, action) {STATE_##from, STATE_##to, event, action},
#include "states.def"
};

size_t arrow_count(void) { return sizeof arrows / sizeof arrows[0]; }

const Arrow *arrow_at(size_t index) { return index < arrow_count() ? &arrows[index] : NULL; }

enum {
#define ARROW(from, to, event, action) PLACE_##from##_##to,
#include "states.def"
};

const Arrow *arrow_find(State from, State to) {
    switch (from * STATE_COUNT + to) {
/* clang-format 14 would join the two directives. */
/* clang-format off */
#define ARROW(from, to, event, action) \
    case STATE_##from * STATE_COUNT + STATE_##to: return &arrows[PLACE_##from##_##to];
#include "states.def"
    /* clang-format on */
    default: return NULL;
    }
}

const char *timer_name(TimerKind timer) {
    static const char *const names[TIMER_COUNT] = {"retransmit", "persist",    "delayed_ack", "keepalive",
                                                   "time_wait",  "fin_wait_2", "user"};
    return (unsigned)timer < TIMER_COUNT ? names[timer] : "?";
}

const char *status_text(Status status) {
    static const char *const texts[] = {
#define STATUS_TEXT(name, text) text,
        STATUS_TABLE(STATUS_TEXT)
#undef STATUS_TEXT
    };
    return (unsigned)status < STATUS_COUNT ? texts[status] : "?";
}

const RuleInfo *rule_info(RuleId rule) {
    static const RuleInfo infos[] = {
        {"", "", ""},
#define RULE(id, name, section, sentence) {name, section, sentence},
#include "rules.def"
    };
    return &infos[(unsigned)rule < RULE_COUNT ? rule : RULE_NONE];
}

const HostRuleInfo *host_rule_info(HostRule rule) {
    static const HostRuleInfo infos[] = {
#define HOST_RULE(name, kind, off, def, low, high, help) {#name, kind, off, def, low, high, help},
#include "host_rules.def"
    };
    return (unsigned)rule < HOST_RULE_COUNT ? &infos[rule] : NULL;
}

int64_t host_rule_standard(HostRule rule) {
    return rule == HOST_RULE_msl ? 120 * MICROS_PER_SECOND : host_rule_info(rule)->initial;
}

bool host_rule_of_conn(HostRule rule) {
    static const HostRule own[] = {
        HOST_RULE_nagle,     HOST_RULE_delayed_ack,        HOST_RULE_user_timeout,     HOST_RULE_fin_wait_2_timeout,
        HOST_RULE_keepalive, HOST_RULE_keepalive_interval, HOST_RULE_keepalive_probes, HOST_RULE_ttl,
        HOST_RULE_diffserv};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (own[i] == rule) return true;
    return false;
}

const char *event_kind_name(EventKind kind) {
    static const char *const names[EVENT_KINDS] = {"send",    "deliver", "drop",   "dup",    "delay",  "hold",
                                                   "release", "corrupt", "edit",   "inject", "state",  "timer",
                                                   "call",    "error",   "oracle", "ignore", "accept", "set"};
    return (unsigned)kind < EVENT_KINDS ? names[kind] : "?";
}

const char *call_name(InputKind kind) {
    static const char *const names[INPUT_KINDS] = {
        "",       "listen",  "connect", "accept", "send",  "recv", "shutdown", "close",   "abort",
        "crash",  "deliver", "drop",    "dup",    "delay", "hold", "release",  "corrupt", "edit",
        "inject", "expire",  "timer",   "wait",   "host",  "rule", "path",     "order",   "cancel"};
    return (unsigned)kind < INPUT_KINDS ? names[kind] : "?";
}

const char *drop_text(DropReason reason) {
    static const char *const texts[DROP_REASONS] = {"",
                                                    "dropped by hand",
                                                    "lost on the path",
                                                    "lifetime exceeded",
                                                    "no host has that address",
                                                    "wrong checksum",
                                                    "malformed",
                                                    "larger than the path's MTU",
                                                    "dropped by an order"};
    return (unsigned)reason < DROP_REASONS ? texts[reason] : "?";
}

const char *outcome_name(Outcome outcome) {
    static const char *const names[OUTCOME_COUNT] = {"",         "taken",  "kept", "window update", "duplicate ACK",
                                                     "answered", "refused"};
    return (unsigned)outcome < OUTCOME_COUNT ? names[outcome] : "?";
}

/* ---- Flags ---- */

static const char *const flag_names[8] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"};

const char *flags_text(uint8_t flags, char text[FLAGS_TEXT]) {
    size_t n = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (!(flags & (1u << i))) continue;
        if (n) text[n++] = ',';
        memcpy(text + n, flag_names[i], 3);
        n += 3;
    }
    text[n] = 0;
    if (n == 0) memcpy(text, "none", 5);
    return text;
}

static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c; }

static int flag_of(const char *text, size_t length) {
    if (length != 3) return -1;
    for (int i = 0; i < 8; i++)
        if (upper(text[0]) == flag_names[i][0] && upper(text[1]) == flag_names[i][1] &&
            upper(text[2]) == flag_names[i][2])
            return i;
    return -1;
}

bool flags_parse(const char *text, uint8_t *flags) {
    *flags = 0;
    if (strcmp(text, "none") == 0) return true;
    for (;;) {
        text += strspn(text, " ");
        size_t length = strcspn(text, ",+ ");
        int flag = flag_of(text, length);
        if (flag < 0) return false;
        *flags = (uint8_t)(*flags | 1u << flag);
        text += length;
        text += strspn(text, " ");
        if (*text == 0) return true;
        if (*text != ',' && *text != '+') return false;
        text++;
    }
}
