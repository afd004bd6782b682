#!/bin/sh
# The README's first session, typed again into a terminal: the program must still answer exactly so.
#
#   readme.sh SOURCE-DIR PROGRAM           compares
#   readme.sh SOURCE-DIR PROGRAM --update  writes what was answered into the README
set -u
source=${1:?usage: readme.sh SOURCE-DIR PROGRAM}
program=${2:?usage: readme.sh SOURCE-DIR PROGRAM}
command -v tmux >/dev/null 2>&1 || { echo "SKIPPED: tmux is missing"; exit 77; }
here=$(mktemp -d) || exit 1
tm() { tmux -S "$here/socket" -f /dev/null "$@"; }
trap 'tm kill-server 2>/dev/null; rm -rf "$here"' EXIT

# The block after the mark, without its fences.
awk '/^<!-- session -->$/ { mark = 1 } mark && /^```/ { if (inside) exit; inside = 1; next } inside' \
    "$source/README.md" >"$here/wanted"
[ -s "$here/wanted" ] || { echo "README.md has no session"; exit 1; }
# Its first line is the command, the lines after a prompt what is typed.
sed -n '1s/^\$ //p' "$here/wanted" >"$here/command"
sed -n 's/^> //p' "$here/wanted" >"$here/typed"
if ! [ -s "$here/command" ] || [ "$(wc -l <"$here/typed")" -lt 5 ]; then
    echo "README.md's session types too little"
    exit 1
fi

screen() { tm capture-pane -p -S - -t 0 | sed 's/[ ]*$//'; }
# The prompt stands alone on the last line that is not empty.
ready() {
    tries=0
    until [ "$(screen | grep -v '^$' | tail -n 1)" = '>' ]; do
        tries=$((tries + 1))
        [ $tries -gt 200 ] && { echo "no prompt within 20 s; the terminal shows:"; screen; exit 1; }
        sleep 0.1
    done
}

mkdir "$here/home"
arguments=$(sed 's|^\./twomsl||' "$here/command")
tm new-session -d -x 108 -y 50 \
    "cd '$here' && PS1='\$ ' HOME='$here/home' LC_ALL=C.UTF-8 NO_COLOR=1 sh -c '$program $arguments; sleep 60'"
ready
while IFS= read -r line; do
    tm send-keys -t 0 -l -- "$line"
    tm send-keys -t 0 Enter
    sleep 0.2
    ready
done <"$here/typed"
{
    printf '$ '
    cat "$here/command"
    screen | awk 'NF { for (; blank > 0; blank--) print ""; print; next } { blank++ }' | sed '$d'
} >"$here/got"

if [ "${3:-}" = --update ]; then
    awk -v got="$here/got" '
        /^<!-- session -->$/ { mark = 1 }
        mark && /^```/ {
            print
            if (!inside) { while ((getline line <got) > 0) print line; inside = 1 } else mark = 0
            next
        }
        !(mark && inside) { print }' "$source/README.md" >"$here/new" && cat "$here/new" >"$source/README.md"
    exit
fi
if diff -u --label README.md --label "the program" "$here/wanted" "$here/got"; then
    echo "the README's session is what the program says"
else
    echo "If the program is right: tests/rooms/readme.sh . $program --update"
    exit 1
fi
