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
		return nil, usagef("describe the accounts, policies and buckets in a YAML file, its format is printed by why403 schema, and name it with -e FILE",
			"no estate is given (-e); reading live AWS accounts comes with a later version")
	}
	return estate.Load(path)
}
