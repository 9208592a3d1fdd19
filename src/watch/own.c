#include "watch/own.h"

#include "base/mem.h"
#include "base/text.h"
#include "chain/account_name.h"
#include "chain/address_key.h"
#include "chain/bitcoin/descriptor.h"
#include "chain/dialect.h"
#include "watch/key_map.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTS ":*" /* behind an account */

struct line {
    const char *text, *account, *chain; /* in the file's text; chain NULL: any */
    struct descriptor *descriptor;      /* NULL: an address */
    bool parts;                         /* all parts of the account */
    uint32_t gap;
    enum own_role role;
};

struct file {
    char *name, *text;
    size_t line_first, lines_n, descriptors_n;
};

struct own {
    struct file files[OWN_FILES_MAX];
    size_t files_n;
    struct line *lines;
    size_t lines_n, lines_size;
};

static const char *const role_names[] = {"deposit", "hot", "cold"};

const char *own_role_name(enum own_role role)
{
    return role_names[role];
}

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "own addresses");
}

/* ---- lines ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of a line, ended by a NUL; NULL: there is none. */
static char *word_next(char **at)
{
    char *word;

    while (is_space(**at))
        (*at)++;
    if (!**at)
        return NULL;
    word = *at;
    while (**at && !is_space(**at))
        (*at)++;
    if (**at)
        *(*at)++ = 0;
    return word;
}

static bool role_read(const char *s, enum own_role *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof(role_names) / sizeof(role_names[0]); i++)
        if (!strcmp(s, role_names[i])) {
            *ret = (enum own_role)i;
            return true;
        }
    return err_fail(err, ERR_INPUT, "role=: deposit, hot or cold is wanted");
}

static bool word_read(struct line *l, const char *word, bool first, struct err *err)
{
    uint64_t gap;

    if (!strncmp(word, "chain=", 6)) {
        l->chain = word + 6;
        return chain_by_name(l->chain) ||
               err_fail(err, ERR_INPUT, "chain=: \"%.60s\" is not known", l->chain);
    }
    if (!strncmp(word, "gap=", 4)) {
        if (!u64_from_text(word + 4, strlen(word + 4), &gap) || !gap || gap > OWN_GAP_MAX)
            return err_fail(err, ERR_INPUT, "gap=: 1 to %u is wanted", OWN_GAP_MAX);
        l->gap = (uint32_t)gap;
        return true;
    }
    if (!strncmp(word, "role=", 5))
        return role_read(word + 5, &l->role, err);
    if (!first || strlen(word) > OWN_ACCOUNT_MAX || !text_is_plain(word, strlen(word)))
        return err_fail(err, ERR_INPUT, "an account, chain=, gap= or role= is wanted");
    l->account = word;
    return true;
}

/* Is it an account, and no part of one, of a chain whose accounts have parts? */
static bool parts_known(const struct line *l)
{
    size_t n;
    const struct chain *chains = chain_all_accounts(&n);

    for (size_t i = 0; i < n; i++) {
        uint8_t key[ACCOUNT_KEY_MAX];
        struct bytes whole;
        uint32_t number;
        size_t key_n;
        struct err no;

        if (chains[i].dialect->part && (!l->chain || !strcmp(l->chain, chains[i].name)) &&
            account_read(&chains[i], l->text, key, &key_n, &no) &&
            !chains[i].dialect->part((struct bytes){key, key_n}, &whole, &number))
            return true;
    }
    return false;
}

static bool target_read(struct line *l, struct err *err)
{
    struct address_key key;
    size_t n = strlen(l->text);
    const struct chain *chain = l->chain ? chain_by_name(l->chain) : NULL;

    if (descriptor_like(l->text, n)) {
        l->descriptor = mem_zero(sizeof(*l->descriptor));
        return l->descriptor ? descriptor_read(l->text, n, l->descriptor, err) : nomem(err);
    }
    if (l->parts)
        return parts_known(l) ||
               err_fail(err, ERR_INPUT,
                        "\"%.100s" PARTS "\": only what is an account and a tag may "
                        "end so",
                        l->text);
    if (chain && chain->shape == CHAIN_BANK) {
        uint8_t account[ACCOUNT_KEY_MAX];
        size_t account_n;

        return account_read(chain, l->text, account, &account_n, err);
    }
    return address_key_read(l->text, n, l->chain, &key, err);
}

static bool parts_cut(char *word)
{
    size_t n = strlen(word), end = strlen(PARTS);

    if (n <= end || strcmp(word + n - end, PARTS) != 0)
        return false;
    word[n - end] = 0;
    return true;
}

static bool line_read(struct own *o, char *at, struct err *err)
{
    struct line l = {.account = "", .gap = OWN_GAP};
    char *word = word_next(&at);
    bool first = true;

    if (!word || word[0] == '#')
        return true;
    l.text = word;
    l.parts = parts_cut(word);
    while ((word = word_next(&at)) != NULL) {
        if (!word_read(&l, word, first, err))
            return false;
        first = false;
    }
    if (o->lines_n == OWN_LINES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu lines", OWN_LINES_MAX);
    if (!mem_room((void **)&o->lines, &o->lines_size, o->lines_n + 1, sizeof(l)))
        return nomem(err);
    if (!target_read(&l, err)) {
        mem_free(l.descriptor);
        return false;
    }
    o->lines[o->lines_n++] = l;
    return true;
}

/* The text is the own's from now on. */
static bool text_read(struct own *o, struct file *f, size_t n, struct err *err)
{
    size_t number = 1;

    f->line_first = o->lines_n;
    if (strlen(f->text) != n)
        return err_fail(err, ERR_INPUT, "%s: there is a NUL in it", f->name);
    for (char *at = f->text, *next; at; at = next, number++) {
        next = strchr(at, '\n');
        if (next)
            *next++ = 0;
        if (!line_read(o, at, err))
            return err_in(err, "%s: line %zu", f->name, number);
    }
    f->lines_n = o->lines_n - f->line_first;
    for (size_t i = f->line_first; i < o->lines_n; i++)
        f->descriptors_n += o->lines[i].descriptor != NULL;
    return true;
}

static char *copy(const void *p, size_t n)
{
    char *s = mem_alloc(n + 1);

    if (s && n)
        memcpy(s, p, n);
    if (s)
        s[n] = 0;
    return s;
}

static struct file *file_new(struct own *o, const char *name, struct err *err)
{
    struct file *f = &o->files[o->files_n];

    if (o->files_n == OWN_FILES_MAX) {
        err_set(err, ERR_LIMIT, "more than %u files of own addresses", OWN_FILES_MAX);
        return NULL;
    }
    f->name = copy(name, strlen(name));
    if (!f->name) {
        err_set(err, ERR_NOMEM, "own addresses");
        return NULL;
    }
    o->files_n++;
    return f;
}

bool own_read(const char *name, struct bytes in, struct own **ret, struct err *err)
{
    struct own *o = mem_zero(sizeof(*o));
    struct file *f;

    if (!o)
        return nomem(err);
    f = file_new(o, name, err);
    if (f && !(f->text = copy(in.p, in.n)))
        f = nomem(err) ? f : NULL;
    if (!f || !text_read(o, f, in.n, err)) {
        own_free(o);
        return false;
    }
    *ret = o;
    return true;
}

struct own *own_free(struct own *o)
{
    if (!o)
        return NULL;
    for (size_t i = 0; i < o->lines_n; i++)
        mem_free(o->lines[i].descriptor);
    for (size_t i = 0; i < o->files_n; i++) {
        mem_free(o->files[i].name);
        mem_free(o->files[i].text);
    }
    mem_free(o->lines);
    return mem_free(o);
}

size_t own_files(const struct own *o)
{
    return o->files_n;
}

struct own_file own_file(const struct own *o, size_t i)
{
    if (i >= o->files_n)
        return (struct own_file){.name = ""};
    return (struct own_file){o->files[i].name, o->files[i].lines_n, o->files[i].descriptors_n};
}

/* ---- the folder ---- */

static int is_wanted(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name), end = strlen(OWN_SUFFIX);

    return n > end && entry->d_name[0] != '.' && !strcmp(entry->d_name + n - end, OWN_SUFFIX);
}

static int names_list(const char *home, char folder[PATH_MAX], struct dirent ***ret)
{
    int n = snprintf(folder, PATH_MAX, "%s/%s", home, OWN_FOLDER);

    if (n < 0 || n >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    n = scandir(folder, ret, is_wanted, alphasort);
    return n < 0 && errno == ENOENT ? 0 : n;
}

static void names_free(struct dirent **names, int n)
{
    for (int i = 0; i < n; i++)
        free(names[i]);
    if (n > 0)
        free((void *)names);
}

static bool read_all(int fd, char *to, size_t n)
{
    while (n) {
        ssize_t got = read(fd, to, n);

        if (got <= 0)
            return false;
        to += got;
        n -= (size_t)got;
    }
    return true;
}

static bool text_load(struct file *f, const char *folder, size_t *ret_n, struct err *err)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, f->name);
    int fd = n > 0 && n < PATH_MAX ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    struct stat st;
    bool ok;

    if (fd < 0)
        return err_system(err, "%s", f->name);
    ok = !fstat(fd, &st) || err_system(err, "%s", f->name);
    if (ok && (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > OWN_FILE_BYTES_MAX))
        ok = err_fail(err, ERR_LIMIT, "%s: no file, or more than %zu bytes", f->name,
                      OWN_FILE_BYTES_MAX);
    if (ok) {
        *ret_n = (size_t)st.st_size;
        f->text = mem_alloc(*ret_n + 1);
        ok = f->text || nomem(err);
    }
    if (ok) {
        f->text[*ret_n] = 0;
        ok = read_all(fd, f->text, *ret_n) || err_system(err, "%s", f->name);
    }
    close(fd);
    return ok;
}

bool own_open(const char *home, struct own **ret, struct err *err)
{
    char folder[PATH_MAX];
    struct dirent **names = NULL;
    int n = names_list(home, folder, &names);
    struct own *o;
    bool ok = n >= 0 || err_system(err, "own addresses");

    o = ok ? mem_zero(sizeof(*o)) : NULL;
    if (ok && !o)
        ok = nomem(err);
    for (int i = 0; ok && i < n; i++) {
        struct file *f = file_new(o, names[i]->d_name, err);
        size_t bytes = 0;

        ok = f && text_load(f, folder, &bytes, err) && text_read(o, f, bytes, err);
    }
    names_free(names, n);
    if (!ok) {
        own_free(o);
        return false;
    }
    *ret = o;
    return true;
}

struct hash32 own_stamp(const char *home)
{
    char folder[PATH_MAX], path[PATH_MAX];
    struct dirent **names = NULL;
    int n = names_list(home, folder, &names);
    struct sha256_stream s;

    sha256_start(&s);
    for (int i = 0; i < n; i++) {
        int path_n = snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        struct stat st;

        sha256_add(&s, names[i]->d_name, strlen(names[i]->d_name) + 1);
        if (path_n < 0 || path_n >= PATH_MAX || stat(path, &st))
            continue;
        sha256_add(&s, &st.st_ino, sizeof(st.st_ino));
        sha256_add(&s, &st.st_size, sizeof(st.st_size));
        sha256_add(&s, &st.st_mtim.tv_sec, sizeof(st.st_mtim.tv_sec));
        sha256_add(&s, &st.st_mtim.tv_nsec, sizeof(st.st_mtim.tv_nsec));
    }
    names_free(names, n);
    return sha256_done(&s);
}

/* ---- a chain's set ---- */

struct entry {
    uint32_t line, index; /* index: of a derived key */
};

struct branch {                       /* of a ranged descriptor */
    uint32_t line, derived_n, used_n; /* used_n: keys up to the last that is used */
    unsigned number;
};

struct own_set {
    const struct own *own;
    const struct chain *chain;
    struct key_map *keys, *wholes; /* -> the place of its entry; wholes: of accounts with parts */
    struct entry *entries;
    struct branch *branches;
    size_t entries_n, entries_size, branches_n, branches_size, wallets;
};

/* A key that is there already stays as it is: the first line that names it counts. */
static bool put_in(struct own_set *s, struct key_map *keys, struct entry e, struct bytes key,
                   struct err *err)
{
    if (key_map_find(keys, key) != KEY_MAP_NONE)
        return true;
    if (!mem_room((void **)&s->entries, &s->entries_size, s->entries_n + 1, sizeof(*s->entries)) ||
        !key_map_put(keys, key, (uint32_t)s->entries_n))
        return nomem(err);
    s->entries[s->entries_n++] = e;
    s->wallets += s->own->lines[e.line].role != OWN_DEPOSIT;
    return true;
}

static bool put(struct own_set *s, uint32_t line, uint32_t index, struct bytes key, struct err *err)
{
    return put_in(s, s->keys, (struct entry){line, index}, key, err);
}

/* Of a chain whose accounts have none, such a line says nothing. */
static bool put_parts(struct own_set *s, uint32_t line, struct bytes key, struct err *err)
{
    return !s->chain->dialect->part || put_in(s, s->wholes, (struct entry){line, 0}, key, err);
}

static bool put_script(struct own_set *s, uint32_t line, uint32_t index, const uint8_t *script,
                       size_t n, struct err *err)
{
    uint8_t form[SCRIPT_FORM_MAX];

    return put(s, line, index, script_address_form((struct bytes){script, n}, form), err);
}

static bool derive(struct own_set *s, struct branch *b, uint32_t n, struct err *err)
{
    const struct descriptor *d = s->own->lines[b->line].descriptor;

    for (; b->derived_n < n; b->derived_n++) {
        uint8_t script[SCRIPT_FORM_MAX];
        size_t script_n;

        if (b->derived_n >= OWN_DERIVED_MAX)
            return err_fail(err, ERR_LIMIT, "more than %u keys of one descriptor", OWN_DERIVED_MAX);
        /* BIP 32: "proceed with the next value for i" where there is no key */
        if (descriptor_script(d, b->number, b->derived_n, script, &script_n, err) &&
            !put_script(s, b->line, b->derived_n, script, script_n, err))
            return false;
    }
    return true;
}

static bool put_descriptor(struct own_set *s, uint32_t line, struct err *err)
{
    const struct line *l = &s->own->lines[line];
    const struct descriptor *d = l->descriptor;

    for (unsigned k = 0; k < d->branches_n; k++) {
        struct branch b = {.line = line, .number = k};

        if (!derive(s, &b, d->ranged ? l->gap : 1, err))
            return false;
        if (!d->ranged)
            continue;
        if (!mem_room((void **)&s->branches, &s->branches_size, s->branches_n + 1, sizeof(b)))
            return nomem(err);
        s->branches[s->branches_n++] = b;
    }
    return true;
}

/* What is no address of this chain is one of another. */
static bool put_line(struct own_set *s, uint32_t line, struct err *err)
{
    const struct line *l = &s->own->lines[line];
    uint8_t key[ACCOUNT_KEY_MAX > SCRIPT_FORM_MAX ? ACCOUNT_KEY_MAX : SCRIPT_FORM_MAX];
    bool coins = s->chain->shape == CHAIN_COINS;
    struct err no;
    size_t n;

    if (l->chain ? chain_by_name(l->chain) != s->chain : s->chain->shape == CHAIN_BANK)
        return true;
    if (l->descriptor)
        return !coins || put_descriptor(s, line, err);
    if (coins && l->parts)
        return true;
    if (coins)
        return !address_read(s->chain, l->text, key, &n, &no) ||
               put_script(s, line, 0, key, n, err);
    if (!account_read(s->chain, l->text, key, &n, &no))
        return true;
    return l->parts ? put_parts(s, line, (struct bytes){key, n}, err)
                    : put(s, line, 0, (struct bytes){key, n}, err);
}

bool own_set_make(const struct own *o, const struct chain *chain, struct own_set **ret,
                  struct err *err)
{
    struct own_set *s = mem_zero(sizeof(*s));
    bool ok = s && (s->keys = key_map_new()) != NULL && (s->wholes = key_map_new()) != NULL;

    if (!ok)
        nomem(err);
    if (s) {
        s->own = o;
        s->chain = chain;
    }
    for (size_t i = 0; ok && i < o->lines_n; i++)
        ok = put_line(s, (uint32_t)i, err);
    if (!ok) {
        own_set_free(s);
        return false;
    }
    *ret = s;
    return true;
}

struct own_set *own_set_free(struct own_set *s)
{
    if (!s)
        return NULL;
    key_map_free(s->keys);
    key_map_free(s->wholes);
    mem_free(s->entries);
    mem_free(s->branches);
    return mem_free(s);
}

size_t own_set_n(const struct own_set *s)
{
    return s->entries_n;
}

size_t own_set_wallets(const struct own_set *s)
{
    return s->wallets;
}

/* From the last key on, so that the first one that is used ends the look. */
static bool branch_extend(struct own_set *s, struct branch *b,
                          bool (*used)(void *ctx, struct bytes script), void *ctx, struct err *err)
{
    const struct line *l = &s->own->lines[b->line];

    for (uint32_t i = b->derived_n; i-- > b->used_n;) {
        uint8_t script[SCRIPT_FORM_MAX];
        size_t n;

        if (!descriptor_script(l->descriptor, b->number, i, script, &n, err) ||
            !used(ctx, (struct bytes){script, n}))
            continue;
        b->used_n = i + 1;
        if (!derive(s, b, b->used_n + l->gap, err))
            return false;
        i = b->derived_n; /* the new ones may be used, too */
    }
    return true;
}

bool own_set_extend(struct own_set *s, bool (*used)(void *ctx, struct bytes script), void *ctx,
                    struct err *err)
{
    for (size_t i = 0; i < s->branches_n; i++)
        if (!branch_extend(s, &s->branches[i], used, ctx, err))
            return false;
    return true;
}

/* A part without a line of its own, of an account whose parts are all own. */
static bool part_find(const struct own_set *s, struct bytes key, struct own_hit *ret)
{
    const struct line *l;
    struct bytes whole;
    uint32_t number, at;

    if (!s->chain->dialect || !s->chain->dialect->part ||
        !s->chain->dialect->part(key, &whole, &number))
        return false;
    at = key_map_find(s->wholes, whole);
    if (at == KEY_MAP_NONE)
        return false;
    l = &s->own->lines[s->entries[at].line];
    *ret = (struct own_hit){.role = l->role};
    snprintf(ret->account, sizeof(ret->account), "%s%u", l->account, number);
    return true;
}

bool own_set_find(const struct own_set *s, struct bytes key, struct own_hit *ret)
{
    uint8_t form[SCRIPT_FORM_MAX];
    const struct entry *e;
    const struct line *l;
    uint32_t at;

    if (s->chain->shape == CHAIN_COINS)
        key = script_address_form(key, form);
    at = key_map_find(s->keys, key);
    if (at == KEY_MAP_NONE)
        return part_find(s, key, ret);
    e = &s->entries[at];
    l = &s->own->lines[e->line];
    *ret = (struct own_hit){
        .role = l->role, .derived = l->descriptor && l->descriptor->ranged, .index = e->index};
    snprintf(ret->account, sizeof(ret->account), "%s", l->account);
    return true;
}
