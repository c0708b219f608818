package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/source/live"
)

const collectHelp = `collect reads what decides S3 requests in a live AWS account into a folder that
every command takes with -e: estate.yaml, and each policy document in a JSON file
of its own. The same account gives the same bytes, so that a folder under version
control shows what changed. Objects are not read, nor any secret.

Several --profile, or several --role-arn, read several accounts into one estate.
--organization reads all accounts of the organization, from its management account
or a delegated administrator: each as the role --role-name, which has to be in each.
VPC endpoints and access points are read in the Regions that have buckets, in those
of --region, the first of which is the session's, or in --all-regions.

Nothing is written to AWS: an operation that could change something is refused
before it is sent. What may not be read is listed as unknown, with AWS's error and
the permission that would help, and a decision that hangs on it is "unknown".
--print-policy prints the least IAM policy that reads all; with --role-name also that
for an organization.

--redact writes pseudonyms for account ids, names, ids, tags, addresses and Sids, the
same wherever a name stands, so that FOLDER can be attached to a ticket: decisions
stay what they are. Lengths of names, and words that begin alike, can still be seen.
With --redact-map an answer can be read back; keep that file to yourself.

A collection that is cut short leaves FOLDER as it was, and its answers in
FOLDER.unfinished: the same command, within twelve hours, goes on without asking
again what was read. --restart asks anew.

A session:

  $ why403 collect -o prod
  why403: reading account 111122223333 as arn:aws:iam::111122223333:user/audit
  why403: warning: not read: organizations:DescribeOrganization (AccessDeniedException): organization of 111122223333
  why403: 3 users, 1 roles, 4 buckets and 1 keys are in prod

Exit status: 0, also where parts could not be read; 2 without an identity, or cut
short.`

const collectExamples = `  why403 collect -o prod
  why403 collect -o prod --profile audit --region eu-west-1
  why403 collect -o prod --role-arn arn:aws:iam::111122223333:role/audit --role-arn arn:aws:iam::444455556666:role/audit
  why403 collect -o all --organization --role-name audit
  why403 collect -o for-support --redact --redact-map names.json
  why403 collect --read-back names.json < answer.txt
  why403 collect --print-policy > collector.json`

type collectFlags struct {
	out         string
	printPolicy bool
	restart     bool
	redact      bool
	redactMap   string
	readBack    string

	profiles     []string
	roles        []string
	organization bool
	roleName     string

	regions    []string
	allRegions bool
	buckets    []string
}

func newCollect(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "collect -o FOLDER",
		Short:   "Read an estate from a live AWS account",
		Long:    collectHelp,
		Example: collectExamples,
		GroupID: groupServe,
		Args:    noArgs,
	}
	f := &collectFlags{}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&f.out, "output-dir", "o", "", "`FOLDER` to write into; documents of an earlier estate in it are replaced")
	flags.StringArrayVar(&f.profiles, "profile", nil, "`NAME` of a profile of the AWS configuration (repeatable: the account of each)")
	flags.StringArrayVar(&f.roles, "role-arn", nil, "`ARN` of a role to assume first (repeatable: the account of each)")
	flags.BoolVar(&f.organization, "organization", false, "read every account of the organization")
	flags.StringVar(&f.roleName, "role-name", "", "`NAME` of the role to assume in the accounts of the organization, with its path")
	flags.StringArrayVar(&f.regions, "region", nil, "`REGION` of the session, and more to look for VPC endpoints and access points in (repeatable)")
	flags.BoolVar(&f.allRegions, "all-regions", false, "look for VPC endpoints and access points in all Regions that the account has enabled")
	flags.StringArrayVar(&f.buckets, "bucket", nil, "read this bucket alone, `NAME` (repeatable)")
	flags.BoolVar(&f.restart, "restart", false, "ask anew for what a collection that was cut short has read")
	flags.BoolVar(&f.redact, "redact", false, "write pseudonyms for account ids, names, ids, tags and addresses")
	flags.StringVar(&f.redactMap, "redact-map", "", "`FILE` to write the pseudonyms with their names into, for you alone")
	flags.StringVar(&f.readBack, "read-back", "", "put names for pseudonyms in standard input, by the `FILE` of --redact-map, and do nothing else")
	flags.BoolVar(&f.printPolicy, "print-policy", false, "print the IAM policy that collecting needs, and do nothing else")
	must(cmd.RegisterFlagCompletionFunc("output-dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return f.run(cmd, s) }
	return cmd
}

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
	ctx, stop := signal.NotifyContext(cmd.Context(), stopSignals...)
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
