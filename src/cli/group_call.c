#include "cli/group_call.h"

#include "base/time.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static void fill(void *ctx, void *p, size_t n)
{
    (void)ctx;
    randombytes_buf(p, n);
}

const struct group_random group_random = {fill, NULL};

bool home_log_open(struct call *c, enum store_mode mode, struct group_log **ret, struct err *err)
{
    const char *home, *path;

    if (!home_of_call(c, &home, err) || !home_file(c, home, LOG_FILE, &path, err))
        return false;
    if (access(path, F_OK))
        return err_fail(err, ERR_NOT_FOUND, "this home is of no group yet (\"%s\" is not there)",
                        path);
    return group_log_open(home, mode, &group_random, ret, err);
}

bool home_log_open_until(struct call *c, uint64_t until_ms, struct group_log **ret, struct err *err)
{
    const char *home;

    return home_of_call(c, &home, err) &&
           group_log_open_until(home, until_ms, &group_random, ret, err);
}

bool home_log_make(struct call *c, struct group_log **ret, struct err *err)
{
    const char *home;

    return home_of_call(c, &home, err) &&
           group_log_open(home, STORE_WRITE, &group_random, ret, err);
}

static bool of_group(struct group_log *l, struct err *err)
{
    return group_log_fold(l) || err_fail(err, ERR_NOT_FOUND, "this home is of no group yet");
}

static bool with_log(struct call *c, enum store_mode mode, log_how *how, struct err *err)
{
    struct group_log *l;
    bool ok;

    if (!home_log_open(c, mode, &l, err))
        return false;
    ok = of_group(l, err) && how(c, l, err);
    group_log_close(l);
    return ok;
}

bool group_tell(struct call *c, log_how *how, struct err *err)
{
    return with_log(c, STORE_READ, how, err);
}

bool group_alter(struct call *c, log_how *how, struct err *err)
{
    return with_log(c, STORE_WRITE, how, err);
}

bool keys_folder(struct call *c, const char **ret, struct err *err)
{
    const char *home;

    if (sodium_init() < 0)
        return err_fail(err, ERR_SYSTEM, "libsodium cannot start");
    return home_of_call(c, &home, err) && home_file(c, home, KEYS_FOLDER, ret, err);
}

/* ---- passphrases ---- */

static bool passphrase_file(struct call *c, const char *path, struct bytes *ret, struct err *err)
{
    const void *end;

    if (!file_read(c->arena, path, PASSPHRASE_MAX + 2, ret, err))
        return false;
    end = memchr(ret->p, '\n', ret->n);
    if (end)
        ret->n = (size_t)((const uint8_t *)end - ret->p);
    return ret->n || err_fail(err, ERR_USAGE, "\"%s\": no passphrase in it", path);
}

/* A line from the terminal, unseen. */
static bool ask(struct call *c, int tty, const char *what, const char *whose, struct bytes *ret,
                struct err *err)
{
    char *line = arena_alloc(c->arena, PASSPHRASE_MAX + 2);
    struct termios was, quiet;
    ssize_t got;

    if (!line)
        return err_fail(err, ERR_NOMEM, "a passphrase");
    if (tcgetattr(tty, &was))
        return err_system(err, "the terminal");
    quiet = was;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    dprintf(tty, "%s of %s: ", what, whose);
    tcsetattr(tty, TCSAFLUSH, &quiet);
    got = read(tty, line, PASSPHRASE_MAX + 1);
    tcsetattr(tty, TCSAFLUSH, &was);
    dprintf(tty, "\n");
    if (got <= 0)
        return err_fail(err, ERR_USAGE, "no passphrase");
    *ret = (struct bytes){(const uint8_t *)line, (size_t)got - (line[got - 1] == '\n')};
    return true;
}

bool passphrase_read(struct call *c, const char *whose, bool twice, struct bytes *ret,
                     struct err *err)
{
    const char *path = call_option(c, "passphrase-file");
    struct bytes again;
    bool ok;
    int tty;

    if (path)
        return passphrase_file(c, path, ret, err);
    tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (tty < 0)
        return err_fail(err, ERR_USAGE, "no terminal to ask for a passphrase: --passphrase-file");
    ok = ask(c, tty, "passphrase", whose, ret, err);
    if (ok && twice)
        ok = ask(c, tty, "again, the passphrase", whose, &again, err) &&
             (bytes_equal(*ret, again) || err_fail(err, ERR_USAGE, "the two are not alike"));
    close(tty);
    return ok;
}

/* ---- keys ---- */

/* The only person whose key is here. */
static bool only_person(struct call *c, const char *folder, const char **ret, struct err *err)
{
    struct key_entry *list = NULL;
    size_t n, persons = 0;

    if (!keys_list(c->arena, folder, &list, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (list[i].person) {
            *ret = list[i].person;
            persons++;
        }
    return persons == 1 || err_fail(err, ERR_USAGE, "whose key? --as NAME (%zu are here)", persons);
}

bool signer_of_call(struct call *c, struct signer *ret, struct err *err)
{
    const char *folder, *person = call_option(c, "as");
    struct bytes passphrase;

    return keys_folder(c, &folder, err) && (person || only_person(c, folder, &person, err)) &&
           passphrase_read(c, person, false, &passphrase, err) &&
           key_open(folder, person, passphrase, ret, err);
}

bool node_signer(struct call *c, struct signer *ret, struct err *err)
{
    const char *folder;

    return keys_folder(c, &folder, err) &&
           key_open(folder, NULL, (struct bytes){NULL, 0}, ret, err);
}

bool author_of(const struct charter *charter, const struct signer *by, const char **ret,
               struct err *err)
{
    const struct charter_key *key = charter_key(charter, &by->key);

    if (!key)
        return err_fail(err, ERR_INPUT, "the key is no member's in version %llu of the charter",
                        (unsigned long long)charter->version);
    *ret = charter->members[key->member].id;
    return true;
}

static bool charter_lets(struct call *c, const struct fold *f, const struct signer *by,
                         unsigned roles, const char **ret_person, struct err *err)
{
    const struct charter *charter = fold_charter(f);
    const struct charter_key *k = charter ? charter_key(charter, &by->key) : NULL, *own;
    struct text all;
    struct signer node;

    if (!charter)
        return true;
    if (!node_signer(c, &node, err))
        return false;
    own = charter_key(charter, &node.key);
    signer_end(&node);
    if (!k || !k->person || !own || k->member != own->member || fold_key_limit(f, &by->key))
        return err_fail(err, ERR_INPUT,
                        "the key is no person's of this home's member by the charter");
    if (!(k->roles & roles)) {
        all = text_new(ERR_TEXT_MAX);
        roles_put(&all, roles);
        err_set(err, ERR_INPUT, "%s: not the role for it (%s)", k->person,
                text_string(&all) ? all.p : "another");
        text_free(&all);
        return false;
    }
    *ret_person = arena_string(c->arena, k->person, strlen(k->person));
    return *ret_person || err_fail(err, ERR_NOMEM, "a person");
}

bool person_of_signer(struct call *c, const struct signer *by, unsigned roles,
                      const char **ret_person, struct err *err)
{
    struct group_log *l;
    const char *home, *path;
    bool ok;

    *ret_person = call_option(c, "as");
    if (!home_of_call(c, &home, err) || !home_file(c, home, LOG_FILE, &path, err))
        return false;
    if (access(path, F_OK))
        return true;
    if (!home_log_open(c, STORE_READ, &l, err))
        return false;
    ok = !group_log_fold(l) || charter_lets(c, group_log_fold(l), by, roles, ret_person, err);
    group_log_close(l);
    return ok;
}

/* ---- saying ---- */

bool signed_run(struct call *c, bool by_node, signed_how *how, void *ctx, struct err *err)
{
    struct group_log *l;
    struct signer by;
    bool ok;

    if (!(by_node ? node_signer(c, &by, err) : signer_of_call(c, &by, err)))
        return false;
    ok = home_log_open(c, STORE_WRITE, &l, err);
    if (ok) {
        ok = of_group(l, err) && how(c, l, &by, ctx, err);
        group_log_close(l);
    }
    signer_end(&by);
    return ok;
}

void act_after_last(const struct fold *f, struct group_log_act *act)
{
    const struct fold_object *was = fold_object(f, act->object, act->audience);

    if (was && was->last) {
        act->after = &was->last->e.id;
        act->after_n = 1;
    }
}

/* waits: for a second person of the member. */
static void said_out(struct call *c, const struct group_log_act *act, const struct hash32 *id,
                     bool waits)
{
    struct json_out j = json_to(c->out, true);

    if (!call_json(c)) {
        text_printf(c->out, "%s  %s  ", act->type, act->object);
        text_hex(c->out, id->b, sizeof(id->b));
        text_char(c->out, '\n');
        if (waits)
            text_printf(c->out, "waits for a second person of %s%s\n", act->author,
                        strcmp(act->type, "key.revoke") != 0
                            ? ""
                            : "; until then the key is stopped: nothing that it says from now on "
                              "counts");
        return;
    }
    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-said/1");
    json_put_string(&j, "type", act->type);
    json_put_string(&j, "object", act->object);
    json_put_hex(&j, "id", id->b, sizeof(id->b));
    json_put_bool(&j, "waits", waits);
    json_object_end(&j);
    text_char(c->out, '\n');
}

bool say_and_commit(struct call *c, struct group_log *l, struct group_log_act *act,
                    const struct charter *charter, struct err *err)
{
    return say_check_and_commit(c, l, act, charter, NULL, err);
}

bool say_check_and_commit(struct call *c, struct group_log *l, struct group_log_act *act,
                          const struct charter *charter, said_check *check, struct err *err)
{
    struct hash32 id;

    if (!charter)
        charter = fold_charter(group_log_fold(l));
    if (!charter)
        return err_fail(err, ERR_INPUT, "no charter is adopted yet");
    act->charter = &charter->hash;
    act->now_ms = now_ms();
    if (!author_of(charter, act->by, &act->author, err) || !group_log_say(l, act, &id, err) ||
        (check && !check(group_log_fold(l), &id, err)) || !group_log_commit(l, err))
        return false;
    said_out(c, act, &id, fold_waits_for_second(fold_find(group_log_fold(l), &id)));
    return true;
}

const char *object_new(struct call *c, const char *kind)
{
    struct text name = text_new(OBJECT_NAME_MAX);
    uint8_t bits[16];
    const char *ret;

    randombytes_buf(bits, sizeof(bits));
    text_printf(&name, "%s:", kind);
    text_hex(&name, bits, sizeof(bits));
    ret = text_string(&name) ? arena_string(c->arena, name.p, name.n) : NULL;
    text_free(&name);
    return ret;
}

uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void show_ms(struct text *to, uint64_t ms)
{
    char day[TIME_DAY_MAX];
    uint64_t s = ms / 1000;

    text_printf(to, "%s %02u:%02u:%02u.%03u", time_day(s, day), (unsigned)(s / 3600 % 24),
                (unsigned)(s / 60 % 60), (unsigned)(s % 60), (unsigned)(ms % 1000));
}
