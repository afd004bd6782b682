/* options.c - reads the command line; wrong usage is explained and ends the program with 2. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { USAGE = 2, GO_ON = -1 };

static const char help_text[] = "twomsl: a TCP you can stop between any two packets.\n"
                                "\n"
                                "  twomsl [OPTION]... [SCRIPT.lua [ARG]...]\n"
                                "                          run a script; without one: the prompt, and a window\n"
                                "  twomsl lessons          list the lessons\n"
                                "  twomsl lesson NAME      play a lesson\n"
                                "  twomsl drill FILE.pkt...\n"
                                "                          run packetdrill scripts against this TCP\n"
                                "  twomsl explore SCRIPT.lua [ARG]...\n"
                                "                          report a script's searches; --part=i/n: one part of n\n"
                                "  twomsl explore --merge FILE...\n"
                                "                          join the parts' reports\n"
                                "  twomsl attach [--] COMMAND [ARG]...\n"
                                "                          run a program (tcpdump, ss) inside a running lab's\n"
                                "                          network\n"
                                "\n"
                                "  -e, --eval=CODE         run CODE (may be given several times)\n"
                                "  -i                      stay at the prompt afterwards\n"
                                "  --wire=auto|raw|memory  raw: packets cross lo, in a private network;\n"
                                "                          auto: raw where the system allows it, else memory\n"
                                "  --window, --no-window   open a window, or do not (default: where there is a\n"
                                "                          display and a prompt)\n"
                                "  --lang=en|zh_CN|zh_TW   language of lessons and window (default: the system's)\n"
                                "  --seed=N                seed of all random numbers: same N, same run\n"
                                "  --memory=SIZE           memory a script may take: 256M, 1G (default: 64M)\n"
                                "  --speed=X               how fast packets travel in the window (default: 1)\n"
                                "  --scale=X               size of the window's text (default: the display's)\n"
                                "  --theme=dark|light      colours of the window\n"
                                "  --present               the lecture layout: seen from the last row\n"
                                "  --version, --help\n"
                                "\n"
                                "Standard input that is no terminal is a script. At the prompt, help() lists\n"
                                "the words. Exit status: 0 done, 1 a script or check failed, 2 wrong usage.\n";

static const char lessons_help[] = "usage: twomsl lessons [OPTION]...\n\nLists the lessons, one line each.\n";
static const char lesson_help[] = "usage: twomsl lesson NAME [OPTION]...\n\n"
                                  "Plays a lesson in the terminal and the window; --no-window: as text.\n"
                                  "twomsl lessons lists the names.\n";
static const char attach_help[] =
    "usage: twomsl attach [--] COMMAND [ARG]...\n\n"
    "Runs a program inside the private network of the lab that started last, for example\n"
    "    twomsl attach tcpdump -i lo\n";

static const char drill_help[] =
    "usage: twomsl drill [OPTION]... FILE.pkt|FOLDER...\n\n"
    "Runs packetdrill scripts against this TCP, on the virtual clock: injects what comes in, makes the calls, and "
    "compares what goes out.\n"
    "Reports where and why a script does not pass; exit status 1 where one failed, or none passed.\n\n"
    "  -i                        step through a script line by line, in the window where there is a display\n"
    "  -v, --verbose             name every script; show the packets\n"
    "      --profile=PROFILE     how this TCP behaves: rfc (the standard's defaults), linux or freebsd (options, "
    "sizes\n"
    "                            and timers as in those systems); auto (default): freebsd where a script sets\n"
    "                            net.inet.* or lays its SYN out as FreeBSD does, else linux, as packetdrill scripts "
    "assume.\n"
    "                            A line --profile=rfc in a script sets it for that script.\n"
    "  -D, --define=NAME[=VALUE] defines NAME for #ifdef; the word NAME in a script means VALUE\n"
    "      --strict              a packet sent that no line expects, at the script's end, is a failure too\n"
    "      --ip_version=, --tolerance_usecs=, --tolerance_percent=, --mss=, --mtu=, --bind_port=, --connect_port=,\n"
    "      --tcp_ts_tick_usecs=, --tcp_ts_ecr_scaled, --strict_segments: as in packetdrill; a script's settings take "
    "precedence\n";

static const char explore_help[] =
    "usage: twomsl explore [OPTION]... SCRIPT.lua [ARG]...\n"
    "       twomsl explore --merge FILE...\n\n"
    "Runs a script and reports each explore{...} and find(...) in it as it ends.\n\n"
    "What outgrows one machine is searched in n parts that know nothing of each other, by any batch system: each goes\n"
    "another way with other fingerprints, up to the script's limits (states=, memory=, seconds=). --merge joins what "
    "they\n"
    "print: complete where one of them was, the shortest path of all to what is broken, and about how many different\n"
    "states they have met together.\n\n"
    "  --part=i/n            this is the i-th of n parts (find and explorations with a part of their own are as ever)\n"
    "  --format=text|json    json: one line of JSON for each search; then the script's own output goes to stderr.\n"
    "                        Default: json with --part, else text\n"
    "  --progress=SECONDS    report how far it has come every so often, too\n"
    "  --merge               join the reports in these files; - is standard input\n"
    "  --seed=N              of all random numbers, the same for all parts (default: 1)\n"
    "  --memory=SIZE         memory the script and its searches may take (default: 64M)\n\n"
    "Exit status: 0 nothing is broken, complete or not; 1 something is, a script failed or made no search, or a "
    "report\n"
    "cannot be read; 2 wrong usage; 130 Ctrl-C, after what was found so far was reported.\n\n"
    "    parallel twomsl explore --part={}/8 hunt.lua '>' {}.jsonl ::: 1 2 3 4 5 6 7 8\n"
    "    twomsl explore --merge *.jsonl\n";

static const char *command_help(const CommandLine *options) {
    switch (options->command) {
    case COMMAND_LAB: return help_text;
    case COMMAND_LESSONS: return lessons_help;
    case COMMAND_LESSON: return lesson_help;
    case COMMAND_ATTACH: return attach_help;
    case COMMAND_DRILL: return drill_help;
    case COMMAND_EXPLORE: return explore_help;
    }
    return help_text;
}

static int refuse(const char *format, const char *word, const char *advice) {
    fputs("twomsl: ", stderr);
    fprintf(stderr, format, word);
    fprintf(stderr, "%s%s\n", advice[0] ? "; " : "", advice);
    return USAGE;
}

/* ---- Values ---- */

/* The place of `value` in `words` (ends with NULL), or -1. */
static int choice(const char *value, const char *const *words) {
    for (int i = 0; words[i]; i++) {
        if (strcmp(value, words[i]) == 0) return i;
    }
    return -1;
}

static int read_wire(CommandLine *options, const char *value) {
    static const char *const words[] = {"auto", "raw", "memory", NULL};
    int which = choice(value, words);
    if (which < 0)
        return refuse("--wire: no wire is called \"%s\"", value, "say --wire=auto, --wire=raw or --wire=memory");
    options->wire = (WireChoice)which;
    return GO_ON;
}

static int read_language(CommandLine *options, const char *value) {
    static const char *const words[] = {"en", "zh_CN", "zh_TW", NULL};
    int which = choice(value, words);
    if (which < 0)
        return refuse("--lang: no language is called \"%s\"", value, "say --lang=en, --lang=zh_CN or --lang=zh_TW");
    options->language = words[which];
    return GO_ON;
}

/* "256M", "1G", "65536K", or bytes. */
static int read_memory(CommandLine *options, const char *value) {
    static const unsigned long long least = 1ULL << 20, most = 64ULL << 30;
    static const char units[] = "KkMmGg";
    char *end;
    unsigned long long size = strtoull(value, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    int shift = unit ? 10 * (int)((unit - units) / 2 + 1) : 0;
    bool is_size = value[0] >= '0' && value[0] <= '9' && end[unit != NULL] == '\0' && size <= most >> shift;
    if (!is_size || size << shift < least)
        return refuse("--memory: \"%s\" is no size", value, "give one from 1M to 64G, for example --memory=256M");
    options->memory = (size_t)(size << shift);
    return GO_ON;
}

static int read_theme(CommandLine *options, const char *value) {
    static const char *const words[] = {"dark", "light", NULL};
    int which = choice(value, words);
    if (which < 0) return refuse("--theme: no theme is called \"%s\"", value, "say --theme=dark or --theme=light");
    options->theme = words[which];
    return GO_ON;
}

static int read_seed(CommandLine *options, const char *value) {
    char *end;
    errno = 0;
    unsigned long long seed = strtoull(value, &end, 0);
    if (errno || *end || end == value || strchr(value, '-')) {
        return refuse("--seed: \"%s\" is no seed", value, "give a whole number from 0 to 18446744073709551615");
    }
    options->seed = seed;
    options->seeded = true;
    return GO_ON;
}

static int read_factor(double *factor, const char *value, const char *complaint, const char *advice, double least,
                       double most) {
    char *end;
    *factor = strtod(value, &end);
    bool good = !*end && end != value && isfinite(*factor) && *factor >= least && *factor <= most;
    return good ? GO_ON : refuse(complaint, value, advice);
}

static int add_code(CommandLine *options, const char *code) {
    const char **more = realloc(options->code, (options->code_count + 1) * sizeof *more);
    if (!more) return refuse("out of memory for %s", "-e", "");
    options->code = more;
    options->code[options->code_count++] = code;
    return GO_ON;
}

/* ---- Options ---- */

enum {
    OPTION_WIRE = 256,
    OPTION_WINDOW,
    OPTION_NO_WINDOW,
    OPTION_LANG,
    OPTION_SEED,
    OPTION_MEMORY,
    OPTION_SPEED,
    OPTION_SCALE,
    OPTION_THEME,
    OPTION_PRESENT,
    OPTION_VERSION
};

static const struct option long_options[] = {
    {"eval", required_argument, NULL, 'e'},
    {"wire", required_argument, NULL, OPTION_WIRE},
    {"window", no_argument, NULL, OPTION_WINDOW},
    {"no-window", no_argument, NULL, OPTION_NO_WINDOW},
    {"lang", required_argument, NULL, OPTION_LANG},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"memory", required_argument, NULL, OPTION_MEMORY},
    {"speed", required_argument, NULL, OPTION_SPEED},
    {"scale", required_argument, NULL, OPTION_SCALE},
    {"theme", required_argument, NULL, OPTION_THEME},
    {"present", no_argument, NULL, OPTION_PRESENT},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int show(const char *text) {
    if (fputs(text, stdout) >= 0 && fflush(stdout) == 0) return 0;
    fprintf(stderr, "twomsl: cannot write to standard output: %s\n", strerror(errno));
    return 1;
}

static int wrong_option(char **argv, int option) {
    const char *word = argv[optind - 1];
    char letter[] = {'-', (char)optopt, '\0'};
    bool is_long = strncmp(word, "--", 2) == 0;
    if (!is_long || (optopt > 0 && optopt < 256 && option == '?')) word = optopt == 'e' && is_long ? "--eval" : letter;
    if (option == ':') return refuse("%s needs a value", word, "twomsl --help shows how");
    if (is_long && optopt != 0) return refuse("%s takes no value", word, "twomsl --help lists the options");
    return refuse("unknown option %s", word, "twomsl --help lists the options");
}

static int read_option(CommandLine *options, int option, char **argv) {
    switch (option) {
    case 'e': return add_code(options, optarg);
    case 'i': options->stay = true; return GO_ON;
    case 'h': return show(command_help(options));
    case OPTION_VERSION: return show("twomsl " TWOMSL_VERSION "\n");
    case OPTION_WIRE: return read_wire(options, optarg);
    case OPTION_WINDOW: options->window = WINDOW_YES; return GO_ON;
    case OPTION_NO_WINDOW: options->window = WINDOW_NO; return GO_ON;
    case OPTION_LANG: return read_language(options, optarg);
    case OPTION_SEED: return read_seed(options, optarg);
    case OPTION_THEME: return read_theme(options, optarg);
    case OPTION_PRESENT: options->present = true; return GO_ON;
    case OPTION_MEMORY: return read_memory(options, optarg);
    case OPTION_SPEED:
        return read_factor(&options->speed, optarg, "--speed: \"%s\" is no speed",
                           "give a number from 0.01 to 100; 1 is normal", 0.01, 100);
    case OPTION_SCALE:
        return read_factor(&options->scale, optarg, "--scale: \"%s\" is no scale",
                           "give a number from 0.5 to 4; 1 is normal", 0.5, 4);
    default: return wrong_option(argv, option);
    }
}

/* Options up to the next word. */
static int read_options(CommandLine *options, int argc, char **argv) {
    int option;
    while ((option = getopt_long(argc, argv, "+:e:ih", long_options, NULL)) != -1) {
        int status = read_option(options, option, argv);
        if (status != GO_ON) return status;
    }
    return GO_ON;
}

/* ---- Words ---- */

static int read_lesson(CommandLine *options, int argc, char **argv) {
    int status = GO_ON;
    while (status == GO_ON && optind < argc) {
        const char *word = argv[optind];
        if (options->command == COMMAND_LESSONS)
            return refuse("lessons: unknown argument \"%s\"", word, "twomsl lesson NAME plays one");
        if (options->script)
            return refuse("lesson: one name only, unknown argument \"%s\"", word, "twomsl lessons lists the names");
        options->script = word;
        optind++;
        status = read_options(options, argc, argv);
    }
    if (status != GO_ON) return status;
    bool wants_name = options->command == COMMAND_LESSON && !options->script;
    return wants_name ? refuse("lesson: which one%s", "?", "twomsl lessons lists the names") : GO_ON;
}

/* Options of twomsl are read here; all other words are drill's, which reads them itself. */
static int read_drill(CommandLine *options, int argc, char **argv) {
    int status = GO_ON, kept = optind, first = optind;
    while (status == GO_ON && optind < argc) {
        int at = optind;
        bool is_option = argv[at][0] == '-' && argv[at][1] != '\0' && strchr("-eih", argv[at][1]);
        int option = is_option ? getopt_long(argc, argv, "+:e:ih", long_options, NULL) : -1;
        if (option != -1 && option != '?') {
            status = read_option(options, option, argv);
            if (option != 'i') continue; /* drill needs it too */
        }
        argv[kept++] = argv[at];
        optind = at + 1;
    }
    options->argc = kept - first;
    options->argv = argv + first;
    if (status != GO_ON || options->argc > 0) return status;
    return refuse("drill: which script%s", "?", "for example twomsl drill tests/drill; twomsl drill --help shows how");
}

static int read_attach(CommandLine *options, int argc, char **argv) {
    options->argc = argc - optind;
    options->argv = argv + optind;
    return optind < argc ? GO_ON : refuse("attach: which program%s", "?", "for example twomsl attach tcpdump -i lo");
}

/* Options of ours may follow the script's name; the first word that is none starts the script's arguments, -- does
 * so in any case. */
static int read_late_options(CommandLine *options, int argc, char **argv) {
    for (;;) {
        int at = optind, option = getopt_long(argc, argv, "+:e:ih", long_options, NULL);
        if (option == -1) return GO_ON;
        if (option == '?') {
            optind = at;
            return GO_ON;
        }
        int status = read_option(options, option, argv);
        if (status != GO_ON) return status;
    }
}

static int read_script(CommandLine *options, int argc, char **argv) {
    struct stat about;
    const char *path = argv[optind++];
    bool exists = stat(path, &about) == 0;
    if (exists && S_ISDIR(about.st_mode)) errno = EISDIR;
    bool opens = exists && !S_ISDIR(about.st_mode) && access(path, R_OK) == 0;
    bool like_a_file = exists || strchr(path, '/') || strstr(path, ".lua");
    if (!opens && !like_a_file) return refuse("no such file or command: %s", path, "twomsl --help lists the commands");
    if (!opens) {
        fprintf(stderr, "twomsl: cannot open %s: %s\n", path, strerror(errno));
        return USAGE;
    }
    int status = read_late_options(options, argc, argv);
    options->script = path;
    options->argc = argc - optind;
    options->argv = argv + optind;
    return status;
}

static bool is_word_of_explore(const char *word) {
    static const char *const names[] = {"--part", "--format", "--progress", "--merge", NULL};
    for (int i = 0; names[i]; i++) {
        size_t length = strlen(names[i]);
        if (strncmp(word, names[i], length) == 0 && (word[length] == '=' || word[length] == '\0')) return true;
    }
    return false;
}

/* Options of ours and of explore up to the script, or with --merge all words. */
static int read_explore(CommandLine *options, int argc, char **argv) {
    bool merge = false;
    int kept = optind;
    options->words = argv + optind;
    while (optind < argc) {
        char *word = argv[optind];
        bool is_file = word[0] != '-' || word[1] == '\0';
        if (is_file && !merge) break;
        if (is_file || is_word_of_explore(word)) {
            merge = merge || strcmp(word, "--merge") == 0;
            argv[kept++] = word;
            optind++;
            continue;
        }
        int option = getopt_long(argc, argv, "+:e:ih", long_options, NULL);
        if (option == -1) break; /* -- */
        int status = read_option(options, option, argv);
        if (status != GO_ON) return status;
    }
    options->word_count = kept - (int)(options->words - argv);
    if (!options->seeded) options->seed = 1; /* parts begin in the same world */
    options->seeded = true;
    if (merge) return GO_ON;
    return optind < argc ? read_script(options, argc, argv)
                         : refuse("explore: which script%s", "?", "twomsl explore --help shows how");
}

static int read_word(CommandLine *options, int argc, char **argv) {
    static const char *const words[] = {"lessons", "lesson", "attach", "drill", "explore", NULL};
    static const Command commands[] = {COMMAND_LESSONS, COMMAND_LESSON, COMMAND_ATTACH, COMMAND_DRILL, COMMAND_EXPLORE};
    int which = choice(argv[optind], words);
    if (which < 0) return read_script(options, argc, argv);
    options->command = commands[which];
    optind++;
    if (options->command == COMMAND_DRILL) return read_drill(options, argc, argv);
    if (options->command == COMMAND_EXPLORE) return read_explore(options, argc, argv);
    int status = read_options(options, argc, argv);
    if (status != GO_ON) return status;
    return options->command == COMMAND_ATTACH ? read_attach(options, argc, argv) : read_lesson(options, argc, argv);
}

int options_read(CommandLine *options, int argc, char **argv) {
    *options = (CommandLine){.command = COMMAND_LAB};
    opterr = 0;
    int status = read_options(options, argc, argv);
    if (status != GO_ON || optind >= argc) return status;
    bool only_files = strcmp(argv[optind - 1], "--") == 0; /* twomsl -- lessons: the file of that name */
    return only_files ? read_script(options, argc, argv) : read_word(options, argc, argv);
}

void options_free(CommandLine *options) {
    free(options->code);
    options->code = NULL;
}
