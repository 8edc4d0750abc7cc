package main

//go:wasmexport greet
func greet(address, length uint32) uint64 {
	return give("Hello, " + take(address, length) + "!")
}

//go:wasmexport add
func add(first, second float64) float64 {
	return first + second
}
