/* The one place where the version, which meson.build holds, enters the program. */
#include "cordon.h"

const char *cordon_version(void)
{
    return CORDON_VERSION;
}
