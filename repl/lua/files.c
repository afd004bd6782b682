/* files.c - see files.h. */
#include "files.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "act.h"
#include "objects.h"
#include "paths.h"
#include "raise.h"
#include "scripts.h"

enum { FILE_MOST = 1 << 30 };

/* ---- Writing: another name first, so that a full disk leaves no half of a file and the old one as it was ---- */

typedef struct Output {
    FILE *file;
    int error;       /* errno */
    int64_t refused; /* the step that the file cannot have; 0: none */
} Output;

static bool write_bytes(void *self, const void *bytes, size_t length) {
    Output *output = self;
    if (fwrite(bytes, 1, length, output->file) == length) return true;
    output->error = errno;
    return false;
}

/* Opens a file with a name of its own beside `path`, with the rights that a new file has. */
static bool open_beside(Output *output, char *aside) {
    int file = mkstemp(aside);
    mode_t mask = umask(0);
    umask(mask);
    if (file >= 0) fchmod(file, 0666 & ~mask);
    output->file = file >= 0 ? fdopen(file, "wb") : NULL;
    output->error = output->file ? 0 : errno;
    return output->file != NULL;
}

/* Raises where it cannot be written. `write` returns false: where `error` is 0, for lack of memory. */
static lua_Integer write_file(lua_State *L, const char *path, bool (*write)(lua_State *L, Output *output)) {
    char *aside = lua_newuserdatauv(L, strlen(path) + sizeof ".XXXXXX", 0);
    Output output = {0};
    memcpy(aside, path, strlen(path));
    memcpy(aside + strlen(path), ".XXXXXX", sizeof ".XXXXXX");
    if (!open_beside(&output, aside))
        return luaL_error(L, "cannot write %s: %s", lua_tostring(L, 1), strerror(output.error));
    bool good = write(L, &output);
    long length = ftell(output.file);
    if (good && (fflush(output.file) != 0 || fsync(fileno(output.file)) != 0)) good = false, output.error = errno;
    if (fclose(output.file) != 0 && good) good = false, output.error = errno;
    if (good && rename(aside, path) != 0) good = false, output.error = errno;
    if (good) return length;
    unlink(aside);
    if (output.refused)
        return luaL_error(L, "cannot write %s: there are no words for step %I in Lua; save \"x.2msl\" keeps all steps",
                          lua_tostring(L, 1), (LUAI_UACINT)output.refused);
    return luaL_error(L, "cannot write %s: %s", lua_tostring(L, 1),
                      output.error ? strerror(output.error) : "not enough memory");
}

static bool write_script(lua_State *L, Output *output) {
    Text text = TEXT_EMPTY;
    int64_t steps = add_script(&text, lab_session_of(L));
    bool all = steps == session_step(lab_session_of(L));
    if (all) write_bytes(output, text_string(&text), text.length);
    else if (steps >= 0) output->refused = steps + 1;
    text_free(&text);
    return all && output->error == 0;
}

static bool write_history(lua_State *L, Output *output) { return session_save(lab_session_of(L), write_bytes, output); }

/* ---- Reading ---- */

static void add_problem(Text *text, const LoadReport *report) {
    switch (report->problem) {
    case LOAD_GOOD: return;
    case LOAD_FOREIGN: text_add(text, "it is no history that save() has written"); return;
    case LOAD_NEWER:
        text_add(text, "made by a newer version, format %u; this one reads %d", report->version, SAVE_VERSION);
        return;
    case LOAD_TRUNCATED: text_add(text, "it ends too early, after %zu bytes", report->byte); return;
    case LOAD_DAMAGED: text_add(text, "damaged: the record at byte %zu is not what was written", report->byte); return;
    case LOAD_UNKNOWN:
        if (report->name[0]) text_add(text, "this version does not know \"%s\"", report->name);
        else text_add(text, "this version does not know the kind of record at byte %zu", report->byte);
        text_add(text, ": made by another version");
        return;
    case LOAD_REFUSED:
        text_add(text, "step %u of branch %u cannot be done: made by another version of the engine", report->step,
                 report->branch);
        return;
    case LOAD_OTHER_WORLD:
        text_add(text, "step %u of branch %u gives another world: made by another version of the engine", report->step,
                 report->branch);
        return;
    case LOAD_NO_MEMORY: text_add(text, "not enough memory"); return;
    }
}

/* Pushes a block with the bytes of the file. */
static const uint8_t *read_file(lua_State *L, const char *path, size_t *length) {
    const char *name = lua_tostring(L, 1);
    struct stat about;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &about) != 0 || about.st_size > FILE_MOST) {
        int error = file && about.st_size > FILE_MOST ? EFBIG : errno;
        if (file) fclose(file);
        luaL_error(L, "cannot open %s: %s", name, strerror(error));
    }
    uint8_t *bytes = malloc((size_t)about.st_size + 1);
    *length = bytes ? fread(bytes, 1, (size_t)about.st_size, file) : 0;
    bool whole = bytes && !ferror(file);
    fclose(file);
    if (whole) return bytes;
    free(bytes);
    luaL_error(L, "cannot read %s: %s", name, bytes ? "the disk does not give it" : "not enough memory");
    return NULL;
}

static int load_history(lua_State *L, const char *path) {
    size_t length;
    LoadReport report;
    act_may_go(L, "load");
    const uint8_t *bytes = read_file(L, path, &length);
    bool loaded = session_load(lab_session_of(L), bytes, length, &report);
    free((void *)(uintptr_t)bytes);
    if (!loaded) {
        Text text = TEXT_EMPTY;
        add_problem(&text, &report);
        push_text(L, &text);
        return luaL_error(L, "cannot load %s: %s; what is open stays as it is", lua_tostring(L, 1),
                          lua_tostring(L, -1));
    }
    lua_pushinteger(L, session_step(lab_session_of(L)));
    return lab_catch_up(L, 1);
}

/* ---- By extension ---- */

typedef struct FileKind {
    const char *extension, *what;
    bool (*write)(lua_State *L, Output *output); /* NULL: it is not written */
    int (*load)(lua_State *L, const char *path); /* NULL: it is not loaded */
} FileKind;

static const FileKind file_kinds[] = {
    {".2msl", "the history with its branches", write_history, load_history},
    {".lua", "the history as a script", write_script, NULL},
};
enum { FILE_KINDS = sizeof file_kinds / sizeof *file_kinds };

static const char *extension_of(const char *name) {
    const char *slash = strrchr(name, '/'), *dot = strrchr(slash ? slash : name, '.');
    return dot ? dot : "";
}

/* Raises "save: .txt is no kind of file; ..." where there is none. */
static const FileKind *kind_of_name(lua_State *L, const char *verb, bool loads) {
    if (lua_type(L, 1) != LUA_TSTRING)
        lab_argument_error(L, 1, "the name of a file is a string, %s \"x.2msl\", not %s", verb, kind_of_value(L, 1));
    size_t length;
    const char *name = lua_tolstring(L, 1, &length), *extension = extension_of(name);
    if (strlen(name) != length) luaL_error(L, "%s: the name of a file has no zero byte", verb);
    Text text = TEXT_EMPTY;
    for (size_t i = 0; i < FILE_KINDS; i++) {
        const FileKind *kind = &file_kinds[i];
        bool works = loads ? kind->load != NULL : kind->write != NULL;
        if (works && strcmp(kind->extension, extension) == 0) {
            text_free(&text);
            return kind;
        }
        if (works) text_add(&text, "%s%s (%s)", text.length ? ", " : "", kind->extension, kind->what);
    }
    push_text(L, &text);
    luaL_error(L, "%s: \"%s\" says no kind of file that works; these do: %s", verb, name, lua_tostring(L, -1));
    return NULL;
}

int save_file(lua_State *L) {
    const FileKind *kind = kind_of_name(L, "save", false);
    lua_pushinteger(L, write_file(L, path_to_write(L), kind->write));
    return 1;
}

/* A name with an extension, and nothing around it, is no chunk of Lua. */
bool names_file(lua_State *L) {
    size_t length;
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) return false;
    const char *name = lua_tolstring(L, 1, &length), *extension = extension_of(name);
    if (strlen(name) != length || !extension[0] || !extension[1] || name[0] == '-') return false;
    for (const char *at = extension + 1; *at; at++)
        if (!isalnum((unsigned char)*at)) return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("_-./~+,@", *at) && (unsigned char)*at < 128) return false;
    return true;
}

int load_file_named(lua_State *L) {
    const FileKind *kind = kind_of_name(L, "load", true);
    return kind->load(L, path_to_read(L));
}
