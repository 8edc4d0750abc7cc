/*
 * sleep MILLISECONDS: sleeps; the clock must agree that it did.
 * sleep poll MILLISECONDS: waits that long at most for standard input, and says what woke it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what) {
    fprintf(stderr, "sleep: %s: %s\n", what, strerror(errno));
    return 1;
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ll + time.tv_nsec;
}

static int sleep_for(long milliseconds) {
    struct timespec wanted = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    long long before = now();
    if (nanosleep(&wanted, NULL) != 0) return fail("nanosleep");
    printf("slept %ld ms: %s\n", milliseconds, now() - before >= milliseconds * 1000000ll ? "yes" : "no");
    return 0;
}

static int poll_for(int milliseconds) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    long long before = now();
    int ready = poll(&input, 1, milliseconds);
    if (ready < 0) return fail("poll");
    if (ready == 0) {
        int waited = now() - before >= milliseconds * 1000000ll;
        printf("timeout after %d ms: %s\n", milliseconds, waited ? "yes" : "no");
        return 0;
    }
    char buffer[4096];
    ssize_t got = read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0) return fail("read");
    printf("standard input: %s\n", got > 0 ? "bytes" : "end");
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 2) return sleep_for(strtol(argv[1], NULL, 10));
    if (argc == 3 && strcmp(argv[1], "poll") == 0) return poll_for((int)strtol(argv[2], NULL, 10));
    fprintf(stderr, "usage: sleep MILLISECONDS\n       sleep poll MILLISECONDS\n");
    return 2;
}
