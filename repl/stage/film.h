/* film.h - the motion of the playhead in wall time: it follows the session, which never waits for it. */
#ifndef TWOMSL_FILM_H
#define TWOMSL_FILM_H

#include "../view/scene.h"

typedef struct Film {
    Playhead at;
    uint32_t epoch; /* the session's, when the playhead was moved last */
} Film;

/* Seconds of wall time in which the playhead goes from the step before to `step`, at speed 1: 15 times the virtual time
 * between them, but at most FILM_LONGEST, and enough to see a packet arrive. */
#define FILM_LONGEST 1.2
/* Seconds in which what a step changed comes into sight. */
#define FILM_SETTLE 0.28
double film_seconds(const Story *story, uint32_t step);
/* Moves the playhead towards the session's step by so many seconds of wall time. `speed` 1: normal, greater than 0.
 * Where it is far behind, it skips steps. */
void film_move(Film *film, const Session *session, const Story *story, double seconds, double speed);
/* The playhead is not where the session is. */
bool film_lags(const Film *film, const Session *session);
/* Puts the playhead where the session is. */
void film_jump(Film *film, const Session *session);

#endif
