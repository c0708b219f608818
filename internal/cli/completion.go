package cli

import (
	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion(s *System) *cobra.Command {
	return &cobra.Command{
		Use:     "completion SHELL",
		Short:   "Print a script that completes why403's command lines in a shell",
		GroupID: groupTools,
		Long: `completion prints a script for bash, zsh, fish or powershell. With it the shell
completes commands and flags, and, from the estate that -e names, principals,
buckets, keys, access points and VPC endpoints.`,
		Example: `  source <(why403 completion bash)
  why403 completion zsh > "${fpath[1]}/_why403"
  why403 completion fish > ~/.config/fish/completions/why403.fish
  why403 completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("such as why403 completion bash", "name one shell: bash, zsh, fish or powershell")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(s.Stdout, true)
			case "zsh":
				return root.GenZshCompletion(s.Stdout)
			case "fish":
				return root.GenFishCompletion(s.Stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(s.Stdout)
			}
			return usagef("why403 completion takes bash, zsh, fish or powershell", "no completion script for shell %q", args[0])
		},
	}
}
