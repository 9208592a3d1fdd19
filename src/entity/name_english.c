/* Firms are translated where persons are spelt: 단천상업은행 is on lists as Tanchon Commercial Bank.
 * The words that firms share are put into English here, what is left is spelt in Latin letters, and
 * the whole is asked about beside the name itself.
 *
 * The words are those that the lists of the United Nations, of OFAC and of the EU translate, in the
 * languages of the firms on them. Korean is spelt by McCune-Reischauer without its marks, as lists
 * spell it, or by Revised Romanisation; Chinese by Hanyu Pinyin. Russian and Arabic words that are
 * not here stay as they are: their letters are read one by one anyway. */
#include "entity/name_parts.h"
#include "entity/name_romans.h"
#include "entity/name_tables.h"

#include "base/text.h"

#include <string.h>
#include <unicode/utf8.h>

/* Longer ones are sought first. firm: it says that the name is a firm's. */
struct term {
    const char *text, *english;
    bool firm;
};

/* Korean, Chinese and Japanese are written without blanks: anywhere in a word. */
static const struct term joined_terms[] = {
    {"주식회사", "co ltd", true},
    {"유한책임회사", "llc", true},
    {"총무역회사", "general trading corporation", true},
    {"무역총회사", "general trading corporation", true},
    {"무역회사", "trading corporation", true},
    {"무역은행", "trade bank", true},
    {"총회사", "general corporation", true},
    {"련합회사", "associated corporation", true},
    {"연합회사", "associated corporation", true},
    {"합영회사", "joint venture company", true},
    {"회사", "corporation", true},
    {"은행", "bank", true},
    {"기업소", "enterprise", true},
    {"기업", "enterprise", true},
    {"그룹", "group", true},
    {"공장", "factory", true},
    {"련합기업소", "complex", true},
    {"무역", "trading", true},
    {"해운", "shipping", true},
    {"선박", "ship", false},
    {"광업", "mining", false},
    {"개발", "development", false},
    {"상업", "commercial", false},
    {"대외", "foreign", false},
    {"대성", "daesong", false},
    {"국제", "international", false},
    {"보험", "insurance", true},
    {"재보험", "reinsurance", true},
    {"투자", "investment", false},
    {"신용", "credit", false},
    {"금융", "financial", false},
    {"건설", "construction", false},
    {"석유", "oil", false},
    {"화학", "chemical", false},
    {"기계", "machinery", false},
    {"전자", "electronics", false},
    {"항공", "aviation", false},
    {"통신", "telecommunications", false},
    {"기술", "technology", false},
    {"수출입", "export import", false},
    {"수출", "export", false},
    {"경제", "economic", false},
    {"합작", "joint venture", false},
    {"석탄", "coal", false},
    {"금속", "metals", false},
    {"관리국", "management bureau", true},
    {"연구소", "research institute", true},
    {"조선", "korea", false},
    {"한국", "korea", false},
    {"평양", "pyongyang", false},
    {"有限责任公司", "co ltd", true},
    {"有限責任公司", "co ltd", true},
    {"股份有限公司", "co ltd", true},
    {"集团有限公司", "group co ltd", true},
    {"有限公司", "co ltd", true},
    {"株式会社", "co ltd", true},
    {"株式會社", "co ltd", true},
    {"有限会社", "ltd", true},
    {"合同会社", "llc", true},
    {"总公司", "general corporation", true},
    {"總公司", "general corporation", true},
    {"公司", "company", true},
    {"会社", "company", true},
    {"會社", "company", true},
    {"集团", "group", true},
    {"集團", "group", true},
    {"银行", "bank", true},
    {"銀行", "bank", true},
    {"企业", "enterprise", true},
    {"企業", "enterprise", true},
    {"经贸", "economy trade", false},
    {"經貿", "economy trade", false},
    {"贸易", "trading", true},
    {"貿易", "trading", true},
    {"商贸", "trading", false},
    {"商貿", "trading", false},
    {"实业", "industrial", false},
    {"實業", "industrial", false},
    {"工业", "industry", false},
    {"工業", "industry", false},
    {"商事", "trading", false},
    {"商会", "trading", true},
    {"发展", "development", false},
    {"發展", "development", false},
    {"开发", "development", false},
    {"開発", "development", false},
    {"科技", "technology", false},
    {"技术", "technology", false},
    {"技術", "technology", false},
    {"国际", "international", false},
    {"國際", "international", false},
    {"国際", "international", false},
    {"投资", "investment", false},
    {"投資", "investment", false},
    {"控股", "holdings", true},
    {"海运", "shipping", true},
    {"海運", "shipping", true},
    {"航运", "shipping", true},
    {"航運", "shipping", true},
    {"船务", "shipping", true},
    {"船務", "shipping", true},
    {"运输", "transportation", false},
    {"運輸", "transportation", false},
    {"物流", "logistics", false},
    {"代理", "agency", false},
    {"石油", "petroleum", false},
    {"化工", "chemical", false},
    {"化学", "chemical", false},
    {"化學", "chemical", false},
    {"机械", "machinery", false},
    {"機械", "machinery", false},
    {"电子", "electronics", false},
    {"電子", "electronics", false},
    {"金融", "financial", false},
    {"商业", "commercial", false},
    {"商業", "commercial", false},
    {"建设", "construction", false},
    {"建設", "construction", false},
    {"建筑", "construction", false},
    {"矿业", "mining", false},
    {"鉱業", "mining", false},
    {"进出口", "import export", false},
    {"進出口", "import export", false},
    {"保险", "insurance", true},
    {"保険", "insurance", true},
    {"航空", "aviation", false},
    {"信息", "information", false},
    {"网络", "network", false},
    {"材料", "material", false},
    {"总局", "general bureau", true},
    {"厂", "factory", false},
    {"朝鲜", "korea", false},
    {"朝鮮", "korea", false},
    {"中国", "china", false},
    {"中國", "china", false},
    {"日本", "japan", false},
};

/* Words with endings: a beginning is enough. */
static const struct term stem_terms[] = {
    {"общество с ограниченной ответственностью", "llc", true},
    {"акционерное общество", "jsc", true},
    {"торгов", "trading", true},
    {"компани", "company", true},
    {"корпораци", "corporation", true},
    {"банк", "bank", true},
    {"промышленн", "industrial", false},
    {"завод", "plant", true},
    {"фабрик", "factory", true},
    {"предприяти", "enterprise", true},
    {"производствен", "production", false},
    {"научно", "scientific", false},
    {"исследовательск", "research", false},
    {"институт", "institute", true},
    {"центр", "center", false},
    {"группа", "group", true},
    {"холдинг", "holding", true},
    {"концерн", "concern", true},
    {"страхов", "insurance", true},
    {"инвестицион", "investment", false},
    {"строительн", "construction", false},
    {"нефтян", "oil", false},
    {"газов", "gas", false},
    {"химическ", "chemical", false},
    {"судоходн", "shipping", true},
    {"морск", "maritime", false},
    {"авиацион", "aviation", false},
    {"машиностроительн", "machine building", false},
    {"коммерческ", "commercial", false},
    {"внешнеэкономическ", "foreign economic", false},
    {"внешнеторгов", "foreign trade", true},
    {"международн", "international", false},
    {"государственн", "state", false},
    {"российск", "russian", false},
    {"технологи", "technology", false},
    {"развити", "development", false},
    {"экспорт", "export", false},
    {"импорт", "import", false},
    {"фонд", "fund", false},
    {"شركة", "company", true},
    {"الشركة", "company", true},
    {"مصرف", "bank", true},
    {"المصرف", "bank", true},
    {"البنك", "bank", true},
    {"المؤسسة", "establishment", true},
    {"الإسلامي", "islamic", false},
    {"المركزي", "central", false},
    {"السوري", "syrian", false},
    {"سوريا", "syria", false},
    {"العراقي", "iraqi", false},
    {"العراق", "iraq", false},
    {"الإيراني", "iranian", false},
    {"اليمني", "yemeni", false},
    {"الليبي", "libyan", false},
    {"بنك", "bank", true},
    {"مجموعة", "group", true},
    {"مؤسسة", "establishment", true},
    {"القابضة", "holding", true},
    {"التجارية", "trading", true},
    {"التجاري", "commercial", false},
    {"للتجارة", "trading", true},
    {"التجارة", "trading", true},
    {"الصناعية", "industrial", false},
    {"للصناعة", "industry", false},
    {"للصرافة", "exchange", true},
    {"الصرافة", "exchange", true},
    {"النفط", "oil", false},
    {"للنفط", "petroleum", false},
    {"للنقل", "transport", false},
    {"للمقاولات", "contracting", true},
    {"والمقاولات", "contracting", true},
    {"العامة", "general", false},
    {"الدولية", "international", false},
    {"الدولي", "international", false},
    {"للاستثمار", "investment", true},
    {"للتأمين", "insurance", true},
    {"للشحن", "shipping", true},
};

struct english {
    char *to;
    size_t n;
    bool firm, any, revised, full;
};

static void put(struct english *e, const char *text)
{
    for (; *text; text++) {
        if (e->n + 1 >= NAME_BYTES_MAX) {
            e->full = true;
            return;
        }
        e->to[e->n++] = *text;
    }
}

static void put_word(struct english *e, const char *text)
{
    if (e->n && e->to[e->n - 1] != ' ')
        put(e, " ");
    put(e, text);
    put(e, " ");
}

static const struct term *joined_at(const char *p)
{
    const struct term *best = NULL;

    for (size_t i = 0; i < sizeof(joined_terms) / sizeof(joined_terms[0]); i++) {
        const struct term *t = &joined_terms[i];

        if (!strncmp(p, t->text, strlen(t->text)) &&
            (!best || strlen(t->text) > strlen(best->text)))
            best = t;
    }
    return best;
}

/* Cyrillic capitals: two bytes each, as the small ones. */
static bool stem_is(const char *p, const char *stem)
{
    while (*stem) {
        size_t at = 0, of = 0;
        UChar32 a, b;

        if (!*p)
            return false;
        U8_NEXT_UNSAFE((const uint8_t *)p, at, a); /* NOLINT: checked as a whole before */
        U8_NEXT_UNSAFE((const uint8_t *)stem, of, b);
        if (a >= 0x410 && a <= 0x42f)
            a += 0x20;
        if (a != b)
            return false;
        p += at;
        stem += of;
    }
    return true;
}

static const struct term *stem_at(const char *p)
{
    const struct term *best = NULL;

    for (size_t i = 0; i < sizeof(stem_terms) / sizeof(stem_terms[0]); i++) {
        const struct term *t = &stem_terms[i];

        if (stem_is(p, t->text) && (!best || strlen(t->text) > strlen(best->text)))
            best = t;
    }
    return best;
}

/* ---- what is left ---- */

enum { HANGUL = 0xac00, HANGUL_LAST = 0xd7a3 };

static bool is_hangul(UChar32 c)
{
    return c >= HANGUL && c <= HANGUL_LAST;
}

/* McCune-Reischauer writes k, t, p, ch between vowels, and behind m, n, ng, l, as g, d, b, j. */
static void put_hangul(struct english *e, UChar32 c, UChar32 before, UChar32 next)
{
    static const char *const mr_onset[] = {"k",  "kk", "n",  "t",   "tt", "r", "m", "p", "pp", "s",
                                           "ss", "",   "ch", "tch", "ch", "k", "t", "p", "h"};
    static const char *const rr_onset[] = {"g",  "kk", "n", "d",  "tt", "r", "m", "b", "pp", "s",
                                           "ss", "",   "j", "jj", "ch", "k", "t", "p", "h"};
    static const char *const mr_vowel[] = {"a",  "ae", "ya", "yae", "o",  "e",  "yo",
                                           "ye", "o",  "wa", "wae", "oe", "yo", "u",
                                           "wo", "we", "wi", "yu",  "u",  "ui", "i"};
    static const char *const rr_vowel[] = {"a",  "ae", "ya", "yae", "eo", "e",  "yeo",
                                           "ye", "o",  "wa", "wae", "oe", "yo", "u",
                                           "wo", "we", "wi", "yu",  "eu", "ui", "i"};
    static const char *const coda[] = {"",  "k",  "k", "k", "n", "n", "n", "t", "l", "k",
                                       "m", "l",  "l", "l", "p", "l", "m", "p", "p", "t",
                                       "t", "ng", "t", "t", "k", "t", "p", "t"};
    unsigned s = (unsigned)(c - HANGUL), on = s / 588, last = s % 28;
    unsigned voice = is_hangul(before) ? (unsigned)(before - HANGUL) % 28 : 1;
    bool voiced = voice == 0 || voice == 4 || voice == 8 || voice == 16 || voice == 21;
    const char *onset = e->revised ? rr_onset[on] : mr_onset[on];

    if (!e->revised && voiced && (on == 0 || on == 3 || on == 7 || on == 12))
        onset = rr_onset[on];
    if (!e->revised && on == 5 && voice == 8) /* l and r are ll */
        onset = "l";
    put(e, onset);
    put(e, (e->revised ? rr_vowel : mr_vowel)[s % 588 / 28]);
    if (last && is_hangul(next) && (unsigned)(next - HANGUL) / 588 == 11) /* it goes over */
        put(e, last == 1 ? "g" : last == 7 ? "d" : last == 17 ? "b" : last == 8 ? "r" : coda[last]);
    else
        put(e, coda[last]);
}

/* The first reading, without its tone. */
static bool put_han(struct english *e, UChar32 c)
{
    const char *p = name_han_reading((uint32_t)c, HAN_MANDARIN);
    char one[2] = {0};

    if (!*p)
        return false;
    for (; *p >= 'a' && *p <= 'z'; p++) {
        one[0] = *p;
        put(e, one);
    }
    return true;
}

static void copy(struct english *e, const char *p, size_t n)
{
    char one[2] = {0};

    for (size_t i = 0; i < n; i++) {
        one[0] = p[i];
        if (p[i] != ' ' || (e->n && e->to[e->n - 1] != ' '))
            put(e, one);
    }
}

static void take(struct english *e, const struct term *t)
{
    put_word(e, t->english);
    e->firm |= t->firm;
    e->any = true;
}

/* How many bytes of letters of the same alphabet follow: the ending of a word goes with it. */
static size_t ending(const char *p, UChar32 of)
{
    size_t n = 0, at = 0;
    UChar32 c;

    while (p[n]) {
        U8_NEXT_UNSAFE((const uint8_t *)p, at, c); /* NOLINT: checked as a whole before */
        if ((of < 0x600 && (c < 0x400 || c > 0x52f)) || (of >= 0x600 && (c < 0x620 || c > 0x6ff)) ||
            of > 0x6ff)
            break;
        n = at;
    }
    return n;
}

bool name_english(const char *name, unsigned which, char ret[NAME_BYTES_MAX])
{
    struct english e = {.to = ret, .revised = which == 1};
    UChar32 before = 0;
    bool begins = true, hangul = false;

    if (which >= NAME_ENGLISH_MAX || !utf8_valid(name, strlen(name)))
        return false;
    while (*name) {
        const struct term *t = (uint8_t)*name < 0x80 ? NULL : joined_at(name);
        UChar32 c, next = 0;
        size_t used = 0, after;

        U8_NEXT_UNSAFE((const uint8_t *)name, used, c); /* NOLINT: checked above */
        if (!t && begins && c >= 0x400)
            t = stem_at(name);
        if (t) {
            take(&e, t);
            name += strlen(t->text);
            before = 0;
            name += ending(name, c);
            continue;
        }
        after = used;
        if (name[used])
            U8_NEXT_UNSAFE((const uint8_t *)name, after, next); /* NOLINT */
        begins = c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z');
        if (is_hangul(c)) {
            hangul = true;
            put_hangul(&e, c, before, joined_at(name + used) ? 0 : next);
        } else if (!put_han(&e, c)) {
            copy(&e, name, used);
        }
        before = c;
        name += used;
    }
    while (e.n && ret[e.n - 1] == ' ')
        e.n--;
    ret[e.n] = 0;
    return e.any && e.firm && !e.full && (which == 0 || hangul);
}
