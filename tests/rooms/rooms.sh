#!/bin/sh
# The laws that a compiler does not know, checked over a source tree.
#
#   rooms.sh includes|sizes|paths|blobs|rules SOURCE-DIR
#   rooms.sh symbols LIBENGINE.A
#   rooms.sh seq SOURCE-DIR COMPILER
#   rooms.sh self SOURCE-DIR COMPILER     shows that each check fails on a tree that breaks its law
#
# Prints one line per violation; status 1 where there is one.
set -u
here=$(cd "$(dirname "$0")" && pwd)

# The files that belong to the project, relative to the root: what git knows, or what is there where git is not.
files() {
    if [ -e .git ] && command -v git >/dev/null 2>&1; then
        git -c safe.directory='*' ls-files -co --exclude-standard -- "$@" | while IFS= read -r file; do [ -f "$file" ] && printf '%s\n' "$file"; done
    else
        find "$@" -type f ! -path './build*' ! -path './.git/*' 2>/dev/null | sed 's|^\./||' | sort
    fi
}
sources() { files engine repl tests | grep '\.[ch]$'; }

check_includes() { sources | xargs -r awk -f "$here/includes.awk"; }

check_sizes() { files engine repl tests scripts | grep -E '\.([ch]|lua|sh|awk|def)$' | xargs -r awk -f "$here/sizes.awk"; }

# A path of somebody's machine has no place in the project.
check_paths() { files . | xargs -r grep -nIE '(^|[^A-Za-z0-9_.])/([w]ork|[h]ome/[a-z]+|[r]oot|[U]sers/[A-Za-z]+)/' /dev/null; }

# Everything in the project is text.
# shellcheck disable=SC2094
check_blobs() { files . | while IFS= read -r file; do tr -d '\000' <"$file" | cmp -s - "$file" || echo "$file: not text"; done; }

# Every rule is followed somewhere in the engine, and every one that is named exists.
check_rules() {
    named=$(find engine -name '*.c' -exec grep -how 'RULE_[A-Z0-9_]*' {} + | sort -u)
    sed -n 's/^RULE(\([A-Z0-9_]*\),.*/\1/p' engine/tcp/rules.def | while IFS= read -r rule; do
        printf '%s\n' "$named" | grep -qx "RULE_$rule" || echo "engine/tcp/rules.def: $rule: nothing in the engine follows this rule"
    done
}

# What the pure engine asks of the system: memory, strings, assertions. (The second line is what sanitizers and fortify add.)
check_symbols() {
    allowed='^(malloc|calloc|realloc|free|mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr|spn|cspn)|__assert_fail|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail'
    allowed="$allowed|__(asan|ubsan)_[a-z0-9_]*|__(mem|str)[a-z]*_chk)\$"
    undefined=$(nm -A -u "$1") || { echo "$1: nm cannot read it"; return; }
    defined=$(nm --defined-only "$1" | awk 'NF == 3 { print $3 }')
    [ -n "$defined" ] || { echo "$1: defines nothing at all"; return; }
    printf '%s\n' "$undefined" | awk -v allowed="$allowed" -v defined="$defined" '
        BEGIN { n = split(defined, names, "\n"); for (i = 1; i <= n; i++) ours[names[i]] = 1 }
        NF && !($NF in ours) && $NF !~ allowed { file = $1; sub(/.*:/, "", file); print $1 " needs " $NF ": the pure engine knows memory and strings only" }'
}

# a < b on sequence numbers does not compile; seq_lt(a, b) does.
check_seq() {
    compiler=$1
    try() { printf '#include "engine/tcp/seq.h"\nint f(Seq a, Seq b);\nint f(Seq a, Seq b) { return %s; }\n' "$1" | "$compiler" -std=c11 -Werror -I. -x c -fsyntax-only - 2>&1; }
    said=$(try 'seq_lt(a, b)') || echo "engine/tcp/seq.h: seq_lt(a, b) does not compile: $said"
    for operator in '<' '<=' '>' '>=' '==' '-'; do
        if said=$(try "a $operator b"); then echo "engine/tcp/seq.h: a $operator b compiles"; continue; fi
        case $said in *operand*) ;; *) echo "engine/tcp/seq.h: a $operator b fails for another reason: $said" ;; esac
    done
}

run_check() { # run_check CHECK TREE [ARG]
    (cd "$2" && "check_$1" ${3:+"$3"})
}

# ---- each check must see what it is for ----

failures=0
sees() { # sees CHECK TREE PATTERN [ARG]: the check reports something like the pattern
    out=$(run_check "$1" "$2" ${4:+"$4"} 2>&1)
    printf '%s\n' "$out" | grep -q "$3" && return
    failures=$((failures + 1))
    printf '%s is blind: nothing like "%s" in:\n%s\n' "$1" "$3" "$out"
}
silent() { # silent CHECK TREE [ARG]
    out=$(run_check "$1" "$2" ${3:+"$3"} 2>&1)
    [ -z "$out" ] && return
    failures=$((failures + 1))
    printf '%s complains of a good tree:\n%s\n' "$1" "$out"
}
put() { mkdir -p "$(dirname "$tree/$1")"; printf '%b' "$2" >"$tree/$1"; }

good_tree() {
    tree=$work/$1
    put engine/engine.h '#include <stdint.h>\n#include "names.h"\n#include "tcp/seq.h"\n'
    put engine/names.h '#include "tcp/rules.def"\n'
    put engine/tcp/seq.h 'typedef struct Seq { unsigned value; } Seq;\nstatic inline int seq_lt(Seq a, Seq b) { return a.value != b.value; }\n'
    put engine/tcp/rules.def 'RULE(ONE, "one", "", "")\n'
    put engine/tcp/a.c '#include <string.h>\n#include "../engine.h"\n#include "../wire/codec.h"\nint one = RULE_ONE;\n'
    put engine/world/w.c '#include "../tcp/a.h"\n#include "../trace/trace.h"\n'
    put engine/trace/t.c '#include "trace.h"\n#include "../engine.h"\n#include "../names.h"\n'
    put engine/explore/e.c '#include "../world/world.h"\n'
    put engine/link/raw.c '#include <sys/socket.h>\n#include "link.h"\n#include "../engine.h"\n'
    put repl/main.c '#include "../engine/engine.h"\n#include "../engine/link/link.h"\n#include "lua/lab.h"\n'
    put repl/lua/l.c '#include <lua.h>\n#include "../text/text.h"\n'
    put repl/stage/s.c '#include <SDL.h>\n#include <cairo.h>\n'
}

self() {
    work=$(mktemp -d) || exit 1
    trap 'rm -rf "$work"' EXIT
    good_tree good
    for check in includes sizes paths blobs rules; do silent $check "$work/good"; done
    silent seq "$work/good" "$1"

    good_tree bad
    put engine/tcp/a.c '#include <stdio.h>\n#include "../world/world.h"\n#include "../../repl/lua/lab.h"\n'
    put engine/wire/c.c '#include "../tcp/tcb.h"\n#include "../link/link.h"\n'
    put engine/trace/t.c '#include "../world/world.h"\n'
    put engine/tcp/b.c '#include "../trace/trace.h"\n'
    put engine/names.h '#include "engine.h"\n#include "tcp/tcb.h"\n'
    put engine/link/raw.c '#include "../tcp/tcb.h"\n'
    put repl/main.c '#include "../engine/world/world.h"\n  #  include <lua.h>\n'
    put repl/text/t.c '#include <readline/readline.h>\n#include "../lua/lab.h"\n'
    put repl/prompt/p.c '#include <SDL2/SDL.h>\n#include <cairo/cairo.h>\n'
    put tests/ui/u.c '#include "../../engine/world/world.h"\n#include "../../engine/names.h"\n'
    sees includes "$tree" 'engine/tcp/a.c:1: includes stdio.h: the pure engine'
    sees includes "$tree" 'engine/tcp/a.c:2: .*never back'
    sees includes "$tree" 'engine/tcp/a.c:3: .*nothing outside'
    sees includes "$tree" 'engine/wire/c.c:1: .*never back'
    sees includes "$tree" 'engine/wire/c.c:2: .*nothing of the link'
    sees includes "$tree" 'engine/link/raw.c:1: .*engine.h only'
    sees includes "$tree" 'repl/main.c:1: .*only engine.h and link.h'
    sees includes "$tree" "repl/main.c:2: .*Lua's room"
    sees includes "$tree" "repl/text/t.c:1: .*readline's room"
    sees includes "$tree" 'repl/text/t.c:2: .*does not see repl/lua'
    sees includes "$tree" "repl/prompt/p.c:1: .*SDL's room"
    sees includes "$tree" "repl/prompt/p.c:2: .*cairo's room"
    sees includes "$tree" 'engine/trace/t.c:1: .*never back'
    sees includes "$tree" 'engine/tcp/b.c:1: .*never back'
    sees includes "$tree" 'engine/names.h:1: .*chapters'
    sees includes "$tree" 'engine/names.h:2: .*stand on nothing'
    sees includes "$tree" 'tests/ui/u.c:1: .*only engine.h and link.h'
    sees includes "$tree" 'tests/ui/u.c:2: .*only engine.h and link.h'
    sees rules "$tree" 'rules.def: ONE: nothing'

    body=$(awk 'BEGIN { for (i = 0; i < 100; i++) printf "    x++;\\n" }')
    put repl/long.c "static int long_one(int x) {\n$body    return x;\n}\n"
    put repl/longer.c "static int long_two(int x,\n    int y) {\n$body    return x;\n}\n"
    put repl/file.c "$body$body$body$body$body$body$body$body"
    sees sizes "$tree" 'repl/long.c:1: long_one has 103 lines'
    sees sizes "$tree" 'repl/longer.c:1: long_two has 104 lines'
    sees sizes "$tree" 'repl/file.c: 800 lines'
    put repl/path.c 'char *p = "/ho''me/somebody/x";\n'
    sees paths "$tree" 'repl/path.c:1:'
    put assets/blob 'a\0000b'
    sees blobs "$tree" 'assets/blob: not text'
    put engine/tcp/seq.h 'typedef unsigned Seq;\n'
    sees seq "$tree" 'a < b compiles' "$1"
    sees seq "$tree" 'seq_lt(a, b) does not compile' "$1"
    put engine/tcp/seq.h '#error no\n'
    sees seq "$tree" 'another reason' "$1"

    printf '#include <stdio.h>\nint g(void);\nint f(void);\nint f(void) { return g() + puts("x"); }\n' >"$work/f.c"
    printf 'int g(void);\nint g(void) { return 1; }\n' >"$work/g.c"
    (cd "$work" && "$1" -c f.c g.c && ar rc bad.a f.o g.o && ar rc good.a g.o)
    silent symbols "$work" good.a
    sees symbols "$work" 'f.o: needs puts' bad.a
    [ "$(run_check symbols "$work" bad.a | wc -l)" = 1 ] || { failures=$((failures + 1)); echo "symbols: a symbol of our own is reported"; }
    [ "$failures" = 0 ] && echo "every check sees what it is for"
    exit "$((failures > 0))"
}

case $1 in
    self) self "$3" ;;
    symbols) out=$(check_symbols "$2") ;;
    *) out=$(run_check "$1" "$2" "${3:-}") ;;
esac
[ -n "$out" ] && printf '%s\n' "$out"
# Notes are to be read; everything else is a violation.
! printf '%s' "$out" | grep -qv '^note: '
