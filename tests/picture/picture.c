/* picture.c - the README's picture, drawn by the window's own views: the last ACK of a handshake was lost, and B
 * sends its SYN,ACK again.
 *
 *   picture FILE.svg|FILE.png
 */
#include <stdio.h>
#include <string.h>

#include "../../repl/view/paint_cairo.h"
#include "../../repl/view/view.h"

enum { WIDTH = 1120, HEIGHT = 640 };

static bool must(Session *session, Input input) {
    Status status = session_do(session, &input);
    if (status != STATUS_OK) fprintf(stderr, "picture: %s\n", status_text(status));
    return status == STATUS_OK;
}

static bool next_step(Session *session) {
    Input next;
    return world_next(session_world(session), &next) && must(session, next);
}

static bool drop_first(Session *session) {
    PacketId first;
    return world_packet_list(session_world(session), &first, 1) &&
           must(session, (Input){.kind = INPUT_DROP, .packet = first});
}

static bool play(Session *session) {
    for (HostId host = 0; host < 2; host++)
        if (!must(session, (Input){.kind = INPUT_RULE, .host = host, .rule = HOST_RULE_isn, .value = host ? 300 : 100}))
            return false;
    if (!must(session, (Input){.kind = INPUT_LISTEN, .host = 1, .local = {.port = 80}, .count = 5})) return false;
    Input connect = {
        .kind = INPUT_CONNECT, .host = 0, .local = {.port = 7777}, .remote = {.addr = {0x7f000002}, .port = 80}};
    /* SYN, SYN,ACK, the lost ACK, B's timer, SYN,ACK again. */
    return must(session, connect) && next_step(session) && next_step(session) && drop_first(session) &&
           next_step(session) && next_step(session);
}

static bool draw(Session *session, const char *path) {
    size_t length = strlen(path);
    bool svg = length > 4 && strcmp(path + length - 4, ".svg") == 0;
    FILE *out = fopen(path, "wb");
    Paint *paint = paint_cairo_new();
    if (!out || !paint) {
        fprintf(stderr, "picture: cannot write %s\n", path);
        return false;
    }
    Playhead at = {.step = session_step(session) - 1, .settle = 1, .approach = 0.6};
    StageLook look = STAGE_LOOK;
    look.bare = true;
    look.panels = PANEL_DIAGRAM | PANEL_TIMERS;
    bool drawn = paint_cairo_output(paint, out, svg ? PICTURE_SVG : PICTURE_PNG, WIDTH, HEIGHT) &&
                 draw_session(paint, WIDTH, HEIGHT, &look, session, at);
    bool written = paint_cairo_finish(paint) && fclose(out) == 0 && drawn;
    if (!written) fprintf(stderr, "picture: %s: %s\n", path, paint_cairo_error(paint));
    paint_free(paint);
    return written;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: picture FILE.svg|FILE.png\n");
        return 2;
    }
    Session *session = session_new(&(Config){.seed = 1}, NULL);
    bool done = session && play(session) && draw(session, argv[1]);
    session_free(session);
    return done ? 0 : 1;
}
