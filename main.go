// Reconexus carries Reconix and SecureNexus Control on one box.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"reconexus/app"
	"reconexus/embed"
)

// Set by the build: -ldflags "-X main.version=… -X main.commit=…".
var (
	version = "dev"
	commit  = "unknown"
)

// Memory beyond which the garbage collector works harder instead of growing, in bytes:
// an import of any size is to stay within 512 MB in all. GOMEMLIMIT overrides it.
const memory = 300 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memory)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := app.Main(ctx, app.Program{
		Version: version, Commit: commit, Args: os.Args[1:], Environ: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Pages: embed.Pages(), Docs: embed.Docs(), Guide: embed.Guide(),
	})
	stop()
	os.Exit(code)
}
