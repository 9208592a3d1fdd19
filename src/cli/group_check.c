#include "cli/group_check.h"

#include "base/json.h"

bool group_check_home(struct call *c, struct group_log_checked *ret, struct hash32 *ret_group,
                      struct err *err)
{
    struct group_log *l;
    bool ok;

    if (!home_log_open(c, STORE_READ, &l, err)) {
        if (err->class == ERR_CORRUPT)
            err->class = ERR_DIFFERS;
        return false;
    }
    ok = group_log_fold(l) || err_fail(err, ERR_NOT_FOUND, "this home is of no group yet");
    ok = ok && group_log_check(l, ret, err);
    if (ok)
        *ret_group = *group_log_group(l);
    group_log_close(l);
    return ok;
}

static void parted_text(struct text *to, const struct group_log_checked *k)
{
    text_printf(to, "%s has signed two histories of its stream ", k->parted_author);
    text_hex(to, k->parted_stream.b, sizeof(k->parted_stream.b));
    text_str(to, ": its notes prove it (cordon log notes)\n");
}

void group_check_text(struct text *to, const struct group_log_checked *k)
{
    text_printf(to,
                "%llu events of %llu streams are as they were signed; of their bodies %llu are "
                "here, %llu withheld, %llu erased\n",
                (unsigned long long)k->events, (unsigned long long)k->streams,
                (unsigned long long)k->bodies, (unsigned long long)k->withheld,
                (unsigned long long)k->erased);
    text_printf(to, "%llu checkpoints fit to them, %llu of them countersigned\n",
                (unsigned long long)(k->checkpoints - k->parted),
                (unsigned long long)k->countersigned);
    if (k->receipts)
        text_printf(to, "%llu receipts are their members', and of events that are here\n",
                    (unsigned long long)k->receipts);
    if (k->parted)
        parted_text(to, k);
    text_str(to, k->by ? "digest " : "last link ");
    text_hex(to, k->link.b, sizeof(k->link.b));
    text_printf(to, "%s%s\n", k->by ? ", signed by " : "", k->by ? k->by : "");
}

void group_check_json(struct text *to, const struct group_log_checked *k,
                      const struct hash32 *group)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.log-verify/1");
    json_put_hex(&j, "group", group->b, sizeof(group->b));
    json_put_number(&j, "events", k->events);
    json_put_number(&j, "streams", k->streams);
    json_put_number(&j, "bodies", k->bodies);
    json_put_number(&j, "withheld", k->withheld);
    json_put_number(&j, "erased", k->erased);
    json_put_number(&j, "checkpoints", k->checkpoints);
    json_put_number(&j, "countersigned", k->countersigned);
    json_put_number(&j, "parted", k->parted);
    json_put_number(&j, "receipts", k->receipts);
    json_put_hex(&j, "last", k->link.b, sizeof(k->link.b));
    json_put_string(&j, "signed_by", k->by);
    json_object_end(&j);
    text_char(to, '\n');
}
