/* words.c - times, endpoints, segments and packets as short phrases. */
#include <stdlib.h>

#include "text.h"

void text_count(Text *text, uint64_t count) {
    if (count >= 1000) {
        text_count(text, count / 1000);
        text_add(text, ",%03u", (unsigned)(count % 1000));
    } else {
        text_add(text, "%u", (unsigned)count);
    }
}

void text_time(Text *text, Micros time) {
    if (time == MICROS_NEVER) {
        text_add(text, "never");
        return;
    }
    if (time < 0) text_add(text, "-");
    uint64_t micros = time < 0 ? (uint64_t)0 - (uint64_t)time : (uint64_t)time;
    unsigned rest = (unsigned)(micros % 1000000u);
    text_add(text, "%llu.%03u", (unsigned long long)(micros / 1000000u), rest / 1000u);
    if (rest % 1000u == 0) return;
    char digits[4] = {(char)('0' + rest / 100 % 10), (char)('0' + rest / 10 % 10), (char)('0' + rest % 10), '\0'};
    for (int last = 2; digits[last] == '0'; last--) digits[last] = '\0';
    text_add(text, "%s", digits);
}

void text_host(Text *text, const World *world, HostId host) {
    HostView view;
    if (world && host != HOST_NONE && world_host(world, host, &view)) text_add(text, "%s", view.name);
    else text_add(text, "-");
}

void text_endpoint(Text *text, const World *world, Endpoint endpoint) {
    HostId host = world ? world_host_by_addr(world, endpoint.addr) : HOST_NONE;
    HostView view;
    if (host != HOST_NONE && world_host(world, host, &view)) {
        text_add(text, "%s:%u", view.name, endpoint.port);
        return;
    }
    char buffer[ENDPOINT_TEXT];
    text_add(text, "%s", endpoint_text(endpoint, buffer));
}

static void add_options(Text *text, const Options *options) {
    const char *separator = "";
    if (!options->mss && options->wscale == OPTION_NO_WSCALE && !options->sack_permitted && !options->timestamps &&
        !options->sack_count)
        return;
    text_add(text, " <");
    if (options->mss) {
        text_add(text, "mss %u", options->mss);
        separator = ", ";
    }
    if (options->wscale != OPTION_NO_WSCALE) {
        text_add(text, "%swscale %u", separator, options->wscale);
        separator = ", ";
    }
    if (options->sack_permitted) {
        text_add(text, "%ssack ok", separator);
        separator = ", ";
    }
    if (options->timestamps) {
        text_add(text, "%sts %u echo %u", separator, options->ts_value, options->ts_echo);
        separator = ", ";
    }
    for (uint8_t i = 0; i < options->sack_count; i++) {
        text_add(text, "%ssack %u-%u", separator, options->sack[i].left.value, options->sack[i].right.value);
        separator = ", ";
    }
    text_add(text, ">");
}

void text_segment(Text *text, const Segment *segment) {
    char flags[FLAGS_TEXT];
    text_add(text, "%s seq=%u", flags_text(segment->flags, flags), segment->seq.value);
    if (segment->flags & FLAG_ACK) text_add(text, " ack=%u", segment->ack.value);
    text_add(text, " win=%u", segment->window);
    if (segment->flags & FLAG_URG) text_add(text, " urg=%u", segment->urgent);
    if (segment->data_length) text_add(text, " len=%u", segment->data_length);
    add_options(text, &segment->options);
}

/* "ICMP port unreachable about A:7777 > B:80" */
static void add_icmp(Text *text, const World *world, const Icmp *icmp) {
    text_add(text, "ICMP %s about ", icmp_text(icmp->type, icmp->code));
    text_endpoint(text, world, icmp->about_src);
    text_add(text, " > ");
    text_endpoint(text, world, icmp->about_dst);
}

void text_packet(Text *text, const World *world, const PacketView *packet) {
    Icmp icmp;
    bool error = packet->decoded == DECODE_NOT_TCP && icmp_decode(packet->bytes, packet->length, &icmp);
    text_add(text, "#%u ", packet->id.id);
    if (error) {
        add_icmp(text, world, &icmp);
    } else {
        text_endpoint(text, world, packet->segment.src);
        text_add(text, " > ");
        text_endpoint(text, world, packet->segment.dst);
        text_add(text, " ");
        text_segment(text, &packet->segment);
    }
    if (packet->again) text_add(text, " again");
    if (packet->copy_of) text_add(text, " copy of #%u", packet->copy_of);
    if (packet->forged) text_add(text, " forged");
    if (packet->corrupted) text_add(text, " corrupted");
    else if (packet->decoded != DECODE_OK && !error) text_add(text, " (%s)", decode_text(packet->decoded));
    if (packet->held) {
        text_add(text, " held");
    } else if (world) {
        text_add(text, " arrives in ");
        text_time(text, packet->due - world_now(world));
    }
}
