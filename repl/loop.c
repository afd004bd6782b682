/* loop.c - see loop.h. The loop is in one of three conditions: idle (the prompt is shown), a job waits (for the window
 * or for the user), or Lua runs (then tick() keeps the window alive). */
#include "loop.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../engine/link/link.h"
#include "prompt/prompt.h"
#include "text/text.h"
#include "typed.h"

#define PROMPT "> "
#define PROMPT_MORE ">> "
#define TICK INT64_C(16000) /* microseconds between two turns of the window while Lua runs */

enum { QUEUE = 64, SOURCES = 8, BLIND_MS = 16, INTERRUPTED_STATUS = 130, WRONG_USAGE = 2 };

static struct {
    Lab *lab;
    Stage *stage;
    bool terminal, stay;
    const char *history;
    bool prompt_open;
    const Action *action, *last_action; /* the next one; the end */
    bool acting;                        /* the job comes from an action: its failure counts */
    bool answered;                      /* the user has ended a pause */
    bool unwound;                       /* Ctrl-C has ended a job: it does not discard the line at the prompt too */
    bool leave, window_closed;
    int status, signal;
    char *chunk; /* the lines so far of an incomplete chunk */
    size_t chunk_length;
    char *queue[QUEUE]; /* lines from the window */
    size_t queued;
    Micros ticked;
    bool in_tick;
    LoopSource sources[SOURCES];
    size_t source_count;
} loop;

/* ---- The window ---- */

static void pump(void) {
    if (!loop.stage || loop.window_closed) return;
    loop.window_closed = !stage_pump(loop.stage);
    const char *lost = loop.window_closed ? stage_lost(loop.stage) : NULL;
    if (!lost) return;
    char text[96];
    snprintf(text, sizeof text, "twomsl: %s; the window is closed", lost);
    prompt_error(text);
}

/* The person closed the window; where it was lost, what runs goes on. */
static bool dismissed(void) { return loop.window_closed && !stage_lost(loop.stage); }

/* Not while Lua runs: the job may still use the stage. */
static void close_window(void) {
    if (!loop.stage || !loop.window_closed) return;
    bool leave = dismissed();
    stage_close(loop.stage);
    loop.stage = NULL;
    if (loop.terminal) return;
    loop.stay = false;
    loop.answered = true; /* nobody is left who could end a pause */
    if (leave) loop.leave = true;
}

/* Ctrl-Z */
static void stop(void) {
    prompt_suspend();
    signals_stop();
    prompt_resume();
}

/* While Lua runs. */
static void tick(void *self) {
    (void)self;
    if (loop.in_tick || wall_clock() - loop.ticked < TICK) return;
    loop.in_tick = true;
    pump();
    if (!loop.terminal && dismissed()) lab_interrupt(loop.lab);
    if (!prompt_flush()) lab_interrupt(loop.lab);
    if (signals_take_suspend()) stop();
    loop.in_tick = false;
    loop.ticked = wall_clock();
}

void loop_command(void *self, const char *line) {
    (void)self;
    if (loop.queued == QUEUE) return; /* a key is held down */
    char *copy = strdup(line);
    if (copy) loop.queue[loop.queued++] = copy;
}

void loop_echo(void *self, const char *line) {
    (void)self;
    if (!loop.stay || !loop.terminal) return;
    prompt_print(PROMPT, sizeof PROMPT - 1);
    prompt_print(line, strlen(line));
    prompt_print("\n", 1);
}

void loop_go_on(void *self) {
    (void)self;
    if (loop.lab && lab_waits_for_person(loop.lab)) loop.answered = true;
}

static void clear_queue(void) {
    while (loop.queued > 0) free(loop.queue[--loop.queued]);
}

/* ---- The port ---- */

static void port_print(void *self, const char *text, size_t length) {
    (void)self;
    prompt_print(text, length);
}

static bool port_lags(void *self) {
    (void)self;
    return loop.stage && !loop.window_closed && stage_lags(loop.stage);
}

static void port_caption(void *self, const char *title, const char *text) {
    (void)self;
    if (loop.stage) stage_caption(loop.stage, title, text);
}

static double port_setting(void *self, StageSetting setting) {
    (void)self;
    return loop.stage && !loop.window_closed ? stage_setting(loop.stage, setting) : NAN;
}

static void port_set(void *self, StageSetting setting, double value) {
    (void)self;
    if (loop.stage) stage_set(loop.stage, setting, value);
}

static void port_progress(void *self, const char *line) {
    (void)self;
    prompt_progress(line);
}

static void port_aside(void *self, const char *text, size_t length) {
    (void)self;
    prompt_aside(text, length);
}

static bool port_pause(void *self, const char *why) {
    (void)self;
    (void)why;
    return loop.terminal || (loop.stage && !loop.window_closed);
}

LabPort loop_port(void) {
    bool window = loop.stage != NULL;
    return (LabPort){.print = port_print,
                     .lags = window ? port_lags : NULL,
                     .caption = window ? port_caption : NULL,
                     .setting = window ? port_setting : NULL,
                     .set = window ? port_set : NULL,
                     .progress = port_progress,
                     .aside = port_aside,
                     .pause = port_pause};
}

Interrupt loop_interrupt(void) {
    if (!loop.lab) return INTERRUPT_DEAF;
    if (!lab_interrupt(loop.lab) && loop.acting) return INTERRUPT_DEAF; /* a script is being read */
    return loop.stay ? INTERRUPT_GOES_ON : INTERRUPT_ENDS;
}

/* ---- Jobs ---- */

/* On a terminal, lines are wrapped between words. */
static void say_error(const char *message) {
    Text text = TEXT_EMPTY;
    const char *line = message;
    while (loop.terminal && *line) {
        size_t length = strcspn(line, "\n");
        Text one = TEXT_EMPTY;
        text_add_bytes(&one, line, length);
        text_wrap(&text, text_string(&one), 2, prompt_columns());
        text_free(&one);
        line += length;
        if (*line) {
            text_add(&text, "\n");
            line++;
        }
    }
    prompt_error(loop.terminal ? text_string(&text) : message);
    text_free(&text);
}

static void fail(const char *message, int status) {
    say_error(message);
    clear_queue(); /* the queued lines were typed for another state */
    if (!loop.acting) return;
    loop.status = status;
    loop.action = loop.last_action;
}

static void job_came_to(JobResult result) {
    bool waits = result == JOB_WAITS;
    if (loop.stage) stage_waits(loop.stage, waits && lab_waits_for_person(loop.lab));
    if (result == JOB_FAILED || result == JOB_INCOMPLETE)
        fail(lab_error(loop.lab), lab_misused(loop.lab) ? WRONG_USAGE : EXIT_FAILURE);
    if (result == JOB_INTERRUPTED) {
        if (!prompt_broken()) fail(lab_error(loop.lab), INTERRUPTED_STATUS);
        loop.unwound = true;
    }
    if (waits) return;
    if (loop.acting && lab_failed(loop.lab) && loop.status == 0) loop.status = EXIT_FAILURE;
    loop.acting = false;
}

static void run_action(void) {
    const Action *a = loop.action++;
    loop.acting = true;
    switch (a->kind) {
    case ACTION_LINE: job_came_to(lab_line(loop.lab, a->text, a->length, a->name)); break;
    case ACTION_CHUNK: job_came_to(lab_chunk(loop.lab, a->text, a->length, a->name, a->argc, a->argv)); break;
    case ACTION_FILE: job_came_to(lab_file(loop.lab, a->text, a->length, a->name, a->argc, a->argv)); break;
    case ACTION_DRILL: job_came_to(lab_drill(loop.lab, a->argc, a->argv)); break;
    case ACTION_EXPLORE: job_came_to(lab_explore(loop.lab, a->argc, a->argv)); break;
    }
}

static void run_queued(void) {
    char *line = loop.queue[0];
    loop.queued--;
    memmove(loop.queue, loop.queue + 1, loop.queued * sizeof *loop.queue);
    loop_echo(NULL, line);
    job_came_to(lab_line(loop.lab, line, strlen(line), "=window"));
    free(line);
}

/* Starts or resumes a job or an action. False: none can run before there is input. */
static bool work(void) {
    if (lab_waits(loop.lab)) {
        bool may = lab_waits_for_person(loop.lab) ? loop.answered : !port_lags(NULL);
        if (!may) return false;
        if (loop.answered) prompt_drop();
        loop.answered = false;
        job_came_to(lab_continue(loop.lab));
        return true;
    }
    if (loop.action < loop.last_action) run_action();
    else if (loop.queued > 0) run_queued();
    else return false;
    return true;
}

/* ---- The prompt ---- */

static void drop_chunk(void) {
    free(loop.chunk);
    loop.chunk = NULL;
    loop.chunk_length = 0;
}

static void add_to_chunk(const char *text) {
    size_t length = strlen(text);
    char *more = realloc(loop.chunk, loop.chunk_length + length + 2);
    if (!more) {
        say_error("out of memory");
        return;
    }
    if (loop.chunk_length > 0) more[loop.chunk_length++] = '\n';
    memcpy(more + loop.chunk_length, text, length + 1);
    loop.chunk = more;
    loop.chunk_length += length;
}

static bool is_blank(const char *text) { return text[strspn(text, " \t\n")] == '\0'; }

static JobResult run_typed(void) {
    char *help = typed_help(loop.chunk);
    JobResult result = help ? lab_line(loop.lab, help, strlen(help), "=stdin")
                            : lab_line(loop.lab, loop.chunk, loop.chunk_length, "=stdin");
    free(help);
    return result;
}

static void typed(void *self, const char *text) {
    (void)self;
    if (lab_waits_for_person(loop.lab)) {
        if (text) lab_answer(loop.lab, text);
        loop.answered = text != NULL;
        loop.leave = text == NULL;
        return;
    }
    if (!text) {
        loop.leave = loop.chunk == NULL;
        drop_chunk();
        return;
    }
    if (!loop.chunk && is_blank(text)) return;
    if (!loop.chunk && typed_leave(text)) {
        loop.leave = true;
        return;
    }
    add_to_chunk(text);
    if (!loop.chunk) return;
    JobResult result = run_typed();
    if (result == JOB_INCOMPLETE) return;
    prompt_remember(loop.chunk);
    drop_chunk();
    job_came_to(result);
}

static size_t complete(void *self, const char *line, size_t end, void (*found)(void *place, const char *completion),
                       void *place) {
    (void)self;
    return lab_complete(loop.lab, line, end, found, place);
}

static void show_prompt(void) {
    bool asks = lab_waits_for_person(loop.lab);
    if (!loop.terminal || (lab_waits(loop.lab) && !asks)) return;
    if (!loop.prompt_open) {
        prompt_open(&(PromptConfig){.history = loop.history, .line = typed, .complete = complete});
        loop.prompt_open = true;
    }
    prompt_show(asks ? lab_waits_prompt(loop.lab) : loop.chunk ? PROMPT_MORE : PROMPT);
}

/* ---- Signals ---- */

static void interrupted(void) {
    if (lab_waits(loop.lab)) {
        prompt_drop();
        job_came_to(lab_continue(loop.lab));
    } else if (!loop.unwound) {
        prompt_cancel();
        drop_chunk();
    }
    loop.unwound = false;
}

static void take_signals(void) {
    Signals signals = signals_take();
    if (signals.resize) prompt_resize();
    if (signals.interrupt) interrupted();
    if (signals.suspend) stop();
    if (!signals.end) return;
    loop.signal = signals.end;
    loop.leave = true;
}

/* ---- Sources ---- */

bool loop_add_source(LoopSource source) {
    if (loop.source_count == SOURCES) return false;
    loop.sources[loop.source_count++] = source;
    return true;
}

static int signal_source(void *self) {
    (void)self;
    return signals_fd(); /* each turn of the loop takes them */
}

static int terminal_source(void *self) {
    (void)self;
    bool listens = !lab_waits(loop.lab) || lab_waits_for_person(loop.lab);
    return listens && prompt_wants_input() ? STDIN_FILENO : -1;
}

static void terminal_ready(void *self) {
    (void)self;
    if (!signals_wait())
        prompt_read(); /* signals first: keys typed after Ctrl-C do not belong to the line that it discards */
}

static int display_source(void *self) {
    (void)self;
    return loop.stage ? stage_fd(loop.stage) : -1; /* each turn of the loop reads it */
}

static int display_timeout(void *self) {
    (void)self;
    if (!loop.stage) return -1;
    int timeout = stage_timeout(loop.stage);
    bool blind = stage_fd(loop.stage) < 0 && (timeout < 0 || timeout > BLIND_MS);
    return blind ? BLIND_MS : timeout;
}

void loop_open(Stage *stage, bool terminal) {
    loop.stage = stage;
    loop.terminal = terminal;
    prompt_watch(signals_stopped);
    loop.source_count = 0;
    loop_add_source((LoopSource){.fd = signal_source});
    loop_add_source((LoopSource){.fd = terminal_source, .ready = terminal_ready});
    loop_add_source((LoopSource){.fd = display_source, .timeout = display_timeout});
}

void loop_wait(void) {
    struct pollfd polled[SOURCES];
    int timeout = -1;
    for (size_t i = 0; i < loop.source_count; i++) {
        const LoopSource *source = &loop.sources[i];
        polled[i] = (struct pollfd){.fd = source->fd(source->self), .events = POLLIN};
        int wants = source->timeout ? source->timeout(source->self) : -1;
        if (wants >= 0 && (timeout < 0 || wants < timeout)) timeout = wants;
    }
    if (poll(polled, (nfds_t)loop.source_count, timeout) <= 0) return;
    for (size_t i = 0; i < loop.source_count; i++)
        if (polled[i].revents && loop.sources[i].ready) loop.sources[i].ready(loop.sources[i].self);
}

/* ---- The loop ---- */

static bool is_done(void) {
    return loop.leave || (!loop.stay && !lab_waits(loop.lab) && loop.action == loop.last_action);
}

void loop_begin(const LoopConfig *config) {
    loop.lab = config->lab;
    loop.stay = config->stay;
    loop.history = config->history;
    loop.action = config->actions;
    loop.last_action = config->actions + config->action_count;
    lab_on_tick(loop.lab, tick, NULL);
}

LoopTurn loop_turn(void) {
    pump();
    close_window();
    take_signals();
    if (loop.leave || prompt_broken()) return LOOP_ENDED;
    if (work()) return LOOP_AGAIN;
    if (is_done()) return LOOP_ENDED;
    show_prompt();
    return prompt_flush() ? LOOP_WAITS : LOOP_ENDED;
}

int loop_end(void) {
    prompt_flush();
    int broken = prompt_broken();
    if (broken == EPIPE && !loop.signal) loop.signal = SIGPIPE; /* as other programs end whose reader has gone */
    else if (broken) fprintf(stderr, "twomsl: cannot write to standard output: %s\n", strerror(broken));
    if (broken) loop.status = EXIT_FAILURE;
    clear_queue();
    drop_chunk();
    return loop.signal ? -loop.signal : loop.status;
}

int loop_run(const LoopConfig *config) {
    LoopTurn turn;
    loop_begin(config);
    while ((turn = loop_turn()) != LOOP_ENDED)
        if (turn == LOOP_WAITS) loop_wait();
    return loop_end();
}

void loop_close(void) {
    prompt_close();
    stage_close(loop.stage);
    memset(&loop, 0, sizeof loop);
}
