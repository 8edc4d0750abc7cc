package main

import (
	"fmt"
	"os"
)

// A request is in the environment, as CGI has it; its body is on stdin. What is printed is the response.
func main() {
	fmt.Print("Content-Type: text/plain; charset=utf-8\r\n\r\n")
	fmt.Printf("Hello from {{name}}: %s %s\n", os.Getenv("REQUEST_METHOD"), os.Getenv("PATH_INFO"))
}
