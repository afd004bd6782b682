/* sack.c - selective acknowledgment: reporting what arrived beyond a hole (RFC 2018), and retransmitting only the holes
 * (RFC 6675). */
#include "mechanisms.h"

enum { DUPLICATES = 3 };

/* ---- Receiver ---- */

static uint32_t blocks_most(const Tcb *tcb) { return tcb->timestamps ? SACK_BLOCKS_BESIDE_TIMESTAMPS : SACK_BLOCKS; }

uint32_t sack_length(const Tcb *tcb) {
    if (!tcb->sacking || tcb->kept.count == 0) return 0;
    uint32_t blocks = tcb->kept.count < blocks_most(tcb) ? tcb->kept.count : blocks_most(tcb);
    return OPTION_SACK_BYTES + OPTION_SACK_BLOCK_BYTES * blocks;
}

uint32_t segment_room(const Env *env, const Tcb *tcb) { return effective_mss(env, tcb) - sack_length(tcb); }

void sack_report(const Env *env, const Tcb *tcb, Options *options) {
    uint32_t most = tcb->sacking ? blocks_most(tcb) : 0;
    uint32_t last = UINT32_MAX;
    while (options->sack_count < most) { /* the latest first (RFC 2018 4) */
        const Piece *latest = NULL;
        for (uint32_t i = 0; i < tcb->kept.count; i++) {
            const Piece *piece = pieces_at(env->store, &tcb->kept, i);
            if (piece->stamp < last && (!latest || piece->stamp > latest->stamp)) latest = piece;
        }
        if (!latest) return;
        last = latest->stamp;
        options->sack[options->sack_count++] = (SackBlock){latest->left, latest->right};
    }
}

/* ---- Sender: the scoreboard ---- */

bool sack_learn(Store *store, Tcb *tcb, const Segment *seg) {
    bool new_sack = false;
    if (!tcb->sacking) return false;
    for (uint32_t i = 0; i < seg->options.sack_count; i++) {
        Seq left = seg->options.sack[i].left, right = seg->options.sack[i].right;
        if (!seq_lt(left, right) || !seq_gt(left, tcb->snd.una) || seq_gt(right, tcb->snd.nxt)) continue;
        if (pieces_cover(store->bytes, &tcb->sacked, left, right)) continue;
        new_sack |= pieces_add(store, &tcb->sacked, left, right);
    }
    return new_sack;
}

/* RFC 6675 4 IsLost(): enough was selectively acknowledged beyond it. */
static bool is_lost(const Env *env, const Tcb *tcb, Seq seq, uint32_t mss) {
    uint32_t bytes = 0, stretches = 0;
    for (uint32_t i = 0; i < tcb->sacked.count; i++) {
        const Piece *piece = pieces_at(env->store, &tcb->sacked, i);
        if (!seq_gt(piece->left, seq)) continue;
        bytes += seq_distance(piece->left, piece->right);
        stretches++;
    }
    return stretches >= DUPLICATES || bytes > (DUPLICATES - 1) * mss;
}

bool sack_first_lost(const Env *env, const Tcb *tcb) {
    return tcb->sacked.count > 0 && is_lost(env, tcb, tcb->snd.una, effective_mss(env, tcb));
}

/* The hole before piece i (i = count: the range after the last piece). */
static Piece hole(const Env *env, const Tcb *tcb, uint32_t i) {
    Seq left = i == 0 ? tcb->snd.una : pieces_at(env->store, &tcb->sacked, i - 1)->right;
    Seq right = i == tcb->sacked.count ? tcb->snd.nxt : pieces_at(env->store, &tcb->sacked, i)->left;
    return (Piece){left, right, 0};
}

/* RFC 6675 4 SetPipe(): an estimate of the bytes in the network. */
uint32_t sack_pipe(const Env *env, const Tcb *tcb) {
    uint32_t mss = effective_mss(env, tcb), pipe = 0;
    for (uint32_t i = 0; i <= tcb->sacked.count; i++) {
        Piece gap = hole(env, tcb, i);
        if (!seq_lt(gap.left, gap.right)) continue;
        if (!is_lost(env, tcb, gap.left, mss)) pipe += seq_distance(gap.left, gap.right);
        Seq again = seq_min(gap.right, tcb->high_rxt);
        if (seq_lt(gap.left, again)) pipe += seq_distance(gap.left, again);
    }
    return pipe;
}

/* RFC 6675 4 NextSeg(), rules 1 and 3: the next hole below the highest byte selectively acknowledged. */
bool sack_next(const Env *env, const Tcb *tcb, bool lost_only, Seq *from, uint32_t *length) {
    uint32_t mss = effective_mss(env, tcb), most = segment_room(env, tcb);
    for (uint32_t i = 0; i < tcb->sacked.count; i++) {
        Piece gap = hole(env, tcb, i);
        Seq left = seq_max(gap.left, tcb->high_rxt);
        if (!seq_lt(left, gap.right)) continue;
        if (lost_only && !is_lost(env, tcb, left, mss)) return false;
        uint32_t size = seq_distance(left, gap.right);
        *from = left;
        *length = size < most ? size : most;
        return true;
    }
    return false;
}
