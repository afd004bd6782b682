/* reports.h - `twomsl explore`: each search of a script is reported as it ends, by scripts/explore.lua. */
#ifndef TWOMSL_LUA_REPORTS_H
#define TWOMSL_LUA_REPORTS_H

#include "findings.h"

/* From now on the function on top of the stack, which it pops, is called as f(findings, about) when a search has ended,
 * and every so many seconds (0: never) as f(counts, {kind="progress"}) while one runs. `aside`: what the script itself
 * prints goes to stderr. */
void reports_go_to(lua_State *L, bool aside, double every);
/* Reports what stands on top of the stack, the table of a search's findings; `kind` is "explore" or "find". Does
 * nothing where nobody asked. */
void report_findings(lua_State *L, const char *kind, const Findings *findings);
/* How far a search has come, where that is to be reported by now: `passed` and `*reported` in seconds since it began.
 * False: that failed, and the error is on top of the stack. */
bool report_progress(lua_State *L, const ExploreCounts *counts, double passed, double *reported);

#endif
