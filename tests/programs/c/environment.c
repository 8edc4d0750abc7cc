/*
 * environment [STATUS [ARGUMENT...]]: prints what a program learns from its surroundings, and exits with STATUS (0).
 * Times and random bytes are told as facts that hold for every run.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int compare(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void print_environment(void) {
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL) count++;
    if (count > 0) qsort(environ, count, sizeof *environ, compare);
    printf("environment: %zu\n", count);
    for (size_t i = 0; i < count; i++) printf("  %s\n", environ[i]);
}

static void print_input(void) {
    char buffer[4096];
    ssize_t got;
    unsigned long long total = 0;
    while ((got = read(STDIN_FILENO, buffer, sizeof buffer)) > 0) total += (unsigned long long)got;
    if (got < 0) {
        printf("standard input: %s\n", strerror(errno));
    } else {
        printf("standard input: %llu bytes\n", total);
    }
}

static void print_clock(const char *name, clockid_t clock) {
    struct timespec first, second, resolution;
    if (clock_gettime(clock, &first) != 0 || clock_gettime(clock, &second) != 0) {
        printf("%s clock: %s\n", name, strerror(errno));
        return;
    }
    int nonzero = first.tv_sec != 0 || first.tv_nsec != 0;
    int ordered = second.tv_sec > first.tv_sec ||
                  (second.tv_sec == first.tv_sec && second.tv_nsec >= first.tv_nsec);
    int resolved = clock_getres(clock, &resolution) == 0 && (resolution.tv_sec > 0 || resolution.tv_nsec > 0);
    printf("%s clock: %s, %s, %s\n", name, nonzero ? "not zero" : "zero", ordered ? "in order" : "backwards",
           resolved ? "with a resolution" : "without a resolution");
}

static void print_entropy(void) {
    static unsigned char bytes[256];
    unsigned count = 0;
    if (getentropy(bytes, sizeof bytes) != 0) {
        printf("entropy: %s\n", strerror(errno));
        return;
    }
    for (size_t i = 0; i < sizeof bytes; i++) count += bytes[i] != 0;
    printf("entropy: %zu bytes, %s\n", sizeof bytes, count > sizeof bytes / 2 ? "of all kinds" : "mostly zero");
}

int main(int argc, char **argv) {
    printf("arguments: %d\n", argc - 1);
    for (int i = 1; i < argc; i++) printf("  %s\n", argv[i]);
    print_environment();
    print_input();
    for (int fd = 0; fd < 3; fd++) printf("terminal %d: %s\n", fd, isatty(fd) ? "yes" : "no");
    print_clock("real-time", CLOCK_REALTIME);
    print_clock("monotonic", CLOCK_MONOTONIC);
    print_entropy();
    return argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
}
