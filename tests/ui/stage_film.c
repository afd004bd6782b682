/* stage_film.c - the playhead follows the session, and what is to be seen at each moment of its way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>

#include "../../repl/stage/film.h"
#include "../../repl/view/legs.h"
#include "stage_lab.h"

typedef struct Cinema {
    Session *session;
    Scene *scene;
    Film film;
} Cinema;

static Cinema open_cinema(void (*reach)(Session *session)) {
    Cinema c = {.session = lab_new_session(), .scene = scene_new()};
    if (reach) reach(c.session);
    film_jump(&c.film, c.session);
    scene_update(c.scene, c.session, c.film.at);
    return c;
}

static void close_cinema(Cinema *c) {
    scene_free(c->scene);
    session_free(c->session);
}

static void watch(Cinema *c, double seconds, double speed) {
    story_update(&c->scene->story, c->session);
    film_move(&c->film, c->session, &c->scene->story, seconds, speed);
    scene_update(c->scene, c->session, c->film.at);
}

/* Wall time until the picture has caught up, in frames of 16 ms. */
static double catch_up(Cinema *c, double speed) {
    double seconds = 0;
    while (film_lags(&c->film, c->session) && seconds < 60) {
        watch(c, 0.016, speed);
        seconds += 0.016;
    }
    return seconds;
}

static void test_follows_each_step(void **state) {
    (void)state;
    Cinema c = open_cinema(lab_syn);
    assert_false(film_lags(&c.film, c.session));
    step(c.session);
    assert_true(film_lags(&c.film, c.session));
    double seconds = catch_up(&c, 1);
    assert_true(seconds > 0.5 && seconds < 1.5); /* 50 ms of virtual time: long enough to see, short enough to go on */
    assert_int_equal(c.film.at.step, session_step(c.session));
    step(c.session);
    assert_true(catch_up(&c, 4) < seconds / 2);
    close_cinema(&c);
}

/* Steps one after the other, each as soon as the picture allows it: what run() does. Returns the seconds it took. */
static double play_steps(Cinema *c, int count) {
    double seconds = 0;
    for (int done = 0; done < count; seconds += 0.016) {
        watch(c, 0.016, 1);
        for (; done < count && !film_holds(&c->film, c->session); done++) assert_true(step(c->session));
    }
    return seconds + catch_up(c, 1);
}

static void test_long_run_hurries(void **state) {
    (void)state;
    Cinema c = open_cinema(NULL);
    lab_load(c.session, 20000);
    watch(&c, 0.016, 1);
    catch_up(&c, 1); /* all were made at once: cut */
    film_rest(&c.film);
    double some = play_steps(&c, FILM_UNHURRIED);
    assert_true(some > FILM_UNHURRIED * 0.4); /* at full length */
    double rest = play_steps(&c, 40000);
    if (some + rest > 60) fail_msg("40000 steps take %.1f s and %.1f s", some, rest);
    assert_int_equal(c.film.at.step, session_step(c.session));
    film_rest(&c.film);
    assert_true(play_steps(&c, 5) > 5 * 0.4); /* the next run is shown as ever */
    close_cinema(&c);
}

/* A script that does not wait is cut, and its last steps are shown at their usual pace. */
static void test_cut_is_no_run(void **state) {
    (void)state;
    Cinema c = open_cinema(NULL);
    lab_load(c.session, 2000);
    steps(c.session, 1000);
    double cut = catch_up(&c, 1);
    assert_true(cut > 0.4 && cut < 3);
    close_cinema(&c);
}

static void test_no_step_takes_longer_than_patience(void **state) {
    (void)state;
    for (size_t m = 0; m < MOMENTS; m++) {
        Cinema c = open_cinema(NULL);
        moments[m].reach(c.session);
        story_update(&c.scene->story, c.session);
        for (uint32_t i = 0; i < c.scene->story.row_count; i++)
            assert_true(film_seconds(&c.scene->story, i) + FILM_SETTLE <= 1.5);
        assert_true(catch_up(&c, 1) < 4); /* it was far behind: cut */
        close_cinema(&c);
    }
}

/* What arrives in one instant arrives together, however much it is: the playhead never rests between. */
static void test_instant_is_shown_as_one(void **state) {
    (void)state;
    Cinema c = open_cinema(NULL);
    lab_load(c.session, 40);
    watch(&c, 0.016, 1);
    catch_up(&c, 1);
    uint32_t before = session_step(c.session);
    steps(c.session, 40);
    double ways = 0, seconds = 0;
    while (film_lags(&c.film, c.session) && seconds < 10) {
        watch(&c, 0.016, 1);
        seconds += 0.016;
        assert_true(c.film.at.step == before || c.film.at.step == session_step(c.session));
        if (c.film.at.step == before) ways = fmax(ways, c.film.at.approach);
    }
    assert_true(ways > 0.9);
    assert_true(seconds > 0.5 && seconds < 1.5);
    close_cinema(&c);
}

static void test_packet_moves_with_virtual_time(void **state) {
    (void)state;
    Cinema c = open_cinema(lab_syn);
    step(c.session);
    double last = -1, seconds = film_seconds((story_update(&c.scene->story, c.session), &c.scene->story), 2);
    for (int i = 0; i < 10; i++) {
        watch(&c, seconds / 10, 1);
        const Flight *flight = &c.scene->story.flights[0];
        double way = flight_way(c.scene, flight);
        assert_true(way > last);
        assert_true(fabs(way - (double)c.scene->time / 50000) < 1e-3 || flight_ended(c.scene, flight));
        last = way;
    }
    close_cinema(&c);
}

/* Delivered by hand, out of its turn, a packet still comes all the way. */
static void test_delivered_out_of_turn(void **state) {
    (void)state;
    Cinema c = open_cinema(lab_syn);
    do_packet(c.session, INPUT_DELIVER, 0);
    double least = 2, most = -1;
    for (int i = 0; i < 60 && c.film.at.step < session_step(c.session); i++) {
        watch(&c, 0.016, 1);
        if (c.film.at.step == session_step(c.session)) break;
        double way = flight_way(c.scene, &c.scene->story.flights[0]);
        least = fmin(least, way);
        most = fmax(most, way);
    }
    assert_true(least < 0.1);
    assert_true(most > 0.9);
    close_cinema(&c);
}

static void test_back_and_another_future(void **state) {
    (void)state;
    Cinema c = open_cinema(lab_open);
    assert_int_equal(session_seek(c.session, session_step(c.session) - 1), STATUS_OK);
    double seconds = catch_up(&c, 1);
    assert_true(seconds > 0.05 && seconds < 0.6);
    assert_int_equal(c.scene->ahead, 1);
    assert_int_equal(c.scene->host[1].state, STATE_SYN_RCVD);
    do_packet(c.session, INPUT_DROP, 0);
    catch_up(&c, 1);
    assert_int_equal(c.scene->ahead, 0);
    assert_int_equal(c.scene->host[1].state, STATE_SYN_RCVD);
    assert_int_equal(story_fate(&c.scene->story, &c.scene->story.flights[c.scene->story.flight_count - 1]).state,
                     FLIGHT_LOST);
    session_reset(c.session);
    catch_up(&c, 1);
    assert_false(c.scene->host[0].has_conn);
    assert_int_equal(c.scene->story.flight_count, 0);
    close_cinema(&c);
}

/* The states are those of the playhead, not of the session, which is ahead. */
static void test_states_follow_the_playhead(void **state) {
    (void)state;
    Cinema c = open_cinema(lab_syn);
    steps(c.session, 3);
    static const State a[] = {STATE_SYN_SENT, STATE_SYN_SENT, STATE_ESTABLISHED, STATE_ESTABLISHED};
    static const State b[] = {STATE_LISTEN, STATE_SYN_RCVD, STATE_SYN_RCVD, STATE_ESTABLISHED};
    for (uint32_t i = 0; i < 4; i++) {
        scene_update(c.scene, c.session, (Playhead){2 + i, 1, 0});
        assert_int_equal(c.scene->host[0].state, a[i]);
        assert_int_equal(c.scene->host[1].state, b[i]);
    }
    close_cinema(&c);
}

static void test_numbers_are_those_of_their_step(void **state) {
    (void)state;
    Cinema c = open_cinema(lab_syn);
    Seq iss = c.scene->host[0].numbers.iss;
    assert_true(c.scene->host[0].known);
    for (int i = 0; i < 2; i++) { /* the session goes ahead; each step is seen as it passes */
        step(c.session);
        scene_remember(c.scene, c.session);
    }
    scene_update(c.scene, c.session, (Playhead){2, 1, 0});
    assert_int_equal(seq_distance(iss, c.scene->host[0].numbers.snd.una), 0);
    scene_update(c.scene, c.session, (Playhead){4, 1, 0});
    assert_int_equal(seq_distance(iss, c.scene->host[0].numbers.snd.una), 1);
    assert_true(c.scene->host[0].earlier_known);
    close_cinema(&c);
}

static void test_next_is_what_the_playhead_comes_to(void **state) {
    (void)state;
    Cinema c = open_cinema(lab_time_wait);
    assert_true(c.scene->next);
    assert_int_equal(c.scene->next_input.kind, INPUT_TIMER);
    assert_true(c.scene->next_in > 59 * MICROS_PER_SECOND);
    scene_update(c.scene, c.session, (Playhead){2, 1, 0.5});
    assert_int_equal(c.scene->next_input.kind, INPUT_DELIVER);
    assert_int_equal(c.scene->next_input.packet.id, 1);
    assert_int_equal(c.scene->next_in, 25000);
    close_cinema(&c);
    c = open_cinema(lab_closed);
    assert_false(c.scene->next);
    close_cinema(&c);
}

static void test_rows_do_not_run_backwards(void **state) {
    (void)state;
    for (size_t m = 0; m < MOMENTS; m++) {
        Cinema c = open_cinema(moments[m].reach);
        const Story *story = &c.scene->story;
        for (size_t i = 0; i < story->row_count; i++) {
            const Instant *instant = &story->instants[story->rows[i].instant];
            assert_true(instant->time == story->rows[i].time);
            assert_true(fabs(story_y(story, story->rows[i].time) - instant->y) < 1e-9);
            if (i) assert_true(story->rows[i].time >= story->rows[i - 1].time);
            if (i) assert_int_equal(story->rows[i].first, story->rows[i - 1].end);
        }
        for (size_t i = 1; i < story->instant_count; i++) { /* one instant, one height */
            assert_true(story->instants[i].time > story->instants[i - 1].time);
            assert_true(story->instants[i].y > story->instants[i - 1].y);
        }
        for (size_t i = 0; i < story->flight_count; i++) assert_true(story->flights[i].y1 >= story->flights[i].y0);
        close_cinema(&c);
    }
}

static void test_duplicate_held_and_corrupt(void **state) {
    (void)state;
    Cinema c = open_cinema(lab_rough);
    int copies = 0, held = 0, corrupt = 0, dropped = 0;
    for (size_t i = 0; i < c.scene->story.flight_count; i++) {
        const Flight *flight = &c.scene->story.flights[i];
        const FlightView fate = story_fate(&c.scene->story, flight);
        copies += fate.copy_of != 0;
        held += flight_held(c.scene, flight);
        corrupt += fate.corrupted;
        dropped += fate.state == FLIGHT_LOST;
    }
    assert_int_equal(copies, 1);
    assert_int_equal(held, 1);
    assert_int_equal(corrupt, 1);
    assert_int_equal(dropped, 1);
    close_cinema(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_follows_each_step),
        cmocka_unit_test(test_long_run_hurries),
        cmocka_unit_test(test_cut_is_no_run),
        cmocka_unit_test(test_no_step_takes_longer_than_patience),
        cmocka_unit_test(test_instant_is_shown_as_one),
        cmocka_unit_test(test_packet_moves_with_virtual_time),
        cmocka_unit_test(test_delivered_out_of_turn),
        cmocka_unit_test(test_back_and_another_future),
        cmocka_unit_test(test_states_follow_the_playhead),
        cmocka_unit_test(test_numbers_are_those_of_their_step),
        cmocka_unit_test(test_next_is_what_the_playhead_comes_to),
        cmocka_unit_test(test_rows_do_not_run_backwards),
        cmocka_unit_test(test_duplicate_held_and_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
