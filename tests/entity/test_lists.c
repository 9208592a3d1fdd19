#include "base/json.h"
#include "base/mem.h"
#include "entity/list_make.h"
#include "entity/list_read.h"
#include "lists.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY ((size_t)256 << 20)

static const struct {
    const char *text, *from, *to; /* "" is no date */
    bool circa;
} date_rows[] = {
    {"25 Mar 1977", "1977-03-25", "1977-03-25", false},
    {"1977", "1977", "1977", false},
    {"Mar 1977", "1977-03", "1977-03", false},
    {"circa 1965", "1965", "1965", true},
    {"1962 to 1964", "1962", "1964", false},
    {"01 Jan 1962 to 31 Dec 1963", "1962-01-01", "1963-12-31", false},
    {"circa 1961 to circa 1963", "1961", "1963", true},
    {"1944-10-13", "1944-10-13", "1944-10-13", false},
    {"2015-07-01-04:00", "2015-07-01", "2015-07-01", false},
    {"2020-11-30T20:31:19.923-05:00", "2020-11-30", "2020-11-30", false},
    {"13.10.1944", "1944-10-13", "1944-10-13", false},
    {"16/7/2009", "2009-07-16", "2009-07-16", false},
    {"dd/mm/1945", "1945", "1945", false},
    {"00/00/1975", "1975", "1975", false},
    {"00/05/1975", "1975-05", "1975-05", false},
    {"4 October 1983", "1983-10-04", "1983-10-04", false},
    {"October 4, 1983", "1983-10-04", "1983-10-04", false},
    {"13-Feb-2026", "2026-02-13", "2026-02-13", false},
    {"1965 or 1966", "1965", "1966", false},
    {"between 1960 and 1962", "1960", "1962", false},
    {"1963-1965", "1963", "1965", false},
    {"1963年10月2日", "1963-10-02", "1963-10-02", false},
    {"1963.10.2", "1963-10-02", "1963-10-02", false},
    {"29 Feb 2000", "2000-02-29", "2000-02-29", false},
    {"29 Feb 1900", "", "", false},
    {"31 Apr 1970", "", "", false},
    {"1964 to 1962", "", "", false},
    {"1380s", "", "", false},
    {"25 Mar 77", "", "", false},
    {"2015-07-01-abc", "", "", false},
    {"", "", "", false},
};

static void dates(void **state)
{
    for (size_t i = 0; i < sizeof(date_rows) / sizeof(date_rows[0]); i++) {
        struct list_date d = list_date_read(date_rows[i].text);
        char day[LIST_DAY_TEXT];

        test_row("%s", date_rows[i].text);
        CHECK_S(list_day_text(d.from, day), date_rows[i].from);
        CHECK_S(list_day_text(d.to, day), date_rows[i].to);
        CHECK_U(d.circa, date_rows[i].circa);
        CHECK_S(d.text, date_rows[i].text);
    }
}

/* date -u -d DAY +%s */
static void seconds_of_days(void **state)
{
    static const struct {
        struct list_day day;
        uint64_t want;
    } rows[] = {
        {{1970, 1, 1}, 0},          {{2024, 2, 29}, 1709164800}, {{2024, 3, 0}, 1709251200},
        {{2024, 0, 0}, 1704067200}, {{1969, 12, 31}, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CHECK_U(list_day_seconds(rows[i].day), rows[i].want);
}

static void ids_in_order(void **state)
{
    static const char *const rising[] = {
        "007", "7", "36", "173", "1000000000000000000000", "DPR0001", "KPi.001", "k"};

    for (size_t i = 0; i < sizeof(rising) / sizeof(rising[0]); i++)
        for (size_t k = 0; k < sizeof(rising) / sizeof(rising[0]); k++) {
            int order = list_id_order(rising[i], rising[k]);

            test_row("%s and %s", rising[i], rising[k]);
            CHECK_U(order < 0, i < k);
            CHECK_U(order > 0, i > k);
        }
}

/* An address cut in its middle goes on in the comments. */
#define SDN                                                                                        \
    "36,\"AEROCARIBBEAN AIRLINES\",-0- ,\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n"      \
    "307,\"LAZARUS, Ho\",\"individual\",\"DPRK3] [CYBER2\",\"Dr.\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ," \
    "\"DOB circa 1965; alt. DOB 1970; POB Seoul, Korea, South; nationality Korea, North; citizen " \
    "China; Gender Male; Passport 123 (A) (Korea, North) issued 01 Jan 2019 expires 01 Jan 2024; " \
    "Digital Currency Address - XBT 12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h; alt. Digital Curr\"\r\n"   \
    "4243,\"EBANO\",\"vessel\",\"CUBA\",-0- ,\"CL2192\",\"General Cargo\",\"2595\",\"1865\","      \
    "\"Panama\",-0- ,\"Vessel Registration Identification IMO 7406784; f.k.a. 'ANA I'.\"\r\n"
#define COMMENTS                                                                                   \
    "307,\"ency Address - ETH 0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c; a.k.a. 'X'.\"\r\n"
#define ALT                                                                                        \
    "36,12,\"aka\",\"AERO-CARIBBEAN\",-0- \r\n307,13,\"fka\",\"LAZARUS, Hu\",-0- \r\n"             \
    "307,14,\"aka\",\"LAZARUS, Hu\",-0- \r\n"
#define ADD "307,25,\"1, Road\",\"Havana\",\"Cuba\",-0- \r\n"
#define END "\x1a"

static void ofac_small(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    const struct list_input files[] = {
        lists_text("add.csv", ADD END),
        lists_text("sdn.csv", SDN END),
        lists_text("sdn_comments.csv", COMMENTS END "\r\n"),
        lists_text("alt.csv", ALT END),
    };
    struct list l = lists_read(a, files, 4, NULL);
    const struct list_entry *e = list_find(&l, "307");
    char day[LIST_DAY_TEXT];

    CHECK_S(l.name, "ofac-sdn");
    CHECK_S(l.format, "ofac-csv");
    CHECK_U(l.entries_n, 3);
    CHECK_U(l.cryptos_n, 2);
    CHECK_U(l.notes_n, 0);
    CHECK(!list_find(&l, "37"));
    CHECK_U(e->kind, LIST_PERSON);
    CHECK_S(e->name.text, "LAZARUS, Ho");
    CHECK_S(e->name.family, "LAZARUS");
    CHECK_S(e->name.given, "Ho");
    CHECK_U(e->aliases_n, 2); /* the same name as f.k.a. and a.k.a. is one */
    CHECK_S(e->aliases[0].text, "X");
    CHECK_U(e->aliases[0].quality, LIST_WEAK);
    CHECK_S(e->aliases[1].text, "LAZARUS, Hu");
    CHECK_S(e->aliases[1].type, "f.k.a.");
    CHECK_U(e->aliases[1].quality, LIST_STRONG);
    CHECK_U(e->births_n, 2);
    CHECK(e->births[0].circa);
    CHECK_S(list_day_text(e->births[1].from, day), "1970");
    CHECK_S(e->places[0], "Seoul, Korea, South");
    CHECK_U(e->nationalities_n, 2);
    CHECK_U(e->programmes_n, 2);
    CHECK_S(e->programmes[1], "CYBER2");
    CHECK_U(e->ids_n, 1);
    CHECK_U(e->ids[0].kind, LIST_ID_PASSPORT);
    CHECK_S(e->ids[0].number, "123 (A)");
    CHECK_S(e->ids[0].country, "Korea, North");
    CHECK_S(e->ids[0].note, "issued 01 Jan 2019 expires 01 Jan 2024");
    CHECK_U(e->cryptos_n, 2);
    CHECK_S(e->cryptos[0].ticker, "XBT");
    CHECK_S(e->cryptos[1].ticker, "ETH");
    CHECK_S(e->cryptos[1].text, "0x4f47bc496083c727c5fbe3ce9cdf2b0f6496270c");
    CHECK_S(e->addresses[0].text, "1, Road, Havana, Cuba");
    CHECK(lists_says(e, "detail", "Gender: Male"));
    CHECK(lists_says(e, "detail", "Title: Dr."));
    e = list_find(&l, "4243");
    CHECK_U(e->kind, LIST_VESSEL);
    CHECK(lists_says(e, "imo", "7406784 (Vessel Registration Identification)"));
    CHECK(lists_says(e, "alias", "ANA I (f.k.a., weak)"));
    CHECK(lists_says(e, "call-sign", "CL2192 (Vessel Call Sign)"));
    CHECK_S(e->nationalities[0], "Panama");
    arena_free(a);
}

/* What OFAC's own list in another format had on that day: addresses by ticker. */
static void expect_addresses(const struct list *l, struct bytes expected)
{
    struct arena *a = arena_new(NULL, MEMORY);
    const struct json *root, *all;
    struct err err;
    size_t wanted = 0, found = 0;

    CHECK_OK(json_read(a, (const char *)expected.p, expected.n, &root, &err), err);
    all = json_get(root, "by_currency");
    CHECK(all);
    for (const struct json *ticker = all->child; ticker; ticker = ticker->next)
        for (const struct json *at = ticker->child; at; at = at->next) {
            bool there = false;

            for (size_t i = 0; i < l->entries_n && !there; i++)
                for (size_t k = 0; k < l->entries[i].cryptos_n && !there; k++)
                    there = !strcmp(l->entries[i].cryptos[k].ticker, ticker->key) &&
                            !strcmp(l->entries[i].cryptos[k].text, at->text);
            test_row("%s %s", ticker->key, at->text);
            CHECK(there);
            wanted++;
        }
    /* no more than these: one address may be of several entities */
    for (size_t i = 0; i < l->entries_n; i++)
        for (size_t k = 0; k < l->entries[i].cryptos_n; k++) {
            const struct list_crypto *c = &l->entries[i].cryptos[k];
            const struct json *ticker = json_get(all, c->ticker);
            bool there = false;

            test_row("%s %s of %s", c->ticker, c->text, l->entries[i].id);
            for (const struct json *at = ticker ? ticker->child : NULL; at; at = at->next)
                there = there || json_is_string(at, c->text);
            CHECK(there);
            found++;
        }
    CHECK(found >= wanted);
    print_message("%zu addresses\n", wanted);
    arena_free(a);
}

static void ofac_days(void **state)
{
    static const struct {
        const char *day;
        size_t entries; /* records of sdn.csv */
    } rows[] = {{"2023-12-29", 13821}, {"2024-02-24", 14499}, {"2024-03-28", 14561}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, MEMORY);
        struct list l = lists_ofac(a, rows[i].day);
        char path[96];

        test_row("%s", rows[i].day);
        CHECK_U(l.entries_n, rows[i].entries);
        snprintf(path, sizeof(path), "sanctions/ofac/%s/expected-crypto-addresses.json",
                 rows[i].day);
        expect_addresses(&l, test_data(path));
        arena_free(a);
    }
}

/* Every row of the day's files came somewhere. */
static void ofac_whole(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct list l = lists_ofac(a, "2023-12-29");
    size_t strong = 0, addresses = 0, persons = 0, vessels = 0, aircraft = 0;
    const struct list_entry *e;

    for (size_t i = 0; i < l.entries_n; i++) {
        e = &l.entries[i];
        for (size_t k = 0; k < e->aliases_n; k++)
            strong += e->aliases[k].quality == LIST_STRONG;
        addresses += e->addresses_n;
        persons += e->kind == LIST_PERSON;
        vessels += e->kind == LIST_VESSEL;
        aircraft += e->kind == LIST_AIRCRAFT;
        for (size_t k = 0; k < e->births_n; k++) {
            test_row("%s born %s", e->id, e->births[k].text);
            CHECK(e->births[k].from.year);
        }
    }
    CHECK_U(persons, 6646); /* counted in the file */
    CHECK_U(vessels, 764);
    CHECK_U(aircraft, 378);
    CHECK(strong > 16900 && strong <= 17091);       /* some names are aliases twice */
    CHECK(addresses > 15000 && addresses <= 18990); /* some rows are empty */
    e = list_find(&l, "33151");
    CHECK_S(e->name.text, "SUEX OTC, S.R.O.");
    arena_free(a);
}

static void un_days(void **state)
{
    static const struct {
        const char *path, *as_of;
        size_t entries, dprk;
    } rows[] = {
        {"un/un-consolidated-2025-04-19.xml.zst", "2025-04-19", 877, 155},
        {"un/un-consolidated-2020-11-30.xml.zst", "2020-11-30", 1018, 155},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, MEMORY);
        struct list l = lists_data(a, rows[i].path);
        char day[LIST_DAY_TEXT];
        size_t dprk = 0, other_scripts = 0;

        test_row("%s", rows[i].path);
        CHECK_S(l.name, "un");
        CHECK_S(list_day_text(l.as_of, day), rows[i].as_of);
        CHECK_U(l.entries_n, rows[i].entries);
        for (size_t k = 0; k < l.entries_n; k++) {
            dprk += !strncmp(l.entries[k].reference, "KPi.", 4) ||
                    !strncmp(l.entries[k].reference, "KPe.", 4);
            for (size_t j = 0; j < l.entries[k].aliases_n; j++)
                other_scripts += !strcmp(l.entries[k].aliases[j].type, "original script");
        }
        if (!i) {
            CHECK_U(dprk, rows[i].dprk);
            CHECK_U(other_scripts, 379); /* 380 in the file, one of them the name itself */
        }
        arena_free(a);
    }
}

static void un_entry(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct list l = lists_data(a, "un/un-consolidated-2025-04-19.xml.zst");
    const struct list_entry *e = list_find(&l, "110447");

    CHECK_S(e->name.text, "MUHAMMAD TAHER ANWARI");
    CHECK_S(e->reference, "TAi.005");
    CHECK(lists_says(e, "alias", "محمد طاهر أنوري (original script)"));
    CHECK(lists_says(e, "alias", "Haji Mudir (a.k.a., weak)"));
    CHECK(lists_says(e, "alias", "Mohammad Taher Anwari (a.k.a.)"));
    CHECK(lists_says(e, "date of birth", "circa 1961"));
    CHECK(lists_says(e, "place of birth", "Zurmat District, Paktia Province, Afghanistan"));
    CHECK(lists_says(e, "nationality", "Afghanistan"));
    CHECK(lists_says(e, "listed on", "2001-02-23"));
    CHECK(lists_says(e, "programme", "Taliban"));
    CHECK(lists_says(e, "detail", "Title: Mullah"));
    arena_free(a);
}

static void ofac_consolidated(void **state)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct list l = lists_data(a, "ofac/consolidated-nonsdn-2025-03-28.xml.zst");
    const struct list_entry *e = list_find(&l, "9647");
    char day[LIST_DAY_TEXT];
    size_t weak = 0, strong = 0;

    CHECK_U(l.entries_n, 443);
    CHECK_S(list_day_text(l.as_of, day), "2025-03-28");
    CHECK_S(e->name.text, "ZAHHAR, Mahmoud Khaled");
    CHECK(lists_says(e, "alias", "ZAHAR, Mahmoud (a.k.a., weak)"));
    CHECK(lists_says(e, "detail", "Gender: Male"));
    CHECK(lists_says(e, "nationality", "Palestinian"));
    for (size_t i = 0; i < l.entries_n; i++)
        for (size_t k = 0; k < l.entries[i].aliases_n; k++) {
            weak += l.entries[i].aliases[k].quality == LIST_WEAK;
            strong += l.entries[i].aliases[k].quality == LIST_STRONG;
        }
    CHECK(weak <= 70 && strong <= 1066 && weak + strong > 1100);
    arena_free(a);
}

/* ---- lists whose official files are not at hand: samples by their schemas ---- */

#define EU_XML                                                                                     \
    "<export xmlns=\"http://eu.europa.ec/fpi/fsd/export\" generationDate=\"2024-05-03T10:00:00\">" \
    "<sanctionEntity euReferenceNumber=\"EU.27.28\" logicalId=\"13\" unitedNationId=\"U1\">"       \
    "<remark>(UNSC)</remark><regulation programme=\"IRQ\" numberTitle=\"1210/2003 (OJ L169)\" "    \
    "publicationDate=\"2003-07-08\"><publicationUrl>http://x</publicationUrl></regulation>"        \
    "<subjectType code=\"person\" classificationCode=\"P\"/>"                                      \
    "<nameAlias firstName=\"Saddam\" middleName=\"\" lastName=\"Hussein\" "                        \
    "wholeName=\"Saddam Hussein\" gender=\"M\" strong=\"true\" nameLanguage=\"\"/>"                \
    "<nameAlias wholeName=\"Abu Ali\" strong=\"false\" nameLanguage=\"EN\"/>"                      \
    "<birthdate circa=\"true\" year=\"1937\" city=\"al-Awja\" countryDescription=\"IRAQ\"/>"       \
    "<citizenship countryDescription=\"IRAQ\"/><citizenship countryDescription=\"UNKNOWN\"/>"      \
    "<identification number=\"H1\" identificationTypeCode=\"passport\" "                           \
    "identificationTypeDescription=\"National passport\" countryDescription=\"IRAQ\"/>"            \
    "<address street=\"Road 1\" city=\"Tikrit\" countryDescription=\"IRAQ\"/>"                     \
    "</sanctionEntity></export>"
#define EU_CSV                                                                                     \
    "\xef\xbb\xbf"                                                                                 \
    "fileGenerationDate;Entity_LogicalId;Entity_EU_ReferenceNumber;"                               \
    "Entity_UnitedNationId;Entity_DesignationDate;Entity_DesignationDetails;Entity_Remark;"        \
    "Entity_SubjectType;Entity_SubjectType_ClassificationCode;Entity_Regulation_Type;"             \
    "Entity_Regulation_PublicationDate;Entity_Regulation_NumberTitle;Entity_Regulation_Programme;" \
    "Entity_Regulation_PublicationUrl;NameAlias_LastName;NameAlias_FirstName;"                     \
    "NameAlias_MiddleName;NameAlias_WholeName;NameAlias_NameLanguage;BirthDate_BirthDate;"         \
    "Identification_Number;Identification_TypeDescription;Citizenship_CountryDescription\r\n"      \
    "05/08/2026;13;EU.27.28;;;;(UNSC);P;person;regulation;2003-07-08;1210/2003 (OJ L169);IRQ;"     \
    "http://x;Hussein;Saddam;;Saddam Hussein;;;;;\r\n"                                             \
    "05/08/2026;13;EU.27.28;;;;(UNSC);P;person;regulation;2003-07-08;1210/2003 (OJ L169);IRQ;"     \
    "http://x;;;;Abu Ali;EN;;;;\r\n"                                                               \
    "05/08/2026;13;EU.27.28;;;;(UNSC);P;person;regulation;2003-07-08;1210/2003 (OJ L169);IRQ;"     \
    "http://x;;;;;;1937-04-28;H1;National passport;IRAQ\r\n"
#define UK_XML                                                                                     \
    "<Designations><DateGenerated>19/11/2024</DateGenerated><Designation><UniqueID>DPR0001"        \
    "</UniqueID><OFSIGroupID>1</OFSIGroupID><UNReferenceNumber>KPi.001</UNReferenceNumber>"        \
    "<DateDesignated>16/07/2009</DateDesignated><Names><Name><Name6>Yun</Name6><NameType>Alias"    \
    "</NameType><AliasStrength>Low quality a.k.a</AliasStrength></Name><Name><Name1>Ho</Name1>"    \
    "<Name2>Jin</Name2><Name6>YUN</Name6><NameType>Primary name</NameType></Name></Names>"         \
    "<NonLatinNames><NonLatinName><NameNonLatinScript>\xec\x9c\xa4\xed\x98\xb8\xec\xa7\x84"        \
    "</NameNonLatinScript><NonLatinScriptLanguage>Korean</NonLatinScriptLanguage></NonLatinName>"  \
    "</NonLatinNames><RegimeName>DPRK</RegimeName><IndividualEntityShip>Individual"                \
    "</IndividualEntityShip><IndividualDetails><Individual><DOBs><DOB>dd/mm/1944</DOB></DOBs>"     \
    "<PassportDetails><Passport><PassportNumber>A1</"                                              \
    "PassportNumber><PassportAdditionalInformation>"                                               \
    "North Korea</PassportAdditionalInformation></Passport></PassportDetails></Individual>"        \
    "</IndividualDetails></Designation></Designations>"
#define UK_CSV                                                                                     \
    "Report Date: 13-Feb-2026\n"                                                                   \
    "Last Updated,Unique ID,OFSI Group ID,UN Reference Number,Name 6,Name 1,Name 2,Name 3,Name 4," \
    "Name 5,Name type,Alias strength,Title,Name non-latin script,Non-latin script type,"           \
    "Non-latin script language,Regime Name,Designation Type,Designation source,Sanctions Imposed," \
    "Other Information,UK Statement of Reasons,Address Line 1,Address Country,Date Designated,"    \
    "D.O.B,Nationality(/ies),Passport number,Town of birth,Country of birth,IMO number\n"          \
    "01/01/2026,DPR0001,1,KPi.001,Yun,,,,,,Alias,Low quality a.k.a,,,,,DPRK,Individual,UN,,,,,,"   \
    "16/07/2009,,,,,,\n"                                                                           \
    "01/01/2026,DPR0001,1,KPi.001,YUN,Ho,Jin,,,,Primary Name,,,\xec\x9c\xa4\xed\x98\xb8\xec\xa7"   \
    "\x84,Hangul,Korean,DPRK,Individual,UN,Asset freeze,\"Info, more\",,1 Road,DPRK,16/07/2009,"   \
    "dd/mm/1944,DPRK,A1,Pyongyang,DPRK,\n"
#define UK_TARGETS                                                                                 \
    "<ArrayOfFinancialSanctionsTarget xmlns=\"http://schemas.hmtreasury.gov.uk/ofsi/"              \
    "consolidatedlist\"><FinancialSanctionsTarget><Name6>MV ONE</Name6><GroupTypeDescription>Ship" \
    "</GroupTypeDescription><AliasType>Primary name</AliasType><RegimeName>DPRK</RegimeName>"      \
    "<Ship_IMONumber>8606173</Ship_IMONumber><Ship_Flag>DPRK</Ship_Flag><GroupID>9</GroupID>"      \
    "<DateListed>2016-03-02T00:00:00</DateListed></FinancialSanctionsTarget>"                      \
    "<FinancialSanctionsTarget><Name6>MV "                                                         \
    "UNO</Name6><AliasType>AKA</AliasType><GroupID>9</GroupID>"                                    \
    "</FinancialSanctionsTarget></ArrayOfFinancialSanctionsTarget>"
static const char jp_csv[] =
    "\xef\xbb\xbf"
    "区分,番号,告示日付,告示番号,個人・団体,氏名（日"
    "本語）,氏名（英語）,別名・別称（日本語）,別名・別称（英語"
    "）,旧称（日本語）,旧称（英語）,確定に十分でない別名（日本"
    "語）,確定に十分でない別名（英語）,生年月日,国籍（英語）,"
    "旅券番号,国連参照番号,その他の情報\r\n"
    "15.北朝鮮,015-000001,2009.7.24,365,個人,ユン・ホジン,YUN Ho-jin,,YUN Ho-c"
    "hin（別名；括弧）；YUN Hojin,,,,YUN,1944/10/13；1945,DPRK,A1；A2,KPi.001,x"
    "\r\n";
static const char il_csv[] = "שם מלא,תעודת זהות,דרכון,תאריך לידה,"
                             "מספר זיהוי "
                             "הארנק האלקטרוני/ יוזר,מטבע\n"
                             "צ.ת 18/26\n"
                             ",,,,TWB9xgNG9nmJuwW4etsQEb9RRnrnVnoNnJ,\n"
                             "A B,-,,24/02/1993,962788680555,\n"
                             "צ.ת 1/25,,,,,\n"
                             ",,,,1GALPyvUDDXqA6H2eHQ9Y1yidfQ6T1Drvn (Address tag 1)*,BTC\n";

static const struct {
    const char *text, *list, *format, *as_of, *id;
    size_t entries;
    const char *lines[10][2];
} sample_rows[] = {
    {EU_XML,
     "eu",
     "eu-xml",
     "2024-05-03",
     "13",
     1,
     {{"name", "Saddam Hussein"},
      {"alias", "Abu Ali (weak, EN)"},
      {"kind", "person"},
      {"date of birth", "circa 1937"},
      {"place of birth", "al-Awja, IRAQ"},
      {"nationality", "IRAQ"},
      {"passport", "H1 (National passport, IRAQ)"},
      {"address", "Road 1, Tikrit, IRAQ"},
      {"reference", "1210/2003 (OJ L169)"},
      {"listed on", "2003-07-08"}}},
    {EU_CSV,
     "eu",
     "eu-csv",
     "2026-08-05",
     "13",
     1,
     {{"name", "Saddam Hussein"},
      {"alias", "Abu Ali (EN)"},
      {"kind", "person"},
      {"date of birth", "1937-04-28"},
      {"nationality", "IRAQ"},
      {"passport", "H1 (National passport)"},
      {"programme", "IRQ"},
      {"remarks", "(UNSC)"},
      {"reference", "1210/2003 (OJ L169)"},
      {"listed on", "2003-07-08"}}},
    {UK_XML,
     "uk",
     "uk-xml",
     "2024-11-19",
     "DPR0001",
     1,
     {{"name", "Ho Jin YUN"},
      {"alias", "Yun (Alias, weak)"},
      {"alias", "윤호진 (original script, Korean)"},
      {"kind", "person"},
      {"date of birth", "dd/mm/1944"},
      {"passport", "A1 (Passport, North Korea)"},
      {"programme", "DPRK"},
      {"reference", "KPi.001"},
      {"listed on", "2009-07-16"},
      {"detail", "OFSI group: 1"}}},
    {UK_CSV,
     "uk",
     "uk-csv",
     "2026-02-13",
     "DPR0001",
     1,
     {{"name", "Ho Jin YUN"},
      {"alias", "Yun (Alias, weak)"},
      {"alias", "윤호진 (original script, Korean)"},
      {"kind", "person"},
      {"date of birth", "dd/mm/1944"},
      {"passport", "A1 (Passport)"},
      {"place of birth", "Pyongyang, DPRK"},
      {"reference", "KPi.001"},
      {"listed on", "2009-07-16"},
      {"remarks", "Info, more"}}},
    {UK_TARGETS,
     "uk-ofsi",
     "uk-ofsi-xml",
     "",
     "9",
     1,
     {{"name", "MV ONE"},
      {"alias", "MV UNO (AKA)"},
      {"kind", "vessel"},
      {"imo", "8606173 (IMO number)"},
      {"nationality", "DPRK"},
      {"listed on", "2016-03-02"}}},
    {jp_csv,
     "jp",
     "jp-csv",
     "",
     "015-000001",
     1,
     {{"name", "YUN Ho-jin"},
      {"alias", "YUN Ho-chin（別名；括弧） (a.k.a.)"},
      {"alias", "YUN Hojin (a.k.a.)"},
      {"alias", "YUN (a.k.a., weak)"},
      {"alias", "ユン・ホジン (original script)"},
      {"date of birth", "1944/10/13"},
      {"date of birth", "1945"},
      {"passport", "A2 (Passport)"},
      {"listed on", "2009-07-24"},
      {"reference", "KPi.001"}}},
    {il_csv,
     "il",
     "il-csv",
     "",
     "צ.ת 18/26/A B",
     3,
     {{"name", "A B"},
      {"other", "962788680555 (Account)"},
      {"date of birth", "24/02/1993"},
      {"reference", "צ.ת 18/26"}}},
    {il_csv,
     "il",
     "il-csv",
     "",
     "צ.ת 1/25",
     3,
     {{"name", "צ.ת 1/25"}, {"crypto address", "1GALPyvUDDXqA6H2eHQ9Y1yidfQ6T1Drvn (BTC)"}}},
};

static void samples(void **state)
{
    for (size_t i = 0; i < sizeof(sample_rows) / sizeof(sample_rows[0]); i++) {
        struct arena *a = arena_new(NULL, MEMORY);
        struct list_input file = lists_text("sample", sample_rows[i].text);
        struct list l = lists_read(a, &file, 1, NULL);
        const struct list_entry *e = list_find(&l, sample_rows[i].id);
        char day[LIST_DAY_TEXT];

        test_row("%s", sample_rows[i].format);
        CHECK_S(l.name, sample_rows[i].list);
        CHECK_S(l.format, sample_rows[i].format);
        CHECK_S(list_day_text(l.as_of, day), sample_rows[i].as_of);
        CHECK_U(l.entries_n, sample_rows[i].entries);
        CHECK(e);
        for (size_t k = 0; k < 10 && sample_rows[i].lines[k][0]; k++) {
            test_row("%s: %s %s", sample_rows[i].format, sample_rows[i].lines[k][0],
                     sample_rows[i].lines[k][1]);
            CHECK(lists_says(e, sample_rows[i].lines[k][0], sample_rows[i].lines[k][1]));
        }
        arena_free(a);
    }
}

#define PARTY(head)                                                                                \
    "<Sanctions><DateOfIssue><Year>2026</Year><Month>3</Month><Day>23</Day></DateOfIssue>"         \
    "<ReferenceValueSets><AliasTypeValues><AliasType ID=\"1400\">A.K.A.</AliasType>"               \
    "<AliasType ID=\"1403\">Name</AliasType></AliasTypeValues><CountryValues><Country "            \
    "ID=\"11129\">North Korea</Country></CountryValues><DetailReferenceValues><DetailReference "   \
    "ID=\"91526\">Male</DetailReference></DetailReferenceValues><FeatureTypeValues><FeatureType "  \
    "ID=\"8\">Birthdate</FeatureType><FeatureType ID=\"224\">Gender</FeatureType><FeatureType "    \
    "ID=\"10\">Nationality Country</FeatureType><FeatureType ID=\"25\">Location</FeatureType>"     \
    "</FeatureTypeValues><IDRegDocTypeValues><IDRegDocType ID=\"1571\">Passport</IDRegDocType>"    \
    "</IDRegDocTypeValues><LegalBasisValues><LegalBasis ID=\"1\">EO 13722</LegalBasis>"            \
    "</LegalBasisValues><NamePartTypeValues><NamePartType ID=\"1520\">Last Name</NamePartType>"    \
    "<NamePartType ID=\"1521\">First Name</NamePartType></NamePartTypeValues><PartySubTypeValues>" \
    "<PartySubType ID=\"4\" PartyTypeID=\"1\">Unknown</PartySubType></PartySubTypeValues>"         \
    "<ScriptValues><Script ID=\"215\">Latin</Script><Script ID=\"220\">Hangul</Script>"            \
    "</ScriptValues></ReferenceValueSets><Locations><Location ID=\"70\"><LocationCountry "         \
    "CountryID=\"11129\"/><LocationPart LocPartTypeID=\"1454\"><LocationPartValue Primary="        \
    "\"true\"><Value>Pyongyang</Value></LocationPartValue></LocationPart></Location></Locations>"  \
    "<IDRegDocuments><IDRegDocument ID=\"1\" IDRegDocTypeID=\"1571\" IdentityID=\"5\" "            \
    "IssuedBy-CountryID=\"11129\"><IDRegistrationNo>A1</IDRegistrationNo></IDRegDocument>"         \
    "</IDRegDocuments><DistinctParties>" head
#define NAME(primary, low, type, group, script, last, first)                                       \
    "<Alias AliasTypeID=\"" type "\" Primary=\"" primary "\" LowQuality=\"" low                    \
    "\"><DocumentedName><DocumentedNamePart><NamePartValue NamePartGroupID=\"1\" "                 \
    "ScriptID=\"" script "\">" last                                                                \
    "</NamePartValue></DocumentedNamePart><DocumentedNamePart><NamePartValue "                     \
    "NamePartGroupID=\"" group "\" ScriptID=\"" script "\">" first                                 \
    "</NamePartValue></DocumentedNamePart></DocumentedName></Alias>"
#define ADVANCED                                                                                   \
    PARTY("<DistinctParty FixedRef=\"77\"><Comment>c</Comment><Profile ID=\"77\" "                 \
          "PartySubTypeID=\"4\"><Identity ID=\"5\" Primary=\"true\">" NAME(                        \
              "true", "false", "1403", "2", "215", "PARK", "Jin Hyok")                             \
              NAME("false", "true", "1400", "2", "220", "\xeb\xb0\x95",                            \
                   "\xec\xa7\x84\xed\x98\x81") "<NamePartGroups><MasterNamePartGroup><"            \
                                               "NamePartGroup ID=\"1\" "                           \
                                               "NamePartTypeID=\"1520\"/>"                         \
                                               "</"                                                \
                                               "MasterNamePartGroup><MasterNamePartGroup><"        \
                                               "NamePartGroup ID=\"2\" "                           \
                                               "NamePartTypeID=\"1521\"/></MasterNamePartGroup></" \
                                               "NamePartGroups></"                                 \
                                               "Identity>"                                         \
                                               "<Feature "                                         \
                                               "FeatureTypeID=\"8\"><FeatureVersion><DatePeriod><" \
                                               "Start "                                            \
                                               "Approximate=\"false\">"                            \
                                               "<From><Year>1984</Year><Month>1</Month><Day>1</"   \
                                               "Day></From></"                                     \
                                               "Start><End><To><Year>1984"                         \
                                               "</Year><Month>12</Month><Day>31</Day></To></"      \
                                               "End></DatePeriod></"                               \
                                               "FeatureVersion></Feature>"                         \
                                               "<Feature "                                         \
                                               "FeatureTypeID=\"224\"><FeatureVersion><"           \
                                               "VersionDetail "                                    \
                                               "DetailReferenceID=\"91526\"/></FeatureVersion></"  \
                                               "Feature><Feature "                                 \
                                               "FeatureTypeID=\"10\">"                             \
                                               "<FeatureVersion><VersionLocation "                 \
                                               "LocationID=\"70\"/></FeatureVersion></Feature>"    \
                                               "<Feature "                                         \
                                               "FeatureTypeID=\"25\"><FeatureVersion><"            \
                                               "VersionLocation "                                  \
                                               "LocationID=\"70\"/>"                               \
                                               "</FeatureVersion></Feature></Profile></"           \
                                               "DistinctParty></DistinctParties>"                  \
                                               "<SanctionsEntries><SanctionsEntry "                \
                                               "ProfileID=\"77\"><EntryEvent "                     \
                                               "LegalBasisID=\"1\">"                               \
                                               "<Date><Year>2018</Year><Month>9</Month><Day>6</"   \
                                               "Day></Date></EntryEvent>"                          \
                                               "<SanctionsMeasure><Comment>DPRK3</Comment></"      \
                                               "SanctionsMeasure></"                               \
                                               "SanctionsEntry>"                                   \
                                               "</SanctionsEntries></Sanctions>")

static void ofac_advanced(void **state)
{
    static const char *const lines[][2] = {
        {"kind", "person"},
        {"name", "PARK, Jin Hyok"},
        {"alias", "박, 진혁 (a.k.a., weak, Hangul)"},
        {"date of birth", "1984"},
        {"nationality", "North Korea"},
        {"passport", "A1 (Passport, North Korea)"},
        {"address", "Pyongyang, North Korea"},
        {"programme", "DPRK3"},
        {"reference", "EO 13722"},
        {"listed on", "2018-09-06"},
        {"detail", "Gender: Male"},
        {"remarks", "c"},
    };
    struct arena *a = arena_new(NULL, MEMORY);
    struct list_input file = lists_text("sdn_advanced.xml", ADVANCED);
    struct list l = lists_read(a, &file, 1, NULL);

    CHECK_S(l.name, "ofac-sdn");
    CHECK_U(l.entries_n, 1);
    CHECK_S(l.entries[0].id, "77");
    CHECK_S(l.entries[0].name.family, "PARK");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        test_row("%s %s", lines[i][0], lines[i][1]);
        CHECK(lists_says(&l.entries[0], lines[i][0], lines[i][1]));
    }
    arena_free(a);
}

/* How many come out of the files that are at hand. */
static void others(void **state)
{
    static const struct {
        const char *path, *list;
        size_t entries, cryptos;
    } rows[] = {
        {"ca/sema-2025.xml.zst", "ca", 4759, 0},
        {"ofac/advanced-sample.xml", "ofac-sdn", 6, 14},
        {"eu/32017R1509.csv", "eu-32017r1509", 326, 0},
        {"eu/32019R0796.csv", "eu-32019r0796", 38, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, MEMORY);
        struct list l = lists_data(a, rows[i].path);

        test_row("%s", rows[i].path);
        CHECK_S(l.name, rows[i].list);
        CHECK_U(l.entries_n, rows[i].entries);
        CHECK_U(l.cryptos_n, rows[i].cryptos);
        arena_free(a);
    }
}

static void maps(void **state)
{
    static const struct {
        const char *text, *map, *want; /* want: an error, or NULL: two entries */
    } rows[] = {
        {"Ref;Names\n1;A\n2;B\n", "id=Ref,name=Names", NULL},
        {"Ref|Names\n1|A|\n2|B\n", "id=ref,name=NAMES,separator:|", NULL},
        {"n,a\nA,x;None;y\nB,None\n", "name=n,alias=a,split:;,null:None", NULL},
        {"n,\"a,b\"\nA,x\nB,y\n", "name=n,\"alias=a,b\",programme:P", NULL},
        {"n\nA\n", "name=m", "\"f\": map: no column is called \"m\""},
        {"n\nA\n", "nom=n", "\"f\": map: no field is called \"nom\""},
        {"n\nA\n", "name", "\"f\": map: \"name\" is neither FIELD=COLUMN nor FIELD:VALUE"},
        {"n,m\n,A\n", "name=n,alias=m", "\"f\": line 2: a row without an id and without a name"},
        {"i,n\n1,\n", "id=i,name=n", "\"f\": entry 1 has no name"},
        {"n\nA,B\n", "name=n", "\"f\": line 2: 2 fields, where the header has 1"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, MEMORY);
        struct list_input file = lists_text("f", rows[i].text);
        struct list l;
        struct err err = {0};
        bool good = list_read(a, &file, 1, "own", rows[i].map, &l, &err);

        test_row("%s", rows[i].map);
        if (rows[i].want) {
            CHECK(!good);
            CHECK_S(err.text, rows[i].want);
        } else {
            CHECK_OK(good, err);
            CHECK_S(l.name, "own");
            CHECK_U(l.entries_n, 2);
            CHECK_S(l.entries[0].name.text, "A");
        }
        arena_free(a);
    }
}

struct sample {
    const struct list_input *files;
    size_t files_n, cut; /* cut: which of them is the one cut */
};

static bool read_sample(const struct sample *s, struct bytes in)
{
    struct arena *a = arena_new(NULL, MEMORY);
    struct list_input files[LIST_FILES_MAX];
    struct list l;
    struct err err;
    bool good;

    memcpy(files, s->files, s->files_n * sizeof(files[0]));
    if (in.p)
        files[s->cut].in = in;
    good = a && list_read(a, files, s->files_n, "sample", NULL, &l, &err);
    arena_free(a);
    return good;
}

static bool read_cut(struct bytes in, void *ctx)
{
    return read_sample(ctx, in);
}

static bool read_whole(void *ctx)
{
    return read_sample(ctx, (struct bytes){NULL, 0});
}

#define UN                                                                                         \
    "<?xml version=\"1.0\"?><CONSOLIDATED_LIST dateGenerated=\"2025-04-19T23:00:04.625Z\">"        \
    "<INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>A</FIRST_NAME><SECOND_NAME>B"          \
    "</SECOND_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>KPi.001</REFERENCE_NUMBER>"  \
    "<LISTED_ON>2009-07-16</LISTED_ON><INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>"       \
    "C (\xd8\xb9; \xd9\x85)</ALIAS_NAME></INDIVIDUAL_ALIAS></INDIVIDUAL></INDIVIDUALS>"            \
    "</CONSOLIDATED_LIST>"
#define SDN_XML                                                                                    \
    "<sdnList><publshInformation><Publish_Date>03/28/2025</Publish_Date><Record_Count>1"           \
    "</Record_Count></publshInformation><sdnEntry><uid>1</uid><lastName>A</lastName><sdnType>"     \
    "Entity</sdnType><idList><id><idType>Digital Currency Address - XBT</idType><idNumber>1x"      \
    "</idNumber></id></idList></sdnEntry></sdnList>"

static void cut_xml(void **state)
{
    static const char *const xml[] = {UN, SDN_XML, EU_XML, UK_XML, UK_TARGETS, ADVANCED};

    for (size_t i = 0; i < sizeof(xml) / sizeof(xml[0]); i++) {
        struct list_input file = lists_text("a.xml", xml[i]);
        struct sample s = {&file, 1, 0};

        test_row("sample %zu", i);
        test_truncations(file.in, read_cut, &s);
        test_failed_allocations(read_whole, &s);
    }
}

/* Cut anywhere within a record, each of the four is refused; between two it is taken, with a
 * note. */
static void cut_ofac(void **state)
{
    const struct list_input files[] = {
        lists_text("sdn.csv", SDN END),
        lists_text("sdn_comments.csv", COMMENTS END),
        lists_text("alt.csv", ALT END),
        lists_text("add.csv", ADD END),
    };

    for (size_t i = 0; i < 4; i++)
        for (size_t n = 0; n < files[i].in.n; n++) {
            struct sample s = {files, 4, i};
            uint8_t *p = malloc(n + 1);

            memcpy(p, files[i].in.p, n);
            test_row("%s cut at %zu", files[i].name, n);
            CHECK_U(read_sample(&s, (struct bytes){p, n}), n && p[n - 1] == '\n');
            free(p);
        }
    test_failed_allocations(read_whole, &(struct sample){files, 4, 0});
}

static const struct {
    const char *text, *want;
} bad_rows[] = {
    {"", "\"f\": of no format that is known"},
    {"hello", "\"f\": of no format that is known"},
    {"<html/>", "\"f\": \"<html>\" is the root of no list that is known"},
    {"<!DOCTYPE x><sdnList/>", "\"f\": of no format that is known"},
    {"<sdnList><a></sdnList>", "\"f\": line 1: mismatched tag"},
    {"<sdnList></sdnList>", "\"f\": nobody is on the list"},
    {"<sdnList>\n<publshInformation><Publish_Date>13/13/2024</Publish_Date></publshInformation>"
     "</sdnList>",
     "\"f\": line 2: \"13/13/2024\" is no Publish_Date"},
    {"<sdnList><sdnEntry><lastName>A</lastName></sdnEntry></sdnList>",
     "\"f\": line 1: an entry without an id"},
    {"<sdnList><sdnEntry><uid>7</uid></sdnEntry></sdnList>", "\"f\": line 1: entry 7 has no name"},
    {"<sdnList><publshInformation><Publish_Date>03/28/2024</Publish_Date><Record_Count>2"
     "</Record_Count></publshInformation><sdnEntry><uid>7</uid><lastName>A</lastName></sdnEntry>"
     "</sdnList>",
     "\"f\": 1 entries, but Record_Count says 2"},
    {"1,2\r\n\x1a", "\"f\": goes with sdn.csv, which is not there"},
    {"1,\"A\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n2,3\r\n\x1a",
     "\"f\": sdn.csv: line 2: 2 fields, not 12"},
    {"1,\"A\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n2",
     "\"f\": sdn.csv: ends within a record: it was cut"},
};

static void refusals(void **state)
{
    for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
        struct arena *a = arena_new(NULL, MEMORY);
        struct list_input file = lists_text("f", bad_rows[i].text);
        struct list l;
        struct err err;

        test_row("%s", bad_rows[i].text);
        CHECK(!list_read(a, &file, 1, NULL, NULL, &l, &err));
        if (strstr(err.text, bad_rows[i].want) != err.text)
            CHECK_S(err.text, bad_rows[i].want);
        arena_free(a);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),
        cmocka_unit_test(seconds_of_days),
        cmocka_unit_test(ids_in_order),
        cmocka_unit_test(ofac_small),
        cmocka_unit_test(ofac_days),
        cmocka_unit_test(ofac_whole),
        cmocka_unit_test(un_days),
        cmocka_unit_test(un_entry),
        cmocka_unit_test(ofac_consolidated),
        cmocka_unit_test(samples),
        cmocka_unit_test(ofac_advanced),
        cmocka_unit_test(others),
        cmocka_unit_test(maps),
        cmocka_unit_test(cut_xml),
        cmocka_unit_test(cut_ofac),
        cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
