package main

import "unsafe"

// How text crosses between this module and its host: blocks that the host asks for and gives back. The map keeps
// them from the collector.
var blocks = map[uint32][]byte{}

//go:wasmexport aegis_alloc
func aegisAlloc(size uint32) uint32 {
	if size == 0 {
		return 0
	}
	return keep(make([]byte, size))
}

//go:wasmexport aegis_free
func aegisFree(address, _ uint32) {
	delete(blocks, address)
}

func keep(block []byte) uint32 {
	address := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(block))))
	blocks[address] = block
	return address
}

// take copies an argument.
func take(address, length uint32) string {
	return string(blocks[address][:length])
}

// give is a result: the host copies it, and gives it back.
func give(text string) uint64 {
	if text == "" {
		return 0
	}
	return uint64(keep([]byte(text)))<<32 | uint64(len(text))
}

// A library has a main, which is never called.
func main() {}
