#!/usr/bin/python3
"""Makes names of Korea, China, Japan, Israel and Thailand with the spellings that public rules give them.

    romanise_names.py > cjk.tsv

A line is: language, rule, name in its own script, a spelling, 1 or 0. 1: the spelling is what the
rule makes of the name. 0: it is what the rule makes of another name, which differs in one
character of the given name, and no rule here spells the two alike. Names are all pairs of the
lists below that a fixed sequence picks. Nothing here is shared with src/entity, so that the
expected spellings are a second reading of the rules:

    Revised Romanisation (MCT notice 2000-8, names: no assimilation between syllables)
    McCune-Reischauer (1939), marks left out, plain k t p ch voiced between voiced sounds
    DPRK (1992) as in lists of the United Nations: words of one syllable, Ri, Choe
    Passports: customary spellings of family names, Revised Romanisation behind
    Pinyin (ISO 7098) and Wade-Giles without marks, from kMandarin of Debian's unicode-data
    Hepburn and Kunrei (ISO 3602) from the Kana of each name, long vowels written short

Hebrew and Thai leave vowels out, so no rule spells them from their letters alone: of these the
spellings are written down, name by name. Hebrew as names of Israel are known abroad; Thai by the
Royal Institute's system and, where people write themselves otherwise, so.
"""
import bz2
import unicodedata

# Korean

ONSET = {
    'rr': 'g kk n d tt r m b pp s ss - j jj ch k t p h'.split(),
    'mr': 'k kk n t tt r m p pp s ss - ch tch ch k t p h'.split(),
    'dprk': 'k kk n t tt r m p pp s ss - j jj ch kh th ph h'.split(),
}
VOICED = {0: 'g', 3: 'd', 7: 'b', 12: 'j'}  # plain onsets; aspirated ones stay
VOWEL = {
    'rr': 'a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i'.split(),
    'mr': 'a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i'.split(),
    'dprk': 'a ae ya yae o e yo ye o wa wae oe yo u wo we wi yu u ui i'.split(),
}
CODA = {0: '', 1: 'k', 4: 'n', 8: 'l', 16: 'm', 17: 'p', 19: 't', 21: 'ng'}

FAMILIES_KO = '김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허남심노하곽성차주우구민진'
PASSPORT = dict(zip(FAMILIES_KO, (
    'Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu Jeon '
    'Hong Ko Moon Yang Son Bae Baek Hur Nam Shim Noh Ha Kwak Sung Cha Joo Woo Koo Min Jin').split()))
GIVEN_KO = '정은영수민지현우성철일용동희숙경미진호석남순옥자춘명광학길화선국태룡혁해평'


def jamo(c):
    at = ord(c) - 0xAC00
    return at // 588, at % 588 // 28, at % 28


def korean(c, system, before=None):
    onset, vowel, coda = jamo(c)
    first = ONSET[system][onset].replace('-', '')
    if system == 'mr' and before is not None and CODA[jamo(before)[2]] in ('', 'n', 'm', 'ng', 'l'):
        first = VOICED.get(onset, first)
    return first + VOWEL[system][vowel] + CODA[coda]


def north(c):
    """Family names keep r and n in the North."""
    return {'이': '리', '류': '류', '임': '림', '양': '량', '노': '로'}.get(c, c)


def spell_ko(family, given, rule):
    if rule == 'Revised':
        return '%s %s' % (korean(family, 'rr').title(), ''.join(korean(g, 'rr') for g in given).title())
    if rule == 'McCune-Reischauer':
        return '%s %s-%s' % (korean(family, 'mr').title(), korean(given[0], 'mr').title(),
                             korean(given[1], 'mr', given[0]))
    if rule == 'DPRK':
        return ' '.join([korean(north(family), 'dprk').upper() + ',']
                        + [korean(g, 'dprk').title() for g in given])
    return '%s-%s %s' % (korean(given[0], 'rr').title(), korean(given[1], 'rr'), PASSPORT[family])


RULES_KO = ['Revised', 'McCune-Reischauer', 'DPRK', 'passport']

# Chinese

FAMILIES_ZH = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹彭曾肖田董潘袁蔡蒋余'
GIVEN_ZH = '伟芳秀敏静丽强军洋勇艳杰娟涛明超霞平刚桂文辉玲志建国华红宇浩天海英春晓东波宁健鹏'
SURNAME_READINGS = {'曾': 'zeng'}

INITIALS_WG = [('zh', 'ch'), ('ch', "ch'"), ('sh', 'sh'), ('b', 'p'), ('p', "p'"), ('d', 't'), ('t', "t'"),
               ('g', 'k'), ('k', "k'"), ('j', 'ch'), ('q', "ch'"), ('x', 'hs'), ('z', 'ts'), ('c', "ts'"),
               ('r', 'j')]


def mandarin():
    readings = {}
    with bz2.open('/usr/share/unicode/Unihan_Readings.txt.bz2', 'rt', encoding='utf-8') as f:
        for line in f:
            part = line.rstrip('\n').split('\t')
            if len(part) == 3 and part[1] == 'kMandarin':
                plain = unicodedata.normalize('NFD', part[2].split()[0]).replace('u\u0308', 'v')
                readings[chr(int(part[0][2:], 16))] = ''.join(x for x in plain if x.isalpha())
    return readings


def wade_giles(p):
    whole = {'zhi': 'chih', 'chi': "ch'ih", 'shi': 'shih', 'ri': 'jih', 'zi': 'tzu', 'ci': "tz'u", 'si': 'ssu',
             'he': 'ho', 'ge': 'ko', 'ke': "k'o", 'yi': 'i', 'you': 'yu', 'yan': 'yen', 'ye': 'yeh',
             'yong': 'yung', 'yue': 'yueh', 'gui': 'kuei', 'kui': "k'uei", 'luo': 'lo', 'duo': 'to'}
    if p in whole:
        return whole[p]
    initial, rest = '', p
    for a, b in INITIALS_WG:
        if p.startswith(a):
            initial, rest = b, p[len(a):]
            break
    else:
        if p[0] in 'mnlfhs':
            initial, rest = p[0], p[1:]
    rest = {'ian': 'ien', 'ie': 'ieh', 'ong': 'ung', 'iong': 'iung', 've': 'ueh', 'v': 'u'}.get(rest, rest)
    if p[0] in 'jqx' and rest == 'ue':
        rest = 'ueh'
    if initial in ('ts', "ts'", 't', "t'", 'ch', "ch'", 'j', 'n') and rest == 'uo':
        rest = 'o'
    return initial + rest


def spell_zh(family, given, rule, readings):
    f = SURNAME_READINGS.get(family, readings[family]).replace('v', 'u')
    g = [readings[x].replace('v', 'u') for x in given]
    if rule == 'Pinyin':
        return '%s %s' % (f.title(), ''.join(g).title())
    if rule == 'Pinyin, given name first':
        return '%s %s' % (''.join(g).title(), f.upper())
    return '%s %s-%s' % (wade_giles(f).capitalize(), wade_giles(g[0]).capitalize(), wade_giles(g[1]))


RULES_ZH = ['Pinyin', 'Pinyin, given name first', 'Wade-Giles']

# Japanese: how each is read

FAMILIES_JA = dict(x.split(':') for x in (
    '佐藤:さとう 鈴木:すずき 高橋:たかはし 田中:たなか 伊藤:いとう 渡辺:わたなべ 山本:やまもと '
    '中村:なかむら 小林:こばやし 加藤:かとう 吉田:よしだ 山田:やまだ 佐々木:ささき 山口:やまぐち '
    '松本:まつもと 井上:いの・うえ 木村:きむら 斎藤:さいとう 清水:しみず 山崎:やまざき 森:もり '
    '池田:いけだ 橋本:はしもと 石川:いしかわ 中島:なかじま 前田:まえだ 藤田:ふじた 小川:おがわ '
    '後藤:ごとう 岡田:おかだ 長谷川:はせがわ 村上:むらかみ 近藤:こんどう 石井:いしい 坂本:さかもと '
    '遠藤:えんどう 青木:あおき 藤井:ふじい 西村:にしむら 福田:ふくだ').split())
GIVEN_JA = dict(x.split(':') for x in (
    '太郎:たろう 一郎:いちろう 健一:けんいち 正雄:まさお 和夫:かずお 明:あきら 博:ひろし 誠:まこと '
    '隆:たかし 浩二:こうじ 大輔:だいすけ 直樹:なおき 翔太:しょうた 健太:けんた 雄一:ゆういち '
    '花子:はなこ 恵子:けいこ 幸子:さちこ 和子:かずこ 美香:みか 由美:ゆみ 久美子:くみこ 直美:なおみ '
    '真由美:まゆみ 明美:あけみ 智子:ともこ 裕子:ゆうこ 洋子:ようこ 純一:じゅんいち 秀樹:ひでき '
    '康弘:やすひろ 信夫:のぶお 義男:よしお 清:きよし 茂:しげる 勝:まさる 進:すすむ 修:おさむ '
    '学:まなぶ 徹:とおる').split())

KANA = dict(zip('・あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんがぎぐげご'
                'ざじずぜぞだぢづでどばびぶべぼ',
                ('・ a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho '
                 'ma mi mu me mo ya yu yo ra ri ru re ro wa o n ga gi gu ge go za ji zu ze zo da ji zu de do '
                 'ba bi bu be bo').split()))
KUNREI = {'shi': 'si', 'chi': 'ti', 'tsu': 'tu', 'fu': 'hu', 'ji': 'zi'}
SMALL = {'ゃ': 'ya', 'ゅ': 'yu', 'ょ': 'yo'}


def latin_ja(kana, kunrei):
    units = []  # ・ parts words whose vowels do not become one
    for c in kana:
        if c in SMALL:
            base = units.pop()
            if kunrei:
                base = KUNREI.get(base, base)
                units.append(base[:-1] + SMALL[c])
            else:
                units.append(base[:-1] + (SMALL[c][1:] if base in ('shi', 'chi', 'ji') else SMALL[c]))
        else:
            units.append(KANA[c])
    if kunrei:
        units = [KUNREI.get(u, u) for u in units]
    text = ''.join(units)
    for long, short in (('ou', 'o'), ('oo', 'o'), ('uu', 'u')):
        text = text.replace(long, short)
    return text.replace('・', '')


def spell_ja(family, given, rule):
    f, g = FAMILIES_JA[family], GIVEN_JA[given]
    if rule == 'Kana':
        return (f + g).replace('・', '')
    if rule == 'Hepburn':
        return '%s %s' % (latin_ja(f, False).title(), latin_ja(g, False).title())
    if rule == 'Hepburn, given name first':
        return '%s %s' % (latin_ja(g, False).title(), latin_ja(f, False).upper())
    return '%s %s' % (latin_ja(f, True).title(), latin_ja(g, True).title())


RULES_JA = ['Hepburn', 'Hepburn, given name first', 'Kunrei', 'Kana']


def sequence(n):
    """A fixed sequence (Lehmer, 48271 modulo 2^31 - 1)."""
    x = n + 1
    while True:
        x = x * 48271 % 2147483647
        yield x


def emit(language, rule, name, spelling, match):
    print('\t'.join((language, rule, name, spelling, str(match))))


def made(language, names, other_of, rules, spell, own):
    for name in names:
        other = other_of(name)
        alike = any(spell(*name, r) == spell(*other, r) for r in rules)
        for rule in rules:
            emit(language, rule, own(name), spell(*name, rule), 1)
            if not alike:
                emit(language, rule, own(name), spell(*other, rule), 0)


# Hebrew and Thai: name and spellings, the first of which is the rule's. A 0 has another given name.

GIVEN_HE = """משה Moshe, דוד David, יוסף Yosef Joseph, יעקב Yaakov, אברהם Avraham Abraham, יצחק Yitzhak, שמעון Shimon,
שלמה Shlomo, אהרון Aharon, חיים Haim Chaim, מרדכי Mordechai, אליהו Eliyahu, יהודה Yehuda, בנימין Binyamin Benjamin, נתן Natan,
דניאל Daniel, מיכאל Michael, גבריאל Gavriel, רפאל Rafael, עמוס Amos, יונתן Yonatan, אריאל Ariel, שאול Shaul, אורי Uri, רון Ron,
גדעון Gideon, יגאל Yigal, עוזי Uzi, אהוד Ehud, נפתלי Naftali, יאיר Yair, גולדה Golda, שרה Sarah, רבקה Rivka, רחל Rachel, מרים Miriam,
אסתר Esther, חנה Hannah Chana, דבורה Devorah, נעמי Naomi, תמר Tamar, יעל Yael, אילנה Ilana, שולמית Shulamit"""
FAMILIES_HE = """כהן Cohen, לוי Levi, מזרחי Mizrahi, פרץ Peretz, ביטון Biton, דהן Dahan, פרידמן Friedman, מלכה Malka, אזולאי Azoulay,
כץ Katz, עמר Amar, דיין Dayan, אוחיון Ohayon, חדד Hadad, גבאי Gabay, רוזנברג Rosenberg, שפירא Shapira, גולדשטיין Goldstein,
נתניהו Netanyahu, רבין Rabin, שרון Sharon, בגין Begin, ברק Barak, אולמרט Olmert, פרס Peres, הרצוג Herzog, ויצמן Weizmann Weizman,
גנץ Gantz, ליברמן Lieberman, בנט Bennett, לפיד Lapid, סמוטריץ Smotrich, גלנט Gallant, שמיר Shamir, אשכול Eshkol, מאיר Meir, אלון Alon,
רגב Regev, שקד Shaked"""
GIVEN_TH = """สมชาย Somchai, สมศักดิ์ Somsak, สมพงษ์ Somphong Sompong, ประยุทธ์ Prayut Prayuth, ทักษิณ Thaksin, ยิ่งลักษณ์ Yinglak Yingluck,
อภิสิทธิ์ Aphisit Abhisit, สุรยุทธ์ Surayut Surayud, ชวน Chuan, บรรหาร Banhan, ชาติชาย Chatchai, เปรม Prem, เกรียงศักดิ์ Kriangsak, ถนอม Thanom,
สฤษดิ์ Sarit, ปรีดี Pridi, พิชัย Phichai Pichai, วิชัย Wichai Vichai, สุชาติ Suchat, อนุทิน Anuthin Anutin, ธนาธร Thanathon Thanathorn,
พิธา Phitha Pita, แพทองธาร Phaethongthan Paetongtarn, สุเทพ Suthep, จตุพร Chatuphon Jatuporn, ณัฐวุฒิ Natthawut Nattawut, วันชัย Wanchai,
วิภา Wipha, สุดา Suda, มาลี Mali Malee, นภา Napha, กนกวรรณ Kanokwan, พรทิพย์ Phonthip Pornthip, รัตนา Rattana, ศิริพร Siriphon Siriporn,
อรุณ Arun, ธงชัย Thongchai, ชัยวัฒน์ Chaiwat, กิตติ Kitti, ปิยะ Piya, มานะ Mana, สุรพล Suraphon Surapol, วีระ Wira Veera, โสภณ Sophon,
ไพโรจน์ Phairot Pairoj, เฉลิม Chaloem Chalerm, เดชา Decha, เกษม Kasem"""
FAMILIES_TH = """ใจดี Chaidi Jaidee, ชินวัตร Chinnawat Shinawatra, เวชชาชีวะ Wetchachiwa Vejjajiva, จันทร์โอชา Chanocha, วงษ์สุวรรณ Wongsuwan,
หลีกภัย Likphai Leekpai, ศิลปอาชา Sinlapaacha, ชุณหะวัณ Chunhawan Choonhavan, ติณสูลานนท์ Tinsulanon, ชมะนันทน์ Chamanan,
กิตติขจร Kittikhachon Kittikachorn, ธนะรัชต์ Thanarat, พนมยงค์ Phanomyong Panomyong, ทองดี Thongdi Thongdee, ศรีสุข Sisuk Srisuk,
แสงทอง Saengthong, บุญมี Bunmi Boonmee, วงศ์สวัสดิ์ Wongsawat, สุขใจ Sukchai Sukjai, รักไทย Rakthai, เทือกสุบรรณ Thueaksuban Thaugsuban,
ลิ้มเจริญรัตน์ Limcharoenrat Limjaroenrat, ชาญวีรกูล Chanwirakun Charnvirakul, จึงรุ่งเรืองกิจ Chuengrungrueangkit Juangroongruangkit,
ทวีสิน Thawisin Thavisin, สุวรรณ Suwan, แก้วมณี Kaeomani, ไชยวงศ์ Chaiwong"""


def written(language, given, families, s):
    given, families = ([entry.split() for entry in part.replace('\n', ' ').split(', ')] for part in (given, families))
    for n in range(400):
        first, last = given[next(s) % len(given)], families[next(s) % len(families)]
        other = first
        while other is first:
            other = given[next(s) % len(given)]
        for rule, which in (('rule', 1), ('as written', -1)):
            emit(language, rule, f'{first[0]} {last[0]}', f'{first[which]} {last[which]}', 1)
            emit(language, rule, f'{first[0]} {last[0]}', f'{other[which]} {last[which]}', 0)


def main():
    s = sequence(7)
    pick = lambda from_: from_[next(s) % len(from_)]
    names = [(pick(FAMILIES_KO), pick(GIVEN_KO) + pick(GIVEN_KO)) for _ in range(400)]
    made('ko', names, lambda n: (n[0], n[1][0] + pick([g for g in GIVEN_KO if g != n[1][1]])), RULES_KO,
         spell_ko, lambda n: n[0] + n[1])
    readings = mandarin()
    names = [(pick(FAMILIES_ZH), pick(GIVEN_ZH) + pick(GIVEN_ZH)) for _ in range(400)]
    made('zh', names, lambda n: (n[0], n[1][0] + pick([g for g in GIVEN_ZH if g != n[1][1]])), RULES_ZH,
         lambda f, g, r: spell_zh(f, g, r, readings), lambda n: n[0] + n[1])
    families, given = sorted(FAMILIES_JA), sorted(GIVEN_JA)
    names = [(pick(families), pick(given)) for _ in range(400)]
    made('ja', names, lambda n: (n[0], pick([g for g in given if g != n[1]])), RULES_JA, spell_ja,
         lambda n: n[0] + n[1])
    written('he', GIVEN_HE, FAMILIES_HE, s)
    written('th', GIVEN_TH, FAMILIES_TH, s)


main()
