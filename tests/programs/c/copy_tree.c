/*
 * copy_tree FROM TO: copies a directory with all below it. Times of change are kept where the system lets them be;
 * symbolic links are reported and skipped. What cannot be copied is reported, and the rest goes on.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[65536];
static unsigned files, directories;
static unsigned long long bytes;
static int status;

static void fail(const char *path) {
    fprintf(stderr, "copy_tree: %s: %s\n", path, strerror(errno));
    status = 1;
}

/* The caller frees the path. */
static char *join(const char *directory, const char *name) {
    size_t length = strlen(directory) + strlen(name) + 2;
    char *path = malloc(length);
    if (path == NULL) abort();
    snprintf(path, length, "%s/%s", directory, name);
    return path;
}

static void keep_times(const char *path, const struct stat *from) {
    struct timespec times[2] = {from->st_atim, from->st_mtim};
    if (utimensat(AT_FDCWD, path, times, 0) != 0 && errno != ENOSYS && errno != ENOTSUP) fail(path);
}

static int write_all(int fd, const char *from, size_t length) {
    while (length > 0) {
        ssize_t written = write(fd, from, length);
        if (written < 0) return -1;
        from += written, length -= (size_t)written;
    }
    return 0;
}

static int copy_bytes(int in, int out, const char *from, const char *to) {
    ssize_t got;
    while ((got = read(in, buffer, sizeof buffer)) > 0) {
        if (write_all(out, buffer, (size_t)got) != 0) return fail(to), -1;
        bytes += (unsigned long long)got;
    }
    return got < 0 ? fail(from), -1 : 0;
}

static void copy_file(const char *from, const char *to, const struct stat *facts) {
    int in = open(from, O_RDONLY);
    if (in < 0) {
        fail(from);
        return;
    }
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (out < 0) {
        fail(to);
    } else {
        int copied = copy_bytes(in, out, from, to);
        /* A full disk may show only now. */
        if (close(out) != 0 && copied == 0) fail(to), copied = -1;
        if (copied == 0) files++, keep_times(to, facts);
    }
    close(in);
}

static void report_link(const char *path) {
    ssize_t length = readlink(path, buffer, sizeof buffer);
    if (length < 0) {
        fail(path);
    } else {
        fprintf(stderr, "copy_tree: %s: skipped, a link to %.*s\n", path, (int)length, buffer);
    }
}

/* One that is there already will do. */
static int make_directory(const char *path) {
    struct stat facts;
    if (mkdir(path, 0755) == 0) return 0;
    if (errno != EEXIST || stat(path, &facts) != 0) return -1;
    errno = EEXIST;
    return S_ISDIR(facts.st_mode) ? 0 : -1;
}

static void copy_directory(const char *from, const char *to, const struct stat *facts);

static void copy_entry(const char *from, const char *to) {
    struct stat facts;
    if (lstat(from, &facts) != 0) {
        fail(from);
    } else if (S_ISDIR(facts.st_mode)) {
        copy_directory(from, to, &facts);
    } else if (S_ISREG(facts.st_mode)) {
        copy_file(from, to, &facts);
    } else if (S_ISLNK(facts.st_mode)) {
        report_link(from);
    } else {
        fprintf(stderr, "copy_tree: %s: skipped, neither a file nor a directory\n", from);
    }
}

static void copy_directory(const char *from, const char *to, const struct stat *facts) {
    DIR *directory = opendir(from);
    if (directory == NULL) {
        fail(from);
        return;
    }
    if (make_directory(to) != 0) {
        fail(to);
        closedir(directory);
        return;
    }
    directories++;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(directory);
        if (entry == NULL) break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char *below_from = join(from, entry->d_name), *below_to = join(to, entry->d_name);
        copy_entry(below_from, below_to);
        free(below_from), free(below_to);
    }
    if (errno != 0) fail(from);
    closedir(directory);
    keep_times(to, facts);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: copy_tree FROM TO\n");
        return 2;
    }
    struct stat facts;
    if (stat(argv[1], &facts) != 0) {
        fail(argv[1]);
    } else {
        copy_directory(argv[1], argv[2], &facts);
    }
    printf("%u files, %u directories, %llu bytes\n", files, directories, bytes);
    return status;
}
