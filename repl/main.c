/* main.c - puts the program together: options, wire, session, window, lab, loop. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../engine/link/link.h"
#include "loop.h"
#include "options.h"
#include "prompt/prompt.h"
#include "signals.h"

enum { FAILED = 1, PATH = PATH_MAX, REASON = 256, MAX_SCRIPT = 64 << 20 };

typedef struct Program {
    CommandLine options;
    bool terminal; /* stdin is one */
    bool stay;
    RawWire *raw;
    Session *session;
    Stage *stage;
    Lab *lab;
    Action *actions;
    char *input; /* the script */
    char scripts[PATH], history[PATH];
} Program;

/* ---- Places ---- */

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* $TWOMSL_DATA, the build tree the program lies in, ../share/twomsl beside it, or where it was to be installed. */
static const char *find_data(char path[PATH]) {
    const char *given = getenv("TWOMSL_DATA");
    if (given && *given) return given;
    ssize_t length = readlink("/proc/self/exe", path, PATH - 1);
    path[length > 0 ? length : 0] = '\0';
    size_t source = strlen(TWOMSL_SOURCE_DIR);
    bool in_tree = strncmp(path, TWOMSL_SOURCE_DIR "/build", source + 6) == 0;
    if (in_tree && is_folder(TWOMSL_SOURCE_DIR "/scripts")) return TWOMSL_SOURCE_DIR;
    static const char share[] = "/../share/twomsl";
    char *slash = strrchr(path, '/');
    if (slash && slash - path + (ptrdiff_t)sizeof share < PATH) {
        memcpy(slash, share, sizeof share);
        if (is_folder(path)) return path;
    }
    return TWOMSL_DATA_DIR;
}

static void find_scripts(char scripts[PATH]) {
    char path[PATH];
    const char *data = find_data(path);
    snprintf(scripts, PATH, "%.*s/scripts", PATH - 16, data);
}

static bool find_history(char history[PATH]) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/') return snprintf(history, PATH, "%s/twomsl/history", state) < PATH;
    return home && home[0] == '/' && snprintf(history, PATH, "%s/.local/state/twomsl/history", home) < PATH;
}

/* "zh_TW" of LC_ALL, LC_MESSAGES or LANG; Hong Kong and Macau read what Taiwan writes. */
static const char *find_language(const CommandLine *options) {
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    if (options->language) return options->language;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (!value || !*value) continue;
        if (strncmp(value, "zh", 2) != 0) return "en";
        bool traditional = strstr(value, "TW") || strstr(value, "HK") || strstr(value, "MO") || strstr(value, "Hant");
        return traditional ? "zh_TW" : "zh_CN";
    }
    return "en";
}

/* ---- Parts ---- */

/* False: the raw wire was demanded and the system refused it. */
static bool open_wire(Program *p) {
    Command command = p->options.command; /* packets of drill have addresses of its own, of a search none crosses lo */
    bool memory = p->options.wire == WIRE_AUTO && (command == COMMAND_DRILL || command == COMMAND_EXPLORE);
    if (memory || p->options.wire == WIRE_MEMORY) return true;
    RawRefusal refusal;
    p->raw = raw_open(&refusal);
    if (p->raw) {
        lab_announce(raw_holder(p->raw));
        return true;
    }
    bool demanded = p->options.wire == WIRE_RAW;
    fprintf(stderr, "twomsl: no raw wire: %s: %s; %s%s\n", refusal.step, strerror(refusal.error), refusal.remedy,
            demanded ? "" : ". Going on in memory: same lab, no packets on lo.");
    return !demanded;
}

static void say_wire_gone(void *self, const char *why) {
    char text[2 * REASON];
    (void)self;
    snprintf(text, sizeof text, "twomsl: the raw wire has gone: %s; going on in memory", why);
    prompt_error(text);
    lab_withdraw();
}

static int wire_source(void *self) {
    const Program *p = self;
    return strcmp(session_wire(p->session), "memory") == 0 ? -1 : raw_fd(p->raw);
}

static void wire_ended(void *self) {
    const Program *p = self;
    session_unlink(p->session, "the helper that holds the lab's network has ended");
}

static bool open_session(Program *p) {
    Config config = {.seed = p->options.seed};
    if (!p->options.seeded && !entropy(&config.seed, sizeof config.seed)) config.seed = (uint64_t)wall_clock();
    Link link;
    if (p->raw) {
        link = raw_link(p->raw);
        link.gone = say_wire_gone;
    }
    p->session = session_new(&config, p->raw ? &link : NULL);
    if (!p->session) fputs("twomsl: out of memory\n", stderr);
    return p->session != NULL;
}

static bool has_display(void) {
    const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    return (x && *x) || (wayland && *wayland);
}

static bool wants_window(const Program *p) {
    const CommandLine *o = &p->options;
    if (o->window != WINDOW_AUTO) return o->window == WINDOW_YES;
    if (o->command == COMMAND_LESSONS || o->command == COMMAND_EXPLORE || !has_display()) return false;
    if (o->command == COMMAND_DRILL) return o->stay;
    return o->command == COMMAND_LESSON || (p->stay && p->terminal);
}

static void open_window(Program *p) {
    if (!wants_window(p)) return;
    const CommandLine *o = &p->options;
    char reason[REASON] = "";
    StageConfig config = {.session = p->session,
                          .scale = o->scale,
                          .speed = o->speed,
                          .theme = o->theme,
                          .present = o->present,
                          .language = find_language(o),
                          .command = loop_command,
                          .echo = loop_echo,
                          .go_on = loop_go_on};
    p->stage = stage_open(&config, reason, sizeof reason);
    if (!p->stage) fprintf(stderr, "twomsl: no window (%s); going on in the terminal.\n", reason);
}

static bool open_lab(Program *p) {
    char error[512];
    find_scripts(p->scripts);
    LabConfig config = {.session = p->session,
                        .scripts = p->scripts,
                        .language = find_language(&p->options),
                        .memory = p->options.memory,
                        .port = loop_port()};
    p->lab = lab_new(&config, error, sizeof error);
    if (!p->lab) fprintf(stderr, "twomsl: %s\n", error);
    return p->lab != NULL;
}

/* ---- What is to be done ---- */

/* Reads what is there; blocks until there is something, also where somebody has made the file non-blocking. */
static ssize_t read_some(int file, char *text, size_t capacity) {
    for (;;) {
        ssize_t count = read(file, text, capacity);
        if (count >= 0 || (errno != EINTR && errno != EAGAIN)) return count;
        struct pollfd ready = {.fd = file, .events = POLLIN};
        poll(&ready, 1, -1);
    }
}

/* All that is in the file; NULL: could not, and why in errno. */
static char *read_all(int file, size_t *length) {
    size_t capacity = 0;
    ssize_t count = 0;
    char *text = NULL;
    *length = 0;
    do {
        *length += (size_t)count;
        if (*length == capacity) {
            if (capacity == MAX_SCRIPT) errno = EFBIG;
            char *more = capacity < MAX_SCRIPT ? realloc(text, capacity ? capacity * 2 : 4096) : NULL;
            if (!more) break;
            text = more;
            capacity = capacity ? capacity * 2 : 4096;
        }
        count = read_some(file, text + *length, capacity - *length);
    } while (count > 0);
    if (count == 0) return text;
    int reason = errno;
    free(text);
    errno = reason;
    return NULL;
}

/* Fills the action with a script: the file of that path, or stdin (NULL). False: it cannot be read, which was said. */
static bool read_script(Program *p, const char *path, Action *action) {
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    p->input = file >= 0 ? read_all(file, &action->length) : NULL;
    int reason = errno;
    if (path && file >= 0) close(file);
    action->text = p->input;
    if (p->input) return true;
    fprintf(stderr, "twomsl: cannot %s %s: %s%s\n", file < 0 ? "open" : "read", path ? path : "standard input",
            strerror(reason), reason == EFBIG ? "; a script may have 64 MB" : "");
    return false;
}

/* Fills actions (as many as -e options and two) and returns how many; -1: the script cannot be read, which was said.
 */
static int plan(Program *p, Action *actions) {
    const CommandLine *o = &p->options;
    int count = 0;
    static const char list[] = "lessons()", play[] = "lesson(...)";
    if (o->command == COMMAND_EXPLORE)
        actions[count++] = (Action){.kind = ACTION_EXPLORE, .argc = o->word_count, .argv = o->words};
    for (size_t i = 0; i < o->code_count; i++) {
        actions[count++] = (Action){
            .kind = ACTION_CHUNK, .text = o->code[i], .length = strlen(o->code[i]), .name = "=(-e)"};
    }
    if (o->command == COMMAND_LESSONS) {
        actions[count++] = (Action){.kind = ACTION_LINE, .text = list, .length = sizeof list - 1, .name = "=twomsl"};
    } else if (o->command == COMMAND_LESSON) {
        actions[count++] = (Action){.kind = ACTION_CHUNK,
                                    .text = play,
                                    .length = sizeof play - 1,
                                    .name = "=twomsl",
                                    .argc = 1,
                                    .argv = (char *const *)&o->script};
    } else if (o->command == COMMAND_DRILL) {
        actions[count++] = (Action){.kind = ACTION_DRILL, .argc = o->argc, .argv = o->argv};
    } else if (o->script) {
        actions[count] = (Action){.kind = ACTION_FILE, .name = o->script, .argc = o->argc, .argv = o->argv};
        if (!read_script(p, o->script, &actions[count++])) return -1;
    } else if (o->command == COMMAND_LAB && !p->terminal && (o->stay || o->code_count == 0) &&
               o->window != WINDOW_YES) {
        actions[count] = (Action){.kind = ACTION_CHUNK, .name = "=stdin"};
        if (!read_script(p, NULL, &actions[count++])) return -1;
    }
    return count;
}

/* Whether the program stays after the actions: decided before the window is opened, which may fail. */
static bool wants_prompt(const Program *p) {
    const CommandLine *o = &p->options;
    if (o->command == COMMAND_LESSONS) return false;
    if (o->command == COMMAND_LESSON) return o->window != WINDOW_NO && (p->terminal || has_display());
    if (o->command == COMMAND_DRILL || o->command == COMMAND_EXPLORE) return o->stay;
    return o->stay || (!o->script && o->code_count == 0);
}

static void greet(const Program *p) {
    if (!p->terminal || !p->stay) return;
    char text[REASON];
    int length = snprintf(text, sizeof text,
                          "twomsl %s, %s wire\nhelp() lists the words; Tab completes; Ctrl-D leaves.\n", TWOMSL_VERSION,
                          session_wire(p->session));
    prompt_print(text, (size_t)length);
}

static int run(Program *p, const Action *actions, size_t count) {
    if (!p->terminal && !p->stage) p->stay = false; /* no terminal and no window: nothing could follow */
    greet(p);
    LoopConfig config = {.lab = p->lab,
                         .actions = actions,
                         .action_count = count,
                         .stay = p->stay,
                         .history = find_history(p->history) ? p->history : NULL};
    return loop_run(&config);
}

/* A script that was to be explored and made no search has failed. */
static int explored(const Program *p, int status) {
    const CommandLine *o = &p->options;
    if (status != 0 || o->command != COMMAND_EXPLORE || !o->script || lab_searches(p->lab) > 0) return status;
    fprintf(stderr, "twomsl: explore: %s made no search: it calls neither explore{...} nor find(...)\n", o->script);
    return FAILED;
}

static int attach(char *const *argv) {
    RawRefusal refusal;
    pid_t holder = lab_find(&refusal);
    if (holder > 0) raw_attach_exec(holder, argv, &refusal);
    fprintf(stderr, "twomsl: attach: %s: %s; %s\n", refusal.step, strerror(refusal.error), refusal.remedy);
    return FAILED;
}

/* Where the caller closed stdin, stdout or stderr, a socket of ours would take its number. What is printed to a closed
 * stdout is an error, as it is elsewhere. */
static void keep_standard_files(void) {
    int file;
    do {
        bool closed_stdout = fcntl(STDIN_FILENO, F_GETFD) >= 0 && fcntl(STDOUT_FILENO, F_GETFD) < 0;
        file = open("/dev/null", closed_stdout ? O_RDONLY : O_RDWR);
    } while (file >= 0 && file <= STDERR_FILENO);
    if (file >= 0) close(file);
}

/* Where no language is set at all, characters are UTF-8 nevertheless: what we print is. */
static void set_characters(void) {
    setlocale(LC_CTYPE, ""); /* characters only: numbers have their point everywhere */
    const char *all = getenv("LC_ALL");
    if (strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") != 0 || (all && *all)) return;
    setenv("LC_CTYPE", "C.UTF-8", 1); /* readline asks the environment again */
    setlocale(LC_CTYPE, "");
}

static int run_program(Program *p) {
    p->terminal = isatty(STDIN_FILENO);
    p->stay = wants_prompt(p);
    if (!signals_open(loop_interrupt, prompt_restore)) {
        fprintf(stderr, "twomsl: no pipe for signals: %s\n", strerror(errno));
        return FAILED;
    }
    p->actions = calloc(p->options.code_count + 2, sizeof *p->actions);
    if (!p->actions) fputs("twomsl: out of memory\n", stderr);
    int count = p->actions ? plan(p, p->actions) : -1;
    if (count < 0 || !open_wire(p) || !open_session(p)) return FAILED;
    open_window(p);
    loop_open(p->stage, p->terminal);
    if (p->raw) loop_add_source((LoopSource){.fd = wire_source, .ready = wire_ended, .self = p});
    return open_lab(p) ? explored(p, run(p, p->actions, (size_t)count)) : FAILED;
}

int main(int argc, char **argv) {
    static Program program;
    keep_standard_files();
    set_characters();
    int status = options_read(&program.options, argc, argv);
    if (status < 0)
        status = program.options.command == COMMAND_ATTACH ? attach(program.options.argv) : run_program(&program);
    loop_close();
    lab_free(program.lab);
    session_free(program.session);
    lab_withdraw();
    raw_close(program.raw);
    options_free(&program.options);
    free(program.actions);
    free(program.input);
    if (status < 0) signals_die(-status);
    return status;
}
