#define SIMDJSON_EXCEPTIONS 0
#include "base/json_tokens.h"

#include <cstring>
#include <simdjson.h>

extern "C" {
#include "base/mem.h"
}

using implementation = simdjson::internal::dom_parser_implementation;

#define KEPT_BYTES 4096u /* most texts are smaller, and making a parser takes longer than they do */

static simdjson::error_code made(uint32_t n, std::unique_ptr<implementation> &ret)
{
    return simdjson::get_active_implementation()->create_dom_parser_implementation(n, 1, ret);
}

/* The list is copied to a block of its own size, since simdjson's has room for a token at every
 * byte. */
extern "C" enum json_tokens_result json_tokens_find(const char *p, uint32_t n,
                                                    struct json_tokens *ret)
{
    static thread_local std::unique_ptr<implementation> kept;
    std::unique_ptr<implementation> once;
    std::unique_ptr<implementation> &stage = n <= KEPT_BYTES ? kept : once;
    simdjson::error_code code = simdjson::SUCCESS;

    if (!stage)
        code = made(n <= KEPT_BYTES ? KEPT_BYTES : n, stage);
    if (!code)
        code =
            stage->stage1(reinterpret_cast<const uint8_t *>(p), n, simdjson::stage1_mode::regular);
    if (code == simdjson::MEMALLOC)
        return JSON_TOKENS_NOMEM;
    if (code)
        return JSON_TOKENS_BAD;
    ret->n = stage->n_structural_indexes;
    ret->at = static_cast<uint32_t *>(mem_array(ret->n, sizeof(*ret->at)));
    if (!ret->at)
        return JSON_TOKENS_NOMEM;
    std::memcpy(ret->at, stage->structural_indexes.get(), ret->n * sizeof(*ret->at));
    return JSON_TOKENS_OK;
}
