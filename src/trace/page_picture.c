/* A flow drawn as SVG, and the details of what can be chosen in it.
 *
 * Everything that can be chosen is a link to its detail, so that it works with the keyboard and
 * without a script; data-k is its number, data-l and data-r what its widest bands come from and go
 * to, data-c its column. Bands carry the numbers of both their ends. Lengths are tenths of a pixel
 * until they are written. */
#include "trace/page.h"

#include <stdlib.h>

#define LEFT 140
#define TOP 460
#define BAR 120            /* a node's width */
#define ENDS_WIDTH 3000    /* for the names of lanes */
#define ENDS_PITCH 360     /* two lines of text */
#define PICTURE_WIDTH 9500 /* between first and last column, if the columns allow */
#define STEP_MIN 300       /* so that all of it is seen at once */
#define STEP_INSIDE_MIN 600
#define STEP_MAX 4200
#define HEADING_MIN 1000 /* room that a column's heading needs */
#define BAND_MIN 8
#define LABEL_MIN 130 /* a band lower than this has no room for text */

struct drawing {
    struct page *p;
    const struct picture *q;
    struct leaving *leaving, *joining; /* [sides_n] each */
    size_t leaving_n, joining_n;
    uint32_t *node_of; /* [txs_n] */
    int32_t *label_y;  /* [lanes_n] */
    int32_t step, height;
};

struct leaving { /* an output at one of its two sides */
    uint32_t node, i;
    uint64_t amount;
};

static void length(struct text *to, int32_t v)
{
    if (v < 0)
        text_char(to, '-');
    text_u64(to, (uint64_t)(v < 0 ? -(int64_t)v : v) / 10);
    if (v % 10)
        text_printf(to, ".%d", abs(v % 10));
}

static void attribute(struct text *to, const char *name, int32_t v)
{
    text_printf(to, " %s=\"", name);
    length(to, v);
    text_char(to, '"');
}

static int32_t column_x(const struct drawing *w, uint32_t column)
{
    return LEFT + (int32_t)column * w->step;
}

static void point(struct text *to, char how, int32_t x, int32_t y)
{
    text_char(to, how);
    length(to, x);
    text_char(to, ' ');
    length(to, y + TOP);
}

/* From the right side of one column to the left of the next: both edges are curves that start and
 * end level. */
static void ribbon(struct text *to, int32_t x, int32_t x_to, int32_t y, int32_t h, int32_t y_to,
                   int32_t h_to)
{
    int32_t middle = (x + x_to) / 2;

    h = h < BAND_MIN ? BAND_MIN : h;
    h_to = h_to < BAND_MIN ? BAND_MIN : h_to;
    point(to, 'M', x, y);
    point(to, 'C', middle, y);
    point(to, ' ', middle, y_to);
    point(to, ' ', x_to, y_to);
    point(to, 'L', x_to, y_to + h_to);
    point(to, 'C', middle, y_to + h_to);
    point(to, ' ', middle, y + h);
    point(to, ' ', x, y + h);
    text_char(to, 'Z');
}

static enum fate target_fate(const struct drawing *w, uint32_t target)
{
    uint32_t lane = target - (uint32_t)w->q->f.nodes_n;

    if (target < w->q->f.nodes_n || lane >= w->p->ends.world.lanes_n)
        return FATE_MOVED;
    return w->p->ends.lanes[lane].fate;
}

static void links_draw(struct drawing *w)
{
    const struct flow *f = &w->q->f;
    struct text *to = w->p->to;

    for (size_t i = 0; i < f->links_n; i++) {
        const struct flow_link *k = &f->links[i];
        uint32_t column = f->nodes[k->from].column;

        text_printf(to, "<path class=\"b %s\" data-a=\"%u\" data-b=\"%u\" d=\"",
                    page_fate_class(target_fate(w, k->target)), k->from, k->target);
        ribbon(to, column_x(w, column) + BAR, column_x(w, column + 1), k->from_y, k->from_h,
               k->to_y, k->to_h);
        text_str(to, "\"/>\n");
    }
}

/* All passes of a target are one path: its bar at each column and the ribbon to the next. */
static void passes_draw(struct drawing *w)
{
    const struct flow *f = &w->q->f;
    struct text *to = w->p->to;

    for (size_t i = 0; i < f->passes_n; i++) {
        const struct flow_pass *k = &f->passes[i];
        bool own = k->target < f->nodes_n && f->nodes[k->target].column == k->column;
        bool first = !i || f->passes[i - 1].target != k->target,
             goes_on = i + 1 < f->passes_n && k[1].target == k->target;
        int32_t x = column_x(w, k->column);

        if (own && first)
            continue;
        if (first)
            text_printf(to, "<path class=\"b %s\" data-b=\"%u\" d=\"",
                        page_fate_class(target_fate(w, k->target)), k->target);
        if (!own) {
            point(to, 'M', x, k->y);
            point(to, 'L', x + BAR, k->y);
            point(to, 'L', x + BAR, k->y + k->h);
            point(to, 'L', x, k->y + k->h);
            text_char(to, 'Z');
        }
        if (goes_on)
            ribbon(to, x + BAR, x + w->step, k->y, k->h, k->to_y, k->to_h);
        else
            text_str(to, "\"/>\n");
    }
}

/* --- headings: when --- */

static void heading(struct drawing *w, uint32_t column, const struct ledger_block *b)
{
    struct text *to = w->p->to;

    text_str(to, "<text");
    attribute(to, "x", column_x(w, column));
    text_str(to, " y=\"14\">");
    if (b->time)
        page_date(to, b->time);
    text_str(to, "</text><text");
    attribute(to, "x", column_x(w, column));
    text_str(to, " y=\"28\">");
    if (b->height != HEIGHT_UNKNOWN)
        page_count(to, b->height);
    text_str(to, "</text>\n");
}

/* The first transaction of a column says when it is; the ends are as of the whole trace. */
static void headings_draw(struct drawing *w)
{
    const struct flow *f = &w->q->f;
    uint32_t column = 0, each = (uint32_t)((HEADING_MIN + w->step - 1) / w->step);
    struct text *to = w->p->to;
    struct ledger_block b;

    text_str(to, "<g class=\"ax\" aria-hidden=\"true\"><line x1=\"0\" y1=\"36\" y2=\"36\"");
    attribute(to, "x2", column_x(w, f->columns_n - 1) + ENDS_WIDTH);
    text_str(to, "/>\n");
    if (!w->q->inside && w->p->ends.origins_n) {
        b = page_block_of(w->p, w->p->ends.origin_first);
        heading(w, 0, &b);
    }
    for (size_t i = 1; i < f->nodes_n; i++) {
        if (f->nodes[i].column == column)
            continue;
        column = f->nodes[i].column;
        b = page_block_of(w->p, w->q->txs[f->nodes[i].txs[0]]);
        if (column % each == 0 && column + each < f->columns_n)
            heading(w, column, &b);
    }
    heading(w, f->columns_n - 1, &w->p->names->until);
    text_str(to, "</g>\n");
}

/* --- nodes --- */

/* The widest band on a side leads there; the source has none to its left. */
static void neighbours(struct drawing *w, uint32_t number)
{
    const struct flow *f = &w->q->f;
    const struct flow_link *left = NULL, *right = NULL;

    for (size_t i = 0; i < f->links_n; i++) {
        const struct flow_link *k = &f->links[i];

        if (k->from == number && (!right || k->amount > right->amount) &&
            (k->target < f->nodes_n || !w->q->inside))
            right = k;
        if (k->target == number && (!left || k->amount > left->amount))
            left = k;
    }
    if (left)
        text_printf(w->p->to, " data-l=\"%u\"", left->from);
    if (right)
        text_printf(w->p->to, " data-r=\"%u\"", right->target);
}

void page_node_name(struct page *p, const struct picture *q, const struct flow_node *n)
{
    struct text *to = p->to;

    switch (n->kind) {
    case FLOW_ORIGINS:
        text_str(to, q->inside ? "What comes in" : "Origins");
        return;
    case FLOW_TX:
        text_str(to, "Transaction ");
        page_tx_short(p, q->txs[n->txs[0]]);
        return;
    case FLOW_CHAIN:
        text_str(to, "Chain of ");
        break;
    case FLOW_MANY:
        text_str(to, "Folded: ");
        break;
    }
    page_counted(to, n->txs_n, "transaction", "transactions");
}

static void node_label(struct drawing *w, const struct flow_node *n)
{
    struct page *p = w->p;
    uint64_t amount = n->kind == FLOW_ORIGINS ? n->out : n->in;
    bool many = n->kind == FLOW_CHAIN || n->kind == FLOW_MANY;

    if (n->h < LABEL_MIN)
        return;
    text_str(p->to, "<text class=\"lb\"");
    attribute(p->to, "x", column_x(w, n->column) + BAR + 40);
    attribute(p->to, "y", TOP + n->y + (n->h > 400 ? 180 : n->h / 2 + 40));
    text_char(p->to, '>');
    if (many) {
        if (w->step >= STEP_INSIDE_MIN) {
            page_count(p->to, n->txs_n);
            text_str(p->to, " tx");
        }
    } else if ((int32_t)page_amount_chars(p, amount) * 70 < w->step - BAR - 80) {
        page_amount(p, amount);
    }
    text_str(p->to, "</text>");
}

static void node_draw(struct drawing *w, uint32_t number)
{
    const struct flow_node *n = &w->q->f.nodes[number];
    struct page *p = w->p;
    struct text *to = p->to;
    bool fold = n->txs_n > 1;
    int32_t x = column_x(w, n->column);

    text_printf(to, "<a href=\"#%s-d%u\" class=\"n%s\" data-k=\"%u\" data-c=\"%u\" data-y=\"%d\"",
                w->q->id, number, fold ? " fold" : "", number, n->column, n->y);
    neighbours(w, number);
    text_str(to, " aria-label=\"");
    page_node_name(p, w->q, n);
    text_str(to, ", ");
    page_amount_unit(p, n->kind == FLOW_ORIGINS ? n->out : n->in);
    if (n->kind != FLOW_ORIGINS) {
        text_str(to, ", ");
        page_height(to, page_block_of(p, w->q->txs[n->txs[0]]).height);
    }
    text_str(to, "\">");
    if (fold) {
        text_str(to, "<rect class=\"back\"");
        attribute(to, "x", x + 40);
        attribute(to, "y", TOP + n->y - 20);
        attribute(to, "width", BAR - 20);
        attribute(to, "height", n->h + 40);
        text_str(to, "/>");
    }
    text_str(to, "<rect");
    attribute(to, "x", x);
    attribute(to, "y", TOP + n->y);
    attribute(to, "width", fold ? BAR - 20 : BAR);
    attribute(to, "height", n->h);
    text_str(to, "/><rect class=\"halo\"");
    attribute(to, "x", x - 40);
    attribute(to, "y", TOP + n->y - 40);
    attribute(to, "width", BAR + 80);
    attribute(to, "height", n->h + 80);
    text_str(to, "/>");
    node_label(w, n);
    text_str(to, "</a>\n");
}

/* --- ends --- */

static const struct flow_pass *lane_end(const struct drawing *w,
                                        uint32_t lane) /* NULL: nothing came to it */
{
    const struct flow *f = &w->q->f;

    for (size_t i = 0; i < f->passes_n; i++)
        if (f->passes[i].target == f->nodes_n + lane && f->passes[i].column == f->columns_n - 1)
            return &f->passes[i];
    return NULL;
}

/* Names of lanes beside their ends, moved apart where they would overlap: up from the bottom first,
 * then down from the top. */
static void labels_place(struct drawing *w)
{
    const struct flow *f = &w->q->f;
    int32_t at = 0, n = 0;

    for (uint32_t i = 0; i < f->lanes_n; i++)
        n += lane_end(w, i) != NULL;
    w->height = n * ENDS_PITCH > f->height ? n * ENDS_PITCH : f->height;
    at = w->height;
    for (uint32_t i = f->lanes_n; i-- > 0;) {
        const struct flow_pass *k = lane_end(w, i);

        if (!k)
            continue;
        w->label_y[i] = k->y + k->h / 2 - ENDS_PITCH / 2;
        if (w->label_y[i] + ENDS_PITCH > at)
            w->label_y[i] = at - ENDS_PITCH;
        at = w->label_y[i];
    }
    at = 0;
    for (uint32_t i = 0; i < f->lanes_n; i++) {
        if (!lane_end(w, i))
            continue;
        if (w->label_y[i] < at)
            w->label_y[i] = at;
        at = w->label_y[i] + ENDS_PITCH;
    }
}

static void lane_name(struct drawing *w, uint32_t lane)
{
    struct page *p = w->p;
    const struct ends_lane *e;

    if (lane >= p->ends.world.lanes_n) {
        text_str(p->to, "Goes on elsewhere");
        return;
    }
    e = &p->ends.lanes[lane];
    switch (e->fate) {
    case FATE_EXIT:
        if (e->others) {
            page_counted(p->to, e->groups_n, "other exit", "other exits");
        } else {
            page_words(p->to, p->d->stops[e->stop].name, 34);
        }
        return;
    case FATE_HELD:
        if (e->others) {
            text_str(p->to, "Held at ");
            page_counted(p->to, e->rows_n, "address", "addresses");
        } else {
            text_str(p->to, "Held ");
            page_script(p, e->script, 20);
        }
        return;
    case FATE_CUT:
        text_str(p->to, "Beyond the hop limit");
        return;
    case FATE_UNRESOLVED:
        text_str(p->to, "Unresolved");
        return;
    case FATE_FEES:
        text_str(p->to, p->d->dust > 1 ? "Fees and dust" : "Fees");
        return;
    case FATE_MOVED:
        return;
    }
}

static void lane_draw(struct drawing *w, uint32_t lane)
{
    const struct flow *f = &w->q->f;
    const struct flow_pass *k = lane_end(w, lane);
    uint32_t number = (uint32_t)f->nodes_n + lane;
    int32_t x = column_x(w, f->columns_n - 1), y;
    enum fate fate = target_fate(w, number);
    struct text *to = w->p->to;

    if (!k)
        return;
    y = w->label_y[lane] + TOP;
    if (w->q->inside)
        text_str(to, "<g class=\"e\">");
    else
        text_printf(to, "<a href=\"#%s-d%u\" class=\"e\" data-k=\"%u\" data-c=\"%u\" data-y=\"%d\"",
                    w->q->id, number, number, f->columns_n - 1, k->y);
    if (!w->q->inside) {
        neighbours(w, number);
        text_str(to, " aria-label=\"");
        lane_name(w, lane);
        text_str(to, ", ");
        page_amount_unit(w->p, k->amount);
        text_str(to, "\">");
    }
    text_printf(to, "<rect class=\"%s\"", page_fate_class(fate));
    attribute(to, "x", x);
    attribute(to, "y", TOP + k->y);
    attribute(to, "width", BAR);
    attribute(to, "height", k->h);
    text_str(to, "/><path class=\"lead-line\" d=\"");
    point(to, 'M', x + BAR + 20, k->y + k->h / 2);
    point(to, 'L', x + BAR + 180, w->label_y[lane] + ENDS_PITCH / 2);
    text_printf(to, "\"/><text");
    attribute(to, "x", x + BAR + 220);
    attribute(to, "y", y + 150);
    text_printf(to, "><tspan class=\"%s\">%s</tspan> ", page_fate_class(fate),
                page_fate_mark(fate));
    lane_name(w, lane);
    text_str(to, "</text><text class=\"sub\"");
    attribute(to, "x", x + BAR + 380);
    attribute(to, "y", y + 290);
    text_char(to, '>');
    page_amount_unit(w->p, k->amount);
    text_str(to, "</text>");
    if (!w->q->inside) {
        text_str(to, "<rect class=\"halo\"");
        attribute(to, "x", x - 30);
        attribute(to, "y", y - 10);
        attribute(to, "width", ENDS_WIDTH - 40);
        attribute(to, "height", ENDS_PITCH - 20);
        text_str(to, "/></a>\n");
    } else {
        text_str(to, "</g>\n");
    }
}

static void svg_draw(struct drawing *w, const char *label)
{
    const struct flow *f = &w->q->f;
    struct text *to = w->p->to;
    int32_t width = column_x(w, f->columns_n - 1) + ENDS_WIDTH, height = TOP + w->height + 160;

    text_str(to, "<svg class=\"flow\" role=\"group\" aria-label=\"");
    text_str(to, label);
    text_char(to, '"');
    attribute(to, "width", width);
    attribute(to, "height", height);
    text_str(to, " viewBox=\"0 0 ");
    length(to, width);
    text_char(to, ' ');
    length(to, height);
    text_str(to, "\">\n");
    headings_draw(w);
    text_str(to, "<g aria-hidden=\"true\">\n");
    passes_draw(w);
    links_draw(w);
    text_str(to, "</g>\n");
    for (uint32_t i = 0; i < f->nodes_n; i++)
        node_draw(w, i);
    for (uint32_t i = 0; i < f->lanes_n; i++)
        lane_draw(w, i);
    text_str(to, "</svg>\n");
}

/* --- details --- */

static int leaving_order(const void *pa, const void *pb)
{
    const struct leaving *x = pa, *y = pb;

    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x->amount != y->amount)
        return x->amount > y->amount ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

/* Each output once with the node that it leaves and once with the one that it comes to, unless
 * these are the same. */
static bool sides_sort(struct drawing *w)
{
    const struct picture *q = w->q;

    w->node_of = ARENA_ARRAY(w->p->a, uint32_t, q->w.txs_n);
    w->leaving = ARENA_ARRAY(w->p->a, struct leaving, q->w.outputs_n);
    w->joining = ARENA_ARRAY(w->p->a, struct leaving, q->w.outputs_n);
    w->label_y = ARENA_ARRAY(w->p->a, int32_t, q->f.lanes_n);
    if (!w->node_of || !w->leaving || !w->joining || !w->label_y)
        return false;
    for (uint32_t i = 1; i < q->f.nodes_n; i++)
        for (uint32_t k = 0; k < q->f.nodes[i].txs_n; k++)
            w->node_of[q->f.nodes[i].txs[k]] = i;
    for (size_t i = 0; i < q->w.outputs_n; i++) {
        const struct flow_output *o = &q->w.outputs[i];
        uint32_t from = o->from == FLOW_SOURCE ? 0 : w->node_of[o->from];
        uint32_t to = o->to == FLOW_END ? UINT32_MAX : w->node_of[o->to];

        if (from == to)
            continue;
        w->leaving[w->leaving_n++] = (struct leaving){from, (uint32_t)i, o->amount};
        if (to != UINT32_MAX)
            w->joining[w->joining_n++] = (struct leaving){to, (uint32_t)i, o->amount};
    }
    qsort(w->leaving, w->leaving_n, sizeof(*w->leaving), leaving_order);
    qsort(w->joining, w->joining_n, sizeof(*w->joining), leaving_order);
    return true;
}

static void goes_where(struct page *p, const struct trace_reached *r, enum fate fate)
{
    text_printf(p->to, "<i class=\"m %s\">%s</i> ", page_fate_class(fate), page_fate_mark(fate));
    switch (fate) {
    case FATE_EXIT:
        page_words(p->to, p->d->stops[r->stop].name, PAGE_NAME_MAX);
        return;
    case FATE_HELD:
        text_str(p->to, "still held");
        return;
    case FATE_CUT:
        text_str(p->to, "beyond the hop limit");
        return;
    case FATE_UNRESOLVED:
        text_str(p->to, "unresolved");
        return;
    case FATE_MOVED:
        text_str(p->to, "moves on in ");
        page_tx_short(p, r->spent_by);
        return;
    case FATE_FEES:
        return;
    }
}

static void side_list(struct drawing *w, uint32_t node, bool leaving, const char *title)
{
    const struct leaving *all = leaving ? w->leaving : w->joining;
    size_t n = leaving ? w->leaving_n : w->joining_n, low = 0, high = n, shown = 0, end;
    struct page *p = w->p;
    struct text *to = p->to;
    uint64_t rest = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (all[middle].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < n && all[end].node == node; end++)
        ;
    if (low == end)
        return;
    text_printf(to, "<table><caption>%s</caption>\n", title);
    for (; low < end && shown < w->q->rows_max && p->details_left;
         low++, shown++, p->details_left--) {
        uint32_t i = w->q->w.outputs[all[low].i].id;
        const struct trace_reached *r = &p->d->trace->reached[i];

        text_str(to, "<tr><td>");
        page_outpoint(p, r->output, true);
        text_str(to, "<td><code>");
        page_script(p, p->names->script_of(p->names->ctx, r->output), 0);
        text_str(to, "</code><td class=\"n\">");
        page_amount(p, r->taint);
        if (leaving) {
            text_str(to, "<td>");
            goes_where(p, r, p->ends.fates[i]);
        }
        text_char(to, '\n');
    }
    if (low < end) {
        for (size_t i = low; i < end; i++)
            rest += all[i].amount;
        text_printf(to, "<tr><td colspan=\"4\">%s", shown ? "and " : "");
        page_count(to, end - low);
        text_str(to, shown ? " more, " : " outputs, ");
        page_amount_unit(p, rest);
        text_char(to, '\n');
    }
    text_str(to, "</table>\n");
}

static void detail_open(struct drawing *w, uint32_t number)
{
    text_printf(w->p->to,
                "<section class=\"d\" id=\"%s-d%u\" role=\"dialog\" aria-labelledby=\"%s-h%u\">"
                "<a class=\"x\" href=\"#%s\" aria-label=\"Close\">×</a><h3 id=\"%s-h%u\">",
                w->q->id, number, w->q->id, number, w->q->id, w->q->id, number);
}

static void when(struct page *p, uint32_t tx)
{
    struct ledger_block b = page_block_of(p, tx);

    page_height(p->to, b.height);
    if (b.time) {
        text_str(p->to, ", ");
        page_moment(p->to, b.time);
    }
}

static void node_detail(struct drawing *w, uint32_t number)
{
    const struct flow *f = &w->q->f;
    const struct flow_node *n = &f->nodes[number];
    struct page *p = w->p;
    struct text *to = p->to;

    detail_open(w, number);
    page_node_name(p, w->q, n);
    text_str(to, "</h3><p>");
    page_amount_unit(p, n->kind == FLOW_ORIGINS ? n->out : n->in);
    if (n->txs_n) {
        text_str(to, " · ");
        when(p, w->q->txs[n->txs[0]]);
    }
    if (n->txs_n > 1) {
        text_str(to, " to ");
        when(p, w->q->txs[n->txs[n->txs_n - 1]]);
        if (w->q->opened && w->q->opened[number])
            text_printf(to, "<br><a class=\"go\" href=\"#s%u\">Open this fold</a>", number);
    } else if (n->txs_n) {
        text_str(to, "<br><code class=\"c\">");
        page_tx(p, w->q->txs[n->txs[0]]);
        text_str(to, "</code>");
    }
    text_str(to, "</p>\n");
    side_list(w, number, false, "Comes in");
    side_list(w, number, true, "Goes out");
    for (size_t i = 0; i < f->links_n; i++)
        if (f->links[i].from == number && f->links[i].target == f->nodes_n + w->q->w.rest_lane) {
            text_str(to, "<p>");
            lane_name(w, w->q->w.rest_lane);
            text_str(to, ": ");
            page_amount_unit(p, f->links[i].amount);
            text_str(to, "</p>");
        }
    text_str(to, "</section>\n");
}

/* Who holds what came to this lane, the largest first. */
static void lane_detail(struct drawing *w, uint32_t lane)
{
    struct page *p = w->p;
    struct text *to = p->to;
    const struct ends_lane *e = &p->ends.lanes[lane];
    uint64_t shown = 0, amount = 0;

    if (!lane_end(w, lane))
        return;
    detail_open(w, (uint32_t)w->q->f.nodes_n + lane);
    lane_name(w, lane);
    text_str(to, "</h3><p>");
    page_amount_unit(p, w->q->f.lanes[lane]);
    if (e->outputs_n) {
        text_str(to, " in ");
        page_counted(to, e->outputs_n, "output", "outputs");
        text_str(to, " at ");
        page_counted(to, e->rows_n, "address", "addresses");
    }
    text_str(to, "</p>\n<table>\n");
    for (size_t i = 0; i < p->ends.rows_n && shown < 2 * w->q->rows_max && p->details_left; i++) {
        const struct ends_row *r = &p->ends.rows[i];

        if (r->lane != lane)
            continue;
        text_str(to, "<tr><td><code class=\"c\">");
        page_script(p, r->script, 0);
        text_str(to, "</code><td class=\"n\">");
        page_amount(p, r->amount);
        text_str(to, "<td>");
        if (e->others && r->stop >= 0)
            page_words(to, p->d->stops[r->stop].name, PAGE_NAME_MAX);
        text_char(to, '\n');
        shown++;
        amount += r->amount;
        p->details_left--;
    }
    if (shown < e->rows_n) {
        text_str(to, "<tr><td colspan=\"3\">and ");
        page_count(to, e->rows_n - shown);
        text_str(to, " more, ");
        page_amount_unit(p, e->amount - amount);
        text_char(to, '\n');
    }
    text_str(to, "</table></section>\n");
}

bool page_picture(struct page *p, const struct picture *q, const char *label, struct err *err)
{
    struct drawing w = {.p = p, .q = q};
    int32_t step_min;

    if (!sides_sort(&w))
        return arena_fail(p->a, err, "a page");
    w.step = PICTURE_WIDTH / (int32_t)(q->f.columns_n > 1 ? q->f.columns_n - 1 : 1);
    step_min = q->inside ? STEP_INSIDE_MIN : STEP_MIN;
    w.step = w.step < step_min ? step_min : w.step > STEP_MAX ? STEP_MAX : w.step;
    w.step -= w.step % 20; /* whole pixels, also half way: shorter numbers */
    labels_place(&w);
    text_printf(p->to, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">\n",
                label);
    svg_draw(&w, label);
    text_str(p->to, "</div>\n");
    for (uint32_t i = 0; i < q->f.nodes_n; i++)
        node_detail(&w, i);
    for (uint32_t i = 0; i < q->f.lanes_n && !q->inside; i++)
        lane_detail(&w, i);
    return true;
}
