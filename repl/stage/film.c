#include "film.h"

#include <math.h>

/* So many instants behind, each is still shown, the faster the more there are; further behind, they are skipped. */
enum { FILM_BEHIND = 6 };
#define FILM_BACK 0.22  /* seconds for a step back */
#define FILM_USUAL 0.75 /* seconds for a step that delivers a packet */
#define FILM_FRAME 0.016

double film_seconds(const Story *story, uint32_t step) {
    if (step >= story->row_count) return 0;
    Micros gap = story->rows[step].gap;
    bool delivers = story->rows[step].arrival != FLIGHT_NONE;
    if (gap <= 0) return delivers ? 0.45 : 0;
    double seconds = (double)gap / (double)MICROS_PER_SECOND * 15; /* 50 ms are three quarters of a second */
    return fmin(fmax(seconds, delivers ? 0.3 : 0.1), FILM_LONGEST);
}

bool film_lags(const Film *film, const Session *session) {
    return film->epoch != session_epoch(session) || film->at.step != session_step(session) || film->at.approach > 0 ||
           film->at.settle < 1;
}

/* How much shorter than usual a step is shown. */
static double hurry(const Film *film) {
    double part = (double)film->streak / FILM_UNHURRIED;
    return part > 1 ? part * part : 1;
}

static double steps_in_a_frame(const Film *film) { return hurry(film) * FILM_FRAME / FILM_USUAL; }

bool film_holds(const Film *film, const Session *session) {
    double most = steps_in_a_frame(film);
    uint32_t step = session_step(session), behind = step > film->at.step ? step - film->at.step : 0;
    return film_lags(film, session) && (most < 1 || film->epoch != session_epoch(session) || behind > most);
}

void film_rest(Film *film) { film->streak = 0; }

static void count_streak(Film *film, uint32_t target) {
    uint32_t more = target > film->target ? target - film->target : 0;
    /* Back; or further than film_holds() allows: made without waiting for the picture, which cuts. */
    bool apart = target < film->target || more > steps_in_a_frame(film) + FILM_BEHIND;
    film->streak = apart ? 0 : film->streak + more;
    film->target = target;
}

void film_jump(Film *film, const Session *session) {
    film->epoch = session_epoch(session);
    film->target = session_step(session);
    film->streak = 0;
    film->at = playhead_now(session);
}

/* The instant to which the last of `step` inputs belongs. */
static uint32_t instant_of(const Story *story, uint32_t step) {
    if (step > story->row_count) step = (uint32_t)story->row_count;
    return step ? story->rows[step - 1].instant : 0;
}

/* All that happens in one instant is shown as one: the step behind it, at most `target`. */
static uint32_t instant_end(const Story *story, uint32_t step, uint32_t target) {
    uint32_t instant = instant_of(story, step), next = target;
    if (instant + 1 < story->instant_count) next = story->instants[instant + 1].row;
    return next > step && next < target ? next : next <= step ? step : target;
}

/* Goes on until `seconds` are used up or a step is reached; returns the seconds left over. */
static double forward(Film *film, const Story *story, double seconds, double rate, uint32_t target) {
    Playhead *at = &film->at;
    if (at->settle < 1) {
        double needed = (1 - at->settle) * FILM_SETTLE / rate;
        if (at->step == 0) needed = 0;
        if (seconds < needed) {
            at->settle += seconds * rate / FILM_SETTLE;
            return 0;
        }
        at->settle = 1;
        return seconds - needed;
    }
    double length = film_seconds(story, at->step) / rate, needed = (1 - at->approach) * length;
    if (seconds < needed) {
        at->approach += seconds / length;
        return 0;
    }
    *at = (Playhead){.step = instant_end(story, at->step + 1, target)};
    return seconds - needed;
}

static double backward(Film *film, double seconds, double rate, uint32_t target) {
    Playhead *at = &film->at;
    if (at->approach > 0) {
        double needed = at->approach * FILM_BACK / rate;
        if (seconds < needed) {
            at->approach -= seconds * rate / FILM_BACK;
            return 0;
        }
        at->approach = 0;
        at->settle = 1;
        return seconds - needed;
    }
    if (at->step > target) *at = (Playhead){.step = at->step - 1, .settle = 1, .approach = 1};
    return seconds;
}

void film_move(Film *film, const Session *session, const Story *story, double seconds, double speed) {
    uint32_t target = session_step(session);
    count_streak(film, target);
    if (film->epoch != session_epoch(session)) { /* another future: the playhead goes back to where it begins */
        film->epoch = session_epoch(session);
        if (film->at.step >= target) film->at = (Playhead){.step = target ? target - 1 : 0, .settle = 1};
        film->at.approach = 0;
    }
    bool later = film->at.step < target;
    uint32_t behind = later ? instant_of(story, target) - instant_of(story, film->at.step) : film->at.step - target;
    if (behind > FILM_BEHIND) {
        uint32_t near = later ? story->instants[instant_of(story, target) - 1].row : target + 2;
        film->at = (Playhead){.step = near, .settle = 1};
        behind = 2;
    }
    double rate = speed * hurry(film) * (behind > 1 ? (double)behind : 1);
    while (film_lags(film, session) && seconds > 1e-9) {
        bool ahead = film->at.step > target || (film->at.step == target && film->at.approach > 0);
        seconds = ahead ? backward(film, seconds, rate, target) : forward(film, story, seconds, rate, target);
    }
}
