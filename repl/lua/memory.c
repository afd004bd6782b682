/* memory.c - see memory.h. */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SCRIPT_MEMORY = 64 << 20, /* where the config does not say */
    SLACK = 1 << 20,          /* a job may take this much even where earlier ones left no room: to let go of it */
    RESERVE = 1 << 18,        /* what the history leaves: room to say that it is full */
    ENDLESS_DEPTH = 100000,   /* calls nested as deep as this: a function calls itself without an end */
    MB = 1 << 20
};

static size_t taken(const Lab *lab) { return lab->used + session_bytes(lab->config.session) + text_memory(); }

/* Whether the script may take that much more. */
static bool fits(Lab *lab, size_t more) {
    lab->refused = lab->limit && taken(lab) + more > lab->limit;
    return !lab->refused;
}

size_t memory_limit(const Lab *lab) { return lab->config.memory ? lab->config.memory : SCRIPT_MEMORY; }

size_t memory_left(const Lab *lab) { return taken(lab) < memory_limit(lab) ? memory_limit(lab) - taken(lab) : 0; }

void memory_begin(Lab *lab) {
    text_lost(); /* the window's texts are no part of the job's */
    size_t least = taken(lab) + SLACK;
    lab->limit = memory_limit(lab) > least ? memory_limit(lab) : least;
}

void memory_end(Lab *lab) { lab->limit = 0; }

void memory_limit_session(const Lab *lab) {
    size_t others = lab->used + text_memory() + RESERVE, limit = memory_limit(lab);
    session_limit(lab->config.session, others < limit ? limit - others : 1);
}

/* ---- Running out ---- */

/* Lua's own message about memory lacks the place: where it ran out, and whether an endless recursion took it. Allocates
 * nothing. */
void memory_note_shortage(Lab *lab) {
    lua_Debug call;
    lab->shortage.where[0] = '\0';
    lab->shortage.values = lab->used;
    lab->shortage.calls = false;
    lab->shortage.system = !lab->refused;
    lab->shortage.deep = lab->job && lua_getstack(lab->job, ENDLESS_DEPTH, &call);
    for (int level = 0; lab->job && lua_getstack(lab->job, level, &call); level++) {
        lua_getinfo(lab->job, "Sl", &call);
        if (call.currentline <= 0) continue;
        snprintf(lab->shortage.where, sizeof lab->shortage.where, "%s:%d: ", call.short_src, call.currentline);
        break;
    }
}

int memory_error(lua_State *L) {
    memory_note_shortage(lab_of(L));
    lua_pushliteral(L, "not enough memory");
    return lua_error(L);
}

static void add_part(Text *message, const char *what, size_t bytes, const Lab *lab) {
    text_add(message, "%s takes %zu MB of the %zu MB a script may take; ", what, (bytes + MB / 2) / MB,
             memory_limit(lab) / MB);
}

static void add_remedy(Text *message, const Lab *lab) {
    text_add(message, "--memory=%zuM allows more", 4 * (memory_limit(lab) / MB));
}

static void add_system(Text *message, const Lab *lab) {
    text_add(message, "the system gave no more memory (the script has %zu MB of the %zu MB it may take)",
             taken(lab) / MB, memory_limit(lab) / MB);
}

/* What the history needs at most at once is as much as it has: its lists grow to twice their length. Where twice as
 * much as everything would have been allowed, it was not the limit that refused it. */
void memory_describe_history(const Lab *lab, Text *message) {
    char what[64];
    if (taken(lab) < memory_limit(lab) / 2) {
        add_system(message, lab);
        return;
    }
    snprintf(what, sizeof what, "the history of %u steps", session_steps(lab->config.session));
    add_part(message, what, session_bytes(lab->config.session), lab);
    text_add(message, "reset() frees it, ");
    add_remedy(message, lab);
}

void memory_describe(const Lab *lab, Text *message) {
    text_add(message, "%s", lab->shortage.where);
    if (lab->shortage.calls) {
        text_add(message, "stack overflow; calling a table whose __call leads to tables without an end");
    } else if (lab->shortage.deep) {
        text_add(message, "stack overflow; a function calls itself without an end");
    } else if (lab->shortage.system) {
        text_add(message, "out of memory: ");
        add_system(message, lab);
    } else if (session_bytes(lab->config.session) > lab->shortage.values) {
        text_add(message, "out of memory: ");
        memory_describe_history(lab, message);
    } else {
        text_add(message, "out of memory: ");
        add_part(message, "what the script keeps", lab->shortage.values, lab);
        add_remedy(message, lab);
    }
}

/* ---- A call that never begins ---- */

/* A table whose __call is a table whose __call ... may lead back to itself. Lua follows that inside one instruction and
 * puts each on the stack, in time that grows with the square. All that is seen of it is that the stack doubles, again
 * and again, while no instruction is counted; a recursion counts many for as many calls. */
enum { SLOT = 16, SLOTS_BESIDES = 5, SLOTS_MANY = 1 << 12, DOUBLINGS = 3 };

/* A stack grows into a new block, twice as large as the one before. */
static bool doubles_stack(Lab *lab, size_t size) {
    size_t before = lab->stack_bytes;
    if (size < (size_t)SLOTS_MANY * SLOT) return false;
    lab->stack_bytes = size;
    return size == 2 * before - SLOTS_BESIDES * SLOT;
}

static bool calls_without_end(Lab *lab, size_t size) {
    lua_Debug call;
    if (!lab->job || !doubles_stack(lab, size)) return false;
    lab->doublings = lab->doubled_at == lab->spent ? lab->doublings + 1 : 1;
    lab->doubled_at = lab->spent;
    if (lab->doublings <= DOUBLINGS || lua_getstack(lab->job, 100, &call)) return false;
    lab->stack_bytes = (size + SLOTS_BESIDES * SLOT) / 2; /* Lua tries again after a collection: the same answer */
    return true;
}

/* ---- Counting ---- */

void *memory_allocate(void *self, void *block, size_t old_size, size_t new_size) {
    Lab *lab = self;
    size_t old = block ? old_size : 0; /* without a block, old_size says what kind of object it will be */
    if (new_size == 0) {
        free(block);
        lab->used -= old;
        return NULL;
    }
    bool endless = !block && old_size == 0 && calls_without_end(lab, new_size);
    if (endless || (new_size > old && !fits(lab, new_size - old))) {
        memory_note_shortage(lab);
        lab->shortage.calls = endless;
        return NULL;
    }
    void *moved = realloc(block, new_size);
    if (moved) lab->used += new_size - old;
    else memory_note_shortage(lab);
    return moved;
}

static bool text_may_take(void *self, size_t more) { return fits(self, more); }

void memory_counts_texts(Lab *lab) { text_on_growth(lab ? text_may_take : NULL, lab); }

static int push_bytes(lua_State *L) {
    const Text *text = lua_touserdata(L, 1);
    lua_pushlstring(L, text_string(text), text->length);
    return 1;
}

void push_text(lua_State *L, Text *text) {
    bool lost = text_lost(), failed = lost || text->failed || !lua_checkstack(L, LUA_MINSTACK);
    int status = LUA_OK;
    if (!failed) {
        lua_pushcfunction(L, push_bytes);
        lua_pushlightuserdata(L, text);
        status = lua_pcall(L, 1, 1, 0);
    }
    text_free(text);
    if (failed) memory_error(L);
    if (status != LUA_OK) lua_error(L);
}
