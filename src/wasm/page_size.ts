/** Bytes of a page, the unit of the size of memories (specification, section 4.2, memory instances). */
export const PAGE_SIZE = 65536;
