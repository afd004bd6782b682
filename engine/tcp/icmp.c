/* icmp.c - errors the network reports about a segment (RFC 9293 3.9.2.2): soft ones are reported, hard ones end the
 * connection. */
#include "tcp.h"

static bool hard(const Icmp *icmp) { return icmp->type == ICMP_UNREACHABLE && icmp->code >= 2 && icmp->code <= 4; }

/* It must quote a sequence number in flight, or it would be easy to forge (RFC 5927 4). */
static bool quotes_flight(const Tcb *tcb, const Icmp *icmp) {
    return seq_leq(tcb->snd.una, icmp->about_seq) && seq_lt(icmp->about_seq, tcb->snd.nxt);
}

void icmp_arrives(Turn *turn, HostId host, const Icmp *icmp) {
    Tcb *tcb = turn_find(turn, icmp->about_src, icmp->about_dst);
    if (icmp->type == ICMP_SOURCE_QUENCH || !tcb || tcb->host != host || !quotes_flight(tcb, icmp)) {
        RuleId rule = icmp->type == ICMP_SOURCE_QUENCH ? RULE_ICMP_QUENCH : RULE_ICMP_STRANGE;
        Event *event = turn_event(turn, EVENT_IGNORE, rule);
        event->host = host;
        event->src = icmp->about_src;
        event->dst = icmp->about_dst;
        return;
    }
    if (hard(icmp)) {
        bool refused = icmp->code == 3 && tcb->state == STATE_SYN_SENT;
        fail(turn, tcb, refused ? STATUS_CONNECTION_REFUSED : STATUS_UNREACHABLE, RULE_ICMP_HARD);
        return;
    }
    report_soft_error(turn, tcb, STATUS_UNREACHABLE, RULE_ICMP_SOFT);
}
