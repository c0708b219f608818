package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// A choice is a flag that takes one of some words.
type choice struct {
	value string
	words []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.words, "|") }

func (c *choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return usagef("", "it may be %s", strings.Join(c.words, ", "))
	}
	c.value = s
	return nil
}

// choiceFlag adds a flag that takes one of some words, and completes them.
func choiceFlag(cmd *cobra.Command, name, short, value, usage string, words ...string) *choice {
	c := &choice{value, words}
	cmd.Flags().VarP(c, name, short, usage)
	must(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
	return c
}

// outputFlag adds -o.
func outputFlag(cmd *cobra.Command) *choice {
	return choiceFlag(cmd, "output", "o", "text", "form of the answer", "text", "json")
}

// colorFlag adds --color.
func colorFlag(cmd *cobra.Command) *choice {
	return choiceFlag(cmd, "color", "", "auto", "colour the text; auto: on a terminal, unless NO_COLOR is set", "auto", "always", "never")
}

// must stops the program on what only a mistake in it can cause.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
