package cli

import (
	"github.com/spf13/cobra"
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
