# Expands grid.txt into its combinations of state, segment and place.
#
#   awk -f grid.awk [-v out=FOLDER] [-v wrong=answer|state] states.txt grid.txt
#
# With `out` each combination becomes a packetdrill script in that folder, those of rows with "?" in FOLDER/pending.
# Without, it becomes a line for tests/matrix: LINE STATE SEGMENT PLACE FLAGS BYTES ACK ANSWER NEW-STATE RULE.
# `wrong` replaces each answer, or each new state, by another: every script must then fail.

function die(text) { printf "%s:%d: %s\n", FILENAME, FNR, text >"/dev/stderr"; failed = 1; exit 1 }

FNR == 1 { input++ }
/^#/ { next }

# ---- states.txt ----

input == 1 && $1 == "state" {
    state = $2
    known[state] = 1
    for (i = 3; i <= NF; i++) { eq = index($i, "="); is[state, substr($i, 1, eq - 1)] = substr($i, eq + 1) }
    if ((state, "after") in is) preamble[state] = preamble[is[state, "after"]]
    next
}
input == 1 { if (NF) preamble[state] = preamble[state] $0 "\n"; next }

# ---- grid.txt ----

NF == 0 { next }
$1 == "kind" { flags[$2] = $3; bytes[$2] = $4; next }
$1 == "basic" { for (i = 2; i <= NF; i++) basic[$i] = 1; next }
$1 == "group" { for (i = 3; i <= NF; i++) group[$2] = group[$2] (i > 3 ? "," : "") $i; next }
{ expand_row() }
END { if (!failed) check_complete(); if (failed) exit 1 }

function among(word, list) { return word != "" && index(" " list " ", " " word " ") > 0 }

# Fills list with the words of "a,b", a group's name standing for its members.
function members(text, list,    names, parts, n, m, i, j, count) {
    n = split(text, names, ",")
    for (i = 1; i <= n; i++) {
        m = split(names[i] in group ? group[names[i]] : names[i], parts, ",")
        for (j = 1; j <= m; j++) list[++count] = parts[j]
    }
    return count
}

function expand_row(    states, segments, places, s, g, p, state_count, segment_count, place_count, i) {
    if (NF < 9) die("a row has eight columns and a reason")
    pending = sub(/^\?/, "")
    answer = $4; after = $5; check = $6; rule = $7; source = $8 == "ours" ? "our reading" : "RFC " $8
    if (!among(answer, "- ACK ACK-of-it ACK-of-it-later SYN,ACK RST RST,ACK")) die("no answer: " answer)
    if (after != "same" && after != "new" && !(after in known)) die("no state: " after)
    if (!among(check, "- reset refused no-error eof reads waits lasts restarts runs-on")) die("no check: " check)
    if (!among($8, "9293 5961 6191 ours")) die("no standard: " $8)
    for (i = 9; i <= NF; i++) source = source (i == 9 ? ": " : " ") $i
    if (wrong == "answer") answer = answer == "-" ? "ACK" : "-"
    state_count = members($1, states)
    segment_count = split($2, segments, ",")
    place_count = split($3, places, ",")
    for (s = 1; s <= state_count; s++)
        for (g = 1; g <= segment_count; g++)
            for (p = 1; p <= place_count; p++) expand_cell(states[s], segments[g], places[p])
}

function has_window(state) { return !among(state, "closed listen syn-sent") }
function cell_name(state, segment, place) { return state "-" segment (place == "any" ? "" : "-" place) }

function expand_cell(state, segment, place,    name, kind, ack) {
    if (!(state in known)) die("no state: " state)
    if (!among(place, has_window(state) ? "before left-edge inside right-edge past" : "any"))
        die("no place of " state ": " place)
    kind = segment
    ack = sub(/-of-all$/, "", kind) ? "all" : sub(/-of-more$/, "", kind) ? "more" : \
          sub(/-of-old$/, "", kind) ? "old" : sub(/-again$/, "", kind) ? "again" : "una"
    if (!(kind in flags)) die("no segment: " segment)
    name = cell_name(state, segment, place)
    if (name in defined) die(name " stands in line " defined[name] " too")
    defined[name] = FNR
    after = $5
    if (wrong == "state")
        after = $5 != "same" ? "same" : state == "closed" ? "listen" : state == "listen" ? "syn-rcvd" : "closed"
    if (out != "") write_script(state, kind, ack, place, name)
    else print FNR, (pending ? "?" : "") state, segment, place, flags[kind], bytes[kind], ack, answer, after, rule
}

# Each state meets each basic segment at each place; where our SYN or FIN is in flight, its acknowledgment too.
function check_complete(    state, kind, places, n, p) {
    for (state in known) {
        if (state == "time-wait-nobody-listens") continue
        n = split(has_window(state) ? "before left-edge right-edge past" : "any", places, " ")
        for (kind in basic)
            for (p = 1; p <= n; p++) {
                need(cell_name(state, kind, places[p]))
                if (flags[kind] ~ /\./ && is[state, "una"] != is[state, "nxt"])
                    need(cell_name(state, kind "-of-all", places[p]))
            }
    }
}
function need(name) { if (!(name in defined)) { print "grid.txt: no row for " name >"/dev/stderr"; failed = 1 } }

# ---- One script ----

function line(text) { print text >file }
function call(text) { if (fd != "-") line("+0 " text) }
function in_state(tcpi) { line("+0 %{ assert tcpi_state == TCP_" tcpi " }%") }

function modulo(number) { return sprintf("%.0f", number < 0 ? number + 4294967296 : number) }
# Sequence numbers as packetdrill writes them: "5:15(10)".
function numbers(seq, length_of_text) { return modulo(seq) ":" modulo(seq + length_of_text) "(" length_of_text ")" }

function write_script(state, kind, ack_place, place, name,    size) {
    file = out "/" (pending ? "pending/" : "") name ".pkt"
    una = is[state, "una"] + 0; nxt = is[state, "nxt"] + 0; rcv = is[state, "rcv"] + 0; fd = is[state, "fd"]
    size = bytes[kind] + (flags[kind] ~ /S/) + (flags[kind] ~ /F/)
    seq = rcv
    if (place == "before") seq -= size ? size : 1
    if (place == "inside") seq += 1
    if (place == "right-edge") seq += 65534
    if (place == "past") seq += 65535
    ack = una
    if (ack_place == "all") ack = nxt
    if (ack_place == "more") ack = nxt + 1
    if (ack_place == "again") ack = una - 1
    if (ack_place == "old") ack = una - 65536
    line("// grid.txt:" FNR ": " state " meets " substr(name, length(state) + 2) ": answer " answer ", state " after)
    line("// (" source ")")
    line("--profile=rfc")
    printf "%s", preamble[state] >file
    line("")
    line((among(check, "restarts runs-on") ? "+30" : "+.1") " < " flags[kind] " " numbers(seq, bytes[kind]) \
         (flags[kind] ~ /\./ ? " ack " modulo(ack) : "") " win " (flags[kind] ~ /R/ ? 0 : 65535) \
         (flags[kind] ~ /S/ ? " <mss 1460>" : ""))
    write_answer(size)
    write_outcome(state, kind)
    close(file)
}

function write_answer(size) {
    if (answer == "ACK-of-it") rcv = seq + size
    if (answer ~ /^ACK(-of-it)?$/) line("+0 > . " numbers(nxt, 0) " ack " rcv)
    if (answer == "SYN,ACK") line("+0 > S. 0:0(0) ack " modulo(seq + 1) " <mss 1460>")
    if (answer == "RST") line("+0 > R " numbers(ack, 0) " win 0")
    if (answer == "RST,ACK") line("+0 > R. 0:0(0) ack " modulo(seq + size) " win 0")
}

# What else must be so afterwards: the state, what the application sees, and how the next segment is answered.
function write_outcome(state, kind,    now) {
    now = after == "same" ? state : after
    if (now == "closed") return outcome_closed(state)
    if (now == "listen") return outcome_listen(state)
    if (now == "new") return outcome_new()
    if (now == "syn-rcvd") line("+0 `ss -tan | grep -q SYN-RECV`")
    if (state == "syn-rcvd" && after != "same") { line("+0 accept(3, ..., ...) = 4"); fd = 4 }
    if (after != "same" && ack > una && ack <= nxt) una = ack
    ask_application(bytes[kind])
    if (fd != "-") in_state(is[now, "in"])
    if (now == "syn-sent") return outcome_syn_sent()
    if (answer == "ACK-of-it-later") { rcv = seq + bytes[kind]; line("+.2 > . " numbers(nxt, 0) " ack " rcv) }
    if (state == "listen") return
    if (now == "syn-rcvd-active" && state == "syn-sent") rcv = 1
    line("// A segment from before the window is answered, and nothing was sent before that.")
    line("+.1 < . " numbers(rcv - 1, 0) " ack " una " win 65535")
    line("+0 > . " numbers(nxt, 0) " ack " rcv)
    outcome_time_wait()
}

function ask_application(length_of_text) {
    if (check == "reads") call("read(" fd ", ..., 1000) = " length_of_text)
    if (check == "eof") call("read(" fd ", ..., 1000) = 0")
    if (check == "waits") {
        call("fcntl(" fd ", F_SETFL, O_RDWR|O_NONBLOCK) = 0")
        call("read(" fd ", ..., 1000) = -1 EAGAIN (nothing in order yet)")
    }
}

function outcome_closed(state) {
    if (among(check, "reset refused no-error"))
        call("getsockopt(" fd ", SOL_SOCKET, SO_ERROR, [" \
             (check == "reset" ? "ECONNRESET" : check == "refused" ? "ECONNREFUSED" : "0") "], [4]) = 0")
    if (fd != "-") in_state("CLOSE")
    line("// The connection is gone: what still comes is answered by CLOSED.")
    line("+.1 < . " numbers(rcv, 0) " ack " nxt " win 65535")
    line("+0 > R " numbers(nxt, 0) " win 0")
}

function outcome_listen(state) {
    line("+0 `ss -tan | grep SYN-RECV | wc -l | grep -q 0`")
    line("+.1 < . " numbers(rcv, 0) " ack " nxt " win 65535")
    line("+0 > R " numbers(nxt, 0) " win 0")
    if (state == "syn-rcvd") return
    line("+.1 < S 100:100(0) win 65535 <mss 1460>")
    line("+0 > S. 0:0(0) ack 101 <mss 1460>")
}

# The SYN's FIN was kept for the time after the handshake.
function outcome_new() {
    line("+.1 < . 1:1(0) ack 1 win 65535")
    if (check == "eof") line("+0 > . 1:1(0) ack 2")
    line("+0 accept(3, ..., ...) = 5")
    fd = 5
    ask_application(0)
    in_state(check == "eof" ? "CLOSE_WAIT" : "ESTABLISHED")
}

function outcome_syn_sent() {
    line("// The handshake can still be completed.")
    line("+.1 < S. 0:0(0) ack 1 win 65535 <mss 1460>")
    line("+0 > . 1:1(0) ack 1")
    in_state("ESTABLISHED")
}

# When 2 MSL (60 s) end. The segment before the window came 0.1 s after the one that counts.
function outcome_time_wait() {
    if (!among(check, "lasts restarts runs-on")) return
    line((check == "runs-on" ? "+29.8" : "+59.8") " %{ assert tcpi_state == TCP_TIME_WAIT }%")
    line("+.2 %{ assert tcpi_state == TCP_CLOSE }%")
}
