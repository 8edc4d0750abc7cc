/* Answers requests over channels: sends the body back in capital letters, piece by piece, as it comes. */
#include "../guest/aegis_channel.h"

static const char HEAD[] = "{\"status\":200,\"headers\":[[\"content-type\",\"text/plain\"]]}";

__attribute__((export_name("handle_stream"), used)) void handle_stream(void) {
    static unsigned char piece[65536];
    const int32_t request = aegis_channel_open("request", 7), response = aegis_channel_open("response", 8);
    uint32_t length;

    if (request < 0 || response < 0) return;
    if (aegis_channel_receive(request, piece, sizeof piece, &length) != 0) return; /* the head: not looked at */
    if (aegis_channel_send(response, HEAD, sizeof HEAD - 1) != 0) return;
    while (aegis_channel_receive(request, piece, sizeof piece, &length) == 0) {
        for (uint32_t at = 0; at < length; at++) {
            if (piece[at] >= 'a' && piece[at] <= 'z') piece[at] -= 'a' - 'A';
        }
        if (aegis_channel_send(response, piece, length) != 0) return;
    }
    aegis_channel_close(response);
}
