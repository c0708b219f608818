package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"

	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/source/live"
)

const collectHelp = `collect reads what decides S3 requests in a live AWS account into a folder that
every command takes with -e: estate.yaml, and each policy document in a JSON file
of its own. The same account gives the same bytes, so that a folder under version
control shows what changed. Objects are not read, nor any secret.

Several --profile, or several --role-arn, read several accounts into one estate;
the organization with its policies is read from its management account.

Nothing is written to AWS: an operation that could change something is refused
before it is sent. What may not be read is listed as unknown, with AWS's error and
the permission that would help, and a decision that hangs on it is "unknown".
--print-policy prints the least IAM policy that reads all.

Exit status: 0, also where parts could not be read; 2 without an identity.`

const collectExamples = `  why403 collect -o prod
  why403 collect -o prod --profile audit --region eu-west-1
  why403 collect -o prod --role-arn arn:aws:iam::111122223333:role/audit --role-arn arn:aws:iam::444455556666:role/audit
  why403 collect --print-policy > collector.json`

type collectFlags struct {
	out         string
	printPolicy bool
	profiles    []string
	roles       []string
	region      string
	buckets     []string
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
	cmd.Flags().StringVarP(&f.out, "output-dir", "o", "", "`FOLDER` to write into; documents of an earlier estate in it are replaced")
	cmd.Flags().BoolVar(&f.printPolicy, "print-policy", false, "print the IAM policy that collecting needs, and do nothing else")
	cmd.Flags().StringArrayVar(&f.profiles, "profile", nil, "`NAME` of a profile of the AWS configuration (repeatable: the account of each)")
	cmd.Flags().StringVar(&f.region, "region", "", "`REGION` of the session, whose VPC endpoints are read")
	cmd.Flags().StringArrayVar(&f.roles, "role-arn", nil, "`ARN` of a role to assume first (repeatable: the account of each)")
	cmd.Flags().StringArrayVar(&f.buckets, "bucket", nil, "read this bucket alone, `NAME` (repeatable)")
	must(cmd.RegisterFlagCompletionFunc("output-dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return f.run(cmd, s) }
	return cmd
}

func (f *collectFlags) run(cmd *cobra.Command, s *System) error {
	if f.printPolicy {
		_, err := fmt.Fprint(s.Stdout, live.CollectorPolicy)
		return err
	}
	if f.out == "" {
		return usagef("such as why403 collect -o prod", "-o does not say where to write")
	}
	if err := ownFolder(f.out); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), stopSignals...)
	defer stop()
	e, err := f.collect(ctx, s)
	if err != nil {
		return err
	}
	if err := e.WriteFolder(f.out); err != nil {
		return err
	}
	f.tell(s, e)
	return nil
}

// sessions are the identities that the flags name, one for each account.
func (f *collectFlags) sessions() ([]live.Options, error) {
	if len(f.profiles) > 1 && len(f.roles) > 0 {
		return nil, usagef("name one profile that may assume the roles, or profiles alone", "several profiles and roles leave open who is to assume which role")
	}
	var list []live.Options
	for _, name := range f.profiles {
		list = append(list, live.Options{Profile: name, Region: f.region})
	}
	if len(list) == 0 {
		list = []live.Options{{Region: f.region}}
	}
	if len(f.roles) == 0 {
		return list, nil
	}
	base := list[0]
	list = nil
	for _, role := range f.roles {
		o := base
		o.RoleARN = role
		list = append(list, o)
	}
	return list, nil
}

// collect reads one account after the other, and makes one estate of them.
func (f *collectFlags) collect(ctx context.Context, s *System) (*estate.Estate, error) {
	options, err := f.sessions()
	if err != nil {
		return nil, err
	}
	var list []*estate.Estate
	for _, o := range options {
		session, err := live.Open(ctx, o)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(s.Stderr, "why403: reading account %s as %s\n", session.Account, render.Clean(session.ARN))
		report := newStatusLine(s)
		e, err := session.Collect(ctx, live.Scope{Buckets: f.buckets}, report.now)
		report.end()
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return live.Merge(list)
}

// ownFolder refuses a folder that holds an estate which collect has not written,
// or other things and no estate.
func ownFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() == "estate.yaml" {
			return nil
		}
	}
	return usagef("name a new folder, or one that holds an estate.yaml", "the folder %s holds other things", dir)
}

// tell sums up what was read, and what was not.
func (f *collectFlags) tell(s *System, e *estate.Estate) {
	var users, roles, buckets, keys, unread int
	for _, a := range e.Accounts {
		users, roles, buckets, keys = users+len(a.Users), roles+len(a.Roles), buckets+len(a.Buckets), keys+len(a.Keys)
	}
	for _, u := range e.AllUnknowns() {
		if live.Never(u.Why) {
			continue
		}
		if unread++; unread <= fewUnread {
			fmt.Fprintf(s.Stderr, "why403: warning: not read: %s: %s\n", render.Clean(u.What), render.Clean(u.Why))
		}
	}
	if unread > fewUnread {
		fmt.Fprintf(s.Stderr, "why403: warning: and %d more, under unknown in %s\n", unread-fewUnread, render.Clean(f.out))
	}
	fmt.Fprintf(s.Stderr, "why403: %d users, %d roles, %d buckets and %d keys are in %s\n", users, roles, buckets, keys, render.Clean(f.out))
}

// fewUnread is how many things that could not be read are listed.
const fewUnread = 8

// A statusLine is one line of a terminal, which says what is being done.
type statusLine struct {
	mu sync.Mutex
	s  *System
	on bool
}

func newStatusLine(s *System) *statusLine { return &statusLine{s: s, on: s.width(s.Stderr) > 0} }

func (p *statusLine) now(what string) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	text := render.Clean("reading " + what)
	fmt.Fprintf(p.s.Stderr, "\r\x1b[K%.*s", max(p.s.width(p.s.Stderr)-1, 0), text)
}

func (p *statusLine) end() {
	if p.on {
		fmt.Fprint(p.s.Stderr, "\r\x1b[K")
	}
}
