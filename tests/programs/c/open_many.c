/*
 * open_many DIRECTORY COUNT [create]: opens, reads and closes DIRECTORY/000000, DIRECTORY/000001 and so on, COUNT
 * files, and prints what they hold. With `create` it first writes them: each holds its own name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[4096];

static int fail(void) {
    fprintf(stderr, "open_many: %s: %s\n", path, strerror(errno));
    return 1;
}

static const char *name_file(const char *directory, unsigned long number) {
    int length = snprintf(path, sizeof path, "%s/%06lu", directory, number);
    return path + length - 6;
}

static int create(const char *directory, unsigned long count) {
    for (unsigned long i = 0; i < count; i++) {
        const char *name = name_file(directory, i);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
        if (fd < 0 || write(fd, name, 6) != 6 || close(fd) != 0) return fail();
    }
    return 0;
}

int main(int argc, char **argv) {
    unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    int creates = argc == 4 && strcmp(argv[3], "create") == 0;
    if (argc < 3 || (argc > 3 && !creates)) {
        fprintf(stderr, "usage: open_many DIRECTORY COUNT [create]\n");
        return 2;
    }
    if (creates && create(argv[1], count) != 0) return 1;
    unsigned long long bytes = 0, checksum = 0;
    for (unsigned long i = 0; i < count; i++) {
        unsigned char buffer[4096];
        name_file(argv[1], i);
        int fd = open(path, O_RDONLY);
        if (fd < 0) return fail();
        ssize_t got = read(fd, buffer, sizeof buffer);
        if (got < 0 || close(fd) != 0) return fail();
        bytes += (unsigned long long)got;
        for (ssize_t at = 0; at < got; at++) checksum += buffer[at];
    }
    printf("%lu files, %llu bytes, checksum %llu\n", count, bytes, checksum);
    return 0;
}
