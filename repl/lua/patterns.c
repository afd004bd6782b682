/* patterns.c - Lua's patterns (Lua 5.4 manual, 6.4.1), matched by a loop that can be interrupted.
 *
 * A pattern is compiled into a list of items. No item of a Lua pattern repeats a group, so a match visits each item at
 * most once on its way to the end: the list of choices to come back to is never longer than the list of items, and
 * nothing recurses. What is malformed in a pattern becomes an item too: as in Lua's own library it is an error only
 * when a match gets there. */
#include "patterns.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "running.h"

enum {
    CAPTURES = 32,    /* as in Lua's own library */
    FEW_ITEMS = 24,   /* a pattern of at most so many bytes is compiled on the C stack */
    GRANT = 1 << 12,  /* steps between two looks at the interrupt and the budget */
    ESCAPE = '%',     /* the character that begins a class */
    OPEN_LENGTH = -1, /* length of a capture that is not closed yet */
    POSITION = -2     /* length of a position capture */
};

typedef struct Set {
    uint64_t bits[4];
} Set;

typedef enum ItemKind {
    ITEM_BYTE,
    ITEM_ANY,
    ITEM_SET,      /* %a, [...] */
    ITEM_OPEN,     /* ( */
    ITEM_POSITION, /* () */
    ITEM_CLOSE,    /* ) */
    ITEM_BACK,     /* %1 */
    ITEM_BALANCED, /* %bxy */
    ITEM_FRONTIER, /* %f[...] */
    ITEM_ANCHOR,   /* $ at the end */
    ITEM_FAULT,    /* malformed from here on */
    ITEM_FINISH
} ItemKind;

typedef enum Repeat { ONCE, OPTIONAL, GREEDY, LAZY } Repeat;

typedef struct Item {
    ItemKind kind;
    Repeat repeat;
    int least;                 /* of GREEDY: 1 for + */
    unsigned char byte, other; /* BYTE; BALANCED: both; BACK: the digit */
    const char *fault;
    Set set;
} Item;

/* What to come back to where a match fails. */
typedef enum ChoiceKind { CHOICE_FEWER, CHOICE_MORE, UNDO_OPEN, UNDO_CLOSE } ChoiceKind;

typedef struct Choice {
    ChoiceKind kind;
    int capture; /* of UNDO_CLOSE */
    const Item *item;
    const char *floor, *at; /* FEWER: gives back bytes down to floor; MORE: takes one more at `at` */
} Choice;

typedef struct Capture {
    const char *start;
    ptrdiff_t length;
} Capture;

typedef struct Matcher {
    lua_State *L;
    const char *start, *end; /* the subject */
    bool anchored;           /* the pattern begins with ^ */
    Item *items;
    Choice *choices;
    size_t depth;  /* of choices */
    int64_t steps; /* since the last lab_spend() */
    int level;     /* captures so far */
    Capture captures[CAPTURES];
} Matcher;

static void spend(Matcher *m, ptrdiff_t steps) {
    m->steps += steps;
    if (m->steps < GRANT) return;
    steps = m->steps;
    m->steps = 0;
    lab_spend(m->L, (uint64_t)steps);
}

/* ---- Sets ---- */

static void set_add(Set *set, unsigned byte) { set->bits[byte >> 6] |= UINT64_C(1) << (byte & 63); }

static bool set_has(const Set *set, unsigned char byte) { return set->bits[byte >> 6] >> (byte & 63) & 1; }

static void set_join(Set *set, const Set *other, bool complement) {
    for (int i = 0; i < 4; i++) set->bits[i] |= complement ? ~other->bits[i] : other->bits[i];
}

static int is_zero(int c) { return c == 0; }

static const struct {
    char letter;
    int (*has)(int c);
} classes[] = {{'a', isalpha}, {'c', iscntrl}, {'d', isdigit}, {'g', isgraph},  {'l', islower}, {'p', ispunct},
               {'s', isspace}, {'u', isupper}, {'w', isalnum}, {'x', isxdigit}, {'z', is_zero}};
enum { CLASSES = sizeof classes / sizeof *classes };

/* The sets of all classes, made once: they depend on the locale. Each function of the library has them as upvalue. */
typedef struct Classes {
    Set sets[CLASSES];
} Classes;

static void classes_fill(Classes *all) {
    *all = (Classes){0};
    for (int i = 0; i < CLASSES; i++)
        for (unsigned c = 0; c < 256; c++)
            if (classes[i].has((int)c)) set_add(&all->sets[i], c);
}

/* Adds what "%" and `letter` stand for: a class, or the character itself. */
static void set_add_class(Set *set, const Classes *all, unsigned char letter) {
    for (int i = 0; i < CLASSES; i++) {
        if (tolower(letter) != classes[i].letter) continue;
        set_join(set, &all->sets[i], isupper(letter) != 0);
        return;
    }
    set_add(set, letter);
}

/* The ']' that closes the set whose '[' is before `p`; NULL: none does. The first character is never the closing one.
 */
static const char *set_close(const char *p, const char *end) {
    if (p < end && *p == '^') p++;
    for (bool first = true; p < end; first = false) {
        if (*p == ']' && !first) return p;
        bool escaped = *p == ESCAPE && p + 1 < end;
        p += escaped ? 2 : 1;
    }
    return NULL;
}

/* Reads what stands between '[' and the ']' at `close`. */
static void set_read(Set *set, const Classes *all, const char *p, const char *close) {
    bool complement = *p == '^';
    if (complement) p++;
    while (p < close) {
        if (*p == ESCAPE && p + 1 < close) {
            set_add_class(set, all, (unsigned char)p[1]);
            p += 2;
        } else if (close - p > 2 && p[1] == '-') {
            for (unsigned c = (unsigned char)p[0]; c <= (unsigned char)p[2]; c++) set_add(set, c);
            p += 3;
        } else {
            set_add(set, (unsigned char)*p++);
        }
    }
    for (int i = 0; complement && i < 4; i++) set->bits[i] = ~set->bits[i];
}

/* ---- Compiling ---- */

static const char *fault(Item *item, const char *message, const char *end) {
    item->kind = ITEM_FAULT;
    item->fault = message;
    return end;
}

/* The set that begins at the '[' at `p`; returns what is behind it. */
static const char *read_set(Item *item, ItemKind kind, const Classes *all, const char *p, const char *end) {
    const char *close = set_close(p + 1, end);
    if (!close) return fault(item, "malformed pattern (missing ']')", end);
    item->kind = kind;
    set_read(&item->set, all, p + 1, close);
    return close + 1;
}

/* One character, class or set with what repeats it. */
static const char *read_single(Item *item, const Classes *all, const char *p, const char *end) {
    if (*p == '[') p = read_set(item, ITEM_SET, all, p, end);
    else if (*p == '.') item->kind = ITEM_ANY, p++;
    else if (*p != ESCAPE) item->kind = ITEM_BYTE, item->byte = (unsigned char)*p++;
    else if (p + 1 == end) return fault(item, "malformed pattern (ends with '%')", end);
    else if (isalpha((unsigned char)p[1])) {
        item->kind = ITEM_SET;
        set_add_class(&item->set, all, (unsigned char)p[1]);
        p += 2;
    } else {
        item->kind = ITEM_BYTE;
        item->byte = (unsigned char)p[1];
        p += 2;
    }
    if (p == end || item->kind == ITEM_FAULT) return p;
    switch (*p) {
    case '?': item->repeat = OPTIONAL; return p + 1;
    case '*': item->repeat = GREEDY; return p + 1;
    case '+': item->repeat = GREEDY, item->least = 1; return p + 1;
    case '-': item->repeat = LAZY; return p + 1;
    default: return p;
    }
}

/* %1, %bxy, %f[...]; NULL: an ordinary class. */
static const char *read_escape(Item *item, const Classes *all, const char *p, const char *end) {
    if (p + 1 == end) return NULL;
    unsigned char letter = (unsigned char)p[1];
    if (isdigit(letter)) {
        item->kind = ITEM_BACK;
        item->byte = letter;
        return p + 2;
    }
    if (letter == 'b') {
        if (end - p < 4) return fault(item, "malformed pattern (missing arguments to '%b')", end);
        item->kind = ITEM_BALANCED;
        item->byte = (unsigned char)p[2];
        item->other = (unsigned char)p[3];
        return p + 4;
    }
    if (letter != 'f') return NULL;
    if (p + 2 == end || p[2] != '[') return fault(item, "missing '[' after '%f' in pattern", end);
    return read_set(item, ITEM_FRONTIER, all, p + 2, end);
}

static const char *read_item(Item *item, const Classes *all, const char *p, const char *end) {
    *item = (Item){.kind = ITEM_BYTE};
    if (*p == '(' && p + 1 < end && p[1] == ')') {
        item->kind = ITEM_POSITION;
        return p + 2;
    }
    if (*p == '(' || *p == ')') {
        item->kind = *p == '(' ? ITEM_OPEN : ITEM_CLOSE;
        return p + 1;
    }
    if (*p == '$' && p + 1 == end) {
        item->kind = ITEM_ANCHOR;
        return end;
    }
    const char *behind = *p == ESCAPE ? read_escape(item, all, p, end) : NULL;
    return behind ? behind : read_single(item, all, p, end);
}

/* The items must have room for one more than the pattern has bytes. */
static void compile(Item *items, const Classes *all, const char *p, size_t length) {
    const char *end = p + length;
    while (p < end) p = read_item(items++, all, p, end);
    *items = (Item){.kind = ITEM_FINISH};
}

/* ---- Single characters ---- */

static bool takes(const Matcher *m, const Item *item, const char *at) {
    if (at == m->end) return false;
    if (item->kind == ITEM_BYTE) return (unsigned char)*at == item->byte;
    return item->kind == ITEM_ANY || set_has(&item->set, (unsigned char)*at);
}

/* Behind the longest run of what the item takes. */
static const char *run_end(Matcher *m, const Item *item, const char *at) {
    const char *from = at, *end = m->end;
    if (item->kind == ITEM_ANY) at = end;
    else if (item->kind == ITEM_BYTE)
        while (at < end && (unsigned char)*at == item->byte) at++;
    else
        while (at < end && set_has(&item->set, (unsigned char)*at)) at++;
    if (item->kind != ITEM_ANY) spend(m, (at - from) / 8);
    return at;
}

static void choose(Matcher *m, ChoiceKind kind, const Item *item, const char *floor, const char *at) {
    m->choices[m->depth++] = (Choice){.kind = kind, .item = item, .floor = floor, .at = at};
}

static const char *match_single(Matcher *m, const Item *item, const char *at) {
    switch (item->repeat) {
    case ONCE: return takes(m, item, at) ? at + 1 : NULL;
    case OPTIONAL:
        if (!takes(m, item, at)) return at;
        choose(m, CHOICE_FEWER, item, at, at + 1);
        return at + 1;
    case GREEDY: {
        const char *last = run_end(m, item, at);
        if (last - at < item->least) return NULL;
        if (last - at > item->least) choose(m, CHOICE_FEWER, item, at + item->least, last);
        return last;
    }
    case LAZY: choose(m, CHOICE_MORE, item, at, at); return at;
    }
    return NULL;
}

/* ---- The other items: each returns where the match goes on, NULL: it fails ---- */

static const char *open_capture(Matcher *m, const Item *item, const char *at) {
    if (m->level == CAPTURES) luaL_error(m->L, "too many captures");
    m->captures[m->level++] = (Capture){at, item->kind == ITEM_POSITION ? POSITION : OPEN_LENGTH};
    choose(m, UNDO_OPEN, item, at, at);
    return at;
}

static const char *close_capture(Matcher *m, const Item *item, const char *at) {
    int capture = m->level - 1;
    while (capture >= 0 && m->captures[capture].length != OPEN_LENGTH) capture--;
    if (capture < 0) luaL_error(m->L, "invalid pattern capture");
    m->captures[capture].length = at - m->captures[capture].start;
    choose(m, UNDO_CLOSE, item, at, at);
    m->choices[m->depth - 1].capture = capture;
    return at;
}

static const char *match_back(Matcher *m, const Item *item, const char *at) {
    int capture = item->byte - '1';
    if (capture < 0 || capture >= m->level || m->captures[capture].length == OPEN_LENGTH)
        luaL_error(m->L, "invalid capture index %%%d", capture + 1);
    ptrdiff_t length = m->captures[capture].length;
    if (length == POSITION) return NULL;
    if (m->end - at < length || memcmp(m->captures[capture].start, at, (size_t)length) != 0) return NULL;
    spend(m, length / 32);
    return at + length;
}

static const char *match_balanced(Matcher *m, const Item *item, const char *at) {
    if (at == m->end || (unsigned char)*at != item->byte) return NULL;
    const char *from = at;
    int64_t open = 1;
    for (at++; at < m->end && open > 0; at++) {
        if ((unsigned char)*at == item->other) open--;
        else if ((unsigned char)*at == item->byte) open++;
    }
    spend(m, (at - from) / 8);
    return open == 0 ? at : NULL;
}

/* The subject is between two zero bytes here. */
static bool is_frontier(const Matcher *m, const Item *item, const char *at) {
    unsigned char before = at == m->start ? 0 : (unsigned char)at[-1];
    unsigned char here = at == m->end ? 0 : (unsigned char)*at;
    return !set_has(&item->set, before) && set_has(&item->set, here);
}

static const char *match_item(Matcher *m, const Item *item, const char *at) {
    switch (item->kind) {
    case ITEM_BYTE:
    case ITEM_ANY:
    case ITEM_SET: return match_single(m, item, at);
    case ITEM_OPEN:
    case ITEM_POSITION: return open_capture(m, item, at);
    case ITEM_CLOSE: return close_capture(m, item, at);
    case ITEM_BACK: return match_back(m, item, at);
    case ITEM_BALANCED: return match_balanced(m, item, at);
    case ITEM_FRONTIER: return is_frontier(m, item, at) ? at : NULL;
    case ITEM_ANCHOR: return at == m->end ? at : NULL;
    case ITEM_FAULT: luaL_error(m->L, "%s", item->fault); break;
    case ITEM_FINISH: break;
    }
    return NULL;
}

/* ---- The match ---- */

/* Goes back to the latest choice that has an alternative. Returns where it goes on, and with which item; NULL: none. */
static const char *retreat(Matcher *m, const Item **item) {
    while (m->depth > 0) {
        Choice *choice = &m->choices[m->depth - 1];
        switch (choice->kind) {
        case CHOICE_FEWER:
            *item = choice->item + 1;
            if (--choice->at == choice->floor) m->depth--;
            return choice->at;
        case CHOICE_MORE:
            if (!takes(m, choice->item, choice->at)) break;
            *item = choice->item + 1;
            return ++choice->at;
        case UNDO_OPEN: m->level--; break;
        case UNDO_CLOSE: m->captures[choice->capture].length = OPEN_LENGTH; break;
        }
        m->depth--;
    }
    return NULL;
}

/* Where the match that begins at `at` ends; NULL: there is none. */
static const char *match_at(Matcher *m, const char *at) {
    const Item *item = m->items;
    m->level = 0;
    m->depth = 0;
    while (item->kind != ITEM_FINISH) {
        spend(m, 1);
        const char *behind = match_item(m, item, at);
        if (behind) item++;
        else behind = retreat(m, &item);
        if (!behind) return NULL;
        at = behind;
    }
    return at;
}

/* The first match at `*at` or later; moves `*at` to where it begins. */
static const char *match_from(Matcher *m, const char **at) {
    bool begins_with_byte = m->items->kind == ITEM_BYTE && (m->items->repeat == ONCE || m->items->least == 1);
    for (;; ++*at) {
        if (begins_with_byte && !m->anchored) {
            const char *next = memchr(*at, m->items->byte, (size_t)(m->end - *at));
            if (!next) return NULL;
            spend(m, (next - *at) / 32);
            *at = next;
        }
        const char *behind = match_at(m, *at);
        if (behind) return behind;
        if (m->anchored || *at == m->end) return NULL;
    }
}

/* ---- Captures as values ---- */

static void push_capture(const Matcher *m, int capture, const char *start, const char *end) {
    if (capture >= m->level) {
        if (capture != 0) luaL_error(m->L, "invalid capture index %%%d", capture + 1);
        lua_pushlstring(m->L, start, (size_t)(end - start));
        return;
    }
    const Capture *c = &m->captures[capture];
    if (c->length == OPEN_LENGTH) luaL_error(m->L, "unfinished capture");
    else if (c->length == POSITION) lua_pushinteger(m->L, c->start - m->start + 1);
    else lua_pushlstring(m->L, c->start, (size_t)c->length);
}

/* All captures; where there are none, the whole match unless `start` is NULL. Returns how many. */
static int push_captures(const Matcher *m, const char *start, const char *end) {
    int count = m->level == 0 && start ? 1 : m->level;
    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++) push_capture(m, i, start, end);
    return count;
}

/* ---- find, match ---- */

/* Room for a short pattern; a longer one takes a userdata. */
typedef struct Room {
    Item items[FEW_ITEMS + 1];
    Choice choices[FEW_ITEMS + 1];
} Room;

/* Prepares to match the pattern at index 2 against the string at index 1; may push a userdata, which must stay. */
static void open_matcher(Matcher *m, lua_State *L, Room *room, bool anchors) {
    size_t subject, length;
    m->L = L;
    m->start = lua_tolstring(L, 1, &subject);
    m->end = m->start + subject;
    m->steps = 0;
    m->level = 0;
    const char *pattern = lua_tolstring(L, 2, &length);
    m->anchored = anchors && length > 0 && *pattern == '^';
    if (m->anchored) pattern++, length--;
    if (room && length <= FEW_ITEMS) {
        m->items = room->items;
        m->choices = room->choices;
    } else {
        size_t item_bytes = (length + 1) * sizeof(Item);
        char *block = lua_newuserdatauv(L, item_bytes + (length + 1) * sizeof(Choice), 0);
        m->items = (Item *)(void *)block;
        m->choices = (Choice *)(void *)(block + item_bytes);
    }
    compile(m->items, lua_touserdata(L, lua_upvalueindex(1)), pattern, length);
}

/* The position at `index` (1: the first byte; negative: from the end) as an offset; past the end: length + 1. */
static size_t read_init(lua_State *L, int index, size_t length) {
    lua_Integer position = luaL_optinteger(L, index, 1);
    if (position > 0) return (lua_Unsigned)position - 1 <= length ? (size_t)position - 1 : length + 1;
    if (position == 0 || position < -(lua_Integer)length) return 0;
    return length - (size_t)-position;
}

static int push_place(lua_State *L, const char *subject, const char *start, const char *end) {
    lua_pushinteger(L, start - subject + 1);
    lua_pushinteger(L, end - subject);
    return 2;
}

static bool is_plain(const char *pattern, size_t length) {
    size_t at = strcspn(pattern, "^$*+?.([%-");
    while (at < length && pattern[at] == '\0') at += 1 + strcspn(pattern + at + 1, "^$*+?.([%-");
    return at == length;
}

static const char *plain_at(Matcher *m, const char *at, const char *word, size_t length) {
    if (length == 0) return at;
    while ((size_t)(m->end - at) >= length) {
        const char *next = memchr(at, *word, (size_t)(m->end - at) - length + 1);
        if (!next) return NULL;
        spend(m, 1 + (next - at) / 32 + (ptrdiff_t)length / 64);
        if (memcmp(next, word, length) == 0) return next;
        at = next + 1;
    }
    return NULL;
}

static int find_plain(lua_State *L, size_t init) {
    size_t subject, length;
    Matcher m = {.L = L, .start = lua_tolstring(L, 1, &subject)};
    m.end = m.start + subject;
    const char *word = lua_tolstring(L, 2, &length);
    const char *found = plain_at(&m, m.start + init, word, length);
    lab_spend(L, (uint64_t)m.steps);
    if (found) return push_place(L, m.start, found, found + length);
    luaL_pushfail(L);
    return 1;
}

static int find_or_match(lua_State *L, bool find) {
    size_t length, pattern_length;
    Room room;
    Matcher m;
    luaL_checklstring(L, 1, &length);
    const char *pattern = luaL_checklstring(L, 2, &pattern_length);
    size_t init = read_init(L, 3, length);
    if (init > length) {
        luaL_pushfail(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_plain(pattern, pattern_length))) return find_plain(L, init);
    open_matcher(&m, L, &room, true);
    const char *at = m.start + init, *behind = match_from(&m, &at);
    lab_spend(L, (uint64_t)m.steps);
    if (!behind) {
        luaL_pushfail(L);
        return 1;
    }
    if (!find) return push_captures(&m, at, behind);
    int count = push_place(L, m.start, at, behind);
    return count + push_captures(&m, NULL, NULL);
}

static int pattern_find(lua_State *L) { return find_or_match(L, true); }
static int pattern_match(lua_State *L) { return find_or_match(L, false); }

/* ---- gmatch ---- */

typedef struct Walk {
    Matcher m;
    const char *at, *last; /* where to look next; where the last match ended */
} Walk;

/* Upvalues: 1 the subject, 2 the items (both only to keep them), 3 the Walk. */
static int gmatch_next(lua_State *L) {
    Walk *walk = lua_touserdata(L, lua_upvalueindex(3));
    Matcher *m = &walk->m;
    m->L = L; /* a coroutine may go on with it */
    while (walk->at <= m->end) {
        const char *start = walk->at, *behind = match_from(m, &start);
        walk->at = behind && behind != walk->last ? behind : start + 1;
        if (!behind) break;
        if (behind == walk->last) continue;
        walk->last = behind;
        return push_captures(m, start, behind);
    }
    walk->at = m->end + 1;
    return 0;
}

static int pattern_gmatch(lua_State *L) {
    size_t length;
    luaL_checklstring(L, 1, &length);
    luaL_checkstring(L, 2);
    size_t init = read_init(L, 3, length);
    lua_settop(L, 2);
    Matcher m;
    open_matcher(&m, L, NULL, false);
    lua_replace(L, 2);
    Walk *walk = lua_newuserdatauv(L, sizeof *walk, 0);
    walk->m = m;
    walk->at = m.start + init;
    walk->last = NULL;
    lua_pushcclosure(L, gmatch_next, 3);
    return 1;
}

/* ---- gsub ---- */

/* Adds the replacement string at index 3 with its %0 to %9. */
static void add_template(const Matcher *m, luaL_Buffer *out, const char *start, const char *end) {
    lua_State *L = m->L;
    size_t length;
    const char *p = lua_tolstring(L, 3, &length), *behind = p + length;
    while (p < behind) {
        const char *escape = memchr(p, ESCAPE, (size_t)(behind - p));
        if (!escape) escape = behind;
        luaL_addlstring(out, p, (size_t)(escape - p));
        if (escape == behind) return;
        char letter = escape + 1 < behind ? escape[1] : '\0';
        p = escape + 2;
        if (letter == ESCAPE) {
            luaL_addchar(out, ESCAPE);
        } else if (letter == '0') {
            luaL_addlstring(out, start, (size_t)(end - start));
        } else if (isdigit((unsigned char)letter)) {
            push_capture(m, letter - '1', start, end);
            luaL_addvalue(out);
        } else {
            luaL_error(L, "invalid use of '%c' in replacement string", ESCAPE);
        }
    }
}

/* Adds what stands for the match; true: it is not the match itself. */
static bool add_replacement(const Matcher *m, luaL_Buffer *out, int type, const char *start, const char *end) {
    lua_State *L = m->L;
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        int count = push_captures(m, start, end);
        lua_call(L, count, 1);
    } else if (type == LUA_TTABLE) {
        push_capture(m, 0, start, end);
        lua_gettable(L, 3);
    } else {
        add_template(m, out, start, end);
        return true;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, start, (size_t)(end - start));
        return false;
    }
    if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    luaL_addvalue(out);
    return true;
}

static int pattern_gsub(lua_State *L) {
    size_t length;
    Room room;
    Matcher m;
    luaL_Buffer out;
    luaL_checklstring(L, 1, &length);
    luaL_checkstring(L, 2);
    int type = lua_type(L, 3);
    bool fits = type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE;
    if (!fits) return luaL_typeerror(L, 3, "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)length + 1), count = 0;
    lua_settop(L, 3);
    open_matcher(&m, L, &room, true);
    luaL_buffinit(L, &out);
    const char *at = m.start, *last = NULL;
    bool changed = false;
    while (count < most) {
        const char *start = at, *behind = match_from(&m, &start);
        luaL_addlstring(&out, at, (size_t)((behind ? start : m.end) - at));
        at = behind ? start : m.end;
        if (!behind) break;
        if (behind != last) {
            count++;
            changed |= add_replacement(&m, &out, type, at, behind);
            at = last = behind;
        } else if (at < m.end) {
            luaL_addchar(&out, *at++);
        } else {
            break;
        }
        if (m.anchored) break;
    }
    lab_spend(L, (uint64_t)m.steps);
    luaL_addlstring(&out, at, (size_t)(m.end - at));
    luaL_pushresult(&out);
    if (!changed) lua_pushvalue(L, 1);
    lua_pushinteger(L, count);
    return 2;
}

void patterns_open(lua_State *L) {
    static const luaL_Reg functions[] = {{"find", pattern_find},
                                         {"match", pattern_match},
                                         {"gmatch", pattern_gmatch},
                                         {"gsub", pattern_gsub},
                                         {NULL, NULL}};
    classes_fill(lua_newuserdatauv(L, sizeof(Classes), 0));
    luaL_setfuncs(L, functions, 1);
}
