/*
 * Texts, bytes and structured values between a guest in C and Aegis, as docs/guest_abi.md says. Freestanding: needs no
 * libc. Include it in one file of the module: it defines the allocator.
 */
#ifndef AEGIS_H
#define AEGIS_H

#include <stdint.h>

/* What a function with a content result returns: address in the upper half, length in the lower. */
typedef uint64_t aegis_content;

/* Exports the function that follows, and says how it is meant: AEGIS_EXPORT("greet", "(string) -> string"). */
#define AEGIS_EXPORT(name, signature) \
    AEGIS_SIGNATURE(name signature)   \
    __attribute__((export_name(name), used))

/* The function that follows is the host's: AEGIS_IMPORT("phrases", "translate", "(string) -> string"). */
#define AEGIS_IMPORT(module, name, signature)                  \
    AEGIS_SIGNATURE("import " module " " name signature)       \
    extern __attribute__((import_module(module), import_name(name)))

/* A line of the custom section "aegis:signatures". */
#define AEGIS_SIGNATURE(line) \
    __asm__(".section \".custom_section.aegis:signatures\",\"\",@\n.ascii \"" line "\\n\"\n");

static inline aegis_content aegis_result(const void *address, uint32_t length) {
    return (uint64_t)(uintptr_t)address << 32 | length;
}

static inline char *aegis_address(aegis_content content) { return (char *)(uintptr_t)(content >> 32); }

static inline uint32_t aegis_length(aegis_content content) { return (uint32_t)content; }

/*
 * The allocator: blocks lie one behind the other, and when the last one is freed the memory is as at the start. That
 * suits guests that keep nothing between calls. What has no bytes is no block, and what lies outside is not ours.
 */
extern unsigned char __heap_base;
static uint32_t aegis_top, aegis_blocks;

__attribute__((export_name("aegis_alloc"), used)) void *aegis_alloc(uint32_t size) {
    const uint32_t base = ((uint32_t)(uintptr_t)&__heap_base + 15) & ~15u;
    if (aegis_blocks == 0) aegis_top = base;
    if (size == 0) return (void *)(uintptr_t)base;
    uint64_t end = ((uint64_t)aegis_top + size + 15) & ~15ull;
    uint64_t pages = (end + 65535) >> 16, now = __builtin_wasm_memory_size(0);
    if (pages > 65535) return 0;
    if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == (unsigned long)-1) return 0;
    void *address = (void *)(uintptr_t)aegis_top;
    aegis_top = (uint32_t)end;
    aegis_blocks++;
    return address;
}

__attribute__((export_name("aegis_free"), used)) void aegis_free(void *address, uint32_t size) {
    if (size == 0 || (unsigned char *)address < &__heap_base || aegis_blocks == 0) return;
    aegis_blocks--;
}

#endif
