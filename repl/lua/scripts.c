/* scripts.c - see scripts.h. */
#include "scripts.h"

#include "commands.h"

enum { COLUMN = 40 };

static bool grow(Config *config, Status limit) {
    if (limit == STATUS_LIMIT_PACKETS) config->packets *= 2;
    else if (limit == STATUS_LIMIT_CONNS) config->conns *= 2;
    else if (limit == STATUS_LIMIT_STORE) config->store *= 2;
    else return false;
    return true;
}

bool step_copy(World **world, const Input *input, Trace *trace) {
    Config config = *world_config(*world);
    for (;;) {
        World *next = world_grow(*world, &config);
        Status status = next ? world_step(next, input, trace) : STATUS_LIMIT_MEMORY;
        if (status == STATUS_OK) {
            world_free(*world);
            *world = next;
            return true;
        }
        world_free(next);
        if (!grow(&config, status)) return false;
    }
}

/* One line: the command, and what it brings as a comment. The world becomes the one after it. */
static bool add_line(Text *text, World **world, const Input *input, Trace *trace) {
    Text command = TEXT_EMPTY;
    uint32_t before = trace_count(trace);
    bool good = add_command(&command, *world, input) && step_copy(world, input, trace);
    if (good) {
        text_add(text, "%s", text_string(&command));
        if (trace_count(trace) > before) {
            text_pad(text, COLUMN);
            text_add(text, " -- ");
            text_step(text, *world, trace, trace_at(trace, before).step, trace_count(trace));
        }
        text_add(text, "\n");
    }
    text_free(&command);
    return good;
}

static void add_head(Text *text, const World *begin) {
    text_add(text,
             "-- A history of twomsl as a script. Other futures (branches) are not in it: save \"x.2msl\" keeps them.\n"
             "-- It begins with the same seed, from which all chance and the initial sequence numbers come.\n"
             "reset{seed=%lld}\n",
             (long long)world_config(begin)->seed);
}

int64_t add_script(Text *text, const Session *session) {
    World *world = session_world_at(session, 0);
    Trace *trace = trace_new();
    int64_t step = 0;
    Input input;
    if (world && trace) add_head(text, world);
    while (world && trace && step < session_step(session) && session_input(session, (uint32_t)step, &input) &&
           add_line(text, &world, &input, trace))
        step++;
    if (!world || !trace || text->failed) step = -1;
    trace_free(trace);
    world_free(world);
    return step;
}
