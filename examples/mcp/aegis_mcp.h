/*
 * What a tool in C needs beside aegis.h, as docs/mcp.md says: the section "aegis:mcp" from a file of JSON, and what it can
 * tell whoever called it.
 */
#ifndef AEGIS_MCP_H
#define AEGIS_MCP_H

#include <stdint.h>

/* Puts a file into the section "aegis:mcp". Its path is relative to where the compiler runs. Once in a module. */
#define AEGIS_MCP(file) __asm__(".section \".custom_section.aegis:mcp\",\"\",@\n.incbin \"" file "\"\n");

/* How far the work is, and a line about it. Numbers must rise; without a client that asks, nothing happens. */
__attribute__((import_module("aegis:mcp"), import_name("progress"))) extern void aegis_progress(
    double done, double total, const char *message, uint32_t message_length);

/* Whether nobody waits for the result any more: 1, and a guest that asks has half a second to end by itself. */
__attribute__((import_module("aegis:mcp"), import_name("cancelled"))) extern int32_t aegis_cancelled(void);

#endif
