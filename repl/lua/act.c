/* act.c - see act.h. */
#include "act.h"

const Result *act_result(lua_State *L) { return world_result(world_of(L)); }

/* Limits and a broken wire are no answers of TCP: they stop the script. */
Status act(lua_State *L, const Input *input) {
    Session *session = lab_session_of(L);
    Status status = session_do(session, input);
    if (status == STATUS_LINK_FAILED) {
        luaL_error(L, "%s: %s; nothing was changed. twomsl --wire=memory needs no raw sockets", status_text(status),
                   session_link_error(session));
    } else if (status >= STATUS_LIMIT_HOSTS && status <= STATUS_LIMIT_MEMORY) {
        luaL_error(L, "%s: %s", call_name(input->kind), status_text(status));
    }
    return status;
}

void act_surely(lua_State *L, const Input *input, const char *what) {
    Status status = act(L, input);
    if (status != STATUS_OK) luaL_error(L, "%s: %s", what, status_text(status));
}
