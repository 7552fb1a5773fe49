// Command licences looks at everything that ends up in the binary, the Go
// modules, Go itself and the npm packages of the pages, and refuses whatever
// is not under a permissive licence or MPL-2.0. With -notice FILE it also
// writes the list and the texts, which the Debian package ships.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	notice := flag.String("notice", "", "also write the list of works and their licence texts to this `file`")
	flag.Parse()
	if err := run(".", *notice); err != nil {
		fmt.Fprintln(os.Stderr, "licences:", err)
		os.Exit(1)
	}
}

func run(root, notice string) error {
	works, err := shipped(root)
	if err != nil {
		return err
	}
	refused := 0
	for _, w := range works {
		if says := w.fault(); says != "" {
			fmt.Fprintln(os.Stderr, says)
			refused++
		}
	}
	if refused > 0 {
		return fmt.Errorf("%d of %d works cannot be shipped: replace them, or teach scripts/licences their text", refused, len(works))
	}
	if notice == "" {
		return nil
	}
	return os.WriteFile(notice, write(works), 0o644)
}
