/*
 * Messages between a guest in C and its host, as docs/channels.md says. Freestanding: needs no libc. Error numbers are
 * those of WASI, which are also those of wasi-libc's errno; the ones that a program acts upon are named here.
 */
#ifndef AEGIS_CHANNEL_H
#define AEGIS_CHANNEL_H

#include <stdint.h>

enum {
    AEGIS_CHANNEL_AGAIN = 6,        /* nothing there, or no room; of the functions that do not wait */
    AEGIS_CHANNEL_BADF = 8,         /* no channel is open under that handle */
    AEGIS_CHANNEL_MSGSIZE = 35,     /* too long for the channel, or for the buffer: then the length is told */
    AEGIS_CHANNEL_PIPE = 64,        /* the host has closed its end, and nothing is left */
    AEGIS_CHANNEL_NOTCAPABLE = 76   /* the host has opened no channel of that name */
};

#define AEGIS_CHANNEL_IMPORT(name) __attribute__((import_module("aegis:channel"), import_name(name)))

/* A handle, from 1; or an error number, negated. */
AEGIS_CHANNEL_IMPORT("open") int32_t aegis_channel_open(const char *name, uint32_t name_length);

/* The others return an error number, 0 for success. */
AEGIS_CHANNEL_IMPORT("send") uint32_t aegis_channel_send(int32_t channel, const void *message, uint32_t length);
AEGIS_CHANNEL_IMPORT("try_send")
uint32_t aegis_channel_try_send(int32_t channel, const void *message, uint32_t length);
AEGIS_CHANNEL_IMPORT("receive")
uint32_t aegis_channel_receive(int32_t channel, void *buffer, uint32_t capacity, uint32_t *length);
AEGIS_CHANNEL_IMPORT("try_receive")
uint32_t aegis_channel_try_receive(int32_t channel, void *buffer, uint32_t capacity, uint32_t *length);
AEGIS_CHANNEL_IMPORT("close") uint32_t aegis_channel_close(int32_t channel);

#endif
