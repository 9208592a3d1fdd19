/* What the words of a name are there for: legal forms of firms, titles and particles of persons,
 * and words so frequent that they tell little.
 *
 * The forms are those of the company laws named beside them; the particles and titles are those
 * that occur in the lists of the United Nations and of OFAC. */
#include "entity/name_parts.h"

#include <string.h>

/* Phrases in Latin letters as name_ready leaves them, longest first where one begins another. */
static const char *const forms[] = {
    /* English law, the United States and what they left behind */
    "limited liability company",
    "limited liability partnership",
    "public limited company",
    "private limited company",
    "limited partnership",
    "general partnership",
    "joint venture",
    "company limited",
    "co ltd",
    "pte ltd",
    "pvt ltd",
    "pty ltd",
    "private limited",
    "incorporated",
    "corporation",
    "limited",
    "company",
    "inc",
    "corp",
    "co",
    "ltd",
    "llc",
    "llp",
    "lp",
    "plc",
    "pte",
    "pvt",
    "pty",
    "lllp",
    "pllc",
    "cic",
    /* Germany, Austria, Switzerland */
    "gesellschaft mit beschrankter haftung",
    "gmbh co kg",
    "aktiengesellschaft",
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "kgaa",
    "ohg",
    "ug",
    "se",
    "ev",
    /* France, Belgium, Luxembourg, Italy, Spain, Portugal, Latin America */
    "societe a responsabilite limitee",
    "societe par actions simplifiee",
    "societe anonyme",
    "sociedad anonima de capital variable",
    "sociedad de responsabilidad limitada",
    "sociedad anonima",
    "sociedade limitada",
    "societa per azioni",
    "s a r l",
    "s p a",
    "s r l",
    "s a s",
    "sa de cv",
    "s a de c v",
    "de c v",
    "de cv",
    "sapi de cv",
    "s de rl de cv",
    "s a",
    "sa",
    "sas",
    "sasu",
    "sarl",
    "sprl",
    "srl",
    "spa",
    "snc",
    "scs",
    "sca",
    "eurl",
    "sl",
    "slu",
    "sau",
    "cv",
    "ltda",
    "limitada",
    "lda",
    "eireli",
    "sapi",
    "cia",
    "ca",
    "ltee",
    "sci",
    /* Netherlands, the Nordic countries */
    "naamloze vennootschap",
    "besloten vennootschap",
    "n v",
    "b v",
    "nv",
    "bv",
    "vof",
    "aktiebolag",
    "aktieselskab",
    "anpartsselskab",
    "aksjeselskap",
    "osakeyhtio",
    "a s",
    "ab",
    "as",
    "asa",
    "oy",
    "oyj",
    "aps",
    /* Poland, Czechia, the Balkans, Hungary, the Baltics, Turkey */
    "spolka z ograniczona odpowiedzialnoscia",
    "spolka akcyjna",
    "sp z o o",
    "sp zoo",
    "spolka z o o",
    "s r o",
    "d o o",
    "sro",
    "doo",
    "dooel",
    "ead",
    "ood",
    "eood",
    "kft",
    "zrt",
    "nyrt",
    "uab",
    "sia",
    "ou",
    "anonim sirketi",
    "limited sirketi",
    "ltd sti",
    "sirketi",
    "sti",
    /* Russia, Ukraine, Belarus, Central Asia */
    "public joint stock company",
    "open joint stock company",
    "closed joint stock company",
    "private joint stock company",
    "joint stock company",
    "aktsionernoe obshchestvo",
    "obshchestvo s ogranichennoy otvetstvennostyu",
    "otkrytoe aktsionernoe obshchestvo",
    "publichnoe aktsionernoe obshchestvo",
    "zakrytoe aktsionernoe obshchestvo",
    "ojsc",
    "pjsc",
    "cjsc",
    "jsc",
    "oao",
    "pao",
    "zao",
    "ooo",
    "ao",
    "oaa",
    "tov",
    "prat",
    "too",
    "fgup",
    "gup",
    /* the Gulf, Iran, Lebanon */
    "free zone company",
    "free zone establishment",
    "fz llc",
    "dmcc",
    "fze",
    "fzc",
    "fzco",
    "jlt",
    "wll",
    "w l l",
    "saoc",
    "saog",
    "sal",
    "s a l",
    "pjs",
    "psc",
    /* East and South-East Asia */
    "kabushiki kaisha",
    "yugen kaisha",
    "godo kaisha",
    "chusik hoesa",
    "jusik hoesa",
    "sdn bhd",
    "sendirian berhad",
    "berhad",
    "perseroan terbatas",
    "bhd",
    "sdn",
    "tbk",
    "kk",
    "k k",
    "gk",
};

static const char *const particles[] = {
    "al",  "el",   "ul",   "ur",    "as",    "ad",  "ar",   "at",  "az",  "an",  "bin", "ben",
    "ibn", "bint", "ould", "uld",   "walad", "abu", "abou", "bu",  "umm", "de",  "da",  "do",
    "dos", "das",  "del",  "della", "di",    "du",  "der",  "den", "van", "von", "zu",  "la",
    "las", "le",   "les",  "los",   "y",     "e",   "na",   "the", "of",  "and", "et",  "und",
    "for", "in",   "i",    "zum",   "ed",    "ud",  "es",   "ash",
};

static const char *const titles[] = {
    "mr",           "mrs",           "ms",         "miss",      "dr",
    "prof",         "professor",     "sheikh",     "shaikh",    "shaykh",
    "sheik",        "haji",          "hajji",      "hajj",      "hadji",
    "mullah",       "mulla",         "mawlawi",    "maulavi",   "maulawi",
    "mawlavi",      "maulana",       "mufti",      "qari",      "hafiz",
    "general",      "gen",           "colonel",    "col",       "major",
    "maj",          "captain",       "capt",       "brigadier", "brig",
    "sir",          "lord",          "jr",         "sr",        "junior",
    "senior",       "ayatollah",     "alhaji",     "ustad",     "engineer",
    "eng",          "admiral",       "lieutenant", "his",       "excellency",
    "honourable",   "honorable",     "president",  "chairman",  "minister",
    "comrade",      "secretary",     "ambassador", "rev",       "reverend",
    "hojatoleslam", "hojjatoleslam", "commander",
};

/* Per mille of a word's weight that is left, where no list says how frequent it is. */
static const struct {
    uint16_t left;
    const char *words;
} frequent[] = {
    {500, " trading general international company group holding holdings industries industrial "
          "enterprise enterprises services service management investment investments development "
          "export import commercial business global national organization organisation "
          "foundation association institute center centre office agency "},
    {600, " bank shipping marine maritime oil gas petroleum energy petrochemical engineering "
          "construction technology technologies technical research science scientific university "
          "transport transportation logistics aviation air airlines airline factory plant works "
          "military defense defence equipment systems system electronics electronic chemical "
          "machinery steel mining metal insurance finance financial fund capital partners "
          "consulting solutions securities real estate properties foods food state federal "
          "republic city islamic trust bureau union society network committee ministry "},
    {650, " mohammed muhammad mohammad mohamed mohamad ahmed ahmad ali hassan hasan hussein husain "
          "hussain abdul abd abdel abdullah abdallah khan ibrahim mahmud mahmoud saleh omar umar "
          "yusuf kim jose maria juan carlos luis jesus vladimir aleksandr alexander sergei sergey "
          "dmitry andrei aleksei vladimirovich aleksandrovich sergeevich nikolaevich mikhail igor "
          "john david michael james robert william maria anna garcia rodriguez lopez martinez "
          "hernandez gonzalez perez sanchez wang li zhang liu chen yang lee park choi ri pak "
          "abdelkader ismail mustafa jan haqqani akhund "},
};

unsigned name_frequency(const char *latin)
{
    char padded[NAME_LATIN_MAX + 2];
    size_t n = strlen(latin);

    if (!n || n + 3 > sizeof(padded))
        return 1000;
    padded[0] = ' ';
    memcpy(padded + 1, latin, n);
    padded[n + 1] = ' ';
    padded[n + 2] = 0;
    for (size_t i = 0; i < sizeof(frequent) / sizeof(frequent[0]); i++)
        if (strstr(frequent[i].words, padded))
            return frequent[i].left;
    return 1000;
}

static bool among(const char *const *list, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (*list[i] == *word && !strcmp(list[i], word))
            return true;
    return false;
}

/* How many words from i on make that phrase. */
static uint32_t phrase(const struct name_ready *r, uint32_t i, const char *p)
{
    uint32_t words = 0;

    if (*r->words[i]->latin != *p) /* as with most */
        return 0;
    while (*p && i < r->n) {
        size_t n = strcspn(p, " ");
        const struct name_word *w = r->words[i];

        if (w->latin_n != n || memcmp(w->latin, p, n))
            return 0;
        p += n + (p[n] == ' ');
        words++;
        i++;
    }
    return *p ? 0 : words;
}

static bool roman(const char *s, unsigned n)
{
    static const char *const numerals[] = {"ii", "iii", "iv",   "vi",  "vii", "viii", "ix",
                                           "xi", "xii", "xiii", "xiv", "xv",  "xvi",  "xx"};

    (void)n;
    return among(numerals, sizeof(numerals) / sizeof(numerals[0]), s);
}

static const uint32_t *const syllabic_forms[] = {
    U"주식회사",     U"유한책임회사", U"유한회사", U"합자회사", U"합명회사",
    U"股份有限公司", U"有限责任公司", U"有限公司", U"公司",     U"株式会社",
    U"有限会社",     U"合同会社",     U"合资会社", U"合名会社",
};

static unsigned wide_length(const uint32_t *s)
{
    unsigned n = 0;

    while (s[n])
        n++;
    return n;
}

static bool same_characters(const uint32_t *own, const uint32_t *form, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (own[i] != form[i] && plain_character(own[i]) != plain_character(form[i]))
            return false;
    return true;
}

unsigned name_form_before(const uint32_t *own, unsigned n)
{
    for (size_t i = 0; i < sizeof(syllabic_forms) / sizeof(syllabic_forms[0]); i++) {
        unsigned m = wide_length(syllabic_forms[i]);

        if (m < n && same_characters(own, syllabic_forms[i], m))
            return m;
    }
    return 0;
}

unsigned name_form_after(const uint32_t *own, unsigned n)
{
    for (size_t i = 0; i < sizeof(syllabic_forms) / sizeof(syllabic_forms[0]); i++) {
        unsigned m = wide_length(syllabic_forms[i]);

        if (m < n && same_characters(own + n - m, syllabic_forms[i], m))
            return m;
    }
    return 0;
}

static bool syllabic_form(const struct name_word *w)
{
    for (size_t i = 0; i < sizeof(syllabic_forms) / sizeof(syllabic_forms[0]); i++)
        if (w->own_n == wide_length(syllabic_forms[i]) &&
            same_characters(w->own, syllabic_forms[i], w->own_n))
            return true;
    return false;
}

static bool has_digit(const struct name_word *w)
{
    for (unsigned i = 0; i < w->latin_n; i++)
        if (w->latin[i] >= '0' && w->latin[i] <= '9')
            return true;
    return false;
}

static enum name_role role_of(const struct name_ready *r, const struct name_word *w)
{
    bool person = r->kind == NAME_PERSON;

    if (has_digit(w) || (!person && roman(w->latin, w->latin_n)))
        return ROLE_NUMBER;
    if (script_syllabic(w->script))
        return syllabic_form(w) ? ROLE_FORM : ROLE_WORD;
    if (w->latin_n == 1 && w->script != SCRIPT_ABJAD)
        return ROLE_INITIAL;
    if (among(particles, sizeof(particles) / sizeof(particles[0]), w->latin))
        return ROLE_PARTICLE;
    if (r->kind != NAME_ORGANISATION && r->kind != NAME_VESSEL &&
        among(titles, sizeof(titles) / sizeof(titles[0]), w->latin))
        return ROLE_TITLE;
    return ROLE_WORD;
}

static uint16_t weight_of(const struct name_word *w)
{
    switch ((enum name_role)w->role) {
    case ROLE_PARTICLE:
        return 120;
    case ROLE_TITLE:
    case ROLE_FORM:
        return 60;
    case ROLE_INITIAL:
        return 350;
    case ROLE_NUMBER:
        return 900;
    case ROLE_WORD:
        break;
    }
    if (script_syllabic(w->script) || w->latin_n > 3)
        return 1000;
    return w->latin_n == 3 ? 900 : 700;
}

/* Names that are nothing but titles, forms, particles and initials are all words after all. */
static void all_words(struct name_ready *r, struct name_word *words)
{
    for (uint32_t i = 0; i < r->n; i++)
        if (words[i].role == ROLE_WORD || words[i].role == ROLE_NUMBER)
            return;
    for (uint32_t i = 0; i < r->n; i++)
        words[i].role = ROLE_WORD;
}

void name_roles(struct name_ready *r, struct name_word *words)
{
    for (uint32_t i = 0; i < r->n; i++)
        words[i].role = role_of(r, &words[i]);
    /* A firm's form stands after its first word, or before all; a person has none. */
    for (uint32_t i = 0; r->kind != NAME_PERSON && i < r->n; i++)
        for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
            uint32_t n = phrase(r, i, forms[k]);

            if (!n || n == r->n)
                continue;
            for (uint32_t j = i; j < i + n; j++)
                words[j].role = ROLE_FORM;
            i += n - 1;
            break;
        }
    all_words(r, words);
    r->all_syllabic = true;
    for (uint32_t i = 0; i < r->n; i++) {
        bool counts = words[i].role == ROLE_WORD || words[i].role == ROLE_NUMBER ||
                      words[i].role == ROLE_INITIAL;

        words[i].weight = weight_of(&words[i]);
        if (script_syllabic(words[i].script))
            r->syllabic += counts;
        else
            r->all_syllabic &= !counts;
        r->weight += words[i].weight;
    }
    r->all_syllabic &= r->syllabic > 0;
}
