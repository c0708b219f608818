package cli

import (
	"github.com/spf13/cobra"

	"github.com/why403/why403/estate"
)

// estateFlag adds -e.
func estateFlag(cmd *cobra.Command) *string {
	path := cmd.Flags().StringP("estate", "e", "", "estate `PATH`: a YAML or JSON file, or a folder that holds estate.yaml")
	must(cmd.RegisterFlagCompletionFunc("estate", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveDefault)))
	return path
}

// loadEstate reads the estate that -e names.
func loadEstate(path string) (*estate.Estate, error) {
	if path == "" {
		return nil, usagef("read one from a live account with why403 collect -o FOLDER, or describe the accounts, policies and buckets in a YAML file, whose format why403 schema prints",
			"no estate is given (-e)")
	}
	return estate.Load(path)
}
