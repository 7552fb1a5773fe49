package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"reconexus/app/access"
	"reconexus/app/config"
	"reconexus/app/jobs"
	"reconexus/app/rest"
	"reconexus/store/sqlite"
)

// mountOwn declares what the appliance tells of itself.
func (a *Appliance) mountOwn(p *Program) {
	rest.Get(a.API, "/settings", access.UserManage, a.settings, rest.Doc("List the settings with where each came from",
		"They are read at the start; a secret's value is never answered."))
	rest.Get(a.API, "/about", access.SignedIn, func(ctx context.Context, _ *struct{}) (*about, error) { return a.about(ctx, p) },
		rest.Doc("Version, health and parts of the appliance", "Folders and sizes are for who holds user:manage."))
}

type settingsView struct {
	Items    []config.Entry `json:"items" nullable:"false"`
	Warnings []string       `json:"warnings" nullable:"false" doc:"Settings that have no effect, in sentences"`
	File     string         `json:"file" doc:"Where the settings file is looked for"`
}

func (a *Appliance) settings(context.Context, *struct{}) (*settingsView, error) {
	out := &settingsView{Items: a.Config.Entries(), Warnings: a.Config.Warnings, File: a.Config.File}
	if out.Warnings == nil {
		out.Warnings = []string{}
	}
	for i := range out.Items {
		if out.Items[i].Secret {
			out.Items[i].Value = "" // not even the mask: set says all there is to say
		}
	}
	return out, nil
}

type about struct {
	Version  string    `json:"version"`
	Commit   string    `json:"commit"`
	Go       string    `json:"go"`
	Platform string    `json:"platform" doc:"Operating system and processor"`
	Started  time.Time `json:"started_at"`
	Uptime   int64     `json:"uptime_seconds"`
	Parts    []part    `json:"parts" nullable:"false" doc:"What works and what does not"`
	Schema   int64     `json:"schema" doc:"Number of the store's newest migration"`
	Modules  []module  `json:"modules" nullable:"false" doc:"Whose work is in the binary"`
	Place    *place    `json:"place,omitempty" doc:"For administrators: where the data are"`
}

// part is one thing that must work, as it is now.
type part struct {
	Name   string         `json:"name" enum:"store,jobs,live,disk"`
	OK     bool           `json:"ok"`
	Counts map[string]int `json:"counts,omitempty"`
}

type module struct {
	Path    string `json:"path"`
	Version string `json:"version"`
}

// place is the data folder, in bytes.
type place struct {
	Folder   string `json:"folder"`
	Database int64  `json:"database_bytes"`
	Jobs     int64  `json:"jobs_bytes" doc:"Files of jobs: what was taken in, rejected rows, results"`
	Cache    int64  `json:"cache_bytes" doc:"May be lost at any time"`
	Other    int64  `json:"other_bytes"`
	Free     uint64 `json:"free_bytes"`
	Disk     uint64 `json:"disk_bytes" doc:"The whole disk that the folder lies on"`
}

func (a *Appliance) about(ctx context.Context, p *Program) (*about, error) {
	out := &about{
		Version: p.Version, Commit: p.Commit, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Started: a.opened.UTC(), Uptime: int64(a.Clock().Sub(a.opened).Seconds()), Modules: modules(),
	}
	var err error
	out.Schema, err = sqlite.Read(ctx, a.DB, func(tx *sqlite.Tx) (int64, error) {
		return sqlite.One(tx, sqlite.Int64, `SELECT coalesce(max(version_id), 0) FROM migration WHERE is_applied`)
	})
	out.Parts = a.parts(ctx, err == nil)
	if access.From(ctx).Can(access.UserManage) {
		if out.Place, err = measure(a.Config.Data); err != nil {
			return nil, err
		}
	}
	return out, nil // a store that does not answer is told, not answered with a fault
}

func (a *Appliance) parts(ctx context.Context, store bool) []part {
	waiting := map[string]int{}
	counts, err := a.Jobs.Counts(ctx)
	for _, state := range []jobs.State{jobs.Queued, jobs.Running, jobs.Paused} {
		waiting[string(state)] = counts[state]
	}
	free, _, unknown := disk(a.Config.Data)
	return []part{
		{"store", store, nil},
		{"jobs", err == nil, waiting},
		{"live", true, map[string]int{"sockets": a.Hub.Open()}},
		{"disk", unknown == nil && free >= wantFree, nil},
	}
}

// modules lists whose work is in the binary, as the build wrote it down.
func modules() []module {
	out := []module{}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		out = append(out, module{m.Path, m.Version})
	}
	return out
}

// measure adds up the data folder. What comes and goes meanwhile is left out.
func measure(dir string) (*place, error) {
	p := &place{Folder: dir}
	free, size, err := disk(dir)
	if err != nil {
		return nil, err
	}
	p.Free, p.Disk = free, size
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return ignoreGone(err)
		}
		info, err := entry.Info()
		if err != nil {
			return ignoreGone(err)
		}
		rel, _ := filepath.Rel(dir, name) // name lies under dir
		switch top, _, _ := strings.Cut(rel, string(filepath.Separator)); {
		case strings.HasPrefix(top, "reconexus.db"):
			p.Database += info.Size()
		case top == "jobs":
			p.Jobs += info.Size()
		case top == "cache":
			p.Cache += info.Size()
		default:
			p.Other += info.Size()
		}
		return nil
	})
	return p, err
}

func ignoreGone(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
