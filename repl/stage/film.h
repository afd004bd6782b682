/* film.h - the playhead's motion in wall time: it follows the session, which never waits for it. */
#ifndef TWOMSL_FILM_H
#define TWOMSL_FILM_H

#include "../view/scene.h"

typedef struct Film {
    Playhead at;
    uint32_t epoch, present;
} Film;

/* Seconds of wall time between a step and the one before it, at speed 1: packets move as fast as their virtual time,
 * quiet minutes are passed quickly; never more than FILM_LONGEST. */
#define FILM_LONGEST 1.2
#define FILM_SETTLE 0.28
double film_seconds(const Story *story, uint32_t step);
/* Moves on by so many seconds of wall time. */
void film_move(Film *film, const Session *session, const Story *story, double seconds, double speed);
/* It shows an earlier (or later) moment than the session is at. */
bool film_lags(const Film *film, const Session *session);
/* At once to the present. */
void film_jump(Film *film, const Session *session);

#endif
