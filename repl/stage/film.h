/* film.h - the motion of the playhead in wall time: it follows the session, which never waits for it. */
#ifndef TWOMSL_FILM_H
#define TWOMSL_FILM_H

#include "../view/scene.h"

typedef struct Film {
    Playhead at;
    uint32_t epoch, target; /* the session's epoch and step, when the playhead was moved last */
    uint32_t streak;        /* steps that came without a rest between them */
} Film;

/* So many steps on end are shown at full length; of a longer run each is shorter than the one before, so that any run
 * ends within a minute. */
enum { FILM_UNHURRIED = 30 };

/* Seconds of wall time in which the playhead goes from the step before to `step`, at speed 1: 15 times the virtual time
 * between them, but at most FILM_LONGEST, and enough to see a packet arrive. */
#define FILM_LONGEST 1.2
/* Seconds in which what a step changed comes into sight. */
#define FILM_SETTLE 0.28
double film_seconds(const Story *story, uint32_t step);
/* Moves the playhead towards the session's step by so many seconds of wall time. `speed` 1: normal, greater than 0.
 * All steps of one instant that have been made are shown as one. Where it is far behind, it skips instants. */
void film_move(Film *film, const Session *session, const Story *story, double seconds, double speed);
/* The playhead is not where the session is. */
bool film_lags(const Film *film, const Session *session);
/* The session has to wait for the picture: it lags, by more steps than a hurried run shows in a frame. */
bool film_holds(const Film *film, const Session *session);
/* What comes next is no part of the run before. */
void film_rest(Film *film);
/* Puts the playhead where the session is. */
void film_jump(Film *film, const Session *session);

#endif
