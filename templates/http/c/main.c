/* A request is in the environment, as CGI has it; its body is on stdin. What is printed is the response. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    const char *path = getenv("PATH_INFO"), *method = getenv("REQUEST_METHOD");
    printf("Content-Type: text/plain; charset=utf-8\r\n\r\n");
    printf("Hello from {{name}}: %s %s\n", method ? method : "GET", path ? path : "/");
    return 0;
}
