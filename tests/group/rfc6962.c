#include "rfc6962.h"

static struct hash32 two(const struct hash32 *left, const struct hash32 *right)
{
    uint8_t b[65] = {1};

    memcpy(b + 1, left, 32);
    memcpy(b + 33, right, 32);
    return sha256(b, 65);
}

static size_t half(size_t n)
{
    size_t k = 1;

    while (2 * k < n)
        k *= 2;
    return k;
}

struct hash32 rfc6962_root(const struct hash32 *d, size_t n)
{
    struct hash32 left, right;

    if (!n)
        return sha256("", 0);
    if (n == 1)
        return *d;
    left = rfc6962_root(d, half(n));
    right = rfc6962_root(d + half(n), n - half(n));
    return two(&left, &right);
}

void rfc6962_path(size_t m, const struct hash32 *d, size_t n, struct merkle_proof *p)
{
    size_t k = half(n);

    if (n == 1)
        return;
    if (m < k)
        rfc6962_path(m, d, k, p);
    else
        rfc6962_path(m - k, d + k, n - k, p);
    p->at[p->n++] = m < k ? rfc6962_root(d + k, n - k) : rfc6962_root(d, k);
}

void rfc6962_subproof(size_t m, const struct hash32 *d, size_t n, bool b, struct merkle_proof *p)
{
    size_t k = half(n);

    if (m == n) {
        if (!b)
            p->at[p->n++] = rfc6962_root(d, n);
        return;
    }
    if (m <= k)
        rfc6962_subproof(m, d, k, b, p);
    else
        rfc6962_subproof(m - k, d + k, n - k, false, p);
    p->at[p->n++] = m <= k ? rfc6962_root(d + k, n - k) : rfc6962_root(d, k);
}
