/* together.c - doing parts of a search at the same time, each in a thread. */
#include "together.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

enum { PLACES = 8 };

uint32_t work_places(void) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > PLACES ? PLACES : (uint32_t)processors;
}

typedef struct Part {
    pthread_t thread;
    bool started;
    void (*work)(void *argument, uint32_t i);
    void *argument;
    uint32_t number;
} Part;

static void *work_part(void *self) {
    Part *part = self;
    part->work(part->argument, part->number);
    return NULL;
}

/* Signals are for the thread that has the terminal. */
void work_together(void *self, void (*work)(void *argument, uint32_t i), void *argument, uint32_t count) {
    Part parts[PLACES];
    sigset_t all, before;
    (void)self;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (uint32_t i = 1; i < count && i < PLACES; i++) {
        parts[i] = (Part){.work = work, .argument = argument, .number = i};
        parts[i].started = pthread_create(&parts[i].thread, NULL, work_part, &parts[i]) == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(argument, 0);
    for (uint32_t i = 1; i < count; i++) {
        if (i < PLACES && parts[i].started) pthread_join(parts[i].thread, NULL);
        else work(argument, i);
    }
}
