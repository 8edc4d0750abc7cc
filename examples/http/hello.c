/*
 * Answers requests by CGI: a program that finds the request in its environment and its body on stdin, and prints the
 * answer. One instance for each request.
 */
#include <stdio.h>
#include <stdlib.h>

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

int main(void) {
    unsigned long long length = 0;
    for (char buffer[4096]; !feof(stdin) && !ferror(stdin);) length += fread(buffer, 1, sizeof buffer, stdin);
    printf("Content-Type: text/plain; charset=utf-8\r\n\r\n");
    printf("%s %s", variable("REQUEST_METHOD"), variable("PATH_INFO"));
    if (*variable("QUERY_STRING") != '\0') printf("?%s", variable("QUERY_STRING"));
    printf("\n%llu bytes\n", length);
    return 0;
}
