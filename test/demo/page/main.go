// A web page server, small and static: the program whose image the demo injects.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
)

func main() {
	page := http.FileServer(http.Dir("/page"))
	http.Handle("/", page)
	http.HandleFunc("/where", func(answer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(answer, os.Getenv("NODE"))
	})
	log.Println("listening on :8080")
	log.Fatal(http.ListenAndServe(":8080", nil))
}
