/* crowds.c - very many packets, connections and steps: a frame costs what is visible, and says how much is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>

#include "../../repl/view/ladder.h"
#include "../ui/stage_lab.h"
#include "record/shapes.h"

enum { WIDTH = 1280, HEIGHT = 800, FEW_PACKETS = 100, MANY_PACKETS = 50000 };

/* ---- What is read: the linker leads these calls here ---- */

static size_t reads;

Event __real_trace_at(const Trace *trace, uint32_t index);
Event __wrap_trace_at(const Trace *trace, uint32_t index);
Event __wrap_trace_at(const Trace *trace, uint32_t index) {
    reads++;
    return __real_trace_at(trace, index);
}

bool __real_flights_view(const Flights *flights, uint32_t index, uint32_t events, FlightView *view);
bool __wrap_flights_view(const Flights *flights, uint32_t index, uint32_t events, FlightView *view);
bool __wrap_flights_view(const Flights *flights, uint32_t index, uint32_t events, FlightView *view) {
    reads++;
    return __real_flights_view(flights, index, events, view);
}

bool __real_world_conn(const World *world, ConnId id, ConnView *view);
bool __wrap_world_conn(const World *world, ConnId id, ConnView *view);
bool __wrap_world_conn(const World *world, ConnId id, ConnView *view) {
    reads++;
    return __real_world_conn(world, id, view);
}

/* ---- Frames ---- */

typedef struct Stand {
    Session *session;
    Scene *scene;
    Paint *paint;
    StageLook look;
    Hits *hits;
} Stand;

static Stand stand_new(void) {
    return (Stand){.session = lab_new_session(),
                   .scene = scene_new(),
                   .paint = record_new(NULL),
                   .look = STAGE_LOOK,
                   .hits = calloc(1, sizeof(Hits))};
}

static void stand_free(Stand *s) {
    free(s->hits);
    paint_free(s->paint);
    scene_free(s->scene);
    session_free(s->session);
}

typedef struct Cost {
    size_t reads, drawn, hits, shown;
} Cost;

static Crowd crowd_of(const Stand *s) {
    Layout layout = layout_of(WIDTH, HEIGHT, &s->look);
    double scroll = isnan(s->look.scroll) ? ladder_follow(s->scene, layout.ladder.h) : s->look.scroll;
    Crowd crowd;
    crowd_choose(&crowd, s->scene, scroll, ladder_field(layout.ladder).h, s->look.selected);
    return crowd;
}

/* A frame, the story being up to date. */
static Cost frame(Stand *s) {
    Cost cost;
    Playhead at = playhead_now(s->session);
    story_update(&s->scene->story, s->session);
    reads = 0;
    scene_update(s->scene, s->session, at);
    draw_stage(s->paint, WIDTH, HEIGHT, &s->look, s->session, s->scene, s->hits);
    cost.reads = reads;
    cost.hits = s->hits->count;
    record_drawn(s->paint, &cost.drawn);
    cost.shown = crowd_of(s).count;
    return cost;
}

static void costs_the_same(Cost few, Cost many) {
    if (many.reads > 2 * few.reads + 1024 || many.drawn > 2 * few.drawn + 1024)
        fail_msg("%zu reads, %zu figures; many: %zu reads, %zu figures", few.reads, few.drawn, many.reads, many.drawn);
    assert_true(many.hits < HITS);
    assert_true(many.shown < 256);
}

static void test_frame_costs_what_is_visible(void **state) {
    (void)state;
    Stand few = stand_new(), many = stand_new();
    lab_load(few.session, FEW_PACKETS);
    lab_load(many.session, MANY_PACKETS);
    costs_the_same(frame(&few), frame(&many));
    few.look.scroll = 500; /* scrolled to where they were sent, seen by none that is due next */
    many.look.scroll = 700000;
    costs_the_same(frame(&few), frame(&many));
    few.look.scroll = many.look.scroll = NAN;
    for (int i = 0; i < 50; i++) { /* half of them arrive */
        step(few.session);
        steps(many.session, MANY_PACKETS / FEW_PACKETS);
    }
    costs_the_same(frame(&few), frame(&many));
    assert_int_equal(session_seek(few.session, 50), STATUS_OK);
    assert_int_equal(session_seek(many.session, MANY_PACKETS / 2), STATUS_OK);
    costs_the_same(frame(&few), frame(&many));
    stand_free(&few);
    stand_free(&many);
}

/* A step more: the story reads what is new, not what was. */
static size_t step_cost(int count) {
    Stand s = stand_new();
    lab_load(s.session, count);
    frame(&s);
    reads = 0;
    for (int i = 0; i < 20; i++) {
        step(s.session);
        scene_update(s.scene, s.session, playhead_now(s.session));
    }
    size_t cost = reads;
    stand_free(&s);
    return cost;
}

static void test_step_costs_what_is_new(void **state) {
    (void)state;
    size_t few = step_cost(FEW_PACKETS), many = step_cost(MANY_PACKETS);
    if (many > 2 * few + 20 * 512) fail_msg("%zu reads; many: %zu", few, many);
}

/* ---- What is said is so ---- */

static bool under_way(const Scene *scene, const Flight *flight) {
    return flight_seen(scene, flight) && !flight_ended(scene, flight);
}

static void check_counts(Stand *s) {
    frame(s);
    Crowd crowd = crowd_of(s);
    uint32_t shown = 0, bundled = 0;
    for (size_t i = 0; i < crowd.count; i++) shown += under_way(s->scene, &s->scene->story.flights[crowd.shown[i]]);
    for (size_t i = 0; i < crowd.bundle_count; i++) {
        char text[32];
        const Way *way = &s->scene->story.ways[crowd.bundles[i].way];
        bundled += crowd.bundles[i].count;
        snprintf(text, sizeof text, way->to < way->from ? "← × %u" : "× %u →", (unsigned)crowd.bundles[i].count);
        if (!says(s->paint, text)) fail_msg("nobody says %s", text);
    }
    assert_true(bundled > 0);
    assert_int_equal(shown + bundled, world_packets(session_world(s->session)));
}

static void test_counts_are_the_engines(void **state) {
    (void)state;
    Stand s = stand_new();
    lab_load(s.session, 3000);
    check_counts(&s);
    for (int i = 0; i < 9; i++) {
        steps(s.session, 700);
        check_counts(&s);
    }
    assert_int_equal(session_seek(s.session, 2000), STATUS_OK); /* all are on their way, the rest of them is undone */
    frame(&s);
    Crowd crowd = crowd_of(&s);
    assert_int_equal(crowd.bundle_count, 1);
    uint32_t shown = 0;
    for (size_t i = 0; i < crowd.count; i++) shown += under_way(s.scene, &s.scene->story.flights[crowd.shown[i]]);
    assert_int_equal(shown + crowd.bundles[0].count, world_packets(session_world(s.session)));
    stand_free(&s);
}

/* Few enough to be told apart: none is bundled. */
static void test_few_are_shown_one_by_one(void **state) {
    (void)state;
    Stand s = stand_new();
    lab_load(s.session, 60);
    frame(&s);
    Crowd crowd = crowd_of(&s);
    assert_int_equal(crowd.bundle_count, 0);
    assert_int_equal(crowd.count, 60);
    stand_free(&s);
}

static void test_texts_do_not_overlap(void **state) {
    (void)state;
    Stand s = stand_new();
    lab_load(s.session, 1000);
    for (int i = 0; i < 12; i++) {
        frame(&s);
        assert_int_equal(text_faults(s.paint, "crowd", WIDTH, HEIGHT), 0);
        steps(s.session, 180);
    }
    stand_free(&s);
}

/* After days, too, the time beside a row is there to the last digit. */
static void test_late_times_are_whole(void **state) {
    (void)state;
    Stand s = stand_new();
    act(s.session, (Input){.kind = INPUT_WAIT, .at = 123456 * MICROS_PER_SECOND});
    lab_open(s.session);
    frame(&s);
    assert_true(says(s.paint, "123456.050"));
    assert_int_equal(text_faults(s.paint, "late", WIDTH, HEIGHT), 0);
    stand_free(&s);
}

/* ---- Hands ---- */

/* A press on a bundle selects one of its packets; the packet is drawn then, and its number is the engine's. */
static void test_bundle_can_be_pressed(void **state) {
    (void)state;
    Stand s = stand_new();
    lab_load(s.session, 3000);
    frame(&s);
    Crowd crowd = crowd_of(&s);
    assert_int_equal(crowd.bundle_count, 1);
    PacketId packet = crowd.bundles[0].packet, ids[3000];
    PacketView view;
    assert_true(world_packet(session_world(s.session), packet, &view));
    uint32_t place = scene_wire_index(s.scene, packet);
    assert_true(place > 64);
    assert_int_equal(world_packet_list(session_world(s.session), ids, 3000), 3000);
    assert_int_equal(ids[place - 1].id, packet.id);
    uint32_t before = crowd.bundles[0].count;
    s.look.selected = packet;
    frame(&s);
    crowd = crowd_of(&s);
    assert_int_equal(crowd.bundles[0].count, before - 1);
    stand_free(&s);
}

static void test_long_time_line_can_be_hit(void **state) {
    (void)state;
    Stand s = stand_new();
    lab_load(s.session, 20000);
    frame(&s);
    uint32_t last = 0, seeks = 0;
    for (size_t i = 0; i < s.hits->count; i++) {
        const Hit *hit = &s.hits->hit[i];
        if (hit->action != ACT_SEEK || hit->value == 0) continue;
        assert_true(hit->value > last);
        last = hit->value;
        seeks++;
    }
    assert_true(seeks >= 500 && seeks < HITS);
    assert_int_equal(last, session_steps(s.session));
    stand_free(&s);
}

/* ---- Grown is as made at once ---- */

static void same_pictures(const Stand *grown, const Stand *made, const char *name, uint32_t step) {
    size_t one, two;
    const Drawn *a = record_drawn(grown->paint, &one), *b = record_drawn(made->paint, &two);
    bool same = one == two && memcmp(a, b, one * sizeof *a) == 0;
    if (!same) fail_msg("%s, step %u: the picture of a story that grew is another", name, (unsigned)step);
}

/* Does the inputs of a session one by one, with a frame after each, beside frames of new scenes. */
static void grow_beside(const Session *model, const char *name) {
    Stand grown = stand_new();
    for (uint32_t i = 0; i < session_step(model); i++) {
        Input input;
        assert_true(session_input(model, i, &input));
        act(grown.session, input);
        frame(&grown);
        Stand made = {.session = grown.session,
                      .scene = scene_new(),
                      .paint = record_new(NULL),
                      .look = STAGE_LOOK,
                      .hits = grown.hits};
        memcpy(made.scene->shelf, grown.scene->shelf, sizeof made.scene->shelf); /* the numbers of the step before */
        made.scene->shelf_next = grown.scene->shelf_next;
        made.scene->shelf_epoch = grown.scene->shelf_epoch;
        frame(&made);
        same_pictures(&grown, &made, name, i);
        memset(made.scene->shelf, 0, sizeof made.scene->shelf);
        scene_free(made.scene);
        paint_free(made.paint);
    }
    stand_free(&grown);
}

static void reach_changes(Session *session) {
    lab_open(session);
    do_conn(session, INPUT_SEND, conn(session, 0), "one");
    do_conn(session, INPUT_SEND, conn(session, 1), "two");
    do_packet(session, INPUT_HOLD, 0);
    do_packet(session, INPUT_DUP, 0);
    do_packet(session, INPUT_RELEASE, world_packets(session_world(session)) - 1);
    act(session, (Input){.kind = INPUT_DELAY, .packet = packet(session, 0), .value = 300000});
    do_packet(session, INPUT_DROP, 1);
    act(session, (Input){.kind = INPUT_HOST, .bytes = (const uint8_t *)"C", .length = 1});
    act(session, (Input){.kind = INPUT_CONNECT, .host = 2, .remote = {{0x7f000002}, 80}});
    run(session);
}

static void test_grown_is_as_made_at_once(void **state) {
    (void)state;
    Session *session = lab_new_session();
    reach_changes(session);
    grow_beside(session, "changes");
    session_free(session);
    for (size_t m = 0; m < MOMENTS; m++) {
        session = lab_new_session();
        moments[m].reach(session);
        grow_beside(session, moments[m].name);
        session_free(session);
    }
}

/* Those planned are those that the engine delivers next. */
static void test_plan_is_the_engines(void **state) {
    (void)state;
    Stand s = stand_new();
    act(s.session, (Input){.kind = INPUT_PATH, .path = PATH_REORDER, .value = 300000});
    lab_load(s.session, 500);
    for (int i = 0; i < 20; i++) {
        PacketId ids[STORY_PLANNED];
        scene_update(s.scene, s.session, playhead_now(s.session));
        size_t count = world_packet_list(session_world(s.session), ids, STORY_PLANNED);
        assert_true(count >= STORY_PLANNED && s.scene->story.planned_count == STORY_PLANNED);
        for (size_t k = 0; k < STORY_PLANNED; k++)
            assert_int_equal(s.scene->story.flights[s.scene->story.planned[k]].packet.id, ids[k].id);
        steps(s.session, 20);
    }
    stand_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_costs_what_is_visible), cmocka_unit_test(test_step_costs_what_is_new),
        cmocka_unit_test(test_counts_are_the_engines),      cmocka_unit_test(test_few_are_shown_one_by_one),
        cmocka_unit_test(test_texts_do_not_overlap),        cmocka_unit_test(test_late_times_are_whole),
        cmocka_unit_test(test_bundle_can_be_pressed),       cmocka_unit_test(test_long_time_line_can_be_hit),
        cmocka_unit_test(test_grown_is_as_made_at_once),    cmocka_unit_test(test_plan_is_the_engines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
