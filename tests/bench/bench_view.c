/* bench_view.c - how long a frame of the window takes to draw, without the window: a session plays while fifty packets
 * are on their way and the ladder scrolls. Beside it what cairo takes to fill the same pixels once; then a frame with
 * many more packets in flight.
 *
 *   bench_view [SCALE]     SCALE 1 by default; smaller is shorter, as in the smoke run of the tests
 *
 * The figures are for people; the exit status only says whether everything was drawn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../repl/view/paint_cairo.h"
#include "../../repl/view/view.h"
#include "../ui/stage_lab.h"

enum { MAX_FRAMES = 2000, TRIES = 5 };

/* Processor time: what else runs on the machine hardly counts. */
static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int ascending(const void *a, const void *b) {
    double one = *(const double *)a, two = *(const double *)b;
    return (one > two) - (one < two);
}

/* A window of small segments on its way from A to B, after others have been delivered. */
static void lab_flood(Session *session) {
    char *bytes = malloc(60001);
    if (!bytes) abort();
    memset(bytes, 'x', 60000);
    bytes[60000] = 0;
    for (HostId host = 0; host < 2; host++) {
        act(session, (Input){.kind = INPUT_RULE, .host = host, .rule = HOST_RULE_mss, .value = 536});
        act(session, (Input){.kind = INPUT_RULE, .host = host, .rule = HOST_RULE_congestion, .value = 0});
    }
    lab_open(session);
    do_conn(session, INPUT_SEND, conn(session, 0), bytes);
    steps(session, 40);
    free(bytes);
}

typedef struct Canvas {
    Paint *paint;
    uint32_t *pixels;
    int width, height;
} Canvas;

static void begin(Canvas *canvas) {
    if (paint_cairo_pixels(canvas->paint, canvas->pixels, canvas->width, canvas->height, 4 * canvas->width)) return;
    fprintf(stderr, "bench_view: %s\n", paint_cairo_error(canvas->paint));
    exit(1);
}

static double fill_seconds(Canvas *canvas, int frames) {
    double best = 1e9;
    for (int i = 0; i < frames; i++) {
        double start = seconds();
        begin(canvas);
        paint_begin(canvas->paint, THEME_DARK);
        paint_fill(canvas->paint, (Rect){0, 0, canvas->width, canvas->height}, INK_BACK, 1);
        paint_cairo_finish(canvas->paint);
        double took = seconds() - start;
        if (took < best) best = took;
    }
    return best;
}

/* Plays the last steps of the session in so many frames, as the window does: the scene, then the picture. */
static double play(Canvas *canvas, const Session *session, Scene *scene, double took[], int frames) {
    static Hits hits;
    StageLook look = STAGE_LOOK;
    uint32_t last = session_step(session), span = 20;
    double all = seconds();
    for (int i = 0; i < frames; i++) {
        double start = seconds(), along = (double)i / frames * span;
        uint32_t step = last - span + (uint32_t)along;
        scene_update(scene, session, (Playhead){step, 1, along - (uint32_t)along});
        begin(canvas);
        draw_stage(canvas->paint, canvas->width, canvas->height, &look, session, scene, &hits);
        paint_cairo_finish(canvas->paint);
        took[i] = seconds() - start;
    }
    return (seconds() - all) / frames;
}

static void measure(const char *name, const Session *session, int width, int height, int frames) {
    static double took[MAX_FRAMES];
    Canvas canvas = {paint_cairo_new(), calloc((size_t)width * (size_t)height, 4), width, height};
    Scene *scene = scene_new();
    if (!canvas.paint || !canvas.pixels || !scene) {
        fprintf(stderr, "bench_view: out of memory\n");
        exit(1);
    }
    double mean = 1e9, late = 1e9, fill = fill_seconds(&canvas, frames);
    for (int i = 0; i < TRIES; i++) {
        double once = play(&canvas, session, scene, took, frames);
        qsort(took, (size_t)frames, sizeof *took, ascending);
        if (once < mean) mean = once;
        if (took[frames * 99 / 100] < late) late = took[frames * 99 / 100];
    }
    printf("%-24s %4dx%-4d %7.2f ms a frame   p99 %7.2f ms   %6.0f frames/s   %5.1f fills\n", name, width, height,
           mean * 1e3, late * 1e3, 1 / mean, mean / fill);
    scene_free(scene);
    free(canvas.pixels);
    paint_free(canvas.paint);
}

/* Seconds for a frame with so many packets in flight, as the picture stands after a step. */
static double loaded(Canvas *canvas, int count, int frames) {
    static Hits hits;
    StageLook look = STAGE_LOOK;
    Session *session = lab_new_session();
    Scene *scene = scene_new();
    lab_load(session, count);
    double best = 1e9;
    for (int i = 0; scene && i < frames; i++) {
        step(session);
        double start = seconds();
        scene_update(scene, session, playhead_now(session));
        begin(canvas);
        draw_stage(canvas->paint, canvas->width, canvas->height, &look, session, scene, &hits);
        paint_cairo_finish(canvas->paint);
        double took = seconds() - start;
        if (i > 0 && took < best) best = took; /* the first reads all that was there before the window */
    }
    scene_free(scene);
    session_free(session);
    return best;
}

static void measure_loads(int frames) {
    static const int loads[] = {50, 5000, 50000};
    Canvas canvas = {paint_cairo_new(), calloc(1280 * 800, 4), 1280, 800};
    if (!canvas.paint || !canvas.pixels) exit(1);
    double first = 0;
    for (size_t i = 0; i < sizeof loads / sizeof *loads; i++) {
        double took = loaded(&canvas, loads[i], frames);
        if (!i) first = took;
        printf("%6d packets in flight   1280x800  %7.2f ms a frame   %5.2f times that of %d\n", loads[i], took * 1e3,
               took / first, loads[0]);
    }
    free(canvas.pixels);
    paint_free(canvas.paint);
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*reach)(Session *session);
    } scenes[] = {{"handshake and close", lab_closed}, {"fifty packets", lab_flood}, {"long session", lab_long}};
    static const int sizes[][2] = {{1280, 800}, {2560, 1440}};
    double scale = argc > 1 ? strtod(argv[1], NULL) : 1;
    int frames = (int)(400 * scale);
    if (frames < 4) frames = 4;
    if (frames > MAX_FRAMES) frames = MAX_FRAMES;
    for (size_t i = 0; i < sizeof scenes / sizeof *scenes; i++) {
        Session *session = lab_new_session();
        scenes[i].reach(session);
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
            measure(scenes[i].name, session, sizes[k][0], sizes[k][1], frames);
        session_free(session);
    }
    measure_loads(frames < 50 ? frames : 50);
    return 0;
}
