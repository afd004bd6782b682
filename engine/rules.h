/* rules.h - what a call came to (Status), the rules of the standard, and the settings of hosts. */
#ifndef TWOMSL_ENGINE_RULES_H
#define TWOMSL_ENGINE_RULES_H

#include "names.h"

/* ---- Status: what a call or an input came to ---- */
#define STATUS_TABLE(X)                                                             \
    X(OK, "ok")                                                                     \
    /* the RFC's own words (RFC 9293 3.10): the application's errors */             \
    X(CONNECTION_EXISTS, "connection already exists")                               \
    X(NO_CONNECTION, "connection does not exist")                                   \
    X(CONNECTION_CLOSING, "connection closing")                                     \
    X(CONNECTION_RESET, "connection reset")                                         \
    X(CONNECTION_REFUSED, "connection refused")                                     \
    X(CONNECTION_TIMED_OUT, "connection timed out")                                 \
    X(CONNECTION_ABORTED, "connection aborted")                                     \
    X(NO_RESOURCES, "insufficient resources")                                       \
    X(REMOTE_UNSPECIFIED, "remote socket unspecified")                              \
    X(NOT_A_LISTENER, "not a listening connection")                                 \
    X(A_LISTENER, "a listening connection carries no data")                         \
    X(NOTHING_YET, "nothing yet")                                                   \
    X(END_OF_DATA, "closed")                                                        \
    X(HOST_CRASHED, "the host crashed")                                             \
    X(UNREACHABLE, "destination unreachable")                                       \
    X(DELIVERY_TROUBLE, "no acknowledgment yet")                                    \
    /* misuse of the door */                                                        \
    X(NO_HOST, "no such host")                                                      \
    X(NO_PACKET, "that packet is no longer in flight")                              \
    X(NO_TIMER, "that timer is not running")                                        \
    X(NO_ORDER, "that order does not stand any more")                               \
    X(TOO_EARLY, "something else happens first")                                    \
    X(BAD_ARGUMENT, "bad argument")                                                 \
    X(BAD_DATAGRAM, "not an IPv4 datagram with a TCP segment")                      \
    X(BAD_ADDRESS, "not an address one can connect to")                             \
    X(FOREIGN_HOST, "that host's TCP is not ours")                                  \
    X(NAME_TAKEN, "a host of that name exists")                                     \
    /* limits: the session grows the world and tries again, until the hard limit */ \
    X(LIMIT_HOSTS, "no room for another host")                                      \
    X(LIMIT_CONNS, "no room for another connection")                                \
    X(LIMIT_PACKETS, "no room for another packet in flight")                        \
    X(LIMIT_STORE, "no room for more bytes")                                        \
    X(LIMIT_ORDERS, "no room for another standing order")                           \
    X(LIMIT_MEMORY, "out of memory")                                                \
    X(LINK_FAILED, "the raw wire failed")

typedef enum Status {
#define STATUS_ENUM(name, text) STATUS_##name,
    STATUS_TABLE(STATUS_ENUM)
#undef STATUS_ENUM
        STATUS_COUNT
} Status;
const char *status_text(Status status);

/* ---- Rules of the standard (rules.def): every decision names one ---- */
typedef enum RuleId {
    RULE_NONE,
#define RULE(id, name, section, sentence) RULE_##id,
#include "tcp/rules.def"
    RULE_COUNT
} RuleId;
typedef struct RuleInfo {
    const char *name;     /* "listen.syn" */
    const char *section;  /* "RFC 9293 3.10.7.2" */
    const char *sentence; /* in our own words; the key of its translation */
} RuleInfo;
const RuleInfo *rule_info(RuleId rule); /* RULE_NONE: empty strings */

/* ---- Host rules (host_rules.def): what one host's TCP does; Lua's h.rules ---- */
typedef enum HostRuleKind { HR_SECONDS, HR_BYTES, HR_COUNT, HR_SWITCH, HR_MSL, HR_SEQ } HostRuleKind;
#define HOST_RULE_OFF INT64_C(-1)
typedef enum HostRule {
#define HOST_RULE(name, kind, off, def, low, high, help) HOST_RULE_##name,
#include "tcp/host_rules.def"
    HOST_RULE_COUNT
} HostRule;
typedef struct HostRuleInfo {
    const char *name;
    HostRuleKind kind;
    bool off;                   /* HOST_RULE_OFF is a value too */
    int64_t initial, low, high; /* default and range, as kept: seconds in microseconds, HR_MSL in thousandths */
    const char *help;
} HostRuleInfo;
const HostRuleInfo *host_rule_info(HostRule rule); /* NULL: no such rule */
/* What the standard says, where it names a value: the initial value but for the MSL, which RFC 9293 3.4.2 takes to be
 * two minutes. */
int64_t host_rule_standard(HostRule rule);
/* One connection may have it otherwise than its host: what RFC 9293 lets the application choose for a connection. */
bool host_rule_of_conn(HostRule rule);

/* ---- Path rules (world/path_rules.def): what the path does to packets; Lua's wire.latency and so on ---- */
typedef enum PathRuleKind { PATH_RULE_SECONDS, PATH_RULE_PROBABILITY, PATH_RULE_BYTES } PathRuleKind;
typedef enum PathRule {
#define PATH_RULE(id, name, kind, def, low, high, usage, help) PATH_##id,
#include "world/path_rules.def"
    PATH_RULE_COUNT
} PathRule;
typedef struct PathRuleInfo {
    const char *name; /* "latency" */
    PathRuleKind kind;
    int64_t standard, low, high; /* default and range, as kept: microseconds, millionths, bytes */
    const char *help;
} PathRuleInfo;
const PathRuleInfo *path_rule_info(PathRule rule); /* NULL: no such rule */

#endif
