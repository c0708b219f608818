package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/reason"
)

func newReason(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "reason [CODE]",
		Short:   "Explain a reason code, or list them all",
		GroupID: groupLearn,
		Long: `reason explains a reason code, such as deny-resource-policy: what it means, what
to do, and the page of the AWS manual. Without a code it lists all.

--example prints a case, an estate with a request, in which this reason is given.`,
		Example: "  why403 reason\n  why403 reason no-allow-identity\n  why403 reason --example no-allow-identity",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("see why403 reason --help", "why403 reason takes one code, and was given %d", len(args))
			}
			return nil
		},
		ValidArgsFunction: completeReasons,
	}
	output := outputFlag(cmd)
	example := cmd.Flags().Bool("example", false, "print a case in which this reason is given")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 && *example:
			return usagef("such as why403 reason --example no-allow-identity", "--example wants a code")
		case len(args) == 0:
			return listReasons(s, output.value)
		}
		return showReason(s, args[0], output.value, *example)
	}
	return cmd
}

func listReasons(s *System, output string) error {
	for _, r := range reason.All() {
		if output == "json" {
			if err := json.NewEncoder(s.Stdout).Encode(r); err != nil {
				return err
			}
			continue
		}
		if _, err := fmt.Fprintf(s.Stdout, "%-36s %s\n", r.Code, r.Title); err != nil {
			return err
		}
	}
	return nil
}

func showReason(s *System, code, output string, example bool) error {
	r, ok := reason.Lookup(reason.Code(code))
	if !ok {
		hint := "why403 reason lists them"
		if near, ok := node.Nearest(code, reasonCodes()); ok {
			hint = "did you mean " + near + "?"
		}
		return usagef(hint, "there is no reason %q", code)
	}
	if example {
		_, err := fmt.Fprint(s.Stdout, r.ExampleText())
		return err
	}
	if output == "json" {
		return json.NewEncoder(s.Stdout).Encode(r)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n", r.Code, r.Title)
	if r.Text != "" {
		fmt.Fprintf(&b, "\n%s\n", r.Text)
	}
	fmt.Fprintf(&b, "\nSee: %s\nExample: why403 reason --example %s\n", r.See, r.Code)
	_, err := fmt.Fprint(s.Stdout, b.String())
	return err
}

func completeReasons(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []string
	for _, r := range reason.All() {
		if strings.HasPrefix(string(r.Code), word) {
			list = append(list, string(r.Code)+"\t"+r.Title)
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}

func reasonCodes() []string {
	var list []string
	for _, r := range reason.All() {
		list = append(list, string(r.Code))
	}
	return list
}
