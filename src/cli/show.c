/* How values are shown to people, alike in every command. */
#include "cli/cli.h"

#include <time.h>

void show_txid(struct text *to, const struct hash32 *txid)
{
    text_hex_reversed(to, txid->b, sizeof(txid->b));
}

void show_amount(struct text *to, uint64_t value, unsigned decimals)
{
    uint64_t unit = 1;

    for (unsigned i = 0; i < decimals; i++)
        unit *= 10;
    text_printf(to, "%llu.%0*llu", (unsigned long long)(value / unit), (int)decimals,
                (unsigned long long)(value % unit));
}

void show_time(struct text *to, uint32_t time)
{
    time_t seconds = time;
    struct tm at;
    char text[32] = "";

    if (gmtime_r(&seconds, &at))
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &at);
    text_str(to, text);
}

void show_height(struct text *to, uint32_t height)
{
    if (height == HEIGHT_UNKNOWN)
        text_str(to, "unknown");
    else
        text_u64(to, height);
}

void show_block(struct text *to, const struct ledger_block *b)
{
    if (b->height == HEIGHT_UNKNOWN) {
        text_str(to, "block ");
        show_txid(to, &b->hash);
    } else {
        text_str(to, "height ");
        text_u64(to, b->height);
    }
    text_str(to, ", ");
    show_time(to, b->time);
}
