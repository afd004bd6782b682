/* job.c - a line, a script or a lesson runs as a coroutine: it may wait for the window or the user, and Ctrl-C
 * unwinds it. */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "environment.h"
#include "errors.h"
#include "memory.h"
#include "values.h"

/* The registry keeps the job's thread under this address. */
static const char job_key;

static void forget(char **text) {
    free(*text);
    *text = NULL;
}

/* ---- A job that waits ---- */

bool lab_waits(const Lab *lab) { return lab->job && !lab->running; }

bool lab_waits_for_person(const Lab *lab) { return lab_waits(lab) && lab->asks; }

const char *lab_waits_prompt(const Lab *lab) { return lab->prompt ? lab->prompt : ""; }

void lab_answer(Lab *lab, const char *text) {
    forget(&lab->answer);
    lab->answer = text ? strdup(text) : NULL;
}

/* ---- Running: job_body protects job_work, which calls the chunk and shows its values ---- */

static void print_results(lua_State *L, int first) {
    int last = lua_gettop(L);
    if (last < first) return;
    luaL_checkstack(L, last - first + LUA_MINSTACK, "too many values to show");
    luaL_Buffer shown;
    luaL_buffinit(L, &shown);
    for (int i = first; i <= last; i++) {
        size_t length;
        const char *text = lab_readable(L, i, &length);
        bool lines = memchr(text, '\n', length) != NULL;
        if (length > 0 && text[length - 1] == '\n') length--;
        lua_pushlstring(L, text, length);
        lua_remove(L, -2);
        luaL_addvalue(&shown);
        if (i < last) luaL_addchar(&shown, lines ? '\n' : '\t');
    }
    luaL_addchar(&shown, '\n');
    luaL_pushresult(&shown);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    lab_print(lab_of(L), text, length);
}

static int job_worked(lua_State *L, int status, lua_KContext show) {
    (void)status;
    if (show && lua_gettop(L) > 0) {
        lua_pushvalue(L, 1);
        lua_setglobal(L, "_");
        print_results(L, 1);
    }
    return 0;
}

/* chunk, arguments... */
static int job_work(lua_State *L) {
    lua_KContext show = lua_toboolean(L, 1);
    lua_remove(L, 1);
    lua_callk(L, lua_gettop(L) - 1, LUA_MULTRET, show, job_worked);
    return job_worked(L, LUA_OK, show);
}

static int job_ended(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return 0;
    lab_describe(lab_of(L), L, status);
    lua_pushboolean(L, 1);
    return 1;
}

/* show, chunk, arguments... The protected call is inside the thread so that, after an error, hooks run again while
 * variables are closed. Returns true where the chunk failed. */
static int job_body(lua_State *L) {
    lua_pushcfunction(L, job_work);
    lua_insert(L, 1);
    lua_pushcfunction(L, lab_message_handler);
    lua_insert(L, 1);
    return job_ended(L, lua_pcallk(L, lua_gettop(L) - 2, 0, 1, 0, job_ended), 0);
}

/* Variables of a job that is given up while it waits: their __close runs as after Ctrl-C, it ends at once. */
static void close_what_is_open(Lab *lab) {
    lab->interrupted = 1;
    lab->running = true;
    lua_sethook(lab->job, lab_hook, LUA_MASKCOUNT, 1);
    lua_resetthread(lab->job);
    lab->running = false;
}

static JobResult job_finish(Lab *lab, bool failed) {
    bool interrupted = lab->interrupted && failed, exhausted = lab->exhausted;
    close_what_is_open(lab);
    memory_end(lab);
    lab->job = NULL;
    lab->interrupted = 0;
    lab->exhausted = false;
    lab->asks = false;
    forget(&lab->folder);
    forget(&lab->prompt);
    forget(&lab->answer);
    lua_pushnil(lab->main);
    lua_rawsetp(lab->main, LUA_REGISTRYINDEX, &job_key);
    if (lab->used > memory_limit(lab) / 2) lua_gc(lab->main, LUA_GCCOLLECT);
    memory_limit_session(lab);
    if (interrupted) {
        lab_say_error(lab, "interrupted");
        return JOB_INTERRUPTED;
    }
    if (exhausted) {
        lab_say_error(lab, "stopped after %llu instructions, the most a script may take here; does a loop never end?",
                      (unsigned long long)lab->config.budget);
        return JOB_FAILED;
    }
    return failed ? JOB_FAILED : JOB_DONE;
}

static JobResult job_resume(Lab *lab, int arguments) {
    int results = 0;
    lab->asks = false;
    memory_begin(lab);
    lab->running = true;
    int status = lua_resume(lab->job, lab->main, arguments, &results);
    lab->running = false;
    if (status == LUA_YIELD) {
        lua_pop(lab->job, results);
        memory_end(lab);
        return JOB_WAITS;
    }
    if (status != LUA_OK) lab_describe(lab, lab->job, status);
    return job_finish(lab, status != LUA_OK || (results > 0 && lua_toboolean(lab->job, -1)));
}

JobResult lab_continue(Lab *lab) {
    if (!lab_waits(lab)) return JOB_DONE;
    if (lab->interrupted) return job_finish(lab, true);
    return job_resume(lab, 0);
}

/* ---- Starting: prepare() runs protected, since memory may end while a chunk is read ---- */

typedef struct Start {
    const char *name; /* "=stdin", "@scripts/x.lua" */
    const char *text; /* NULL: what stands in the file */
    size_t length;
    bool line; /* an expression's values are shown */
    bool own;  /* in the environment of the lab's own Lua */
    int argc;
    char *const *argv;
    lua_State *job; /* made by prepare() */
    int status;     /* of reading the chunk */
} Start;

static bool is_file(const Start *start) { return start->name[0] == '@'; }

/* Pushes the chunk, or the message. */
static int load_line(lua_State *L, const Start *start) {
    size_t size;
    lua_pushliteral(L, "return ");
    lua_pushlstring(L, start->text, start->length);
    lua_concat(L, 2);
    const char *expression = lua_tolstring(L, -1, &size);
    if (luaL_loadbufferx(L, expression, size, start->name, "t") == LUA_OK) return LUA_OK;
    return luaL_loadbufferx(L, start->text, start->length, start->name, "t");
}

/* Where Lua starts to read a file: after a byte order mark, and at the end of a first line that starts with #. */
static size_t head_of(const char *text, size_t length) {
    static const char mark[] = "\xEF\xBB\xBF";
    size_t at = length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
    if (at == length || text[at] != '#') return at;
    const char *newline = memchr(text + at, '\n', length - at);
    return newline ? (size_t)(newline - text) : length;
}

static int load_chunk(lua_State *L, const Start *start) {
    if (start->line) return load_line(L, start);
    if (!start->text) return luaL_loadfilex(L, start->name + 1, "t");
    size_t head = is_file(start) ? head_of(start->text, start->length) : 0;
    return luaL_loadbufferx(L, start->text + head, start->length - head, start->name, "t");
}

static void set_arguments(lua_State *L, const Start *start) {
    lua_createtable(L, start->argc, 1);
    lua_pushstring(L, start->name + (start->name[0] == '@' || start->name[0] == '='));
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < start->argc; i++) {
        lua_pushstring(L, start->argv[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
}

/* Makes the job's thread, with job_body() and what it is called with on its stack; or returns the message. */
static int prepare(lua_State *L) {
    Start *start = lua_touserdata(L, 1);
    start->status = load_chunk(L, start);
    if (start->status != LUA_OK) return 1;
    if (start->line) lab_note_locals(L, start->text);
    else set_arguments(L, start);
    if (start->own) {
        environment_push_own(L);
        environment_set(L);
    }
    lua_State *job = lua_newthread(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &job_key);
    luaL_checkstack(job, start->argc + LUA_MINSTACK, "too many arguments");
    lua_pushcfunction(job, job_body);
    lua_pushboolean(job, start->line);
    lua_xmove(L, job, 1);
    for (int i = 0; i < start->argc; i++) lua_pushstring(job, start->argv[i]);
    start->job = job;
    return 0;
}

static bool is_incomplete(lua_State *L, int status) {
    static const char mark[] = "<eof>";
    size_t length;
    const char *message = status == LUA_ERRSYNTAX ? lua_tolstring(L, -1, &length) : NULL;
    return message && length >= sizeof mark - 1 && strcmp(message + length - (sizeof mark - 1), mark) == 0;
}

/* "scripts" of "@scripts/x.lua", "." of "@x.lua". Where a script has no file, its folder is the one it is run in. */
static char *folder_of(const Start *start) {
    const char *path = start->name + 1, *slash = is_file(start) ? strrchr(path, '/') : NULL;
    if (!slash) return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* No folder: any file may be opened. False: there is no memory, and such a script does not run. */
static bool set_folder(Lab *lab, const Start *start) {
    bool somebody_types = start->line && isatty(STDIN_FILENO);
    if (!somebody_types) lab->folder = folder_of(start);
    return somebody_types || lab->folder;
}

static JobResult job_start(Lab *lab, Start *start) {
    lua_State *L = lab->main;
    if (lab->job) { /* a defect of the program, not a mistake of the user */
        lab_say_error(lab, "another line still runs");
        return JOB_FAILED;
    }
    lua_pushcfunction(L, prepare);
    lua_pushlightuserdata(L, start);
    int status = lua_pcall(L, 1, 1, 0);
    if (status == LUA_OK) status = start->status;
    if (status == LUA_OK && !set_folder(lab, start)) {
        memory_note_shortage(lab);
        status = LUA_ERRMEM;
    }
    if (status != LUA_OK) {
        bool incomplete = start->line && is_incomplete(L, status);
        lab_describe(lab, L, status); /* also for a caller that has no more lines */
        lua_pop(L, 1);
        return incomplete ? JOB_INCOMPLETE : JOB_FAILED;
    }
    lua_pop(L, 1);
    lab->interrupted = 0;
    lab->spent = lab->look_at = 0;
    lab->job = start->job;
    return job_resume(lab, 2 + start->argc);
}

JobResult lab_line(Lab *lab, const char *text, size_t length, const char *name) {
    return job_start(lab, &(Start){.name = name, .text = text, .length = length, .line = true});
}

JobResult lab_chunk(Lab *lab, const char *text, size_t length, const char *name, int argc, char *const argv[]) {
    return job_start(lab, &(Start){.name = name, .text = text, .length = length, .argc = argc, .argv = argv});
}

static JobResult start_file(Lab *lab, const char *path, Start start) {
    char *name = NULL;
    if (asprintf(&name, "@%s", path) < 0) {
        lab_say_error(lab, "out of memory");
        return JOB_FAILED;
    }
    start.name = name;
    JobResult result = job_start(lab, &start);
    free(name);
    return result;
}

JobResult lab_file(Lab *lab, const char *text, size_t length, const char *path, int argc, char *const argv[]) {
    return start_file(lab, path, (Start){.text = text, .length = length, .argc = argc, .argv = argv});
}

JobResult lab_own_file(Lab *lab, const char *path, int argc, char *const argv[]) {
    return start_file(lab, path, (Start){.own = true, .argc = argc, .argv = argv});
}
