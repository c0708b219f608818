package cli

import (
	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
)

func newSchema(s *System) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of the estate format",
		GroupID: groupLearn,
		Long: `schema prints the JSON Schema (draft 2020-12) of the estate format, version 1.
Editors that know YAML schemas complete and check estate files with it.`,
		Example: `  why403 schema > estate.schema.json`,
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := s.Stdout.Write(estate.Schema())
			return err
		},
	}
}

// noArgs refuses arguments of commands that take none.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("see "+cmd.CommandPath()+" --help", "%s takes no argument, but was given %q", cmd.CommandPath(), args[0])
	}
	return nil
}
