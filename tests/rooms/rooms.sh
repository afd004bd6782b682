#!/bin/sh
# Rules of the source that a compiler does not check.
#
#   rooms.sh includes|house|header_bytes|sizes|format|paths|blobs|rules|pack SOURCE-DIR
#   rooms.sh draw SOURCE-DIR              each room, and the rooms whose headers it uses
#   rooms.sh layers SOURCE-DIR BUILD-DIR
#   rooms.sh symbols LIBENGINE.A
#   rooms.sh seq SOURCE-DIR COMPILER
#   rooms.sh self SOURCE-DIR COMPILER     shows that each check fails on a tree that breaks its rule
#
# Prints one line per violation; status 1 where there is one.
set -u
here=$(cd "$(dirname "$0")" && pwd)

# The files that belong to the project, relative to the root: what git knows, or what is there where git is not.
files() {
    if [ -e .git ] && command -v git >/dev/null 2>&1; then
        git -c safe.directory='*' ls-files -co --exclude-standard -- "$@" |
            while IFS= read -r file; do [ -f "$file" ] && printf '%s\n' "$file"; done
    else
        find "$@" -type f ! -path './build*' ! -path './.git/*' 2>/dev/null | sed 's|^\./||' | sort
    fi
}
sources() { files engine repl tests | grep '\.[ch]$'; }

check_includes() { sources | xargs -r awk -f "$here/includes.awk"; }

# No room uses one above it.
draw_house() { files engine repl | grep '\.[ch]$' | xargs -r awk -f "$here/house.awk"; }
check_house() { draw_house | grep 'UP TO'; }

check_header_bytes() { files engine repl scripts | grep -E '\.([ch]|lua)$' | xargs -r awk -f "$here/header_bytes.awk"; }

# All files written by hand. Not: the licence, pictures, fuzzing inputs, and texts that are compared byte by byte.
check_sizes() {
    files . | grep -vE '^(LICENSE|tests/golden/.*\.txt)$|\.(svg|hex)$' | LC_ALL=C xargs -r awk -f "$here/sizes.awk"
}

# Other versions of clang-format lay the same code out differently.
clang_format_14() {
    for tool in clang-format-14 clang-format; do
        "$tool" --version 2>/dev/null | grep -q 'version 14\.' && { echo "$tool"; return; }
    done
}
check_format() {
    tool=$(clang_format_14)
    [ -n "$tool" ] || { echo "SKIPPED: clang-format 14 is missing (other versions lay code out differently)"; return; }
    sources | xargs -r "$tool" --dry-run -Werror 2>&1 | grep -E ': (error|warning):'
}

# The symbols of the object files whose sources still exist, with the source's name in place of the object's.
check_layers() {
    (cd "$1" && find . -name '*.c.o' -path '*.dir/*') | while IFS= read -r object; do
        source=${object#*.dir/}; source=${source%.o}
        [ -f "$source" ] && case $source in engine/*|repl/*) printf '%s\n' "$1/${object#./}" ;; esac
    done | xargs -r nm -A | sed 's|^[^:]*\.dir/\([^:]*\)\.o:|\1: |' |
        awk -f "$here/layers.awk" "${2:-$here/layers.txt}" -
}

# No paths of a developer's machine.
check_paths() {
    files . | xargs -r grep -nIE '(^|[^A-Za-z0-9_.])/([w]ork|[h]ome/[a-z]+|[r]oot|[U]sers/[A-Za-z]+)/' /dev/null
}

# Everything in the project is text.
# shellcheck disable=SC2094
check_blobs() {
    files . | while IFS= read -r file; do tr -d '\000' <"$file" | cmp -s - "$file" || echo "$file: not text"; done
}

# Every rule is followed somewhere in the engine, and every one that is named exists.
check_rules() {
    named=$(find engine -name '*.c' -exec grep -how 'RULE_[A-Z0-9_]*' {} + | sort -u)
    sed -n 's/^RULE(\([A-Z0-9_]*\),.*/\1/p' engine/tcp/rules.def | while IFS= read -r rule; do
        printf '%s\n' "$named" | grep -qx "RULE_$rule" ||
            echo "engine/tcp/rules.def: $rule: nothing in the engine follows this rule"
    done
}

# Every field of a world's records is packed, or excused with a reason.
check_pack() { awk -f "$here/pack.awk" engine/tcp/tcb.h engine/orders.h engine/world/world.h engine/world/pack.def; }

# The functions of the system that the pure engine calls: memory, strings, assertions, and what sanitizers and
# fortify add.
check_symbols() {
    allowed='^(malloc|calloc|realloc|free|mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr|spn|cspn)|__assert_fail'
    allowed="$allowed|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail"
    allowed="$allowed|__(asan|ubsan)_[a-z0-9_]*|__(mem|str)[a-z]*_chk)\$"
    undefined=$(nm -A -u "$1") || { echo "$1: nm cannot read it"; return; }
    defined=$(nm --defined-only "$1" | awk 'NF == 3 { print $3 }')
    [ -n "$defined" ] || { echo "$1: defines nothing at all"; return; }
    printf '%s\n' "$undefined" | awk -v allowed="$allowed" -v defined="$defined" '
        BEGIN { n = split(defined, names, "\n"); for (i = 1; i <= n; i++) ours[names[i]] = 1 }
        NF && !($NF in ours) && $NF !~ allowed {
            print $1 " needs " $NF ": the pure engine knows memory and strings only"
        }'
}

# a < b on sequence numbers does not compile; seq_lt(a, b) does.
check_seq() {
    compiler=$1
    try() {
        printf '#include "engine/tcp/seq.h"\nint f(Seq a, Seq b);\nint f(Seq a, Seq b) { return %s; }\n' "$1" |
            "$compiler" -std=c11 -Werror -I. -x c -fsyntax-only - 2>&1
    }
    said=$(try 'seq_lt(a, b)') || echo "engine/tcp/seq.h: seq_lt(a, b) does not compile: $said"
    for operator in '<' '<=' '>' '>=' '==' '-'; do
        if said=$(try "a $operator b"); then echo "engine/tcp/seq.h: a $operator b compiles"; continue; fi
        case $said in *operand*) ;; *) echo "engine/tcp/seq.h: a $operator b fails for another reason: $said" ;; esac
    done
}

run_check() { # run_check CHECK TREE [ARG]
    (cd "$2" && "check_$1" ${3:+"$3"})
}

# ---- each check must fail on a tree that breaks its rule ----

failures=0
sees() { # sees CHECK TREE PATTERN [ARG]: the check reports something like the pattern
    out=$(run_check "$1" "$2" ${4:+"$4"} 2>&1)
    printf '%s\n' "$out" | grep -q "$3" && return
    failures=$((failures + 1))
    printf '%s does not see what is wrong: nothing like "%s" in:\n%s\n' "$1" "$3" "$out"
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
    put engine/tcp/seq.h 'typedef struct Seq {\n    unsigned value;\n} Seq;\n'
    echo 'static inline int seq_lt(Seq a, Seq b) { return a.value != b.value; }' >>"$tree/engine/tcp/seq.h"
    put .clang-format 'BasedOnStyle: LLVM\nIndentWidth: 4\nColumnLimit: 120\nSortIncludes: Never\n'
    put engine/tcp/rules.def 'RULE(ONE, "one", "", "")\n'
    put engine/tcp/tcb.h 'typedef struct Tcb {\n    struct {\n        Seq una, nxt; /* x; y */\n    } snd;\n} Tcb;\n'\
'typedef struct Host {\n    char name[9 + 1];\n} Host;\n'
    put engine/world/world.h 'typedef struct Packet {\n    uint32_t *a, b[3]; /* over\n two lines; */\n} Packet;\n'\
'struct World {\n    Micros now;\n};\n'
    put engine/orders.h 'typedef struct Order {\n    uint32_t does;\n} Order;\n'
    put engine/world/pack.def '#ifdef PACK_ORDER\nPACK_NUMBER(does)\n#endif\n'\
'#ifdef PACK_TCB\nPACK_SEQ(snd.una)\nPACK_SEQ(snd.nxt)\n#endif\n#ifdef PACK_HOST\n'\
'PACK_BY_HAND(name, "how")\n#endif\n#ifdef PACK_PACKET\nPACK_NUMBER(a)\nPACK_NUMBER(b)\n#endif\n#ifdef PACK_WORLD\n'\
'PACK_EXCUSED(now, "why")\n#endif\n'
    put engine/tcp/a.c '#include <string.h>\n#include "../engine.h"\n#include "../wire/codec.h"\n'\
'int one = RULE_ONE;\n'
    put engine/world/w.c '#include "../tcp/a.h"\n#include "../trace/trace.h"\n'
    put engine/trace/t.c '#include "trace.h"\n#include "../engine.h"\n#include "../names.h"\n'
    put engine/explore/e.c '#include "../world/world.h"\n'
    put engine/link/raw.c '#include <sys/socket.h>\n#include "link.h"\n#include "../engine.h"\n'
    put repl/main.c '#include "../engine/engine.h"\n#include "../engine/link/link.h"\n#include "lua/lab.h"\n'
    put repl/lua/l.c '#include <lua.h>\n#include "../text/text.h"\n'
    put repl/stage/s.c '#include <SDL.h>\n#include "../view/paint_cairo.h"\n'
    put engine/wire/codec.c 'int length(const char *ip);\nint length(const char *ip) { return (ip[0] & 15) * 4; }\n'
    put repl/text/t.c 'int next(int in);\nint next(int in) { return in + (in & 15); } /* bytes + 12 */\n'
    put scripts/drill/p.lua '-- bytes:byte(1)\nreturn "x"\n'
    put repl/view/paint_cairo.c '#include <cairo.h>\n#include "paint.h"\n'
}

# Two layers in a folder "engine/tcp": low.c, and high.c, which low.c must not call.
self_layers() {
    tree=$work/layers
    put engine/tcp/low.c 'int high(void);\nint low(void);\nint low(void) { return high(); }\n'
    put engine/tcp/high.c 'int low(void);\nint high(void);\nint high(void) { return low(); }\n'
    objects=build/CMakeFiles/engine.dir/engine/tcp
    mkdir -p "$tree/$objects"
    for name in low high; do "$1" -c "$tree/engine/tcp/$name.c" -o "$tree/$objects/$name.c.o"; done
    cp "$tree/$objects/high.c.o" "$tree/$objects/gone.c.o"
    layers() { printf '%b' "$1" >"$tree/layers.txt"; (cd "$tree" && check_layers build layers.txt); }
    is_said() { # is_said WHAT GOT WANTED
        [ "$2" = "$3" ] && return
        failures=$((failures + 1))
        printf 'layers: %s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
    }
    call='engine/tcp/low.c: calls high of engine/tcp/high.c, a higher layer of engine/tcp'
    is_said 'a call up' "$(layers 'engine/tcp\n    low\n    high\n')" "$call"
    is_said 'a call up, only reported' "$(layers 'engine/tcp report\n    low\n    high\n')" "note: $call"
    is_said 'one layer' "$(layers 'engine/tcp\n    low high\n')" ''
    is_said 'the folder as a name' "$(layers 'engine\n    tcp\n')" ''
    is_said 'a file without a layer' "$(layers 'engine/tcp\n    high\n')" \
        'engine/tcp/low: stands in no layer of engine/tcp'
    is_said 'a name without a file' "$(layers 'engine/tcp\n    high low gone\n')" \
        'layers.txt:2: there is no engine/tcp/gone'
    rm "$tree/$objects"/*
    is_said 'no objects' "$(layers '# nothing\n')" 'layers: no object file was read'
}

self() {
    work=$(mktemp -d) || exit 1
    trap 'rm -rf "$work"' EXIT
    good_tree good
    for check in includes house header_bytes sizes paths blobs rules pack; do silent $check "$work/good"; done
    [ -n "$(clang_format_14)" ] && silent format "$work/good"
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
    put repl/view/v.c '#include "../stage/stage.h"\n#include <pango/pangocairo.h>\n#include <SDL.h>\n'
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
    sees includes "$tree" "repl/prompt/p.c:2: .*cairo's one file"
    sees includes "$tree" 'repl/view/v.c:1: .*does not see repl/stage'
    sees includes "$tree" "repl/view/v.c:2: .*cairo's one file"
    sees includes "$tree" "repl/view/v.c:3: .*SDL's room"
    sees includes "$tree" 'engine/trace/t.c:1: .*never back'
    sees includes "$tree" 'engine/tcp/b.c:1: .*never back'
    sees includes "$tree" 'engine/names.h:1: .*chapters'
    sees includes "$tree" 'engine/names.h:2: .*stand on nothing'
    sees includes "$tree" 'tests/ui/u.c:1: .*only engine.h and link.h'
    sees includes "$tree" 'tests/ui/u.c:2: .*only engine.h and link.h'
    sees house "$tree" 'engine/tcp .*UP TO engine/world'
    sees rules "$tree" 'rules.def: ONE: nothing'
    put engine/tcp/tcb.h 'typedef struct Tcb {\n    struct {\n        Seq una, nxt, wl1;\n    } snd;\n} Tcb;\n'
    put engine/world/pack.def '#ifdef PACK_TCB\nPACK_SEQ(snd.una)\nPACK_SEQ(snd.una)\nPACK_SEQ(snd.nxt)\n'\
'PACK_SEQ(una)\n#endif\n#ifdef PACK_PACKET\nPACK_NUMBER(a)\n#endif\n#ifdef PACK_WORLD\n#endif\n'
    sees pack "$tree" 'pack.def:3: snd.una: listed twice'
    sees pack "$tree" 'pack.def:5: una: no such field'
    sees pack "$tree" 'Tcb.snd.wl1 is neither'
    sees pack "$tree" 'Packet.b is neither'
    sees pack "$tree" 'World.now is neither'
    sees pack "$tree" 'nothing about Host'

    put repl/lua/h.c 'enum { IP_HEADER = 20 };\nint a = (in[0] & 15) * 4;\nint b = (tcp[12] >> 4) * 4;\n'
    echo 'int c = x[16] << 8;' >>"$tree/repl/lua/h.c"
    put engine/link/h.c 'int d = get16(p);\nint *e = datagram + 12;\nint f = bytes[9];\n'
    put scripts/drill/p.lua 'return (">I2"):unpack(x)\n'
    sees header_bytes "$tree" 'repl/lua/h.c:1: says a length'
    sees header_bytes "$tree" "repl/lua/h.c:2: takes a header's length from its first"
    sees header_bytes "$tree" "repl/lua/h.c:3: takes a header's length from its data offset"
    sees header_bytes "$tree" 'repl/lua/h.c:4: reads a number'
    sees header_bytes "$tree" 'engine/link/h.c:1: reads or writes network order'
    sees header_bytes "$tree" 'engine/link/h.c:2: counts the bytes'
    sees header_bytes "$tree" 'engine/link/h.c:3: counts the bytes'
    sees header_bytes "$tree" 'scripts/drill/p.lua:1: reads or writes bytes'

    body=$(awk 'BEGIN { for (i = 0; i < 100; i++) printf "    x++;\\n" }')
    put repl/long.c "static int long_one(int x) {\n$body    return x;\n}\n"
    put repl/longer.c "static int long_two(int x,\n    int y) {\n$body    return x;\n}\n"
    put repl/file.c "$body$body$body$body$body$body$body$body"
    sees sizes "$tree" 'repl/long.c:1: long_one has 103 lines'
    sees sizes "$tree" 'repl/longer.c:1: long_two has 104 lines'
    sees sizes "$tree" 'repl/file.c: 800 lines'
    wide=$(awk 'BEGIN { for (i = 0; i < 40; i++) printf "abc" }')
    han=$(awk 'BEGIN { for (i = 0; i < 120; i++) printf "\\344\\270\\255" }')
    put tests/wide.sh "# $wide\n"
    put README.md "$wide\n$han\n| ${wide}x |\n${wide}x\n"
    put assets/pict.svg "${wide}x\n"
    sees sizes "$tree" 'tests/wide.sh:1: 122 columns'
    sees sizes "$tree" 'README.md:4: 121 columns'
    if run_check sizes "$tree" | grep -qE 'README.md:[123]|svg'; then
        failures=$((failures + 1)); echo "sizes: Chinese is counted in bytes, or a table or a picture is counted"
    fi
    put repl/ugly.c 'int  x;\n'
    [ -n "$(clang_format_14)" ] && sees format "$tree" 'repl/ugly.c:1:4: error'
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
    [ "$(run_check symbols "$work" bad.a | wc -l)" = 1 ] ||
        { failures=$((failures + 1)); echo "symbols: a symbol of our own is reported"; }
    self_layers "$1"
    [ "$failures" = 0 ] && echo "every check sees what it is for"
    exit "$((failures > 0))"
}

case $1 in
    self) self "$3" ;;
    draw) cd "$2" && draw_house && exit ;;
    symbols) out=$(check_symbols "$2") ;;
    *) out=$(run_check "$1" "$2" "${3:-}") ;;
esac
[ -n "$out" ] && printf '%s\n' "$out"
case $out in SKIPPED:*) exit 77 ;; esac
# Notes are to be read; everything else is a violation.
! printf '%s' "$out" | grep -qv '^note: '
