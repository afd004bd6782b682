/* fate.c - what became of a packet, in one sentence. */
#include "language.h"

void text_outcome(Text *text, Language language, Outcome outcome, int64_t value, bool brief) {
    enum { DUPLICATES = 3 }; /* that ask for a fast retransmit */
    long long number = value;
    switch (outcome) {
    case OUTCOME_TAKEN:
        if (number > 1) text_add_translated(text, language, "taken: %lld bytes", number);
        else text_add(text, "%s", translated(language, number == 1 ? "taken: 1 byte" : "taken"));
        return;
    case OUTCOME_KEPT: text_add(text, "%s", translated(language, "kept")); return;
    case OUTCOME_WINDOW_UPDATE:
        if (brief) text_add_translated(text, language, "window %lld", number);
        else text_add_translated(text, language, "window update: %lld bytes", number);
        return;
    case OUTCOME_DUPLICATE_ACK:
        if (brief || number > DUPLICATES) text_add_translated(text, language, "duplicate ACK %lld", number);
        else text_add_translated(text, language, "duplicate ACK %lld of %d", number, DUPLICATES);
        return;
    case OUTCOME_ANSWERED: text_add(text, "%s", translated(language, "answered")); return;
    case OUTCOME_NONE:
    case OUTCOME_REFUSED:
    case OUTCOME_COUNT: text_add(text, "%s", translated(language, "not used")); return;
    }
}

static void add_times(Text *text, const char *what, uint32_t count) {
    if (count == 1) text_add(text, ", %s", what);
    else if (count) text_add(text, ", %s %u times", what, count);
}

static void add_at(Text *text, const char *what, Micros time) {
    text_add(text, "%s at ", what);
    text_time(text, time);
    text_add(text, " s");
}

static void add_beginning(Text *text, const FlightView *flight) {
    if (flight->copy_of) {
        text_add(text, "copy of #%u, made", flight->copy_of);
        add_at(text, "", flight->sent);
    } else {
        add_at(text, flight->forged ? "forged" : flight->again ? "sent again" : "sent", flight->sent);
    }
}

static void add_way(Text *text, const FlightView *flight) {
    add_times(text, "copied", flight->copies);
    add_times(text, "held", flight->held);
    if (flight->edited) text_add(text, ", edited");
    if (flight->corrupted) text_add(text, ", corrupted");
    if (!flight->delayed) return;
    text_add(text, flight->delayed > 0 ? ", delayed by " : ", advanced by ");
    text_time(text, flight->delayed > 0 ? flight->delayed : -flight->delayed);
    text_add(text, " s");
}

static void add_end(Text *text, const FlightView *flight) {
    switch (flight->state) {
    case FLIGHT_UNDER_WAY: add_at(text, ", arrives", flight->due); return;
    case FLIGHT_HELD: text_add(text, ", held until it is released"); return;
    case FLIGHT_LOST:
        add_at(text, flight->arrival == EVENT_NONE ? ", lost" : ", arrived and discarded", flight->ended);
        text_add(text, ": ");
        text_drop(text, flight->reason, flight->order);
        return;
    case FLIGHT_ARRIVED: add_at(text, ", arrived", flight->ended); break;
    case FLIGHT_STATES: return;
    }
    if (flight->outcome == OUTCOME_NONE) return;
    text_add(text, ": ");
    text_outcome(text, LANGUAGE_EN, flight->outcome, flight->value, false);
    text_add(text, " (%s)", rule_info(flight->rule)->name);
    const char *by = flight->outcome == OUTCOME_ANSWERED ? ", by" : ", answered by";
    if (flight->answer.id) text_add(text, "%s #%u", by, flight->answer.id);
}

void text_fate(Text *text, const FlightView *flight) {
    add_beginning(text, flight);
    add_way(text, flight);
    add_end(text, flight);
}
