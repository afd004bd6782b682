#!/bin/sh
# packetdrill scripts against this TCP.
#
#   run.sh pass PROGRAM SCRIPTS             all of SCRIPTS/*.pkt pass and send nothing unexpected
#   run.sh grid PROGRAM SCRIPTS OUT         the same for the scripts made from SCRIPTS/grid.txt, in the folder OUT
#   run.sh wrong PROGRAM SCRIPTS OUT        each of them fails where its answer, or its new state, is another; and the
#                                           table is refused where it has holes, repetitions or unknown words
#   run.sh faulty PROGRAM SCRIPTS           each of SCRIPTS/faulty/*.pkt fails, for the reason in its line "// fails:"
#   run.sh verdicts PROGRAM                 what counts as passed, failed, unsupported; exit status; wrong usage
set -u
what=$1 program=$2 scripts=${3:-}
failures=0
complain() {
    failures=$((failures + 1))
    printf '%s\n' "$*"
}
count() { find "$1" -maxdepth 1 -name '*.pkt' | wc -l; }

run_pass() {
    wanted=$(count "$scripts")
    [ "$wanted" -ge "$1" ] || complain "only $wanted scripts in $scripts"
    begin=$(date +%s%N)
    out=$("$program" drill --strict "$scripts") || complain "exit status $?"
    took=$((($(date +%s%N) - begin) / 1000000))
    printf '%s\n%s ms\n' "$out" "$took"
    # A script made from a row names it in its first line.
    printf '%s\n' "$out" | sed -n 's/^\(.*\.pkt\):[0-9].*/\1/p' | while read -r file; do
        sed -n '1s|^// \(grid.txt:\)|row \1|p' "$file"
    done
    [ "$(printf '%s\n' "$out" | tail -n 1)" = "$wanted passed, 0 failed, 0 unsupported" ] ||
        complain "not all of $wanted passed"
}

# make_grid OUT [AWK-ARG]...: the scripts of grid.txt; those not kept by the engine yet in OUT/pending.
make_grid() {
    out=$1; shift
    rm -rf "$out"
    mkdir -p "$out/pending" || exit 1
    awk -v out="$out" "$@" -f "$grid/grid.awk" "$grid/states.txt" "$grid/grid.txt"
}

run_grid() {
    grid=$scripts scripts=$1
    make_grid "$scripts" || complain 'grid.txt cannot be expanded'
    run_pass 500
    [ "$(count "$scripts/pending")" = 0 ] && return
    for file in "$scripts"/pending/*.pkt; do
        "$program" drill --strict "$file" >/dev/null &&
            complain "$(sed -n '1s|^// ||p' "$file"): so it is now; take the ? away"
    done
}

# refused WORDS SED-SCRIPT: grid.txt, edited so, is refused with these words.
refused() {
    mkdir -p "$out"
    sed "$2" "$grid/grid.txt" >"$out/grid.txt"
    cmp -s "$out/grid.txt" "$grid/grid.txt" && complain "the edit \"$2\" changes nothing"
    said=$(awk -f "$grid/grid.awk" "$grid/states.txt" "$out/grid.txt" 2>&1 >/dev/null) && complain "not refused: $2"
    case $said in *"$1"*) ;; *) complain "wanted $1
    got $said" ;; esac
}

run_wrong() {
    grid=$scripts out=$1
    for what_is_wrong in answer state; do
        make_grid "$out" -v wrong=$what_is_wrong || complain 'grid.txt cannot be expanded'
        total=$("$program" drill --strict "$out" | tail -n 1)
        [ "$total" = "0 passed, $(count "$out") failed, 0 unsupported" ] || complain "another $what_is_wrong: $total"
    done
    refused 'no row for closed-ack' '/^closed  ack,/d'
    refused 'no row for closing-ack-of-all-left-edge' '/^closing  ack-of-all  left-edge/d'
    refused 'listen-syn stands in line' '$a listen syn any ACK same - - 9293 again'
    refused 'no answer: ACKS' '$a listen syn-rst any ACKS same - - 9293 why'
    refused 'no state: listening' '$a listening syn-rst any ACK same - - 9293 why'
    refused 'no place of listen: past' '$a listen syn past ACK same - - 9293 why'
    refused 'no segment: sin' '$a listen sin any ACK same - - 9293 why'
    refused 'no standard: 793' '$a listen syn any ACK same - - 793 why'
    refused 'eight columns and a reason' '$a listen syn any ACK same - - 9293'
}

run_faulty() {
    wanted=$(count "$scripts/faulty")
    [ "$wanted" -ge 40 ] || complain "only $wanted faulty scripts"
    out=$("$program" drill "$scripts/faulty"); status=$?
    [ "$status" = 1 ] || complain "exit status $status"
    total=$(printf '%s\n' "$out" | tail -n 1)
    [ "$total" = "0 passed, $wanted failed, 0 unsupported" ] || complain "not all of $wanted failed: $total"
    for file in "$scripts"/faulty/*.pkt; do
        reason=$(sed -n 's|^// fails: ||p' "$file")
        [ -n "$reason" ] || complain "$file: no line // fails:"
        said=$(printf '%s\n' "$out" | grep -F "$file:")
        case $said in *"$reason"*) ;; *) complain "$file: fails for another reason
    wanted  $reason
    said    $said" ;; esac
    done
}

# is WORDS STATUS SCRIPT-TEXT [ARG]...: runs a script of that text; its output has these words.
is() {
    words=$1 wanted=$2
    printf '%b' "$3" >"$here/x.pkt"
    shift 3
    out=$("$program" drill "$@" "$here/x.pkt" 2>&1); status=$?
    [ "$status" = "$wanted" ] || complain "status $status, not $wanted, for $words: $out"
    case $out in *"$words"*) ;; *) complain "wanted $words
    got $out" ;; esac
}

run_verdicts() {
    here=$(mktemp -d) || exit 1
    trap 'rm -rf "$here"' EXIT
    open='0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n'
    syn='+0 < S 0:0(0) win 1000 <mss 1000>\n'
    is '1 passed, 0 failed, 0 unsupported' 0 "$open"
    is '0 passed, 0 failed, 1 unsupported' 1 "${open}+0 frobnicate(3) = 0\n"
    is 'x.pkt:4: the system call frobnicate is not supported' 1 "${open}+0 frobnicate(3) = 0\n"
    is 'the setting net.ipv4.tcp_fastopen=1 is not supported' 1 "\`sysctl -w net.ipv4.tcp_fastopen=1\`\n$open"
    is 'the setting net.ipv4.tcp_nonsense is not supported' 1 "\`sysctl -w net.ipv4.tcp_nonsense=1\`\n$open"
    is 'the setting net.inet.tcp.ecn.enable=1 is not supported' 1 "\`sysctl -w net.inet.tcp.ecn.enable=1\`\n$open"
    is 'the TCP option: FO is not supported' 1 "${open}+0 < S 0:0(0) win 1000 <mss 1000,FO>\n"
    is 'packets of udp is not supported' 1 "${open}+0 < udp(100)\n"
    is 'the command rm2 is not supported' 1 "${open}+0 \`rm2 -rf x\`\n"
    is 'the option --wire_client (a second machine) is not supported' 1 "--wire_client\n$open"
    is 'the option --frobnicate is not supported' 1 "--frobnicate=1\n$open"
    is 'Python beyond assert' 1 "${open}+0 %{ import os }%\n"
    accepted="${open}${syn}+0 > S. 0:0(0) ack 1 <...>\n+0 < . 1:1(0) ack 1 win 9000\n+0 accept(3, ..., ...) = 4\n"
    is 'the name tcpi_nonsense in an assertion is not supported' 1 "${accepted}+0 %{ assert tcpi_nonsense == 1 }%\n"
    is 'this script has no events' 1 '// nothing\n'
    is 'cannot read this line' 1 'hello world\n'
    is 'cannot read this line' 1 "${open}+0 < S 0:0(0"
    is 'this #ifdef has no #endif' 1 "#ifdef X\n$open"
    is '#else without #ifdef' 1 "#else\n$open"
    # --define: in a branch, and as a word.
    is '1 passed' 0 "${open}#ifdef GOOD\n#else\n+0 listen(9, 1) = 0\n#endif\n" --define=GOOD
    is 'expected 0, got -1 EBADF' 1 "${open}#ifdef GOOD\n#else\n+0 listen(9, 1) = 0\n#endif\n"
    is '1 passed' 0 "$(printf %s "$open" | sed 's/listen(3, 1)/listen(3, BACKLOG)/')" -D BACKLOG=5
    # Profiles: by hand, by the script, and guessed.
    is '1 passed' 0 "${open}${syn}+0 > S. 0:0(0) ack 1 win 65535 <mss 1460>\n" --profile=rfc
    sack="+0 < S 0:0(0) win 1000 <mss 1000,sackOK>\n+0 > S. 0:0(0) ack 1 <mss 1460,nop,nop,sackOK>\n"
    is '1 passed' 0 "$open$sack"
    is '1 passed' 0 "$open$sack" --profile=rfc -D X --profile=linux
    is 'got options <mss 1460>' 1 "--profile=rfc\n$open$sack"
    # Tolerance, strictness, large packets.
    late="${open}${syn}+0.003 > S. 0:0(0) ack 1 <...>\n"
    is '1 passed' 0 "$late"
    is 'expected time 0.003000, got time 0.000000' 1 "$late" --tolerance_usecs=1000
    is 'expected nothing more' 1 "${open}${syn}" --strict
    is '1 passed' 0 "${open}${syn}"
    burst="${accepted}+0 write(4, ..., 3000) = 3000\n+0 > P. 1:3001(3000) ack 1\n"
    is '1 passed' 0 "$burst"
    is 'expected length 3000, got length 1000' 1 "$burst" --strict_segments
    # As a lesson: each line is shown, and then its events.
    is 'x.pkt:4  +0 < S 0:0(0) win 1000 <mss 1000>' 0 "$open$syn" -i --no-window
    is 'A: LISTEN > SYN_RCVD' 0 "$open$syn" -i --no-window
    # Wrong usage.
    is 'the option --frobnicate is not known here' 2 "$open" --frobnicate
    is '--profile must be' 2 "$open" --profile=plan9
    is '--tolerance_usecs must be' 2 "$open" --tolerance_usecs=soon
    "$program" drill >/dev/null 2>&1 && complain 'no script, and no complaint'
    "$program" drill "$here/none.pkt" 2>&1 | grep -q 'none.pkt: cannot read it' ||
        complain 'a missing file is not named'
    # A student's script has neither LPeg nor files.
    "$program" -e 'assert(not require and not package and not drill_machinery and not lpeg)' </dev/null ||
        complain 'the sandbox lets more through'
}

case $what in
    pass) run_pass 70 ;;
    grid) run_grid "$4" ;;
    wrong) run_wrong "$4" ;;
    faulty) run_faulty ;;
    verdicts) run_verdicts ;;
esac
[ "$failures" = 0 ]
