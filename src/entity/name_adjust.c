/* Birth dates, nationalities and papers beside a name: what differs lowers, and never excludes. */
#include "entity/name.h"

#include <strings.h>

enum {
    BIRTH_NEAR = 30, /* thousandths of the score, taken away */
    BIRTH_OTHER_DAY = 60,
    BIRTH_OTHER = 200,
    NATIONALITY_OTHER = 40,
    ID_LEAST = 990, /* the same number is the same person, whatever the name; but not certain */
    SAME_MORE = 20, /* what agrees brings a score nearer to 1,000, by so much of what is missing */
};

static int day_of(const struct name_facts *f)
{
    return f->birth_month && f->birth_day ? f->birth_month * 100 + f->birth_day : 0;
}

/* Lists often know only the year: then years are what is compared. */
static enum name_fact birth(const struct name_facts *a, const struct name_facts *b)
{
    int apart = (int)a->birth_year - (int)b->birth_year;
    bool swapped = a->birth_month == b->birth_day && a->birth_day == b->birth_month;

    if (!day_of(a) || !day_of(b)) {
        if (apart)
            return apart == 1 || apart == -1 ? NAME_FACT_BIRTH_NEAR : NAME_FACT_BIRTH_OTHER;
        return a->birth_month && b->birth_month && a->birth_month != b->birth_month
                   ? NAME_FACT_BIRTH_OTHER_DAY
                   : NAME_FACT_BIRTH_YEAR_SAME;
    }
    if (!apart && day_of(a) == day_of(b))
        return NAME_FACT_BIRTH_SAME;
    if (!apart)
        return swapped ? NAME_FACT_BIRTH_NEAR : NAME_FACT_BIRTH_OTHER_DAY;
    if (day_of(a) == day_of(b) && (apart == 1 || apart == -1))
        return NAME_FACT_BIRTH_NEAR;
    return NAME_FACT_BIRTH_OTHER;
}

static bool same_id(const char *a, const char *b)
{
    size_t letters = 0;

    for (;;) {
        while (*a == ' ' || *a == '-')
            a++;
        while (*b == ' ' || *b == '-')
            b++;
        if (!*a || !*b)
            return !*a && !*b && letters > 3;
        if ((*a | 32) != (*b | 32))
            return false;
        a++;
        b++;
        letters++;
    }
}

static bool any_id(const struct name_facts *a, const struct name_facts *b)
{
    for (size_t i = 0; i < a->ids_n; i++)
        for (size_t j = 0; j < b->ids_n; j++)
            if (same_id(a->ids[i], b->ids[j]))
                return true;
    return false;
}

static uint32_t less(uint32_t score, uint32_t thousandths)
{
    return score - score * thousandths / 1000;
}

static void add(struct name_adjusted *r, enum name_fact fact)
{
    r->facts[r->facts_n++] = fact;
    switch (fact) {
    case NAME_FACT_BIRTH_SAME:
        r->per_mille += (1000 - r->per_mille) * 2 * SAME_MORE / 100;
        break;
    case NAME_FACT_BIRTH_YEAR_SAME:
    case NAME_FACT_NATIONALITY_SAME:
        r->per_mille += (1000 - r->per_mille) * SAME_MORE / 1000;
        break;
    case NAME_FACT_BIRTH_NEAR:
        r->per_mille = less(r->per_mille, BIRTH_NEAR);
        break;
    case NAME_FACT_BIRTH_OTHER_DAY:
        r->per_mille = less(r->per_mille, BIRTH_OTHER_DAY);
        break;
    case NAME_FACT_BIRTH_OTHER:
        r->per_mille = less(r->per_mille, BIRTH_OTHER);
        break;
    case NAME_FACT_NATIONALITY_OTHER:
        r->per_mille = less(r->per_mille, NATIONALITY_OTHER);
        break;
    case NAME_FACT_ID_SAME:
        if (r->per_mille < ID_LEAST)
            r->per_mille = ID_LEAST;
        break;
    }
}

static struct name_adjusted adjust_one(uint32_t per_mille, const struct name_facts *a,
                                       const struct name_facts *b)
{
    struct name_adjusted r = {.per_mille = per_mille};

    if (a->birth_year && b->birth_year)
        add(&r, birth(a, b));
    if (a->nationality && b->nationality)
        add(&r, strcasecmp(a->nationality, b->nationality) ? NAME_FACT_NATIONALITY_OTHER
                                                           : NAME_FACT_NATIONALITY_SAME);
    if (any_id(a, b))
        add(&r, NAME_FACT_ID_SAME);
    return r;
}

struct name_adjusted name_adjust(uint32_t per_mille, const struct name_facts *query,
                                 const struct name_facts *listed, size_t listed_n)
{
    struct name_adjusted best = {.per_mille = per_mille};

    if (per_mille > 1000)
        per_mille = 1000;
    best.per_mille = per_mille;
    for (size_t i = 0; i < listed_n; i++) {
        struct name_adjusted one = adjust_one(per_mille, query, &listed[i]);

        if (!i || one.per_mille > best.per_mille)
            best = one;
    }
    return best;
}

const char *name_fact_text(enum name_fact fact)
{
    switch (fact) {
    case NAME_FACT_BIRTH_SAME:
        return "the same date of birth";
    case NAME_FACT_BIRTH_YEAR_SAME:
        return "the same year of birth";
    case NAME_FACT_BIRTH_NEAR:
        return "a date of birth that is close";
    case NAME_FACT_BIRTH_OTHER_DAY:
        return "the same year of birth, another day";
    case NAME_FACT_BIRTH_OTHER:
        return "another date of birth";
    case NAME_FACT_NATIONALITY_SAME:
        return "the same nationality";
    case NAME_FACT_NATIONALITY_OTHER:
        return "another nationality";
    case NAME_FACT_ID_SAME:
        return "the same number of a document";
    }
    return "";
}
