/* job.h - what drill.c needs of job.c. */
#ifndef TWOMSL_LUA_JOB_H
#define TWOMSL_LUA_JOB_H

#include "running.h"

/* Runs a file of the lab's own, in the environment of the prelude. */
JobResult lab_own_file(Lab *lab, const char *path, int argc, char *const argv[]);

#endif
