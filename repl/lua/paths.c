/* paths.c - see paths.h. */
#include "paths.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Whether the file is in the folder or below, or is the folder itself, links resolved. */
static bool lies_in(const char *folder, const char *path) {
    char *inside = realpath(folder, NULL), *real = realpath(path, NULL);
    size_t length = inside && inside[1] ? strlen(inside) : 0; /* "/" has everything below it */
    bool lies = inside && real && strncmp(inside, real, length) == 0 && (real[length] == '/' || !real[length]);
    free(inside);
    free(real);
    return lies;
}

/* The path of the name, which is relative to the folder of the script. */
static const char *path_of(lua_State *L) {
    const char *folder = lab_of(L)->folder, *name = luaL_checkstring(L, 1);
    return folder && name[0] != '/' ? lua_pushfstring(L, "%s/%s", folder, name) : name;
}

const char *path_to_read(lua_State *L) {
    const char *folder = lab_of(L)->folder, *path = path_of(L), *name = lua_tostring(L, 1);
    struct stat about;
    if (stat(path, &about) != 0) return path;
    if (!S_ISREG(about.st_mode)) luaL_error(L, "cannot open %s: it is no file", name);
    if (folder && !lies_in(folder, path))
        luaL_error(L, "cannot open %s: a script loads only scripts beside it, in %s or below", name, folder);
    return path;
}

const char *path_to_write(lua_State *L) {
    const char *folder = lab_of(L)->folder, *path = path_of(L), *name = lua_tostring(L, 1), *slash = strrchr(path, '/');
    struct stat about;
    if (lstat(path, &about) == 0 && !S_ISREG(about.st_mode)) luaL_error(L, "cannot write %s: it is no file", name);
    if (!folder) return path;
    lua_pushlstring(L, path, slash ? (size_t)(slash - path) + 1 : 0);
    if (!lies_in(folder, slash ? lua_tostring(L, -1) : "."))
        luaL_error(L, "cannot write %s: a script writes only beside itself, in %s or below", name, folder);
    return path;
}
