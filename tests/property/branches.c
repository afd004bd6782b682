/* branches.c - random acts in the past and random ways between the futures that they leave: every step of every future
 * stays the world it was, and each future is what its inputs alone make. */
#include "chaos.h"
#include "same.h"

enum { STEPS = 160, MOST_BRANCHES = 60 };

typedef struct Line {
    uint32_t number, origin, began, steps;
    uint32_t first; /* serial of its first input */
    uint64_t digests[STEPS + 1];
    uint32_t events[STEPS + 1];
} Line;

typedef struct Tree {
    Session *session;
    Config config;
    Line *lines[MOST_BRANCHES]; /* by number, from 1 */
    uint32_t count, present;
} Tree;

static Line *line_of(Tree *tree, uint32_t number) { return tree->lines[number - 1]; }

static void note(Tree *tree) {
    Line *line = line_of(tree, tree->present);
    line->steps = session_step(tree->session);
    line->digests[line->steps] = world_digest(session_world(tree->session));
    line->events[line->steps] = session_events(tree->session);
}

static Line *new_line(Tree *tree) {
    Line *line = calloc(1, sizeof *line);
    tree->lines[tree->count] = line;
    line->number = ++tree->count;
    return line;
}

static void same_place(Tree *tree) {
    const Line *line = line_of(tree, tree->present);
    uint32_t step = session_step(tree->session);
    if (world_digest(session_world(tree->session)) != line->digests[step])
        broken("branch %u: step %u is another world", line->number, step);
    if (session_events(tree->session) != line->events[step])
        broken("branch %u: step %u has %u events, not %u", line->number, step, session_events(tree->session),
               line->events[step]);
}

/* What the session says of its futures is what they are. */
static void same_list(Tree *tree) {
    Branch branch;
    if (session_branches(tree->session) != tree->count) broken("not all futures are kept");
    for (uint32_t i = 0; session_branch(tree->session, i, &branch); i++) {
        const Line *line = line_of(tree, branch.number);
        if (branch.number != i + 1) broken("branch %u stands in place %u", branch.number, i);
        if (branch.present != (branch.number == tree->present)) broken("another future is present");
        if (branch.steps != line->steps)
            broken("branch %u has %u steps, not %u", branch.number, branch.steps, line->steps);
        if (branch.origin != line->origin || branch.began != line->began) broken("branch %u began elsewhere", i + 1);
        if ((branch.first.kind == INPUT_NONE) != (i == 0)) broken("branch %u begins with another input", i + 1);
        if (i > 0 && branch.first.serial != line->first) broken("branch %u begins with another input", i + 1);
    }
}

static void go_to_branch(Chance *chance, Tree *tree) {
    uint32_t number = 1 + draw(chance, tree->count);
    if (session_go_to_branch(tree->session, number) != STATUS_OK) broken("cannot go to branch %u", number);
    tree->present = number;
    if (session_step(tree->session) != line_of(tree, number)->steps) broken("branch %u: not its newest step", number);
    if (session_events(tree->session) != trace_count(session_trace(tree->session))) broken("the trace goes on");
    same_place(tree);
    same_list(tree);
}

static void look_elsewhere(Chance *chance, Tree *tree) {
    const Line *line = line_of(tree, 1 + draw(chance, tree->count));
    uint32_t step = draw(chance, line->steps + 1);
    World *world = session_branch_world(tree->session, line->number, step);
    if (!world || world_digest(world) != line->digests[step])
        broken("step %u of branch %u is another world", step, line->number);
    world_free(world);
    if (session_branch_world(tree->session, line->number, line->steps + 1)) broken("a step that does not exist");
}

static void act(Chance *chance, Tree *tree) {
    if (world_packets(session_world(tree->session)) > 200) return;
    Input input = some_input(chance, session_world(tree->session));
    uint32_t step = session_step(tree->session);
    bool past = step < session_steps(tree->session);
    if (session_do(tree->session, &input) != STATUS_OK) {
        same_place(tree);
        return;
    }
    if (past) {
        const Line *left = line_of(tree, tree->present);
        Line *line = new_line(tree);
        memcpy(line->digests, left->digests, sizeof line->digests);
        line->origin = left->number;
        line->began = step;
        session_input(tree->session, step, &input);
        line->first = input.serial;
        memcpy(line->events, left->events, sizeof line->events);
        tree->present = line->number;
    }
    note(tree);
    if (past) same_list(tree);
}

/* The inputs alone, done in a session that never went back. */
static void plain(Tree *tree) {
    Session *alone = session_new(&tree->config, NULL);
    Input input;
    for (uint32_t step = 0; session_input(tree->session, step, &input); step++) {
        if (session_do(alone, &input) != STATUS_OK) broken("step %u is refused", step);
        uint64_t digest = world_digest(session_world(alone));
        if (digest != line_of(tree, tree->present)->digests[step + 1]) broken("step %u: another world alone", step);
    }
    uint32_t differs = first_difference(session_trace(tree->session), session_trace(alone), 0);
    if (differs != EVENT_NONE) broken("event %u differs", differs);
    const Flights *one = session_flights(tree->session), *two = session_flights(alone);
    uint32_t events = session_events(alone), count = flights_count(two, events);
    if (flights_count(one, events) != count) broken("another number of flights");
    for (uint32_t i = 0; i < count; i++) {
        FlightView a, b;
        if (!flights_view(one, i, events, &a) || !flights_view(two, i, events, &b)) broken("flight %u is not there", i);
        if (a.state != b.state || a.outcome != b.outcome || a.ended != b.ended) broken("flight %u differs", i);
    }
    session_free(alone);
}

static void play_tree(Chance *chance) {
    Tree tree = {.config = {.conns = 1 + draw(chance, 4), .packets = 1 + draw(chance, 10), .store = 64}};
    tree.config.seed = playing.seed;
    tree.session = session_new(&tree.config, NULL);
    tree.present = new_line(&tree)->number;
    note(&tree);
    for (playing.step = 0; playing.step < STEPS; playing.step++) {
        if (one_in(chance, 8)) {
            session_seek(tree.session, draw(chance, session_steps(tree.session) + 1));
            same_place(&tree);
        }
        if (tree.count == MOST_BRANCHES) session_seek(tree.session, session_steps(tree.session));
        if (one_in(chance, 12)) go_to_branch(chance, &tree);
        if (one_in(chance, 12)) look_elsewhere(chance, &tree);
        act(chance, &tree);
    }
    for (uint32_t number = 1; number <= tree.count; number++) {
        if (session_go_to_branch(tree.session, number) != STATUS_OK) broken("cannot go to branch %u", number);
        tree.present = number;
        plain(&tree);
    }
    same_list(&tree);
    session_free(tree.session);
    while (tree.count > 0) free(tree.lines[--tree.count]);
}

static void every_future_stays_what_it_was(void **state) {
    (void)state;
    play_cases(fewer_if_sanitized(500), play_tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_future_stays_what_it_was)};
    return cmocka_run_group_tests_name("branches", tests, NULL, NULL);
}
