/* A picture of a flow over accounts and over several chains, as numbers: which places are drawn,
 * where, and the bands between them.
 *
 *     ethereum   victim ==> thief ==> router . . .
 *                                            .
 *     bitcoin                                . .==> tx ==> exchange
 *
 * A place is an account, on a ledger of coins a transaction or the script where value ended. It
 * stands in the lane of its ledger and in the column of the hop at which value first came to it, so
 * most bands go to the right. Bands are all moves between two places of one asset and grade. What
 * is too much for a cell is folded into one place, never left out.
 *
 * Units:     lengths in pixels; widths grow with the share of what was marked of the asset.
 * Ownership: in the arena; the document is borrowed.
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's).
 * Order:     a function of the document alone.
 * Threads:   safe. */
#ifndef CORDON_TRACE_LANES_H
#define CORDON_TRACE_LANES_H

#include "trace/ledgers_run.h"

#define LANES_CELL_MAX 9 /* places in one cell; the least are folded beyond */
#define LANES_COLUMNS_MAX 40
#define LANES_X 24
#define LANES_STEP 208
#define LANES_BOX_WIDTH 148
#define LANES_BOX_HEIGHT 34
#define LANES_ROW 46
#define LANES_TOP 30

enum place_kind { PLACE_ACCOUNT, PLACE_TX, PLACE_SCRIPT };

struct place_key {
    uint32_t ledger;
    enum place_kind kind;
    uint64_t id; /* account, transaction or script */
};

struct lanes_place {
    struct place_key key;
    uint32_t column, pays; /* pays: the least hop of what leaves it */
    uint32_t folded;       /* how many places this one stands for; 0: itself */
    uint32_t drawn;        /* the place that stands for it in the picture */
    int32_t x, y;
    struct u256 weight; /* parts of 2^64 of what was marked; the largest of its bands */
    bool held, exit;
    int32_t stop;
};

struct lanes_band {
    uint32_t from, to; /* drawn places */
    uint32_t ledger;
    uint64_t asset; /* of a ledger of accounts */
    struct u256 taint;
    uint32_t transfers;
    enum move_grade grade;
    bool route;
    enum route_rule rule;
    uint32_t width; /* tenths of a pixel */
};

/* One move, one output that was reached, or one route, by itself. */
struct lanes_edge {
    uint32_t from, to, ledger;
    enum { EDGE_MOVE, EDGE_OUTPUT, EDGE_ROUTE } kind;
    size_t at; /* in the moves or reached of the ledger's document, or in the links */
};

struct lanes {
    struct lanes_place *places; /* [places_n] by key */
    struct lanes_band *bands;   /* [bands_n] by from, to, asset, grade */
    size_t places_n, bands_n;
    struct lanes_edge *edges; /* [edges_n] as the documents have them; routes last */
    size_t edges_n;
    int32_t *lane_y, *lane_h; /* [ledgers_n]; height 0: nothing of the case is there */
    uint32_t columns_n;
    int32_t width, height;
};

/* Places and edges alone, each place by itself: none is folded, none has a position. */
bool lanes_find(struct arena *a, const struct ledgers_doc *d, struct lanes *ret,
                struct err *err) MUST_USE;
bool lanes_lay_out(struct arena *a, const struct ledgers_doc *d, struct lanes *ret,
                   struct err *err) MUST_USE;
/* A place by name: an account, a transaction's id, an address. */
void lanes_place_text(const struct trace_ledger *l, struct place_key key, struct text *ret);
const char *lanes_stop_name(const struct ledgers_doc *d, const struct lanes_place *x); /* NULL */
uint32_t lanes_place_of(const struct lanes *l, struct place_key key); /* UINT32_MAX */

#endif
