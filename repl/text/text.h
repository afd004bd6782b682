/* text.h - what the window shows, as lines of text. Reads the engine's views and events, knows nothing of Lua or SDL.
 *
 * Whatever the window shows has a text form, and both are made from the same data.
 */
#ifndef TWOMSL_TEXT_H
#define TWOMSL_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#include "../../engine/engine.h"

typedef enum Language { LANGUAGE_EN, LANGUAGE_ZH_CN, LANGUAGE_ZH_TW, LANGUAGE_COUNT } Language; /* see language.h */

/* A string that grows. Start with TEXT_EMPTY; text_free() at the end. Where there is no memory it has `failed`: what
 * was added from then on is missing. */
typedef struct Text {
    char *bytes; /* always ended by a zero byte once something was added; NULL before */
    size_t length, capacity;
    bool failed;
} Text;
#define TEXT_EMPTY ((Text){NULL, 0, 0, false})
void text_free(Text *text);
void text_clear(Text *text);
/* Takes back what was added behind the first `length` bytes. */
void text_cut(Text *text, size_t length);
void text_add(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_list(Text *text, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));
void text_add_bytes(Text *text, const char *bytes, size_t length);
/* Adds the bytes so that they do nothing to a terminal: control characters, and what is no UTF-8, as escapes ("\\x1B").
 * Quoted: newlines, tabs, quotes and backslashes too. */
void text_add_escaped(Text *text, const char *bytes, size_t length, bool quoted);
const char *text_string(const Text *text); /* never NULL */

/* realloc() for an array of `old` things that shall have `count`, zero is one too. NULL: no memory, nothing changed. */
void *text_array(void *array, size_t old, size_t count, size_t size);
void text_array_free(void *array, size_t count, size_t size);

/* Bytes that all texts and arrays of this room take now. */
size_t text_memory(void);
/* Whether any text has failed since the last call: what was made of it lacks something too. */
bool text_lost(void);
/* Asks `may_take` before they take more; NULL: nobody is asked. */
void text_on_growth(bool (*may_take)(void *self, size_t more), void *self);

/* The session's flights, up to date; out of memory ends the program with a message. */
const Flights *text_flights(const Session *session);

/* How many columns of a terminal these bytes of UTF-8 take: wide characters (Chinese) take two. */
int text_columns(const char *bytes, size_t length);
/* Reads one character of UTF-8 and moves on; invalid bytes are read as U+FFFD. */
uint32_t text_character(const char **bytes, const char *end);
void text_add_character(Text *text, uint32_t character);
/* Adds spaces until the current line is `column` wide. */
void text_pad(Text *text, int column);
/* A paragraph, broken at spaces and between Chinese characters so that no line is wider than `columns`; the first line
 * begins where the text stands, the others after `indent` spaces. No newline at the end. */
void text_wrap(Text *text, const char *paragraph, int indent, int columns);

/* Two texts side by side, each `width` columns, line by line, ">>" before the first line that differs. Shows the first
 * `head` lines, and so many lines before and after that one. */
void text_beside(Text *text, const char *left, const char *right, int width, int head, int before, int after);

/* "0.050", "61.250": seconds with milliseconds, more digits only where they are not zero. */
void text_time(Text *text, Micros time);
/* "49,980": a number to be read, not to be typed. */
void text_count(Text *text, uint64_t count);
/* "A", "B", or the address where no host has it. */
void text_host(Text *text, const World *world, HostId host);
/* "A:7777" */
void text_endpoint(Text *text, const World *world, Endpoint endpoint);
/* "SYN,ACK seq=100 ack=42 win=65535 <mss 1460>"; " len=5" where there is data. */
void text_segment(Text *text, const Segment *segment);
/* "#3 A:7777 > B:80 SYN seq=100 win=65535 <mss 1460> arrives in 0.050" */
void text_packet(Text *text, const World *world, const PacketView *packet);
/* Why a packet was dropped: "dropped by hand", "dropped by order 2". */
void text_drop(Text *text, DropReason reason, uint32_t order);
/* What an order does, as it is written in Lua: "wire:drop{from="A", flags="ACK", times=1}". */
void text_order(Text *text, const World *world, const Order *order);
/* What became of a segment: "kept", "duplicate ACK 2 of 3", "window update: 1024 bytes", "not used"; `value` as in
 * Outcome. Brief: "duplicate ACK 2", "window 1024". */
void text_outcome(Text *text, Language language, Outcome outcome, int64_t value, bool brief);
/* What became of a packet: "sent at 0.050 s, delayed by 1 s, arrived at 1.100 s: taken (listen.syn), answered by #2".
 */
void text_fate(Text *text, const FlightView *flight);
/* One event, one line without its newline: "0.050  A  SYN_SENT > ESTABLISHED". */
void text_event(Text *text, const World *world, const Event *event);
/* One step, one line: time, packet, state changes, errors: "0.050  A:7777 > B:80  SYN seq=100   B: LISTEN > SYN_RCVD".
 * `events` is how many of the trace count. */
void text_step(Text *text, const World *world, const Trace *trace, uint32_t step, uint32_t events);
/* A line for each oracle that the step breaks: what must not happen, in words, and the packet that did it. Each begins
 * with a newline; nothing where none is broken. */
void text_broken(Text *text, const World *world, const Trace *trace, uint32_t step, uint32_t events);
/* What will happen next, one line; "nothing is left to happen". */
void text_next(Text *text, const World *world);
/* Tables and pictures, several lines each. */
/* The first `most` connections, and how many more there are; the timers of the first connections, at most so many. */
void text_netstat(Text *text, const World *world, uint32_t most);
void text_timers(Text *text, const World *world, uint32_t most);
/* What has happened up to now, no wider than `columns`: the last rows, at most so many, and above them a line that says
 * so where there are more. Costs as much as is shown. */
void text_ladder(Text *text, const Session *session, int columns, int rows);
/* The header bit by bit: each field with name, value and meaning. */
void text_header(Text *text, const uint8_t *datagram, size_t length);
/* Why an event happened: its rule with the section; of a timer, what it did; then its causes, back
 * to the beginning. */
void text_why(Text *text, const World *world, const Trace *trace, uint32_t event);
/* What is worth explaining of a step: what it breaks, the timer that fired, its first state change, else its last
 * event. */
Event text_main_event(const Session *session, uint32_t step);
/* The same for a timer of this connection that runs, which the event `cause` started. */
void text_why_timer(Text *text, const World *world, const Trace *trace, const ConnView *conn, TimerKind timer,
                    const Event *cause);
/* Why a connection is not in a state, and what it waits for on the shortest way there: which segment, whose call, which
 * timer and when. STATE_COUNT: what it waits for, whatever comes next. */
void text_why_not(Text *text, const World *world, ConnId conn, State state);

#endif
