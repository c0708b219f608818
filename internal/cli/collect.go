package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/source/live"
)

func (f *collectFlags) run(cmd *cobra.Command, s *System) error {
	if f.printPolicy {
		_, err := fmt.Fprint(s.Stdout, live.CollectorPolicy(f.roleName))
		return err
	}
	if f.readBack != "" {
		return readBack(s, f.readBack)
	}
	if err := f.check(); err != nil {
		return err
	}
	ctx, stop := stoppable(cmd.Context())
	defer stop()
	journal, err := f.journal(s)
	if err != nil {
		return err
	}
	e, err := f.collect(ctx, s, journal)
	kept := journal.Len()
	if closeErr := journal.Close(); closeErr != nil {
		fmt.Fprintf(s.Stderr, "why403: warning: %s\n", render.Clean(closeErr.Error()))
	}
	if err != nil {
		if kept == 0 {
			_ = os.Remove(f.unfinished())
		} else if errors.Is(err, context.Canceled) {
			err = &cutShortError{kept, f.unfinished()}
		}
		return err
	}
	out := e
	if f.redact {
		if out, err = f.withoutNames(s, e); err != nil {
			return err
		}
	}
	if err := out.WriteFolder(f.out); err != nil {
		return err
	}
	f.tell(s, e)
	return os.Remove(f.unfinished())
}

func (f *collectFlags) check() error {
	switch {
	case f.out == "":
		return usagef("such as why403 collect -o prod", "-o does not say where to write")
	case f.organization && f.roleName == "":
		return usagef("such as --role-name OrganizationAccountAccessRole", "--role-name does not say as which role the accounts of the organization are read")
	case f.organization && (len(f.profiles) > 1 || len(f.roles) > 1):
		return usagef("name one profile or role that may read the organization", "--organization reads all accounts by one identity")
	case !f.organization && f.roleName != "":
		return usagef("add --organization, or write --role-arn", "--role-name is for the accounts of an organization")
	case f.redactMap != "" && !f.redact:
		return usagef("add --redact", "--redact-map is for the pseudonyms of --redact")
	case f.redactMap != "" && exists(f.redactMap):
		return usagef(otherMap, "%s is there already", f.redactMap)
	case len(f.profiles) > 1 && len(f.roles) > 0:
		return usagef("name one profile that may assume the roles, or profiles alone", "several profiles and roles leave open who is to assume which role")
	}
	return ownFolder(f.out)
}

// unfinished is where the answers stand until the estate is written. It is beside
// the folder, so that nothing of it is taken for a part of the estate.
func (f *collectFlags) unfinished() string {
	path, err := filepath.Abs(f.out)
	if err != nil {
		path = filepath.Clean(f.out)
	}
	return path + ".unfinished"
}

func (f *collectFlags) journal(s *System) (*live.Journal, error) {
	path := f.unfinished()
	if f.restart {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	j, err := live.OpenJournal(path, time.Now())
	if err == nil && j.Len() > 0 {
		fmt.Fprintf(s.Stderr, "why403: going on from %s, with %d answers that were read before; --restart asks anew\n", render.Clean(path), j.Len())
	}
	return j, err
}

// A cutShortError says that collecting was interrupted, and how to go on.
type cutShortError struct {
	kept int
	path string
}

func (e *cutShortError) Error() string {
	return fmt.Sprintf("cut short; %d answers are kept in %s, and nothing was written", e.kept, e.path)
}
func (e *cutShortError) Hint() string { return "the same command goes on from there" }

// collect reads the accounts, and makes one estate of them.
func (f *collectFlags) collect(ctx context.Context, s *System, journal *live.Journal) (*estate.Estate, error) {
	line := newStatusLine(s)
	defer line.end()
	var sessions []*live.Session
	for _, o := range f.sessions() {
		session, err := live.Open(ctx, o)
		if err != nil {
			return nil, err
		}
		session.Remember(journal)
		sessions = append(sessions, session)
		fmt.Fprintf(s.Stderr, "why403: reading account %s as %s\n", session.Account, render.Clean(session.ARN))
	}
	scope := live.Scope{Buckets: f.buckets, AllRegions: f.allRegions}
	if len(f.regions) > 1 {
		scope.Regions = f.regions[1:]
	}
	switch {
	case f.organization:
		return sessions[0].CollectOrganization(ctx, f.roleName, scope, line.now)
	case len(sessions) == 1:
		return sessions[0].Collect(ctx, scope, line.now)
	}
	return live.CollectAll(ctx, sessions, scope, line.now)
}

// sessions are the identities that the flags name, one for each account.
func (f *collectFlags) sessions() []live.Options {
	var base live.Options
	if len(f.regions) > 0 {
		base.Region = f.regions[0]
	}
	list := []live.Options{base}
	if len(f.profiles) > 0 {
		list = nil
	}
	for _, name := range f.profiles {
		o := base
		o.Profile = name
		list = append(list, o)
	}
	if len(f.roles) == 0 {
		return list
	}
	base, list = list[0], nil
	for _, role := range f.roles {
		o := base
		o.RoleARN = role
		list = append(list, o)
	}
	return list
}

// ownFolder refuses a folder that holds other things and no estate. One in which an
// estate was being written holds its documents alone.
func ownFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	others := false
	for _, e := range entries {
		if e.Name() == "estate.yaml" {
			return nil
		}
		others = others || e.Name() != "policies" && !strings.HasPrefix(e.Name(), ".why403-")
	}
	if !others {
		return nil
	}
	return usagef("name a new folder, or one that holds an estate.yaml", "the folder %s holds other things", dir)
}
