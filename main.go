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

// How the garbage collector works, unless GOMEMLIMIT or GOGC say otherwise: rarely, for
// what lives is small and requests are short (a quarter of the time of a point check
// went into collecting), and harder beyond some 300 MB instead of growing, so that an
// import of any size stays within 512 MB in all.
const (
	memoryLimit = 300 << 20 // bytes
	growth      = 300       // per cent of what lives
)

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
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
