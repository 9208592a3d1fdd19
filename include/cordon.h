/* libcordon: ledgers of coins, and where stolen value went.
 *
 * Everything public begins with cordon_. Strings are UTF-8 and end with NUL. */
#ifndef CORDON_H
#define CORDON_H

#ifdef __cplusplus
extern "C" {
#endif

#define CORDON_API __attribute__((visibility("default")))

/* The version of the library that is running, e.g. "0.1.0". */
CORDON_API const char *cordon_version(void);

#ifdef __cplusplus
}
#endif

#endif
