package main

//go:wasmexport greet
func greet(address, length uint32) uint64 {
	return give("Hello, " + take(address, length) + "!")
}
