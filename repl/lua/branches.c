/* branches.c - see branches.h. */
#include "branches.h"

#include <string.h>

#include "act.h"
#include "arguments.h"
#include "lists.h"
#include "raise.h"
#include "results.h"

typedef struct BranchHandle {
    uint32_t number;
} BranchHandle;

/* False: it was given up, or forgotten by reset(). */
static bool find_branch(lua_State *L, uint32_t number, Branch *branch) {
    for (uint32_t nth = 0; session_branch(lab_session_of(L), nth, branch); nth++)
        if (branch->number == number) return true;
    return false;
}

static int no_branch_error(lua_State *L, lua_Integer number) {
    const Session *session = lab_session_of(L);
    Branch last;
    session_branch(session, session_branches(session) - 1, &last);
    if (number > 0 && number <= (lua_Integer)last.number)
        return luaL_error(L, "branch %I was given up to make room: branches() lists those that are kept", number);
    return luaL_error(L, "there is no branch %I: branches() lists them, up to number %d", number, (int)last.number);
}

static void surely_branch(lua_State *L, Branch *branch) {
    const BranchHandle *handle = object_at(L, 1, BRANCH);
    if (!handle) luaL_error(L, "that is not a branch: branches() lists them");
    if (!find_branch(L, handle->number, branch)) no_branch_error(L, handle->number);
}

/* "drop #3", "send 5 bytes" */
static void add_first(Text *text, const Input *first) {
    if (first->kind == INPUT_NONE) return;
    text_add(text, "%s", call_name(first->kind));
    if (first->packet.id) text_add(text, " #%u", first->packet.id);
    if (first->kind == INPUT_SEND) text_add(text, " %u bytes", first->length);
    if (first->kind == INPUT_TIMER) text_add(text, " %s", timer_name(first->timer));
    if (first->kind == INPUT_RULE) text_add(text, " %s", host_rule_info(first->rule)->name);
    if (first->kind == INPUT_PATH) text_add(text, " %s", path_rule_info(first->path)->name);
}

/* ---- One branch ---- */

#define GETTER(name, push)                                    \
    static void push_##name(lua_State *L, const void *view) { \
        const Branch *branch = view;                          \
        push;                                                 \
    }
GETTER(n, lua_pushinteger(L, branch->number))
GETTER(name, if (branch->name[0]) lua_pushstring(L, branch->name); else lua_pushnil(L))
GETTER(present, lua_pushboolean(L, branch->present))
GETTER(leaves, if (branch->origin) lua_pushinteger(L, branch->origin); else lua_pushnil(L))
GETTER(after, if (branch->origin) lua_pushinteger(L, branch->began); else lua_pushnil(L))
GETTER(steps, lua_pushinteger(L, branch->steps))

static void push_first(lua_State *L, const void *view) {
    const Branch *branch = view;
    Text text = TEXT_EMPTY;
    add_first(&text, &branch->first);
    push_text(L, &text);
}

static int branch_read(lua_State *L, const Field *field) {
    Branch branch;
    surely_branch(L, &branch);
    field->push(L, &branch);
    return 1;
}

/* (branch, key, value): its name is the only field that can be set; nil takes it away. */
static int branch_set(lua_State *L) {
    Branch branch, other;
    Session *session = lab_session_of(L);
    surely_branch(L, &branch);
    if (lua_type(L, 2) != LUA_TSTRING || strcmp(lua_tostring(L, 2), "name") != 0)
        return luaL_error(L, "%s cannot be set: only the name of a branch can", luaL_tolstring(L, 2, NULL));
    size_t length = 0;
    const char *name = lua_isnil(L, 3) ? "" : lua_type(L, 3) == LUA_TSTRING ? lua_tolstring(L, 3, &length) : NULL;
    if (!name) return luaL_error(L, "the name of a branch is a string, not %s", kind_of_value(L, 3));
    if (length > LIMIT_BRANCH_NAME || strlen(name) != length)
        return luaL_error(L, "the name of a branch has at most %d bytes, and no zero byte", LIMIT_BRANCH_NAME);
    for (uint32_t nth = 0; length && session_branch(session, nth, &other); nth++)
        if (other.number != branch.number && strcmp(other.name, name) == 0)
            return luaL_error(L, "branch %d has that name already", (int)other.number);
    session_name_branch(session, branch.number, name);
    return 0;
}

static void add_branch(Text *text, const Branch *branch) {
    text_add(text, "%s %4u  ", branch->present ? "*" : " ", branch->number);
    int column = 8 + text_columns(branch->name, strlen(branch->name));
    text_add_escaped(text, branch->name, strlen(branch->name), false);
    text_add(text, "%*s", column < 28 ? 28 - column : 1, "");
    text_add(text, "%8u", branch->steps);
    if (branch->origin) {
        text_add(text, "  leaves %u after step %u: ", branch->origin, branch->began);
        add_first(text, &branch->first);
    }
}

static int branch_tostring(lua_State *L) {
    Branch branch;
    Text text = TEXT_EMPTY;
    surely_branch(L, &branch);
    add_branch(&text, &branch);
    push_text(L, &text);
    return 1;
}

/* ---- All of them ---- */

typedef struct BranchList {
    List list;
    uint32_t numbers[];
} BranchList;

static void push_item(lua_State *L, const List *list, uint32_t nth) {
    BranchHandle *handle = object_push(L, BRANCH, sizeof *handle);
    handle->number = ((const BranchList *)list)->numbers[nth];
}

int list_branches(lua_State *L) {
    const Session *session = lab_session_of(L);
    uint32_t count = session_branches(session), lost = session_branches_lost(session);
    BranchList *branches = list_push(L, sizeof *branches + count * sizeof branches->numbers[0]);
    Text text = TEXT_EMPTY;
    Branch branch;
    branches->list = (List){.count = count, .item = push_item};
    text_add(&text, "     n  name                   steps\n");
    for (uint32_t nth = 0; session_branch(session, nth, &branch); nth++) {
        branches->numbers[nth] = branch.number;
        add_branch(&text, &branch);
        text_add(&text, "\n");
    }
    if (lost == 1) text_add(&text, "one more was given up to make room\n");
    if (lost > 1) text_add(&text, "%u more were given up to make room\n", lost);
    list_says(L, &text);
    list_finish(L, "branches");
    return 1;
}

/* The number that argument 1 says: a number, a name, or a branch. */
static uint32_t number_at(lua_State *L) {
    Branch branch;
    lua_Integer number;
    const BranchHandle *handle = object_at(L, 1, BRANCH);
    if (handle) return handle->number;
    if (is_whole(L, 1, &number)) {
        if (number < 1 || number > UINT32_MAX) no_branch_error(L, number);
        return (uint32_t)number;
    }
    if (lua_type(L, 1) != LUA_TSTRING)
        lab_argument_error(L, 1, "which branch is a number or a name, branch(1), not %s",
                           lua_type(L, 1) == LUA_TNUMBER ? luaL_tolstring(L, 1, NULL) : kind_of_value(L, 1));
    const char *name = lua_tostring(L, 1);
    for (uint32_t nth = 0; name[0] && session_branch(lab_session_of(L), nth, &branch); nth++)
        if (strcmp(branch.name, name) == 0) return branch.number;
    luaL_error(L, "no branch has the name \"%s\": branches()[n].name = \"...\" gives one", name);
    return 0;
}

int go_to_branch(lua_State *L) {
    Branch branch;
    uint32_t number = number_at(L);
    if (!find_branch(L, number, &branch)) return no_branch_error(L, number);
    act_may_go(L, "branch");
    Status status = session_go_to_branch(lab_session_of(L), number);
    if (status == STATUS_LIMIT_MEMORY) history_memory_error(L, "branch");
    if (status != STATUS_OK) return luaL_error(L, "branch: %s", status_text(status));
    lua_pushinteger(L, session_step(lab_session_of(L)));
    return lab_catch_up(L, 1);
}

/* ---- The object ---- */

static const Field fields[] = {{"n", push_n, "its number: the first future is 1"},
                               {"name", push_name, "its name, nil: it has none; b.name = \"lost ACK\" gives it one"},
                               {"present", push_present, "true: it is the one we are in"},
                               {"leaves", push_leaves, "the number of the branch from which it differs"},
                               {"after", push_after, "after so many steps of that one"},
                               {"steps", push_steps, "how many steps it has from the beginning"},
                               {"first", push_first, "what is done first where it differs, a string"},
                               {0}};
static const luaL_Reg meta[] = {{"__tostring", branch_tostring}, {NULL, NULL}};
const Kind branch_kind = {
    .name = BRANCH,
    .phrase = "a branch",
    .sample = "branches()[1]",
    .letter = "b",
    .help = "one future of the history: the present one, or one that was left when something else "
            "was done after back(); branch(b) goes there",
    .read = branch_read,
    .set = branch_set,
    .fields = fields,
    .meta = meta};
