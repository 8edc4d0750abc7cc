/* Sends back every message of the channel "words" in capital letters, until the host sends nothing more. */
#include "aegis_channel.h"

__attribute__((export_name("relay"), used)) uint32_t relay(void) {
    static unsigned char message[65536];
    const int32_t words = aegis_channel_open("words", 5);
    uint32_t count = 0, length, error;

    if (words < 0) return 0;
    while ((error = aegis_channel_receive(words, message, sizeof message, &length)) == 0) {
        for (uint32_t at = 0; at < length; at++) {
            if (message[at] >= 'a' && message[at] <= 'z') message[at] -= 'a' - 'A';
        }
        if (aegis_channel_send(words, message, length) != 0) break;
        count++;
    }
    aegis_channel_close(words);
    return count;
}
