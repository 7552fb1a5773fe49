package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"reconexus/app/config"
)

type doctorCommand struct {
	JSON bool `help:"As JSON."`
}

// finding is one thing that was looked at.
type finding struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Remedy string `json:"remedy,omitempty"`
}

// Run looks at the box without touching it.
func (c *doctorCommand) Run(ctx context.Context, p *Program, s *settings) error {
	cfg, err := s.load(ctx, p)
	if err != nil {
		return err
	}
	found := examine(cfg)
	if c.JSON {
		return printJSON(p.Stdout, found)
	}
	sick := 0
	for _, f := range found {
		mark := "ok  "
		if !f.OK {
			mark = "FIX "
			sick++
		}
		fmt.Fprintf(p.Stdout, "%s  %s\n", mark, f.What)
		if !f.OK {
			fmt.Fprintf(p.Stdout, "      %s\n", f.Remedy)
		}
	}
	if sick > 0 {
		return fmt.Errorf("%d of %d things want mending", sick, len(found))
	}
	return nil
}

// What a box should have free: bytes on disk, and open files.
const (
	wantFree  = 5 << 30
	wantFiles = 4096
)

func examine(c *config.Config) []finding {
	return []finding{folder(c.Data), space(c.Data), running(c), files(), clock(c.Data)}
}

func folder(dir string) finding {
	f := finding{What: "data folder " + dir, Remedy: "make it with: install -d -m 700 -o reconexus " + dir}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		f.What += " is not there yet"
	case err != nil:
		f.What += " cannot be looked at"
	case info.Mode().Perm()&0o077 != 0:
		f.What += " can be read by others"
		f.Remedy = "shut it with: chmod 700 " + dir
	default:
		f.OK = true
	}
	return f
}

func space(dir string) finding {
	f := finding{What: "free disk space", Remedy: "free some: a day of 10 million rows needs about 3 GB while it is taken in"}
	if free, _, err := disk(dir); err == nil {
		f.What = fmt.Sprintf("free disk space: %d GB", free>>30)
		f.OK = free >= wantFree
	}
	return f
}

// disk tells how many bytes are free, and how many there are, where a folder lies.
func disk(dir string) (free, size uint64, err error) {
	var st syscall.Statfs_t
	err = syscall.Statfs(existing(dir), &st)
	return st.Bavail * uint64(st.Bsize), st.Blocks * uint64(st.Bsize), err
}

// existing is the nearest folder that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func running(c *config.Config) finding {
	f := finding{What: "appliance answers on its socket", Remedy: "start it with: systemctl start reconexus, or: reconexus serve"}
	if conn, err := net.DialTimeout("unix", filepath.Join(c.Data, socketName), time.Second); err == nil {
		_ = conn.Close()
		f.OK = true
	}
	return f
}

func files() finding {
	f := finding{What: "limit of open files", Remedy: "raise it with LimitNOFILE=65536 in the unit, or ulimit -n 65536"}
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err == nil {
		f.What = fmt.Sprintf("limit of open files: %d", l.Cur)
		f.OK = l.Cur >= wantFiles
	}
	return f
}

// clock compares the clock with the newest thing written: a clock that went back makes
// tokens and deadlines wrong.
func clock(dir string) finding {
	f := finding{What: "clock is not behind the data", OK: true, Remedy: "set the clock: timedatectl set-ntp true, or by hand where there is no network"}
	if info, err := os.Stat(filepath.Join(dir, "reconexus.db")); err == nil && info.ModTime().After(time.Now().Add(time.Minute)) {
		f.OK = false
	}
	return f
}
