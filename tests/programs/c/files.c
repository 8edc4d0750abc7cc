/*
 * files DIRECTORY: a tour of the functions for files, in a directory that is empty at first and at last. What it
 * prints is the same for every system that keeps POSIX, so a build for WASI can be held against a native one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *root;

/* A path below the directory. Four rotate, so that a call can take several. */
static const char *at(const char *name) {
    static char paths[4][4096];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", root, name);
    return path;
}

/* The C libraries word their messages differently; the names of POSIX they share. */
static const char *error_name(void) {
    static const struct {
        int number;
        const char *name;
    } NAMES[] = {
        {EACCES, "EACCES"}, {EBADF, "EBADF"},         {EEXIST, "EEXIST"},   {EINVAL, "EINVAL"},
        {EIO, "EIO"},       {EISDIR, "EISDIR"},       {ELOOP, "ELOOP"},     {ENOENT, "ENOENT"},
        {ENOSYS, "ENOSYS"}, {ENOTDIR, "ENOTDIR"},     {ENOTSUP, "ENOTSUP"}, {EPERM, "EPERM"},
        {EROFS, "EROFS"},   {ENOTEMPTY, "ENOTEMPTY"}, {EXDEV, "EXDEV"},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (NAMES[i].number == errno) return NAMES[i].name;
    }
    return strerror(errno);
}

/* Prints a call with its result; every line of the tour but the readings is one of these. */
static int told(const char *call, int result) {
    printf("%s: %s\n", call, result < 0 ? error_name() : "ok");
    return result;
}

static void put(const char *name, const char *text) {
    int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text) || close(fd) != 0) {
        told("put", -1);
    }
}

static void show(const char *name) {
    char text[256];
    int fd = open(at(name), O_RDONLY);
    ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (got < 0) {
        printf("  %s: %s\n", name, error_name());
    } else {
        printf("  %s holds \"", name);
        for (ssize_t i = 0; i < got; i++) {
            if (text[i] == 0) {
                printf("\\0");
            } else {
                putchar(text[i]);
            }
        }
        printf("\"\n");
    }
    if (fd >= 0) close(fd);
}

static void show_offset(const char *call, off_t offset) {
    if (offset < 0) {
        told(call, -1);
    } else {
        printf("%s: %lld\n", call, (long long)offset);
    }
}

static void create_and_append(void) {
    printf("# create and append\n");
    int fd = told("open create exclusive", open(at("a"), O_WRONLY | O_CREAT | O_EXCL, 0644));
    show_offset("write", write(fd, "hello", 5));
    told("close", close(fd));
    told("close again", close(fd));
    told("open create exclusive again", open(at("a"), O_WRONLY | O_CREAT | O_EXCL, 0644));
    fd = told("open append", open(at("a"), O_WRONLY | O_APPEND));
    show_offset("seek to start", lseek(fd, 0, SEEK_SET));
    show_offset("append", write(fd, " world", 6));
    show_offset("offset after it", lseek(fd, 0, SEEK_CUR));
    told("close", close(fd));
    show("a");
    told("open without create", open(at("none"), O_RDONLY));
    told("open below a file", open(at("a/b"), O_RDONLY));
    told("open a file as directory", open(at("a"), O_RDONLY | O_DIRECTORY));
}

static void seek_and_place(void) {
    printf("# seek, pread, pwrite\n");
    char buffer[16] = {0};
    int fd = told("open", open(at("b"), O_RDWR | O_CREAT | O_TRUNC, 0644));
    show_offset("write", write(fd, "0123456789", 10));
    show_offset("seek to 4", lseek(fd, 4, SEEK_SET));
    show_offset("seek by -2", lseek(fd, -2, SEEK_CUR));
    show_offset("seek to end - 3", lseek(fd, -3, SEEK_END));
    show_offset("seek before start", lseek(fd, -1, SEEK_SET));
    show_offset("read at end - 3", read(fd, buffer, sizeof buffer));
    printf("  read \"%s\"\n", buffer);
    show_offset("read at end", read(fd, buffer, sizeof buffer));
    memset(buffer, 0, sizeof buffer);
    show_offset("pread 4 at 2", pread(fd, buffer, 4, 2));
    printf("  read \"%s\"\n", buffer);
    show_offset("pread past end", pread(fd, buffer, 4, 100));
    show_offset("pwrite at 8", pwrite(fd, "ABCD", 4, 8));
    show_offset("offset is kept", lseek(fd, 0, SEEK_CUR));
    show_offset("seek past end", lseek(fd, 14, SEEK_SET));
    show_offset("write past end", write(fd, "!", 1));
    told("fsync", fsync(fd));
    told("fdatasync", fdatasync(fd));
    told("close", close(fd));
    show("b");
    fd = told("open for reading", open(at("b"), O_RDONLY));
    show_offset("write to it", write(fd, "x", 1));
    told("close", close(fd));
    fd = told("open for writing", open(at("b"), O_WRONLY));
    show_offset("read from it", read(fd, buffer, 1));
    told("close", close(fd));
    show_offset("read when closed", read(fd, buffer, 1));
}

static void resize(void) {
    printf("# truncate\n");
    int fd = told("open", open(at("b"), O_RDWR));
    told("ftruncate to 3", ftruncate(fd, 3));
    show("b");
    told("ftruncate to 6", ftruncate(fd, 6));
    show("b");
    told("ftruncate to -1", ftruncate(fd, -1));
    told("close", close(fd));
    fd = told("open truncating", open(at("b"), O_WRONLY | O_TRUNC));
    told("close", close(fd));
    show("b");
}

static void name_files(void) {
    printf("# rename, link, unlink\n");
    put("c", "c");
    told("rename", rename(at("c"), at("d")));
    show("c");
    show("d");
    put("e", "e");
    told("rename over a file", rename(at("d"), at("e")));
    show("e");
    told("rename what is not there", rename(at("none"), at("e")));
    told("link", link(at("e"), at("f")));
    put("e", "both");
    show("f");
    struct stat facts;
    told("stat", stat(at("f"), &facts));
    printf("  %u names\n", (unsigned)facts.st_nlink);
    told("link over a file", link(at("e"), at("f")));
    told("unlink", unlink(at("e")));
    show("f");
    told("unlink again", unlink(at("e")));
    int fd = told("open", open(at("f"), O_RDONLY));
    told("unlink while open", unlink(at("f")));
    char byte;
    show_offset("read still", read(fd, &byte, 1));
    told("close", close(fd));
}

static void use_links(void) {
    printf("# symbolic links\n");
    char target[16] = {0};
    struct stat facts;
    put("target", "behind the link");
    told("symlink", symlink("target", at("link")));
    show("link");
    show_offset("readlink", readlink(at("link"), target, sizeof target - 1));
    printf("  leads to \"%s\"\n", target);
    told("lstat", lstat(at("link"), &facts));
    printf("  %s\n", S_ISLNK(facts.st_mode) ? "a link" : "not a link");
    told("stat", stat(at("link"), &facts));
    printf("  %s\n", S_ISREG(facts.st_mode) ? "a file" : "not a file");
    told("open without following", open(at("link"), O_RDONLY | O_NOFOLLOW));
    told("readlink of a file", (int)readlink(at("target"), target, sizeof target));
    told("symlink to nothing", symlink("nothing", at("dangling")));
    show("dangling");
    told("symlink to itself", symlink("loop", at("loop")));
    show("loop");
    told("unlink", unlink(at("link")));
    told("unlink", unlink(at("dangling")));
    told("unlink", unlink(at("loop")));
    show("target");
    told("unlink", unlink(at("target")));
}

static int compare(const void *left, const void *right) { return strcmp(left, right); }

/* Names and kinds below a directory, sorted; the order of readdir is nobody's promise. */
static void list(const char *name) {
    static char names[512][32];
    size_t count = 0;
    DIR *directory = opendir(at(name));
    if (directory == NULL) {
        printf("  %s: %s\n", name, error_name());
        return;
    }
    for (struct dirent *entry; count < 512 && (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        const char *kind = entry->d_type == DT_DIR ? "/" : entry->d_type == DT_REG ? "" : "?";
        snprintf(names[count++], sizeof names[0], "%.24s%s", entry->d_name, kind);
    }
    closedir(directory);
    qsort(names, count, sizeof names[0], compare);
    printf("  %s has %zu:", name, count);
    for (size_t i = 0; i < count; i++) {
        if (i < 4 || i + 2 > count) printf(" %s", names[i]);
    }
    printf("\n");
}

static void use_directories(void) {
    printf("# directories\n");
    char name[32];
    told("mkdir", mkdir(at("dir"), 0755));
    told("mkdir again", mkdir(at("dir"), 0755));
    told("mkdir below nothing", mkdir(at("none/dir"), 0755));
    told("mkdir below a file", mkdir(at("a/dir"), 0755));
    told("mkdir deeper", mkdir(at("dir/sub"), 0755));
    put("dir/file", "in it");
    list("dir");
    told("rmdir when not empty", rmdir(at("dir")));
    told("rmdir a file", rmdir(at("dir/file")));
    told("open a directory for writing", open(at("dir"), O_WRONLY));
    told("rename a directory", rename(at("dir"), at("moved")));
    told("rename it over a file", rename(at("moved"), at("a")));
    told("rename a file over it", rename(at("a"), at("moved")));
    show("moved/file");
    show("moved/../moved/./sub/../file");
    told("unlink", unlink(at("moved/file")));
    /* More entries than one buffer of a directory reader holds. */
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "moved/file-number-%03d", i);
        put(name, "");
    }
    list("moved");
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "moved/file-number-%03d", i);
        if (unlink(at(name)) != 0) told(name, -1);
    }
    told("rmdir", rmdir(at("moved/sub")));
    told("rmdir", rmdir(at("moved")));
    told("rmdir again", rmdir(at("moved")));
    list("moved");
}

static void stat_and_times(void) {
    printf("# stat, utimens, access\n");
    struct stat facts;
    struct timespec times[2] = {{1000000000, 250000000}, {1234567890, 500000000}};
    told("utimensat", utimensat(AT_FDCWD, at("a"), times, 0));
    told("stat", stat(at("a"), &facts));
    printf("  %lld bytes, %s, %u names, changed %lld.%09ld, read %lld.%09ld\n", (long long)facts.st_size,
           S_ISREG(facts.st_mode) ? "a file" : "not a file", (unsigned)facts.st_nlink,
           (long long)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec, (long long)facts.st_atim.tv_sec,
           facts.st_atim.tv_nsec);
    int fd = told("open", open(at("a"), O_RDWR));
    times[0].tv_nsec = UTIME_OMIT, times[1].tv_sec = 5, times[1].tv_nsec = 0;
    told("futimens", futimens(fd, times));
    told("fstat", fstat(fd, &facts));
    printf("  changed %lld.%09ld, read %lld\n", (long long)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec,
           (long long)facts.st_atim.tv_sec);
    told("close", close(fd));
    told("stat a directory", stat(root, &facts));
    printf("  %s\n", S_ISDIR(facts.st_mode) ? "a directory" : "not a directory");
    told("stat what is not there", stat(at("none"), &facts));
    told("access to read", access(at("a"), R_OK));
    told("access to write", access(at("a"), W_OK));
    told("access to exist", access(at("none"), F_OK));
}

static void use_streams(void) {
    printf("# buffered streams\n");
    char line[64];
    FILE *stream = fopen(at("stream"), "w+");
    if (stream == NULL) {
        told("fopen", -1);
        return;
    }
    for (int i = 0; i < 1000; i++) fprintf(stream, "line %d\n", i);
    told("fflush", fflush(stream));
    show_offset("ftell", ftell(stream));
    told("fseek", fseek(stream, -9, SEEK_END));
    printf("  last line: %s", fgets(line, sizeof line, stream) == NULL ? "none\n" : line);
    rewind(stream);
    printf("  first line: %s", fgets(line, sizeof line, stream) == NULL ? "none\n" : line);
    told("fclose", fclose(stream));
    told("remove", remove(at("stream")));
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: files DIRECTORY\n");
        return 2;
    }
    root = argv[1];
    create_and_append();
    seek_and_place();
    resize();
    name_files();
    use_links();
    use_directories();
    stat_and_times();
    use_streams();
    told("unlink a", unlink(at("a")));
    told("unlink b", unlink(at("b")));
    list(".");
    return 0;
}
