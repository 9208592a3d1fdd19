/* draw-worlds DIR: the pages of the small worlds as files, for a browser's test and for people to
 * look at. */
#include "small_world.h"

#include <limits.h>
#include <stdio.h>

static void draw(const char *dir, const char *name, struct world *w)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    char path[PATH_MAX];
    struct text to;
    struct err err;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s.html", dir, name);
    f = fopen(path, "wb");
    CHECK(f);
    to = text_to(text_to_file, f);
    CHECK_OK(page_write(a, &to, &w->doc, &w->names, &err), err);
    CHECK_OK(text_end(&to, &err), err);
    text_free(&to);
    CHECK(!fclose(f));
    arena_free(a);
    world_free(w);
}

/* Words that would run, if they were anything but words. */
static struct world *hostile(void)
{
    struct world *w = world_five_hops();

    w->doc.title = "</title></h1><script>document.title = 'taken'</script><p id=\"taken\">";
    w->doc.case_id = "\"><img src=x onerror=\"document.title = 'taken'\">";
    w->stops[0].name = "</tspan></svg><iframe srcdoc='<p id=taken>'></iframe>";
    w->stops[0].category = "<style>body { display: none }</style>";
    return w;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: draw-worlds DIR\n");
        return 2;
    }
    draw(argv[1], "five-hops", world_five_hops());
    draw(argv[1], "peel-chain", world_peel_chain());
    draw(argv[1], "many", world_many(2000, 7));
    draw(argv[1], "hostile", hostile());
    return 0;
}
