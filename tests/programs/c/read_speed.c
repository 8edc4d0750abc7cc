/*
 * read_speed FILE [BUFFER [PASSES]]: reads the file to its end, PASSES times (1), into a buffer of BUFFER bytes
 * (65536), and prints what it read. The checksum takes one byte of each read, so that reading is all that costs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *what) {
    fprintf(stderr, "read_speed: %s: %s\n", what, strerror(errno));
    return 1;
}

int main(int argc, char **argv) {
    size_t capacity = argc > 2 ? strtoul(argv[2], NULL, 10) : 65536;
    unsigned long passes = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    unsigned char *buffer = capacity > 0 ? malloc(capacity) : NULL;
    if (argc < 2 || buffer == NULL) {
        fprintf(stderr, "usage: read_speed FILE [BUFFER [PASSES]]\n");
        return 2;
    }
    unsigned long long bytes = 0, reads = 0, checksum = 0;
    int fd = open(argv[1], O_RDONLY);
    if (fd < 0) return fail(argv[1]);
    for (unsigned long pass = 0; pass < passes; pass++) {
        if (lseek(fd, 0, SEEK_SET) != 0) return fail(argv[1]);
        ssize_t got;
        while ((got = read(fd, buffer, capacity)) > 0) {
            bytes += (unsigned long long)got, reads++, checksum += buffer[0];
        }
        if (got < 0) return fail(argv[1]);
    }
    close(fd);
    printf("%llu bytes, %llu reads, checksum %llu\n", bytes, reads, checksum);
    return 0;
}
