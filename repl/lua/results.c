/* results.c - see results.h. */
#include "results.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS = 80, COLUMNS_LEAST = 60, COLUMNS_MOST = 160 };

/* As wide as the terminal is now; 80 where text goes elsewhere, so that it is the same everywhere. */
int columns_of_text(lua_State *L) {
    (void)L;
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return COLUMNS;
    return size.ws_col < COLUMNS_LEAST ? COLUMNS_LEAST : size.ws_col > COLUMNS_MOST ? COLUMNS_MOST : size.ws_col;
}

void table_string(lua_State *L, const char *name, const char *value) {
    lua_pushstring(L, value);
    lua_setfield(L, -2, name);
}

void table_whole(lua_State *L, const char *name, lua_Integer value) {
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

void table_seconds(lua_State *L, const char *name, Micros time) {
    push_seconds(L, time);
    lua_setfield(L, -2, name);
}

void table_end(lua_State *L, const char *name, Endpoint endpoint) {
    char text[ENDPOINT_TEXT];
    table_string(L, name, endpoint_text(endpoint, text));
}

void table_host(lua_State *L, const char *name, HostId host) {
    HostView view;
    if (world_host(world_of(L), host, &view)) table_string(L, name, view.name);
}

void table_append(lua_State *L) { lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1); }

static int printed_tostring(lua_State *L) {
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

void push_printed(lua_State *L, const char *name, Text *text) {
    while (text->length && text->bytes[text->length - 1] == '\n') text_cut(text, text->length - 1);
    push_text(L, text);
    lua_pushcclosure(L, printed_tostring, 1);
    lua_createtable(L, 0, 2);
    lua_insert(L, -2);
    lua_setfield(L, -2, "__tostring");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_setmetatable(L, -2);
}
