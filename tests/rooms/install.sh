#!/bin/sh
# cmake --install, moved elsewhere: the program runs and reads the scripts beside it, not those of the checkout.
set -u
build=${1:?usage: install.sh BUILD-DIR CMAKE}
cmake=${2:-cmake}
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT
failures=0
is() { # is WHAT GOT WANTED
    [ "$2" = "$3" ] && return
    failures=$((failures + 1))
    printf 'not so: %s\n  got:    %s\n  wanted: %s\n' "$1" "$2" "$3"
}

DESTDIR='' "$cmake" --install "$build" --prefix "$here/first" >"$here/log" 2>&1 || { cat "$here/log"; exit 1; }
mv "$here/first" "$here/a moved folder"
top="$here/a moved folder"
for file in bin/twomsl share/twomsl/scripts/lessons share/twomsl/scripts/rfc share/man/man1/twomsl.1 \
    share/applications/twomsl.desktop share/icons/hicolor/scalable/apps/twomsl.svg; do
    [ -e "$top/$file" ] || is "installed: $file" "no" "yes"
done
is "nothing is installed that belongs to somebody alone" "$(find "$top" ! -perm -o=r)" ""

cd / || exit 1
is "the installed program runs" "$("$top/bin/twomsl" --no-window --wire=memory -e 'print(1)' </dev/null 2>&1)" 1
rfc='print(rfc("MUST-31").id)'
is "it knows the requirements" "$("$top/bin/twomsl" --no-window --wire=memory -e "$rfc" </dev/null 2>&1)" MUST-31
# A lesson that only the installed folder has.
cat >"$top/share/twomsl/scripts/lessons/only-here.lua" <<'END'
lesson{name = "only-here", title = {en = "Only in the installed folder"}, run = function() end}
END
"$top/bin/twomsl" lessons </dev/null >"$here/lessons" 2>&1
is "its exit status" "$?" 0
is "it lists the lessons beside it" "$(grep -c '^only-here' "$here/lessons")" 1
is "and those that were installed" "$(grep -c '^open-three-way' "$here/lessons")" 1
mkdir "$here/bin"
ln -s "$top/bin/twomsl" "$here/bin/twomsl"
is "also through a symbolic link" "$("$here/bin/twomsl" lessons </dev/null 2>&1 | grep -c '^only-here')" 1
[ "$failures" = 0 ] && echo "install: all as it should be"
exit "$((failures > 0))"
