package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/why403/why403/internal/node"
)

const rootHelp = `why403 decides an Amazon S3 request as AWS does, and says which of the gates
refuses it: the statement with its file and line, what the request carried
against what the policy wanted, and what still stands in the way behind it.

Exit status: 0 allowed (or the command did its work), 1 denied (or --expect not
met), 2 wrong usage or bad input, 3 not known.`

const rootExamples = `  why403 -e estate.yaml --as arn:aws:iam::111122223333:user/alice s3://reports/q1.csv
  why403 explain -e estate.yaml --as arn:aws:iam::111122223333:role/app --operation PutObject s3://reports/q1.csv
  why403 reason no-allow-identity`

// The groups of commands, in the order of why403 help.
const (
	groupDecide = "decide"
	groupAsk    = "ask"
	groupLogs   = "logs"
	groupServe  = "serve"
	groupLearn  = "learn"
	groupTools  = "tools"
)

// Main runs one command line, without the program's name, and returns its exit
// status.
func Main(ctx context.Context, s *System, args []string) int {
	s.args = args
	root := newRoot(s)
	args = shorthand(root, args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return statusOK
	}
	var silent statusError
	if !errors.As(err, &silent) {
		complain(s.Stderr, err, wantsJSON(args))
	}
	return exitCode(err)
}

func newRoot(s *System) *cobra.Command {
	root := &cobra.Command{
		Use:               "why403",
		Short:             "Say why Amazon S3 answers 403",
		Long:              rootHelp,
		Example:           rootExamples,
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		RunE:              runRoot,
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
	}
	root.SetIn(s.Stdin)
	root.SetOut(s.Stdout)
	root.SetErr(s.Stderr)
	root.SetFlagErrorFunc(flagError)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddGroup(&cobra.Group{ID: groupDecide, Title: "Explain a refusal, and mend it:"},
		&cobra.Group{ID: groupAsk, Title: "Ask about everybody:"},
		&cobra.Group{ID: groupLogs, Title: "Read logs:"},
		&cobra.Group{ID: groupServe, Title: "Estates and the endpoint:"},
		&cobra.Group{ID: groupLearn, Title: "Look up:"},
		&cobra.Group{ID: groupTools, Title: "About why403:"})
	root.SetHelpCommandGroupID(groupTools)
	for _, make := range commands {
		root.AddCommand(make(s))
	}
	return root
}

// commands make the commands, in the order in which help shows them.
var commands = []func(*System) *cobra.Command{
	newExplain,
	newRun,
	newFix,
	newMessage,
	newEvent,
	newURL,
	newWhoCan,
	newCan,
	newDiff,
	newLogs,
	newReplay,
	newLeast,
	newServe,
	newExport,
	newCollect,
	newDoctor,
	newDemo,
	newReason,
	newSchema,
	newCompletion,
	newVersion,
}

// runRoot is reached by what is no command.
func runRoot(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	hint := "why403 help lists the commands"
	if near, ok := node.Nearest(args[0], names); ok {
		hint = "did you mean why403 " + near + "?"
	}
	return usagef(hint, "unknown command %q", args[0])
}

// shorthand turns "why403 s3://bucket/key" into "why403 explain s3://bucket/key",
// wherever the flags stand, and "why403 -- PROGRAM" into "why403 run -- PROGRAM".
func shorthand(root *cobra.Command, args []string) []string {
	if len(args) > 0 && strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return append([]string{args[0]}, shorthand(root, args[1:])...)
	}
	if len(args) > 0 && args[0] == "--" {
		return append([]string{"run"}, args...)
	}
	if len(args) == 0 || !strings.HasPrefix(args[0], "s3://") && !strings.HasPrefix(args[0], "-") {
		return args
	}
	target := false
	for _, a := range args {
		if strings.HasPrefix(a, "s3://") {
			target = true
		}
		if slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == a }) {
			return args
		}
	}
	if !target {
		return args
	}
	return append([]string{"explain"}, args...)
}

// flagError adds the nearest right name to the complaint about a flag.
func flagError(cmd *cobra.Command, err error) error {
	hint := "see " + cmd.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && len(unknown.GetSpecifiedName()) > 1 {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near, ok := node.Nearest(unknown.GetSpecifiedName(), names); ok {
			hint = "did you mean --" + near + "?"
		}
	}
	return usagef(hint, "%s", lowerFirst(err.Error()))
}

// wantsJSON reports whether a command line asks for JSON, also where it could
// not be parsed.
func wantsJSON(args []string) bool {
	for i, a := range args {
		switch a {
		case "--":
			return false
		case "-ojson", "-o=json", "--output=json":
			return true
		case "-o", "--output":
			if i+1 < len(args) && args[i+1] == "json" {
				return true
			}
		}
	}
	return false
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
