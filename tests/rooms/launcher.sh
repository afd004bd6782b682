#!/bin/sh
# The launcher, with a toy program: it builds when something changed and only then, from any folder, through a
# symbolic link, two at a time; it does not change arguments and standard streams, and shows the compiler's messages
# when it cannot.
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
if(BUILD_TESTING)
  add_test(NAME toy.runs COMMAND twomsl)
  add_test(NAME toy.cannot COMMAND sh -c "test -e may-skip || exit 0; echo SKIPPED: no such wire; exit 77")
  add_test(NAME toy.part COMMAND sh -c
    "test ! -e may-skip || printf '[  SKIPPED ] one_case\\n 1 SKIPPED TEST(S)\\n[  SKIPPED ] one_case\\n'")
  add_test(NAME toy.silent COMMAND sh -c "test -e may-skip || exit 0; exit 77")
  add_test(NAME toy.fails COMMAND sh -c "test ! -e must-fail")
  set_tests_properties(toy.cannot toy.silent PROPERTIES SKIP_RETURN_CODE 77)
endif()
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
    printf '#!/bin/sh\necho %s >>"%s/calls"\nsleep 0.1\nexec %s "$@"\n' "$tool" "$here" "$(command -v $tool)" \
        >"$here/bin/$tool"
    chmod +x "$here/bin/$tool"
done
# Nothing is ever installed from here.
for tool in apt-get sudo; do printf '#!/bin/sh\nexit 1\n' >"$here/bin/$tool"; chmod +x "$here/bin/$tool"; done
PATH=$here/bin:$PATH
unset CI
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
got=$(cd "$here/elsewhere" && "$tree/twomsl" 'x y' '' '*' </dev/null 2>"$here/err")
is "second start, from another folder, with arguments" "$got" "one[x y][][*]"
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


# ---- ./twomsl test ----

"$tree/twomsl" test >"$here/out" 2>"$here/err"
is "test: exit status" "$?" 0
is "test: both builds" "$(grep -c '100% tests passed, 0 tests failed out of 5' "$here/out")" 2
for build in release asan; do [ -x "$tree/build/$build/twomsl" ] || is "test: the $build build" "no" "yes"; done
is "test: its arguments are those of ctest" \
    "$("$tree/twomsl" test -R toy.runs 2>/dev/null | grep -c 'tests passed.* out of 1$')" 2
: >"$here/calls"
is "the program is still fresh after the tests" "$("$tree/twomsl" </dev/null 2>/dev/null)$(calls)" two0

for build in release asan; do : >"$tree/build/$build/may-skip"; done
"$tree/twomsl" test >"$here/out" 2>"$here/err"
is "a skipped test: exit status" "$?" 0
is "a skipped test: its reason" "$(grep -c '^  toy.cannot: SKIPPED: no such wire$' "$here/out")" 2
is "a skipped case within a test" "$(grep -c '^  toy.part: ' "$here/out")" 2
is "a skipped test that does not say why" "$(grep -c '^  toy.silent: SKIPPED (it did not say why)$' "$here/out")" 2
CI=true "$tree/twomsl" test >"$here/out" 2>"$here/err"
is "a skipped test with CI=true: exit status" "$?" 1

rm "$tree"/build/*/may-skip
: >"$tree/build/asan/must-fail"
"$tree/twomsl" test >"$here/out" 2>"$here/err"
is "a failed test: exit status" "$?" 1
is "a failed test: in which build" "$(tail -n 1 "$here/err")" "twomsl: tests failed: asan"
"$tree/twomsl" test -R no_such_test >"$here/out" 2>"$here/err"
is "no test of that name: exit status" "$?" 1

[ "$failures" = 0 ] && echo "launcher: all as it should be"
exit "$((failures > 0))"
