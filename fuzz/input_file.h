/* Inputs for readers of files: the bytes as a file that is kept in memory, and has a path. */
#ifndef CORDON_FUZZ_INPUT_FILE_H
#define CORDON_FUZZ_INPUT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct input_file {
    int fd;
    char path[64];
};

/* False: there is none. Ends with input_file_close either way. */
static inline bool input_file_open(struct input_file *f, const uint8_t *data, size_t size)
{
    f->fd = memfd_create("fuzz", MFD_CLOEXEC);
    snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
    return f->fd >= 0 && write(f->fd, data, size) == (ssize_t)size;
}

static inline void input_file_close(struct input_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
}

#endif
