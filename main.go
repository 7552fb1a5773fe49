// Reconexus carries Reconix and SecureNexus Control on one box.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"reconexus/app"
	"reconexus/embed"
)

// Set by the build: -ldflags "-X main.version=… -X main.commit=…".
var (
	version = "dev"
	commit  = "unknown"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := app.Main(ctx, app.Program{
		Version: version, Commit: commit, Args: os.Args[1:], Environ: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Pages: embed.Pages(), Docs: embed.Docs(), Guide: embed.Guide(),
	})
	stop()
	os.Exit(code)
}
