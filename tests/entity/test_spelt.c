/* Two spellings in Latin letters of one name of Korea, China or Japan: rows of the standards and of
 * public records, the syllables of Korean against a second way to find what letters stand for, the
 * table of Pinyin and Wade-Giles, and an index against comparing with every name. */
#include "support.h"

#include "entity/name_index.h"
#include "entity/name_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY ((size_t)64 << 20)
#define WORKING NAME_THRESHOLD

static struct name_score compare_as(enum name_kind kind, const char *query, const char *listed)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct name_score s;
    struct err err;

    CHECK(a);
    CHECK_OK(name_compare(a, kind, query, listed, NAME_MODE_CORDON, &s, &err), err);
    arena_free(a);
    return s;
}

static struct name_score compare(const char *query, const char *listed)
{
    return compare_as(NAME_PERSON, query, listed);
}

struct row {
    const char *what, *one, *two;
};

/* Korean names by McCune-Reischauer, the systems of the North and of the South, and as their
 * bearers write themselves; aliases are those of the lists of the United Nations and of OFAC. */
static const struct row same_rows[] = {
    {"North and McCune-Reischauer", "KIM, Jong Un", "Kim Chŏng-ŭn"},
    {"North and South", "RI, Sol Ju", "Lee Seol-ju"},
    {"South and passport", "I Seolju", "Lee Sol-ju"},
    {"marks as apostrophes", "CH'OE, Ch'un-yo'ng", "CHOE, Chun Yong"},
    {"given name first", "CHOE, Ryong Hae", "Ryong-hae Choi"},
    {"given name joined", "KIM, Hyok Chol", "Kim Hyeokcheol"},
    {"oo for u", "PAK, Jin Hyok", "Park Jin-hyuk"},
    {"passports: Moon", "Mun Jae-in", "Moon Jae In"},
    {"passports: Roh", "No Mu-hyŏn", "Roh Moo-hyun"},
    {"passports: Ban", "Pan Ki-mun", "Ban Ki-moon"},
    {"passports: Chun", "Jeon Du-hwan", "Chun Doo-hwan"},
    {"passports: Park Chung-hee", "Pak Chŏng-hŭi", "Park Chung-hee"},
    {"passports: Yoon", "Yun Sŏk-yŏl", "Yoon Suk-yeol"},
    {"passports: Woo", "U Won-sik", "Woo Won-shik"},
    {"passports: Noh", "RO, Tong Il", "Noh Dong-il"},
    {"passports: Ryu and Yu", "RYU, Yong Chol", "Yoo Young-chul"},
    {"passports: Lim and Im", "RIM, Chun Song", "Im Chun-seong"},
    {"passports: Baek", "PAEK, Se Bong", "Baek Sebong"},
    {"passports: Ahn", "AN, Jong Su", "Ahn Jung-soo"},
    {"passports: Oh", "O, Kuk-Ryol", "Oh Guk-ryeol"},
    {"UN KPi.024", "KIM YONG CHOL", "Kim Young-Cheol"},
    {"UN KPi.007", "CHANG MYONG-CHIN", "Jang Myong-Jin"},
    {"UN KPi.032", "CHO IL U", "Jo Il Woo"},
    {"UN KPi.070", "KU JA HYONG", "Ku Cha-hyo'ng"},
    {"UN KPi.002", "RI JE-SON", "Ri Che-son"},
    {"OFAC 23013", "RI, Un Song", "RI, Eun Song"},
    {"OFAC 23014, one syllable", "CHU, Hyo'k", "JU, Hyok"},
    {"a Western name beside it", "KIM, Daniel Jong Un", "Kim Chong-un"},
    {"a title", "General Kim Yong Chol", "Kim Young-cheol"},
    {"EU, for those who read French", "DJANG Tcheul-hy", "JANG, Chol-hy"},
    {"EU, for those who read French", "KIM Sou-Kwang", "Kim Su-gwang"},
    {"one word", "kimjongun", "KIM, Jong Un"},
    {"one word, family name last", "JinhyokPark", "PAK, Jin Hyok"},
    {"one word, Chinese", "maozedong", "Mao Tse-tung"},
    /* Chinese by Pinyin and by Wade-Giles without marks */
    {"Mao", "Mao Zedong", "Mao Tse-tung"},
    {"Zhou", "Zhou Enlai", "Chou En-lai"},
    {"Deng", "Deng Xiaoping", "Teng Hsiao-p'ing"},
    {"Jiang", "Jiang Jingguo", "Chiang Ching-kuo"},
    {"Zhu", "Zhu Rongji", "Chu Jung-chi"},
    {"Xu", "Xu Shiyou", "Hsu Shih-yu"},
    {"Zhang, given name first", "Xueliang Zhang", "CHANG Hsueh-liang"},
    {"one syllable", "Cao Cao", "Ts'ao Ts'ao"},
    {"given name split", "ZHANG, Guo Tao", "Chang Kuo-t'ao"},
    /* family names of Hong Kong and the Straits */
    {"Lee", "Lee Denghui", "LI, Teng-hui"},
    {"Wong", "Wong Jiawei", "Wang Jiawei"},
    {"Wong is Huang, too", "Wong Zhifeng", "Huang Zhifeng"},
    {"Ng", "Ng Zuodong", "Wu Zuodong"},
    {"Chan", "Chan Shuibian", "CHEN, Shui-pien"},
    /* given names of Hong Kong */
    {"OFAC 29246", "TSANG, Kwok-wai", "ZENG, Guowei"},
    {"OFAC 30969", "TAM, Yiu-chung", "TAN, Yaozong"},
    {"OFAC 30343", "LEE, Kwai-wah", "LI, Guihua"},
    {"OFAC 30322", "LAU, Chi Wai", "LIU, Cihui"},
    {"OFAC 30889", "YIP, Chuen Fat", "YE, Chuan Fa"},
    {"an English name beside it", "CHAN, Eric Kwok-ki", "CHAN, Kwok-ki"},
    /* Japanese: Hepburn, Kunrei and Nihon (ISO 3602), long vowels */
    {"ou", "Sato Ichiro", "Satou Ichirou"},
    {"oh", "Ono Shinji", "Ohno Sinzi"},
    {"oo", "Oosaka Naomi", "Osaka Naomi"},
    {"tsu, ti, zyu", "Tsuchiya Junichi", "Tutiya Zyun'iti"},
    {"hu", "Fujimoto Fumiko", "Huzimoto Humiko"},
    {"m before b", "Homma Shimbei", "Honma Sinbei"},
    {"du and di of Nihon", "Kanazuchi Mizuho", "Kanaduti Miduho"},
    {"OFAC 17213", "GOTO, Chuei", "GOTOU, Chyuei"},
    {"marks", "Kōno Tarō", "Kouno Taroh"},
};

static const struct row other_rows[] = {
    {"Korean, another given name", "KIM, Jong Un", "Kim Jeong-nam"},
    {"Korean, another syllable", "RI, Sol Ju", "Lee Seol-hee"},
    {"Korean, another coda", "PAK, Yong Chol", "Park Young-chan"},
    {"Korean, another family", "RI, Yong Ho", "Kim Young-ho"},
    {"Chinese, two in Pinyin are two", "Zhang Guoqing", "Zang Guojin"},
    {"Chinese, another given name", "Mao Zedong", "Mao Tse-min"},
    {"Chinese, another family", "Zhou Enlai", "Chu En-lai"},
    {"what is one syllable is not two", "SU, Zhao", "So Ja-o"},
    {"Korean and Chinese", "KANG, Chol Su", "Jiang Zemin"},
    {"Hong Kong, another given name", "TSANG, Kwok-wai", "ZENG, Shaojie"},
    {"no syllables of Korean", "Heather Cheryl Lee", "RI, Jae Il"},
    {"one word, one syllable", "Kimun", "KIM, Un Il"},
    {"Japanese", "Tanaka Ichiro", "Tanabe Jiro"},
    {"Chinese, not Japanese", "Han Hsiu-t'ien", "Wei Hsiu-chien"},
};

static void standards(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(same_rows) / sizeof(same_rows[0]); i++) {
        struct name_score s = compare(same_rows[i].one, same_rows[i].two);

        test_row("%s: %s = %s scores %u", same_rows[i].what, same_rows[i].one, same_rows[i].two,
                 s.per_mille);
        CHECK(s.per_mille >= WORKING && s.per_mille <= 1000);
        CHECK_U(compare(same_rows[i].two, same_rows[i].one).per_mille, s.per_mille);
    }
    for (size_t i = 0; i < sizeof(other_rows) / sizeof(other_rows[0]); i++) {
        struct name_score s = compare(other_rows[i].one, other_rows[i].two);

        test_row("%s: %s = %s scores %u", other_rows[i].what, other_rows[i].one, other_rows[i].two,
                 s.per_mille);
        CHECK(s.per_mille < WORKING);
        CHECK_U(compare(other_rows[i].two, other_rows[i].one).per_mille, s.per_mille);
    }
}

/* Firms, most as lists have them beside each other. */
static const struct row same_firms[] = {
    {"South and McCune-Reischauer", "Dancheon Commercial Bank", "TANCHON COMMERCIAL BANK"},
    {"OFAC", "DAEDONG CREDIT BANK", "TAEDONG CREDIT BANK"},
    {"OFAC", "KOREA YONBONG GENERAL CORPORATION", "KOREA RYONBONG GENERAL CORPORATION"},
    {"OFAC", "BAEKSUL TRADING", "PAEKSO'L TRADING CORPORATION"},
    {"South", "Korea Gwangseon Banking Corp", "KOREA KWANGSON BANKING CORP"},
    {"South", "Korea Hyeoksin Trading Corporation", "KOREA HYOKSIN TRADING CORPORATION"},
    {"South", "Namcheongang Trading", "NAMCHONGANG TRADING CORPORATION"},
};

static const struct row other_firms[] = {
    {"another syllable", "Korea Taesong Trading", "Korea Taejin Trading"},
    {"another vowel", "Hyoksin Trading", "Haksan Trading"},
    {"of few letters", "Gamal Trading", "Kamal Trading"},
};

static void firms(void **state)
{
    enum { N = sizeof(same_firms) / sizeof(same_firms[0]) };
    struct name_entry rows[N];
    struct name_index *x;
    struct err err;

    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        unsigned score =
            compare_as(NAME_ORGANISATION, same_firms[i].one, same_firms[i].two).per_mille;

        test_row("%s = %s scores %u", same_firms[i].one, same_firms[i].two, score);
        CHECK(score >= WORKING);
        CHECK_U(compare_as(NAME_ORGANISATION, same_firms[i].two, same_firms[i].one).per_mille,
                score);
        rows[i] = (struct name_entry){same_firms[i].two, i, NAME_ORGANISATION, false};
    }
    for (size_t i = 0; i < sizeof(other_firms) / sizeof(other_firms[0]); i++)
        CHECK(compare_as(NAME_ORGANISATION, other_firms[i].one, other_firms[i].two).per_mille <
              WORKING);
    CHECK_OK(name_index_build(rows, N, &x, &err), err);
    for (uint32_t i = 0; i < N; i++) {
        struct arena *a = arena_new(NULL, MEMORY);
        struct name_query q = {
            .name = same_firms[i].one, .kind = NAME_ORGANISATION, .threshold = WORKING};
        struct name_hit *hits;
        size_t n;

        test_row("%s", q.name);
        CHECK_OK(name_index_search(x, a, &q, &hits, &n, &err), err);
        CHECK_U(n, 1);
        CHECK_U(hits[0].entry, i);
        arena_free(a);
    }
    name_index_free(x);
}

/* All rows listed together: each is found by the other spelling, whichever is listed. */
static void found(void **state)
{
    enum { N = sizeof(same_rows) / sizeof(same_rows[0]) };

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct name_entry rows[N];
        struct name_index *x;
        struct err err;

        for (uint32_t i = 0; i < N; i++)
            rows[i] = (struct name_entry){turn ? same_rows[i].two : same_rows[i].one, i,
                                          NAME_PERSON, false};
        CHECK_OK(name_index_build(rows, N, &x, &err), err);
        for (uint32_t i = 0; i < N; i++) {
            struct arena *a = arena_new(NULL, MEMORY);
            struct name_query q = {.name = turn ? same_rows[i].one : same_rows[i].two,
                                   .kind = i % 2 ? NAME_PERSON : NAME_UNKNOWN,
                                   .threshold = WORKING};
            struct name_hit *hits;
            size_t n;
            bool there = false;

            test_row("%s: %s", same_rows[i].what, q.name);
            CHECK_OK(name_index_search(x, a, &q, &hits, &n, &err), err);
            for (size_t k = 0; k < n; k++)
                there |= hits[k].entry == i;
            CHECK(there);
            arena_free(a);
        }
        name_index_free(x);
    }
}

static const struct {
    const char *query, *listed;
    struct {
        const char *query, *listed;
        enum name_how how;
    } parts[3];
    size_t parts_n;
} reason_rows[] = {
    {"Lee Seol Ju",
     "RI, Sol Ju",
     {{"Lee", "RI", NAME_SPELT_KOREAN},
      {"Seol", "Sol", NAME_SPELT_KOREAN},
      {"Ju", "Ju", NAME_SAME}},
     3},
    {"Sol-ju Lee",
     "RI, Solju",
     {{"Sol-ju", "Solju", NAME_SPELT_KOREAN}, {"Lee", "RI", NAME_SPELT_KOREAN}},
     2},
    {"Zhang Weiguo",
     "CHANG, Wei-kuo",
     {{"Zhang", "CHANG", NAME_SPELT_CHINESE}, {"Weiguo", "Wei-kuo", NAME_SPELT_CHINESE}},
     2},
    {"Tan Yaozong",
     "TAM, Yiu-chung",
     {{"Tan", "TAM", NAME_SPELT_CHINESE}, {"Yaozong", "Yiu-chung", NAME_SPELT_CHINESE}},
     2},
    {"Jin Tiesan", /* UN KPi.035 */
     "KIM CHOL SAM",
     {{"Jin", "KIM", NAME_SPELT_LINKED}, {"Tiesan", "CHOL SAM", NAME_SPELT_LINKED}},
     2},
    {"Satou Itirou",
     "Sato Ichiro",
     {{"Satou", "Sato", NAME_SPELT_JAPANESE}, {"Itirou", "Ichiro", NAME_SPELT_JAPANESE}},
     2},
};

static void reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(reason_rows) / sizeof(reason_rows[0]); i++) {
        const char *query = reason_rows[i].query, *listed = reason_rows[i].listed;
        struct name_score s = compare(query, listed);

        test_row("%s = %s", query, listed);
        CHECK_U(s.parts_n, reason_rows[i].parts_n);
        for (size_t k = 0; k < s.parts_n; k++) {
            const struct name_part *p = &s.parts[k];
            char q[64], l[64];

            snprintf(q, sizeof(q), "%.*s", p->query_n, query + p->query_at);
            snprintf(l, sizeof(l), "%.*s", p->listed_n, listed + p->listed_at);
            CHECK_S(q, reason_rows[i].parts[k].query);
            CHECK_S(l, reason_rows[i].parts[k].listed);
            CHECK_U(p->how, reason_rows[i].parts[k].how);
        }
    }
}

/* Characters that Korean and Mandarin share are a hint, found by who asks lower. */
static void linked(void **state)
{
    unsigned score = compare("Jin Tiesan", "KIM CHOL SAM").per_mille;

    (void)state;
    CHECK(score >= 800 && score < WORKING);
    CHECK_U(compare("Li Chenghe", "RI, Song-hyok").per_mille, score);  /* UN KPi.077 */
    CHECK_U(compare("Jiang Wen-ji", "KANG MUN KIL").per_mille, score); /* UN KPi.019 */
    CHECK(compare("Wang Tiesan", "KIM CHOL SAM").per_mille < 800);
}

/* Korean syllables: of each Hangul syllable the spellings of three systems, and of two spellings
 * whether any Hangul has both. Breves are left out, as lists do. */
static const char *const onsets[3][19] = {
    {"g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
     "h"},
    {"k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "ch", "tch", "ch", "k", "t",
     "p", "h"},
    {"k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "j", "jj", "ch", "kh", "th",
     "ph", "h"},
};
static const char *const vowels[2][21] = {
    {"a",  "ae", "ya", "yae", "eo", "e",  "yeo", "ye", "o",  "wa", "wae",
     "oe", "yo", "u",  "wo",  "we", "wi", "yu",  "eu", "ui", "i"},
    {"a",  "ae", "ya", "yae", "o",  "e",  "yo", "ye", "o",  "wa", "wae",
     "oe", "yo", "u",  "wo",  "we", "wi", "yu", "u",  "ui", "i"},
};
/* CODA_NONE, K, N, T, L, M, P, NG */
static const char *const codas[8] = {"", "k", "n", "t", "l", "m", "p", "ng"};

enum { SYLLABLES = 19 * 21 * 8, SPELLINGS_MAX = 4000, SPELLING = 10 };

static bool exists(unsigned syllable)
{
    return sino_korean[syllable / 8] >> syllable % 8 & 1;
}

static void spell(unsigned syllable, unsigned onset, unsigned vowel, char ret[SPELLING])
{
    snprintf(ret, SPELLING, "%s%s%s", onsets[onset][syllable / 8 / 21],
             vowels[vowel][syllable / 8 % 21], codas[syllable % 8]);
}

static bool stands_for(const char *text, unsigned syllable)
{
    for (unsigned o = 0; o < 3; o++)
        for (unsigned v = 0; v < 2; v++) {
            char one[SPELLING];

            spell(syllable, o, v, one);
            if (!strcmp(one, text))
                return true;
        }
    return false;
}

static bool naive_same(const char *a, const char *b)
{
    for (unsigned s = 0; s < SYLLABLES; s++)
        if (exists(s) && stands_for(a, s) && stands_for(b, s))
            return true;
    return false;
}

/* With a family name spelt in two ways words alone never agree, and Hyok is none; the surest is
 * what two spellings of one syllable score, customs of passports score less. */
static void korean_syllables(void **state)
{
    struct test_random r = {test_seed()};
    static char texts[SPELLINGS_MAX][SPELLING];
    unsigned n = 0, same = 0, surest = compare("Kim Il Hyok", "Gim Il Hyok").per_mille;

    (void)state;
    CHECK(surest >= WORKING);
    for (unsigned s = 0; s < SYLLABLES; s++)
        for (unsigned system = 0; system < 3 && exists(s); system++) {
            CHECK(n < SPELLINGS_MAX);
            spell(s, system, system > 0, texts[n++]);
        }
    CHECK(n > 3 * 400);
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < 6; k++) { /* the two other systems, and four of other syllables */
            unsigned other = k < 3 ? i - i % 3 + k : (unsigned)test_below(&r, n);
            char one[32], two[32];
            struct name_score score;
            bool naive = naive_same(texts[i], texts[other]);

            same += naive;
            if (!strcmp(texts[i] + 1, "im") && !strcmp(texts[other] + 1, "im"))
                continue; /* Kim Gim Hyok and Gim Kim Hyok have the same words */
            snprintf(one, sizeof(one), "Kim %.9s Hyok", texts[i]);
            snprintf(two, sizeof(two), "Gim %.9s Hyok", texts[other]);
            score = compare(one, two);
            test_row("%s and %s score %u", one, two, score.per_mille);
            CHECK(naive ? score.per_mille == surest : score.per_mille < surest);
        }
    CHECK(same >= 3 * n); /* every one by each system */
}

/* Words of firms: two syllables in a word by two systems are one. The first ends in a consonant,
 * for vowels that meet may be cut otherwise; words of few letters are left alone. */
static void korean_words_of_firms(void **state)
{
    struct test_random r = {test_seed()};
    unsigned tried = 0;

    (void)state;
    while (tried < 2000) {
        unsigned first = (unsigned)test_below(&r, SYLLABLES),
                 last = (unsigned)test_below(&r, SYLLABLES);
        unsigned systems[2] = {(unsigned)test_below(&r, 3), (unsigned)test_below(&r, 3)};
        char texts[2][2][SPELLING], firms[2][64];

        if (!exists(first) || !exists(last) || first % 8 == CODA_NONE || first % 8 == CODA_T ||
            last % 8 == CODA_T)
            continue;
        for (int i = 0; i < 2; i++) {
            spell(first, systems[i], systems[i] > 0, texts[i][0]);
            spell(last, systems[i], systems[i] > 0, texts[i][1]);
            snprintf(firms[i], sizeof(firms[i]), "%s%s Trading Corporation", texts[i][0],
                     texts[i][1]);
        }
        if (strcspn(firms[0], " ") < 6 || strcspn(firms[1], " ") < 6)
            continue;
        test_row("%s and %s", firms[0], firms[1]);
        CHECK(compare_as(NAME_ORGANISATION, firms[0], firms[1]).per_mille >= WORKING);
        tried++;
    }
}

/* Pinyin and Wade-Giles without marks, from the conversion table of the Library of Congress. */
static const char *const wade[][2] = {
    {"ba", "pa"},        {"cai", "tsai"},    {"ce", "tse"},        {"cha", "cha"},
    {"chi", "chih"},     {"chong", "chung"}, {"chuang", "chuang"}, {"ci", "tzu"},
    {"cong", "tsung"},   {"cui", "tsui"},    {"cuo", "tso"},       {"da", "ta"},
    {"de", "te"},        {"die", "tieh"},    {"dong", "tung"},     {"duo", "to"},
    {"e", "o"},          {"er", "erh"},      {"gai", "kai"},       {"ge", "ko"},
    {"gong", "kung"},    {"gui", "kuei"},    {"guo", "kuo"},       {"he", "ho"},
    {"ji", "chi"},       {"jia", "chia"},    {"jian", "chien"},    {"jie", "chieh"},
    {"jiong", "chiung"}, {"ju", "chu"},      {"juan", "chuan"},    {"jue", "chueh"},
    {"jun", "chun"},     {"ke", "ko"},       {"kong", "kung"},     {"kui", "kuei"},
    {"lian", "lien"},    {"lie", "lieh"},    {"long", "lung"},     {"luo", "lo"},
    {"mian", "mien"},    {"nong", "nung"},   {"nuo", "no"},        {"pian", "pien"},
    {"qi", "chi"},       {"qian", "chien"},  {"qing", "ching"},    {"qiong", "chiung"},
    {"qu", "chu"},       {"quan", "chuan"},  {"que", "chueh"},     {"ran", "jan"},
    {"ri", "jih"},       {"rong", "jung"},   {"ruo", "jo"},        {"shi", "shih"},
    {"si", "szu"},       {"si", "ssu"},      {"song", "sung"},     {"suo", "so"},
    {"tian", "tien"},    {"tong", "tung"},   {"tuo", "to"},        {"xi", "hsi"},
    {"xian", "hsien"},   {"xiao", "hsiao"},  {"xie", "hsieh"},     {"xiong", "hsiung"},
    {"xu", "hsu"},       {"xuan", "hsuan"},  {"xue", "hsueh"},     {"yan", "yen"},
    {"ye", "yeh"},       {"yi", "i"},        {"yong", "yung"},     {"you", "yu"},
    {"yue", "yueh"},     {"zai", "tsai"},    {"ze", "tse"},        {"zeng", "tseng"},
    {"zhang", "chang"},  {"zhi", "chih"},    {"zhong", "chung"},   {"zhuo", "cho"},
    {"zi", "tzu"},       {"zong", "tsung"},  {"zui", "tsui"},      {"zuo", "tso"},
};

static void wade_giles(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wade) / sizeof(wade[0]); i++) {
        char one[64], two[64];

        snprintf(one, sizeof(one), "Zhang %s-guo", wade[i][0]);
        snprintf(two, sizeof(two), "Chang %s-kuo", wade[i][1]);
        test_row("%s and %s", one, two);
        CHECK(compare(one, two).per_mille >= WORKING);
    }
}

/* Names of Korea and China by random systems, split or joined, either order: a search finds each
 * that comparing with every name finds by romanisation. */
enum { ENTRIES = 500, QUERIES = 300 };

static void add(char *ret, size_t size, const char *text)
{
    CHECK(strlen(ret) + strlen(text) < size);
    strcat(ret, text); /* NOLINT: sized above */
}

static void make_name(struct test_random *r, char *ret, size_t size)
{
    static const char *const korean[] = {"Kim",  "Gim",  "Ri",   "Lee",  "Yi",   "Pak",
                                         "Park", "Choe", "Choi", "Jong", "Chung"};
    static const char *const chinese[] = {"Zhang", "Chang", "Cheung", "Chen", "Chan",
                                          "Wang",  "Wong",  "Huang",  "Xu",   "Hsu"};
    bool of_korea = test_below(r, 2), last = test_below(r, 3) == 0;
    const char *joint = test_below(r, 3) ? test_below(r, 2) ? "-" : " " : "";
    const char *family = of_korea ? korean[test_below(r, sizeof(korean) / sizeof(korean[0]))]
                                  : chinese[test_below(r, sizeof(chinese) / sizeof(chinese[0]))];
    unsigned system = (unsigned)test_below(r, 3);

    *ret = 0;
    if (!last) {
        add(ret, size, family);
        add(ret, size, ", ");
    }
    for (int i = 0; i < 2; i++) {
        char text[SPELLING];
        unsigned s;

        s = (unsigned)test_below(r, 12) * 8 * 21 +
            CODA_N; /* few, so that names meet: an, kan, ... */
        while (!exists(s))
            s += 8;
        spell(s, system, system > 0, text);
        add(ret, size, of_korea ? text : wade[test_below(r, 12)][system > 0]);
        add(ret, size, i ? "" : joint);
    }
    if (last) {
        add(ret, size, " ");
        add(ret, size, family);
    }
}

static void index_against_all(void **state)
{
    static char names[ENTRIES][64];
    static struct name_entry rows[ENTRIES];
    struct test_random r = {test_seed()};
    struct name_index *x;
    struct err err;
    size_t met = 0;

    (void)state;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        make_name(&r, names[i], sizeof(names[i]));
        rows[i] = (struct name_entry){names[i], i, NAME_PERSON, i % 9 == 0};
    }
    CHECK_OK(name_index_build(rows, ENTRIES, &x, &err), err);
    for (int i = 0; i < QUERIES; i++) {
        struct arena *a = arena_new(NULL, MEMORY);
        char name[64];
        struct name_query q = {
            .name = name, .kind = NAME_PERSON, .threshold = 780 + 10 * (unsigned)(i % 15)};
        struct name_hit *hits;
        size_t n, k;

        make_name(&r, name, sizeof(name));
        CHECK_OK(name_index_search(x, a, &q, &hits, &n, &err), err);
        for (uint32_t e = 0; e < ENTRIES; e++) {
            struct name_score s;

            CHECK_OK(name_index_score(x, a, &q, e, &s, &err), err);
            for (k = 0; k < n && hits[k].entry != e; k++)
                ;
            test_row("%s and %s at %u score %u", name, names[e], q.threshold, s.per_mille);
            if (k < n)
                CHECK_U(hits[k].score.per_mille, s.per_mille);
            if (s.per_mille < q.threshold) {
                CHECK_U(k, n);
                continue;
            }
            for (uint32_t p = 0; p < s.parts_n; p++)
                if (s.parts[p].how == NAME_SPELT_KOREAN || s.parts[p].how == NAME_SPELT_CHINESE ||
                    s.parts[p].how == NAME_SPELT_LINKED) {
                    CHECK(k < n);
                    met++;
                    break;
                }
        }
        arena_free(a);
    }
    printf("%zu met by romanisation\n", met);
    CHECK(met > 100);
    name_index_free(x);
}

static bool all_of_it(void *ctx)
{
    static const struct name_entry rows[] = {
        {"RI, Sol Ju", 1, NAME_PERSON, false},
        {"CHANG, Wei-kuo", 2, NAME_PERSON, false},
        {"Satou Itirou", 3, NAME_PERSON, false},
        {"Al-Qaeda", 4, NAME_ORGANISATION, false},
    };
    static const char *const asked[] = {"Lee Seol-ju", "Zhang Weiguo", "Sato Ichiro"};
    struct arena *a = arena_new(NULL, MEMORY);
    struct name_index *x = NULL;
    struct err err;
    bool ok = a && name_index_build(rows, 4, &x, &err);

    (void)ctx;
    for (uint32_t i = 0; ok && i < 3; i++) {
        struct name_query q = {.name = asked[i], .kind = NAME_PERSON, .threshold = WORKING};
        struct name_hit *hits;
        size_t n;

        ok = name_index_search(x, a, &q, &hits, &n, &err);
        if (ok) {
            CHECK_U(n, 1);
            CHECK_U(hits[0].subject, i + 1);
        }
    }
    name_index_free(x);
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    (void)state;
    test_failed_allocations(all_of_it, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(firms),
        cmocka_unit_test(korean_words_of_firms),
        cmocka_unit_test(standards),
        cmocka_unit_test(found),
        cmocka_unit_test(reasons),
        cmocka_unit_test(linked),
        cmocka_unit_test(korean_syllables),
        cmocka_unit_test(wade_giles),
        cmocka_unit_test(index_against_all),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
