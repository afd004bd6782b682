/* differ.c - see differ.h.
 *
 * Two sessions make the inputs of the history in step, each with rules of its own, and the events of each step are
 * compared. So long as all were equal, numbers of packets and handles of connections are equal too, and an input means
 * the same in both. An input that one of them refuses is a difference itself: instead happens what is due there. The
 * rules hold from the beginning on, also where the history sets them otherwise.
 */
#include "differ.h"

#include <string.h>

#include "handles.h"
#include "raise.h"
#include "results.h"

#define PLAY "differ"

enum {
    STRIDE = 64, /* between the serials of two inputs of the history: room for the rules that are set before */
    ROWS = 12,   /* of a ladder that is printed */
    ROWS_MOST = 200,
    WIDE = 130 /* columns, from which on the ladders stand side by side */
};
_Static_assert((int)HOST_RULE_COUNT < (int)STRIDE, "the rules of one host fit between two inputs");

typedef struct Side {
    Session *session;
    const RuleChanges *rules; /* by host */
    Status status;            /* of the last input */
    uint32_t from, to;        /* its events */
} Side;

/* A userdata, so that an error leaves nothing behind. */
typedef struct Play {
    Side sides[2];
    uint32_t set; /* inputs, and events, that set rules before the history began */
} Play;

typedef struct Difference {
    uint32_t step;
    Event events[2]; /* index EVENT_NONE: none */
} Difference;

static int play_gc(lua_State *L) {
    Play *play = lua_touserdata(L, 1);
    for (int i = 0; i < 2; i++) {
        session_free(play->sides[i].session);
        play->sides[i].session = NULL;
    }
    return 0;
}

/* ---- The rules ---- */

static void must(lua_State *L, Status status) {
    if (status == STATUS_LIMIT_MEMORY) luaL_error(L, "differ: no memory to play the history again");
}

/* As many inputs on both sides, so that handles stay equal: what a side does not set keeps its value. */
static uint32_t set_rules(lua_State *L, Play *play, HostId host) {
    uint32_t count = 0;
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        if (!play->sides[0].rules[host].set[i] && !play->sides[1].rules[host].set[i]) continue;
        for (int j = 0; j < 2; j++) {
            Side *side = &play->sides[j];
            HostView view;
            if (!world_host(session_world(side->session), host, &view)) continue;
            Input input = {.kind = INPUT_RULE, .host = host, .rule = (HostRule)i, .value = view.rules[i]};
            if (side->rules[host].set[i]) input.value = side->rules[host].values[i];
            must(L, session_do(side->session, &input));
        }
        count++;
    }
    return count;
}

static Play *push_play(lua_State *L, const RuleChanges *a, const RuleChanges *b) {
    Config config = *world_config(session_world(lab_session_of(L)));
    Play *play = lua_newuserdatauv(L, sizeof *play, 0);
    *play = (Play){.sides = {{.rules = a}, {.rules = b}}};
    if (luaL_newmetatable(L, PLAY)) {
        lua_pushcfunction(L, play_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    for (int i = 0; i < 2; i++) {
        play->sides[i].session = session_new(&config, NULL);
        if (!play->sides[i].session) must(L, STATUS_LIMIT_MEMORY);
        session_limit(play->sides[i].session, memory_left(lab_of(L)) / 4 + 1);
    }
    for (HostId host = 0; host < 2; host++) play->set += set_rules(L, play, host);
    return play;
}

/* ---- Playing ---- */

/* The input of the history as this side makes it. */
static Input input_for(const Side *side, const Input *of_history) {
    Input input = *of_history;
    input.serial *= STRIDE;
    input.conn.generation *= STRIDE;
    input.packet.born *= STRIDE;
    bool of_host = input.kind == INPUT_RULE && !conn_is(input.conn) && input.host < LIMIT_HOSTS;
    if (of_host && side->rules[input.host].set[input.rule]) input.value = side->rules[input.host].values[input.rule];
    return input;
}

static void make(lua_State *L, Side *side, const Input *input) {
    side->from = session_events(side->session);
    side->status = session_do(side->session, input);
    must(L, side->status);
    side->to = session_events(side->session);
}

/* What happens by itself, and not because an application, the user or a setting wants it. */
static bool happens(InputKind kind) {
    return kind == INPUT_DELIVER || kind == INPUT_TIMER || kind == INPUT_EXPIRE || kind == INPUT_WAIT;
}

/* The input is not possible on this side: what is due there happens instead. */
static void make_next(lua_State *L, Side *side, const Input *refused) {
    Input next;
    Status status = side->status;
    if (!happens(refused->kind) || !world_next(session_world(side->session), &next)) return;
    next.serial = refused->serial * STRIDE;
    make(L, side, &next);
    side->status = status;
}

/* ---- Comparing ---- */

static bool same_bytes(const Side *a, const Side *b, uint32_t i, uint32_t j) {
    uint32_t length = 0, other = 0;
    const uint8_t *bytes = trace_bytes(session_trace(a->session), i, &length);
    const uint8_t *others = trace_bytes(session_trace(b->session), j, &other);
    if (!bytes || !others) return bytes == others;
    return length == other && memcmp(bytes, others, length) == 0;
}

/* The next event of the step that sets no rule; index EVENT_NONE: there is none. */
static Event next_event(const Side *side, uint32_t *at) {
    while (*at < side->to) {
        Event event = trace_at(session_trace(side->session), (*at)++);
        if (event.kind != EVENT_SET) return event;
    }
    return (Event){.index = EVENT_NONE};
}

/* Compares the events of the last step. */
static bool differs(const Play *play, Difference *found) {
    const Side *a = &play->sides[0], *b = &play->sides[1];
    uint32_t i = a->from, j = b->from;
    for (;;) {
        Event x = next_event(a, &i), y = next_event(b, &j);
        found->events[0] = x;
        found->events[1] = y;
        if (x.index == EVENT_NONE && y.index == EVENT_NONE) return a->status != b->status;
        if (x.index == EVENT_NONE || y.index == EVENT_NONE) return true;
        if (!event_alike(&x, &y) || !same_bytes(a, b, x.index, y.index)) return true;
    }
}

/* Plays steps below `steps`. True: `found` is the first difference. */
static bool play_on(lua_State *L, Play *play, uint32_t steps, Difference *found) {
    const Session *session = lab_session_of(L);
    Input of_history;
    for (uint32_t step = 0; step < steps && session_input(session, step, &of_history); step++) {
        lab_spend(L, 100);
        if (of_history.serial > UINT32_MAX / STRIDE - 1) luaL_error(L, "differ: this history is too long");
        for (int i = 0; i < 2; i++) {
            Input input = input_for(&play->sides[i], &of_history);
            make(L, &play->sides[i], &input);
            if (play->sides[i].status != STATUS_OK) make_next(L, &play->sides[i], &of_history);
        }
        found->step = step;
        if (differs(play, found)) return true;
        if (of_history.kind == INPUT_HOST && play->sides[0].status == STATUS_OK)
            set_rules(L, play, world_result(session_world(play->sides[0].session))->host);
    }
    return false;
}

/* ---- Which rule makes the difference ---- */

/* Both worlds alike but for one rule. */
static bool rule_alone(lua_State *L, const OtherRules rules[2], HostRule rule, const Difference *found) {
    RuleChanges *one = lua_newuserdatauv(L, LIMIT_HOSTS * sizeof *one, 0);
    memcpy(one, rules[0].of, LIMIT_HOSTS * sizeof *one);
    for (int host = 0; host < LIMIT_HOSTS; host++) {
        one[host].set[rule] = rules[1].of[host].set[rule];
        one[host].values[rule] = rules[1].of[host].values[rule];
    }
    Play *play = push_play(L, rules[0].of, one);
    Difference alone;
    bool same = play_on(L, play, found->step + 1, &alone) && alone.step == found->step;
    lua_pushcfunction(L, play_gc);
    lua_insert(L, -2);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
    return same;
}

static bool is_set(const OtherRules *rules, HostRule rule) {
    for (int host = 0; host < LIMIT_HOSTS; host++)
        if (rules->of[host].set[rule]) return true;
    return false;
}

/* Pushes the names of the rules that make this difference each on its own; "" where it takes several together. */
static void push_rules_at_fault(lua_State *L, const OtherRules rules[2], const Difference *found) {
    lua_pushliteral(L, "");
    for (int i = 0; i < HOST_RULE_COUNT; i++) {
        if (!is_set(&rules[0], (HostRule)i) && !is_set(&rules[1], (HostRule)i)) continue;
        if (!rule_alone(L, rules, (HostRule)i, found)) continue;
        lua_pushfstring(L, "%s%s", lua_rawlen(L, -1) ? ", " : "", host_rule_info((HostRule)i)->name);
        lua_concat(L, 2);
    }
}

/* ---- As text and as a table ---- */

/* What the line of an event leaves out: options in their order, and what the IP header has of the host's rules. */
static void add_segment(Text *text, const Side *side, const Event *event) {
    enum { WIDTH = 80, INDENT = 4 };
    uint32_t length = 0;
    Segment segment;
    const uint8_t *bytes = trace_bytes(session_trace(side->session), event->index, &length);
    if (!bytes || segment_decode(bytes, length, &segment) != DECODE_OK) return;
    DatagramParts parts = datagram_parts(bytes, length);
    Text line = TEXT_EMPTY;
    text_segment(&line, &segment);
    text_add(&line, " ttl=%u diffserv=%u", segment.ttl, segment.tos >> 2);
    if (parts.options_length) text_add(&line, "; order of options:");
    RawOption option = {0};
    for (size_t at = 0; option_next(bytes + parts.options, parts.options_length, &at, &option);)
        if (option.kind != OPTION_NOP) text_add(&line, " %s", option_info(option.kind)->brief);
    text_add(text, "%*s", INDENT, "");
    text_wrap(text, text_string(&line), INDENT, WIDTH);
    text_add(text, "\n");
    text_free(&line);
}

static void add_why(Text *text, const Side *side, const Event *event) {
    if (event->index == EVENT_NONE) {
        text_add(text, ">> nothing%s%s\n", side->status == STATUS_OK ? "" : ": ",
                 side->status == STATUS_OK ? "" : status_text(side->status));
        return;
    }
    text_add(text, ">> ");
    text_why(text, session_world(side->session), session_trace(side->session), event->index);
    add_segment(text, side, event);
}

/* One below the other, where the terminal is narrow. */
static void add_side(Text *text, const Side *side, const char *name, const Event *event, int columns) {
    text_add(text, "\n%s:\n", name);
    text_ladder(text, side->session, columns, ROWS);
    text_add(text, "\n");
    add_why(text, side, event);
}

static void add_both(Text *text, const Play *play, const OtherRules rules[2], const Difference *found, int columns) {
    enum { BETWEEN = 4, HEAD = 2 };
    int width = (columns - BETWEEN) / 2;
    Text ladders[2] = {TEXT_EMPTY, TEXT_EMPTY};
    for (int i = 0; i < 2; i++) text_ladder(&ladders[i], play->sides[i].session, width, ROWS_MOST);
    text_add(text, "\n%-*s%s\n", width + BETWEEN, rules[0].name, rules[1].name);
    text_beside(text, text_string(&ladders[0]), text_string(&ladders[1]), width, HEAD, ROWS, ROWS);
    for (int i = 0; i < 2; i++) {
        text_free(&ladders[i]);
        text_add(text, "\n%s:\n", rules[i].name);
        add_why(text, &play->sides[i], &found->events[i]);
    }
}

/* The event with the numbers that it has in the history. */
static void push_event_of_history(lua_State *L, const Play *play, Event event) {
    if (event.index == EVENT_NONE) {
        lua_pushnil(L);
        return;
    }
    event.index -= play->set;
    event.step -= play->set;
    if (event.cause != EVENT_NONE && event.cause >= play->set) event.cause -= play->set;
    event.conn.generation /= STRIDE;
    event.packet.born /= STRIDE;
    push_event(L, &event);
}

/* Under the table at the top: the event, what it says and the ladder of one side. */
static void set_side(lua_State *L, const Play *play, int i, const Event *event) {
    static const char *const events[] = {"a", "b"}, *const ladders[] = {"ladder_a", "ladder_b"},
                             *const reasons[] = {"why_a", "why_b"};
    push_event_of_history(L, play, *event);
    lua_setfield(L, -2, events[i]);
    Text text = TEXT_EMPTY;
    text_ladder(&text, play->sides[i].session, columns_of_text(L), ROWS_MOST);
    push_text(L, &text);
    lua_setfield(L, -2, ladders[i]);
    text = TEXT_EMPTY;
    add_why(&text, &play->sides[i], event);
    push_text(L, &text);
    lua_setfield(L, -2, reasons[i]);
}

int push_difference(lua_State *L, const OtherRules rules[2]) {
    uint32_t steps = session_step(lab_session_of(L));
    Difference found;
    Play *play = push_play(L, rules[0].of, rules[1].of);
    if (!play_on(L, play, steps, &found)) {
        lua_pushnil(L);
        lua_pushfstring(L, "no difference in %d steps", (int)steps);
        return 2;
    }
    push_rules_at_fault(L, rules, &found);
    const char *rule = lua_tostring(L, -1);
    lua_createtable(L, 0, 8);
    for (int i = 0; i < 2; i++) set_side(L, play, i, &found.events[i]);
    table_whole(L, "step", (lua_Integer)found.step + 1);
    if (rule[0]) table_string(L, "rule", rule);
    int columns = columns_of_text(L);
    Text text = TEXT_EMPTY;
    text_add(&text, "the first difference is in step %u of %u, by the rule%s %s\n", found.step + 1, steps,
             strchr(rule, ',') || !rule[0] ? "s" : "", rule[0] ? rule : "together");
    if (columns >= WIDE) add_both(&text, play, rules, &found, columns);
    else
        for (int i = 0; i < 2; i++) add_side(&text, &play->sides[i], rules[i].name, &found.events[i], columns);
    push_printed(L, "difference", &text);
    return 1;
}
