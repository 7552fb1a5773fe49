package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/alecthomas/kong"

	"reconexus/app/config"
	"reconexus/app/reconix/generate"
)

// Program is what main hands over.
type Program struct {
	Version string
	Commit  string
	Args    []string // without the program's name
	Environ []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Pages   fs.FS // the built SPA
	Docs    fs.FS // what /docs serves
	Guide   fs.FS // the user guide, Markdown

	// PasswordCost is bcrypt's cost of new passwords; 0 is the usual one. Tests lower it.
	PasswordCost int
}

// commands is the command line (cli.md). Words and flags stay; more may come.
type commands struct {
	settings

	Serve      serveCommand      `cmd:"" help:"Run the appliance."`
	SetupToken setupTokenCommand `cmd:"" help:"Print the one-time link that makes the first administrator."`
	User       userCommand       `cmd:"" help:"Accounts."`
	APIKey     apiKeyCommand     `cmd:"" name:"apikey" help:"Keys for machines."`
	Generate   generate.Command  `cmd:"" help:"Write synthetic feeds with labelled truth."`
	Import     importCommand     `cmd:"" help:"Take in a file."`
	Detect     detectCommand     `cmd:"" help:"Find linkages that belong to somebody before."`
	Check      checkCommand      `cmd:"" help:"Has a number changed hands since a date?"`
	Receipt    receiptCommand    `cmd:"" help:"Answers that somebody kept."`
	Audit      auditCommand      `cmd:"" help:"The log that cannot be rewritten."`
	Config     configCommand     `cmd:"" help:"Settings."`
	Doctor     doctorCommand     `cmd:"" help:"What is wrong with this box, each line with its remedy."`
	Version    versionCommand    `cmd:"" help:"Version, commit, Go and libraries."`
}

// settings are the flags that every command takes. A flag overrides the environment,
// which overrides the file.
type settings struct {
	ConfigFile string            `name:"config" placeholder:"FILE" help:"Settings file; /etc/reconexus/reconexus.toml when it is there."`
	Data       string            `placeholder:"DIR" help:"Folder where everything lives."`
	Set        map[string]string `placeholder:"KEY=VALUE" help:"Any setting by its key, such as --set log.level=debug."`
}

const settingsFile = "/etc/reconexus/reconexus.toml"

func (s settings) load(ctx context.Context, p *Program) (*config.Config, error) {
	o := config.Options{File: settingsFile, Environ: p.Environ, Flags: map[string]string{}, Terminal: terminal(p.Stderr)}
	if s.ConfigFile != "" {
		o.File, o.Required = s.ConfigFile, true
	}
	for k, v := range s.Set {
		o.Flags[k] = v
	}
	if s.Data != "" {
		o.Flags["data"] = s.Data
	}
	return config.Load(ctx, o)
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Exit codes of the command line.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Main runs one command and answers the exit code. The context ends it.
func Main(ctx context.Context, p Program) int {
	var c commands
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("reconexus"),
		kong.Description("Reconix finds recycled mobile numbers and the identities they still carry. One binary, no database server, no Internet."),
		kong.UsageOnError(), kong.Writers(p.Stdout, p.Stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&p, &c.settings),
	)
	if err != nil {
		fmt.Fprintln(p.Stderr, "reconexus:", err)
		return exitFailed
	}
	args := p.Args
	if len(args) == 0 || args[0] == "help" {
		args = append(args[min(1, len(args)):], "--help")
	}
	run, err := parser.Parse(args)
	if exit >= 0 { // --help has been printed
		return exit
	}
	if err != nil {
		fmt.Fprintf(p.Stderr, "reconexus: %s. See reconexus --help.\n", err)
		return exitUsage
	}
	err = run.Run()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		fmt.Fprintln(p.Stderr, "reconexus: stopped")
		return exitFailed
	}
	if err != nil {
		fmt.Fprintln(p.Stderr, "reconexus:", err)
		return exitFailed
	}
	return exitDone
}
