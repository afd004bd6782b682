#!/bin/sh
# The launcher, in front of a program of three lines: builds when something changed and only then, from any folder, through
# a symbolic link, two at a time, with arguments and standard streams untouched, and with the compiler's words when it cannot.
set -u
source=${1:?usage: launcher.sh SOURCE-DIR}
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
tree="$here/a folder"
mkdir -p "$tree/engine" "$tree/repl" "$here/bin" "$here/elsewhere"
cp "$source/twomsl" "$source/CMakePresets.json" "$tree/"
cat >"$tree/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.22)
project(toy C)
include(CTest)
file(GLOB sources CONFIGURE_DEPENDS repl/*.c)
add_executable(twomsl ${sources})
END
program() {
    cat >"$tree/repl/main.c" <<END
#include <stdio.h>
int main(int argc, char **argv) {
    int c;
    printf("$1");
    for (int i = 1; i < argc; i++) printf("[%s]", argv[i]);
    while ((c = getchar()) != EOF) putchar(c);
    return argc > 1 ? 3 : 0;
}
END
}
# Every call of cmake and ninja leaves a line.
for tool in cmake ninja; do
    printf '#!/bin/sh\necho %s >>"%s/calls"\nsleep 0.1\nexec %s "$@"\n' "$tool" "$here" "$(command -v $tool)" >"$here/bin/$tool"
    chmod +x "$here/bin/$tool"
done
PATH=$here/bin:$PATH
calls() { if [ -e "$here/calls" ]; then wc -l <"$here/calls"; else echo 0; fi; }

failures=0
is() { # is WHAT GOT WANTED
    [ "$2" = "$3" ] && return
    failures=$((failures + 1))
    printf 'not so: %s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
}

program one
got=$(echo in | "$tree/twomsl" 'x y' '' '*' 2>"$here/err"); status=$?
is "first start, arguments and stdin" "$got" "one[x y][][*]in"
is "its exit status" "$status" 3
is "it says that it builds" "$(grep -c building "$here/err")" 1

: >"$here/calls"
got=$(cd "$here/elsewhere" && "$tree/twomsl" </dev/null 2>"$here/err")
is "second start, from another folder" "$got" one
is "second start calls neither cmake nor ninja" "$(calls)" 0
is "second start says nothing" "$(cat "$here/err")" ""

ln -s "$tree/twomsl" "$here/elsewhere/link"
ln -s link "$here/elsewhere/link2"
is "through two symbolic links" "$(cd / && "$here/elsewhere/link2" </dev/null)" one

program two
: >"$here/calls"
got=$("$tree/twomsl" </dev/null 2>/dev/null & "$tree/twomsl" </dev/null 2>/dev/null; wait)
is "two at once after a change" "$got" "twotwo"
is "one of them built" "$(calls)" 1

printf '#include "no_such_header.h"\n' >"$tree/repl/more.c"
got=$("$tree/twomsl" </dev/null 2>"$here/err"); status=$?
is "an added file that does not compile: nothing on stdout" "$got" ""
is "its exit status" "$status" 1
is "the compiler's words" "$(grep -c 'no_such_header.h: No such file' "$here/err")" 1
is "no old program is started the next time either" "$("$tree/twomsl" </dev/null 2>/dev/null; echo $?)" 1
rm "$tree/repl/more.c"
is "removed again" "$("$tree/twomsl" </dev/null 2>/dev/null)" two

echo 'syntax error here' >>"$tree/CMakeLists.txt"
"$tree/twomsl" </dev/null >/dev/null 2>"$here/err"
is "a broken CMakeLists.txt: exit status" "$?" 1
is "a broken CMakeLists.txt: CMake's words" "$(grep -m 1 -o 'CMake Error' "$here/err")" 'CMake Error'
sed -i '$d' "$tree/CMakeLists.txt"

mv "$tree" "$here/moved"
tree=$here/moved
is "a checkout that was moved" "$("$tree/twomsl" </dev/null 2>/dev/null)" two

[ "$failures" = 0 ] && echo "launcher: all as it should be"
exit "$failures"
