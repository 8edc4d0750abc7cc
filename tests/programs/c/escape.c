/*
 * Writes what a hostile guest would write to a terminal, one kind to a line, to standard output and, with the same
 * names, to standard error. Nothing here may reach a terminal unchanged. See ECMA-48 and xterm's control sequences.
 */
#include <stdio.h>

#define ESC "\x1b"
#define BEL "\x07"
#define ST ESC "\\"

static const struct {
    const char *name, *bytes;
} SEQUENCES[] = {
    {"title", ESC "]0;owned" BEL},
    {"title, ended by ST", ESC "]2;owned" ST},
    {"clear screen", ESC "[2J" ESC "[H"},
    {"clear scrollback", ESC "[3J"},
    {"alternate screen", ESC "[?1049h"},
    {"bracketed paste", ESC "[200~rm -rf ~\n" ESC "[201~"},
    {"bracketed paste off", ESC "[?2004l"},
    {"clipboard write", ESC "]52;c;b3duZWQ=" BEL},
    {"clipboard read", ESC "]52;c;?" BEL},
    {"cursor report", ESC "[6n"},
    {"device attributes", ESC "[c"},
    {"title report", ESC "[21t"},
    {"hidden text", ESC "[8mhidden" ESC "[0m"},
    {"cursor up, overwritten line", ESC "[1A" ESC "[2Koverwritten"},
    {"hyperlink", ESC "]8;;http://example.com/" ST "text" ESC "]8;;" ST},
    {"device control string", ESC "P$q\"p" ST},
    {"reset", ESC "c"},
    {"character set", ESC "(0" "lqk" ESC "(B"},
    {"carriage return", "hidden\rshown "},
    {"backspace", "hidden\b\b\b\b\b\bshown "},
    {"bell", BEL},
    {"C1 control in UTF-8", "\xc2\x9b" "2J"},
    {"C1 control as a byte", "\x9b" "2J"},
    {"right-to-left override", "\xe2\x80\xae" "gpj.exe"},
    {"not UTF-8", "\xff\xfe\xc0\xaf"},
    {"unfinished", ESC "]0;never ended"},
};

static void write_all(FILE *stream) {
    for (size_t i = 0; i < sizeof SEQUENCES / sizeof *SEQUENCES; i++) {
        fprintf(stream, "%s: %s.\n", SEQUENCES[i].name, SEQUENCES[i].bytes);
    }
    fwrite("zero byte: \0.\n", 1, 14, stream);
}

int main(void) {
    write_all(stdout);
    write_all(stderr);
    return 0;
}
