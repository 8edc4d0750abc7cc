/*
 * A reactor: it has no `main`, the host calls `_initialize` once and then the exports as often as it likes. The
 * caller writes a path of up to `capacity()` bytes at `buffer()`. Results below zero are negated errno of wasi-libc.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

#define EXPORT(name) __attribute__((export_name(#name))) name
#define CAPACITY 4096

static char path[CAPACITY + 1];
static uint32_t calls;

/* Volatile, or the compiler runs the constructor itself and stores its result as data. */
static volatile uint32_t constructed;

/* Runs only if the host called `_initialize`, which calls the constructors. */
__attribute__((constructor)) static void construct(void) { constructed = 42; }

uint32_t EXPORT(is_initialized)(void) { return constructed; }

char *EXPORT(buffer)(void) { return path; }

uint32_t EXPORT(capacity)(void) { return CAPACITY; }

/* How many times a file was asked for: memory outlives a call. */
uint32_t EXPORT(call_count)(void) { return calls; }

/* Reads the file named by the first `length` bytes of the buffer; counts its bytes and its newlines. */
static int read_file(uint32_t length, int64_t *bytes, int64_t *lines) {
    static char content[16384];
    calls++;
    if (length > CAPACITY) return -EINVAL;
    path[length] = 0;
    int fd = open(path, O_RDONLY);
    if (fd < 0) return -errno;
    ssize_t got;
    while ((got = read(fd, content, sizeof content)) > 0) {
        *bytes += got;
        for (ssize_t i = 0; i < got; i++) *lines += content[i] == '\n';
    }
    int error = got < 0 ? -errno : 0;
    close(fd);
    return error;
}

int64_t EXPORT(file_length)(uint32_t path_length) {
    int64_t bytes = 0, lines = 0;
    int error = read_file(path_length, &bytes, &lines);
    return error != 0 ? error : bytes;
}

int64_t EXPORT(line_count)(uint32_t path_length) {
    int64_t bytes = 0, lines = 0;
    int error = read_file(path_length, &bytes, &lines);
    return error != 0 ? error : lines;
}

/* Writes the first `length` bytes of the buffer to standard output. */
int32_t EXPORT(say)(uint32_t length) {
    if (length > CAPACITY) return -EINVAL;
    ssize_t written = write(STDOUT_FILENO, path, length);
    return written < 0 ? -errno : (int32_t)written;
}
