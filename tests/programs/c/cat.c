/*
 * cat [-b BYTES] [FILE...]: copies the files, or standard input, to standard output. `-` names standard input. The
 * buffer of BYTES (65536) decides how many reads and writes a file costs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *buffer;
static size_t capacity = 65536;

static int fail(const char *what) {
    fprintf(stderr, "cat: %s: %s\n", what, strerror(errno));
    return 1;
}

/* A write may take less than it was given. */
static int write_all(const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written < 0) return fail("standard output");
        bytes += written, length -= (size_t)written;
    }
    return 0;
}

static int copy(int fd, const char *name) {
    ssize_t got;
    while ((got = read(fd, buffer, capacity)) > 0) {
        if (write_all(buffer, (size_t)got) != 0) return 1;
    }
    return got < 0 ? fail(name) : 0;
}

static int copy_file(const char *name) {
    if (strcmp(name, "-") == 0) return copy(STDIN_FILENO, "standard input");
    int fd = open(name, O_RDONLY);
    if (fd < 0) return fail(name);
    int status = copy(fd, name);
    close(fd);
    return status;
}

int main(int argc, char **argv) {
    int first = 1, status = 0;
    if (argc > 2 && strcmp(argv[1], "-b") == 0) {
        capacity = strtoul(argv[2], NULL, 10);
        first = 3;
    }
    buffer = capacity > 0 ? malloc(capacity) : NULL;
    if (buffer == NULL) {
        fprintf(stderr, "usage: cat [-b BYTES] [FILE...]\n");
        return 2;
    }
    if (first == argc) return copy(STDIN_FILENO, "standard input");
    for (int i = first; i < argc; i++) status |= copy_file(argv[i]);
    return status;
}
