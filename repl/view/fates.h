/* fates.h - what has become of each sequence number that a connection has sent and not got acknowledged.
 *
 * Pure data: made from both ends' numbers and from the flights, no drawing. The sender itself knows nothing of this but
 * what SACK tells it; the picture says so.
 */
#ifndef TWOMSL_FATES_H
#define TWOMSL_FATES_H

#include "story.h"

/* Of several flights that carry a number the best counts: the later in this order. */
typedef enum ByteFate {
    FATE_LOST,    /* neither there nor on its way */
    FATE_FLYING,  /* on its way, or held on it */
    FATE_AGAIN,   /* on its way in a retransmission */
    FATE_KEPT,    /* the receiver has it, beyond a hole */
    FATE_ARRIVED, /* the receiver has it, all before it too; no ACK of it has come */
    FATES
} ByteFate;

typedef struct FateRun {
    uint32_t first, end; /* counted from SND.UNA: the numbers first .. end-1 */
    ByteFate fate;
} FateRun;

/* From SND.UNA to SND.NXT without a gap, neighbours differ. */
typedef struct Fates {
    FateRun *runs;
    size_t count, room;
} Fates;
#define FATES_EMPTY ((Fates){NULL, 0, 0})

/* The receiver's end of the sender's connection, of the same incarnation, which knows what it has received. */
bool fates_mates(const ConnView *sender, const ConnView *receiver);
/* As of the first `step` inputs and `events` events of the story, when both ends' numbers were these. `receiver` may be
 * NULL or any connection: one that is no mate counts as none. Without a mate what was taken, or reached a TCP outside
 * the world, counts as arrived. Costs as much as the sender's host has sent since the oldest packet still in flight. */
void fates_read(Fates *fates, const Story *story, uint32_t step, uint32_t events, const ConnView *sender,
                const ConnView *receiver);
void fates_free(Fates *fates);

#endif
