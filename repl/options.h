/* options.h - the command line. */
#ifndef TWOMSL_OPTIONS_H
#define TWOMSL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum Command {
    COMMAND_LAB,
    COMMAND_LESSONS,
    COMMAND_LESSON,
    COMMAND_ATTACH,
    COMMAND_DRILL,
    COMMAND_EXPLORE
} Command;
typedef enum WireChoice { WIRE_AUTO, WIRE_RAW, WIRE_MEMORY } WireChoice;
typedef enum WindowChoice { WINDOW_AUTO, WINDOW_YES, WINDOW_NO } WindowChoice;

typedef struct CommandLine {
    Command command;
    const char *script; /* COMMAND_LAB, COMMAND_EXPLORE: the script, NULL: none; COMMAND_LESSON: its name */
    int argc;           /* arguments of the script, of the command to attach, or of drill */
    char **argv;
    int word_count; /* COMMAND_EXPLORE: its own options, and the files to join */
    char **words;
    const char **code; /* -e, in order */
    size_t code_count;
    bool stay; /* -i */
    WireChoice wire;
    WindowChoice window;
    const char *language, *theme;
    bool present; /* the lecture layout */
    bool seeded;
    uint64_t seed;
    double speed, scale; /* 0: not given */
    size_t memory;       /* bytes; 0: not given */
} CommandLine;

/* Fills options. Returns -1 to go on, or the exit status: help was shown (0) or wrong usage explained (2). */
int options_read(CommandLine *options, int argc, char **argv);
void options_free(CommandLine *options);

#endif
