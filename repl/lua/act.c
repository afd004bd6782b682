/* act.c - see act.h. */
#include "act.h"

#include "memory.h"

const Result *act_result(lua_State *L) { return world_result(world_of(L)); }

void history_memory_error(lua_State *L, const char *what) {
    Text message = TEXT_EMPTY;
    text_add(&message, "%s: ", what);
    memory_describe_history(lab_of(L), &message);
    push_text(L, &message);
    luaL_error(L, "%s", lua_tostring(L, -1));
}

/* How many there may be of what a limit was met for. */
static int most_of(Status limit) {
    switch ((int)limit) {
    case STATUS_LIMIT_HOSTS: return LIMIT_HOSTS;
    case STATUS_LIMIT_CONNS: return LIMIT_CONNS;
    case STATUS_LIMIT_PACKETS: return LIMIT_PACKETS;
    case STATUS_LIMIT_ORDERS: return LIMIT_ORDERS;
    default: return 0;
    }
}

void act_may_go(lua_State *L, const char *what) {
    if (lab_of(L)->elsewhere) luaL_error(L, "%s: a check only looks; it changes nothing", what);
    memory_limit_session(lab_of(L));
}

/* Limits and a broken wire are no answers of TCP: they stop the script. */
Status act(lua_State *L, const Input *input) {
    Session *session = lab_session_of(L);
    act_may_go(L, call_name(input->kind));
    Status status = session_do(session, input);
    if (status == STATUS_LIMIT_MEMORY) history_memory_error(L, call_name(input->kind));
    if (status == STATUS_LINK_FAILED) {
        luaL_error(L, "%s: %s; nothing was changed. twomsl --wire=memory needs no raw sockets", status_text(status),
                   session_link_error(session));
    } else if (status >= STATUS_LIMIT_HOSTS && status < STATUS_LIMIT_MEMORY) {
        const char *name = call_name(input->kind), *text = status_text(status);
        if (most_of(status)) luaL_error(L, "%s: %s: at most %d", name, text, most_of(status));
        luaL_error(L, "%s: %s", name, text);
    }
    return status;
}

void act_surely(lua_State *L, const Input *input, const char *what) {
    Status status = act(L, input);
    if (status != STATUS_OK) luaL_error(L, "%s: %s", what, status_text(status));
}
