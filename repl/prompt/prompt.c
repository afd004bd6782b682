/* prompt.c - readline through its callback interface, so that the program's one loop stays in charge. */
#include "prompt.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "history.h"

enum { KEY_MS = 50 /* how soon Ctrl-C is seen where the rest of a paste is waited for */ };

typedef enum Condition { OFF, SHOWN, HIDDEN } Condition;

static struct {
    bool open;
    PromptConfig config;
    Condition condition;
    char *text;    /* the prompt that is installed */
    char *typed;   /* the line that prompt_read() is to hand over */
    bool middle;   /* what was printed last did not end its line */
    bool progress; /* a line of prompt_progress() is shown */
    char **found;  /* completions */
    size_t found_count;
    int found_from;    /* where in readline's word they start */
    char out[1 << 16]; /* printed and not yet written */
    size_t out_length;
    int broken; /* errno of a failed write */
    bool (*stopped)(void);
} prompt;

/* The terminal as the shell left it; for prompt_restore(), which runs in signal handlers. */
static struct termios shell_modes;
static volatile bool modes_known;

/* While a job runs, keys are not shown where its output goes, and wait as they are: readline gets them at the next
 * prompt. */
static void set_echo(bool on) {
    struct termios modes = shell_modes;
    if (!on) modes.c_lflag &= ~(tcflag_t)(ECHO | ICANON);
    if (modes_known) tcsetattr(STDIN_FILENO, TCSANOW, &modes);
}

/* ---- Completion ---- */

static void add_found(void *place, const char *completion) {
    (void)place;
    char **more = realloc(prompt.found, (prompt.found_count + 2) * sizeof *more);
    char *copy = strdup(completion);
    if (more) prompt.found = more;
    if (!more || !copy) {
        free(copy);
        return;
    }
    more[prompt.found_count++] = copy;
    more[prompt.found_count] = NULL;
}

/* readline and Lua have different ideas of where a word starts: the completions are for what starts at `lua`, readline
 * replaces from `start`. */
static char *fit(char *completion, int start, int lua) {
    char *fitted = NULL;
    if (lua < start) {
        size_t cut = (size_t)(start - lua);
        fitted = strdup(strlen(completion) > cut ? completion + cut : "");
    } else if (asprintf(&fitted, "%.*s%s", lua - start, rl_line_buffer + start, completion) < 0) {
        fitted = NULL;
    }
    free(completion);
    return fitted;
}

static char *next_found(const char *text, int state) {
    static size_t at;
    (void)text;
    if (state == 0) at = 0;
    return at < prompt.found_count ? prompt.found[at++] : NULL; /* readline frees it */
}

static char **attempt_completion(const char *text, int start, int end) {
    rl_attempted_completion_over = 1; /* never file names */
    rl_completion_append_character = '\0';
    prompt.found = NULL;
    prompt.found_count = 0;
    size_t lua = prompt.config.complete(prompt.config.self, rl_line_buffer, (size_t)end, add_found, NULL);
    prompt.found_from = (int)lua > start ? (int)lua - start : 0;
    for (size_t i = 0; i < prompt.found_count; i++) prompt.found[i] = fit(prompt.found[i], start, (int)lua);
    char **matches = prompt.found ? rl_completion_matches(text, next_found) : NULL;
    free(prompt.found);
    prompt.found = NULL;
    return matches;
}

/* Of "wire[1]:deliver(" the list shows "deliver(". */
static void display_matches(char **matches, int count, int longest) {
    char **shown = calloc((size_t)count + 2, sizeof *shown);
    if (!shown) return;
    longest = 0;
    for (int i = 0; i <= count; i++) {
        char *last = strlen(matches[i]) > (size_t)prompt.found_from ? matches[i] + prompt.found_from : matches[i];
        for (char *c = last; *c; c++) {
            if (*c == '.' || *c == ':') last = c + 1;
        }
        shown[i] = last;
        int length = (int)strlen(last);
        if (i > 0 && length > longest) longest = length;
    }
    rl_display_match_list(shown, count, longest);
    rl_forced_update_display();
    free(shown);
}

/* ---- Lines ---- */

static void take_line(char *line) {
    prompt.typed = line;
    rl_callback_handler_remove(); /* the terminal is the job's now */
    prompt.condition = OFF;
    set_echo(false);
    if (line) return;
    const char *paste = rl_variable_value("enable-bracketed-paste"); /* then readline has ended the line itself */
    if (!paste || strcmp(paste, "on") != 0) fputs("\n", rl_outstream);
    fflush(rl_outstream);
    rl_eof_found = 0;
}

void prompt_read(void) {
    if (prompt.condition == OFF) return;
    rl_callback_read_char();
    if (prompt.condition != OFF) return;
    char *line = prompt.typed;
    prompt.typed = NULL;
    prompt.config.line(prompt.config.self, line);
    free(line);
}

static bool is_stopped(void) { return prompt.stopped && prompt.stopped(); }

/* readline's next key. Only the rest of a paste, or the answer to a question of its own, is ever waited for here: the
 * loop calls when there is a key. After Ctrl-C the paste is ended, and a question that goes on is aborted. */
static int next_key(FILE *stream) {
    static const char end_of_paste[] = "\033[201~";
    static size_t said;
    struct pollfd source = {.fd = fileno(stream), .events = POLLIN};
    while (poll(&source, 1, KEY_MS) <= 0) {
        if (!is_stopped()) continue;
        return end_of_paste[said] ? end_of_paste[said++] : EOF;
    }
    said = 0;
    return rl_getc(stream);
}

static int insert_tab_or_complete(int count, int key) {
    int blank = 0;
    while (blank < rl_point && (rl_line_buffer[blank] == ' ' || rl_line_buffer[blank] == '\t')) blank++;
    if (blank == rl_point && rl_point > 0) return rl_insert_text("    ") >= 0 ? 0 : 1;
    if (rl_last_func == insert_tab_or_complete) rl_last_func = rl_complete; /* the second Tab lists */
    return rl_complete(count, key);
}

void prompt_open(const PromptConfig *config) {
    prompt.open = true;
    prompt.config = *config;
    prompt.condition = OFF;
    if (!modes_known) atexit(prompt_restore); /* readline calls exit() where memory ends */
    modes_known = tcgetattr(STDIN_FILENO, &shell_modes) == 0;
    rl_readline_name = "twomsl"; /* for ~/.inputrc */
    rl_instream = stdin;
    rl_outstream = isatty(STDOUT_FILENO) || !isatty(STDERR_FILENO) ? stdout : stderr;
    rl_getc_function = next_key;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0; /* LINES and COLUMNS would go to the programs we start */
    rl_attempted_completion_function = attempt_completion;
    rl_completion_display_matches_hook = display_matches;
    rl_basic_word_break_characters = " \t\n\"'><=;|&{(+*/%^~#,!"; /* not -, which lessons' names have */
    rl_completer_word_break_characters = rl_basic_word_break_characters;
    rl_completer_quote_characters = NULL;
    rl_basic_quote_characters = "";
    rl_initialize();
    rl_bind_key('\t', insert_tab_or_complete);
    const char *reason = history_open(config->history);
    char text[PATH_MAX + 128];
    if (!reason) return;
    snprintf(text, sizeof text, "twomsl: no history of earlier lines: %s: %s", config->history, reason);
    prompt_error(text);
}

void prompt_close(void) {
    prompt_progress(NULL);
    prompt_flush();
    if (!prompt.open) return;
    prompt_drop();
    history_close();
    free(prompt.text);
    prompt.text = NULL;
    prompt.open = false;
    fflush(rl_outstream);
    prompt_restore();
}

/* ---- Shown, hidden, off ---- */

static void hide(void) {
    if (prompt.condition != SHOWN) return;
    rl_clear_visible_line();
    fflush(rl_outstream);
    prompt.condition = HIDDEN;
}

void prompt_watch(bool (*stopped)(void)) { prompt.stopped = stopped; }

/* Whether Ctrl-C ends a write that waits. Not always: libraries expect that signals go unnoticed. */
static void break_writes(bool breaks) {
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    if (breaks) action.sa_flags &= ~SA_RESTART;
    else action.sa_flags |= SA_RESTART;
    sigaction(SIGINT, &action, NULL);
}

static bool takes_output(int timeout) {
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, timeout) == 1;
}

/* After Ctrl-C, what a terminal that was stopped or a pipe that nobody reads does not take is dropped. */
static void write_out(const char *text, size_t length) {
    break_writes(true);
    while (length > 0 && !prompt.broken && (!is_stopped() || takes_output(0))) {
        ssize_t count = write(STDOUT_FILENO, text, length);
        if (count > 0) {
            text += count;
            length -= (size_t)count;
        } else if (errno == EAGAIN) {
            takes_output(-1);
        } else if (errno != EINTR) {
            prompt.broken = errno;
        }
    }
    break_writes(false);
}

void prompt_print(const char *text, size_t length) {
    prompt_progress(NULL);
    hide();
    if (length > 0) prompt.middle = text[length - 1] != '\n';
    while (length > 0) {
        size_t room = sizeof prompt.out - prompt.out_length, part = length < room ? length : room;
        memcpy(prompt.out + prompt.out_length, text, part);
        prompt.out_length += part;
        text += part;
        length -= part;
        if (length > 0) prompt_flush();
    }
}

static void end_line(void) {
    if (prompt.middle) prompt_print("\n", 1);
    prompt_flush();
}

void prompt_show(const char *text) {
    if (!prompt.open) return;
    end_line();
    bool other = !prompt.text || strcmp(text, prompt.text) != 0;
    if (other) {
        free(prompt.text);
        prompt.text = strdup(text); /* without memory: as if it were another one, next time too */
    }
    if (prompt.condition == OFF) {
        set_echo(true); /* readline echoes where the terminal did */
        rl_callback_handler_install(text, take_line);
    } else if (other) { /* another question: a line begun before is no answer to it */
        hide();
        rl_replace_line("", 0);
        rl_set_prompt(text);
    }
    if (prompt.condition == HIDDEN) {
        rl_on_new_line();
        rl_redisplay();
    }
    fflush(rl_outstream);
    prompt.condition = SHOWN;
}

void prompt_drop(void) {
    if (prompt.condition == OFF) return;
    hide();
    rl_callback_handler_remove();
    prompt.condition = OFF;
    set_echo(false);
}

void prompt_cancel(void) {
    if (prompt.condition == OFF) return;
    rl_callback_sigcleanup();        /* a half-typed search */
    rl_free_line_state();            /* or count */
    if (prompt.condition == SHOWN) { /* what was typed stays to be seen, as in a shell */
        rl_point = rl_end;
        rl_redisplay();
        fputs("^C\n", rl_outstream);
    }
    rl_replace_line("", 0);
    prompt.condition = HIDDEN;
}

bool prompt_wants_input(void) { return prompt.condition != OFF; }

void prompt_resize(void) {
    if (!prompt.open) return;
    if (prompt.condition == SHOWN) rl_resize_terminal(); /* draws the line again, so only where it stands */
    else rl_reset_screen_size();
    fflush(rl_outstream);
}

void prompt_suspend(void) {
    prompt_progress(NULL);
    if (!prompt.open) return;
    if (prompt.condition == OFF) {
        set_echo(true);
        return;
    }
    hide();
    rl_deprep_terminal();
    fflush(rl_outstream);
}

void prompt_resume(void) {
    if (!prompt.open) return;
    if (prompt.condition == OFF) {
        set_echo(false);
        return;
    }
    rl_prep_terminal(1);
    rl_reset_screen_size();
}

void prompt_remember(const char *chunk) {
    if (prompt.open) history_keep(chunk);
}

/* ---- Output ---- */

static bool takes_sequences(void) {
    const char *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
}

static bool wants_colour(void) {
    const char *no = getenv("NO_COLOR");
    return takes_sequences() && !(no && *no);
}

void prompt_error(const char *text) {
    prompt_progress(NULL);
    hide();
    end_line();
    bool colour = wants_colour();
    fprintf(stderr, "%s%s%s\n", colour ? "\033[31m" : "", text, colour ? "\033[0m" : "");
}

void prompt_aside(const char *text, size_t length) {
    prompt_progress(NULL);
    hide();
    prompt_flush();
    fwrite(text, 1, length, stderr);
}

/* What does not fit is not shown: a second line would stay. */
void prompt_progress(const char *text) {
    if (text ? prompt.middle || !takes_sequences() : !prompt.progress) return;
    hide();
    prompt_flush();
    if (text) fprintf(stderr, "\r\033[?7l%s\033[K\033[?7h", text);
    else fputs("\r\033[K", stderr);
    fflush(stderr);
    prompt.progress = text != NULL;
}

bool prompt_flush(void) {
    size_t length = prompt.out_length;
    prompt.out_length = 0;
    if (length > 0) write_out(prompt.out, length);
    return !prompt.broken;
}

int prompt_broken(void) { return prompt.broken; }

int prompt_columns(void) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

void prompt_restore(void) {
    static const char paste_off[] = "\033[?2004l";
    if (!modes_known) return;
    int saved = errno;
    tcsetattr(STDIN_FILENO, TCSANOW, &shell_modes);
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT}; /* a terminal that was stopped takes nothing */
    bool writes = prompt.condition != OFF && poll(&out, 1, 0) == 1 && out.revents == POLLOUT;
    if (writes && write(STDOUT_FILENO, paste_off, sizeof paste_off - 1) < 0) errno = saved;
    errno = saved;
}
