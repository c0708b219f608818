package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/demo"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/internal/render"
)

const demoHelp = `demo makes the classic 403s of Amazon S3, and explains each. It starts the
endpoint of why403 serve on a free port of this machine, over an estate of four
accounts that is built in, sends it real signed requests of the AWS SDK for Go,
and shows the request, S3's answer and the explanation. Neither AWS nor your AWS
configuration has a part in it, and nothing is left behind.

With --keep the endpoint stays up afterwards, to be tried with the AWS CLI or any
SDK, and explains what it refuses on standard error.

With -o json each scenario is one line of JSON.

Exit status: 0 if every request met the decision that its scenario is about, else
1; 2 for wrong usage.`

const demoExamples = `  why403 demo
  why403 demo --list
  why403 demo --only missing-list-bucket --only deny-source-vpce
  why403 demo --only scp -o json | jq '.attempts[].decision.cause'
  why403 demo --keep
  why403 demo --print-estate`

type demoFlags struct {
	only                    []string
	list, keep, printEstate bool
	output, color           *choice
}

func newDemo(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "Make the classic 403s on this machine, and explain each",
		Long:    demoHelp,
		Example: demoExamples,
		GroupID: groupServe,
		Args:    noArgs,
	}
	f := &demoFlags{output: outputFlag(cmd), color: colorFlag(cmd)}
	cmd.Flags().StringArrayVar(&f.only, "only", nil, "play the scenario `NAME` alone; may be repeated")
	cmd.Flags().BoolVar(&f.list, "list", false, "list the scenarios")
	cmd.Flags().BoolVar(&f.keep, "keep", false, "keep the endpoint up afterwards, until interrupted")
	cmd.Flags().BoolVar(&f.printEstate, "print-estate", false, "print the estate that the scenarios run in")
	must(cmd.RegisterFlagCompletionFunc("only", completeScenarios))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), s, f) }
	return cmd
}

func runDemo(ctx context.Context, s *System, f *demoFlags) error {
	if f.printEstate {
		_, err := s.Stdout.Write(demo.Estate())
		return err
	}
	scenarios, err := chosen(f.only)
	if err != nil {
		return err
	}
	if f.list {
		return listScenarios(s.Stdout, scenarios, f.output.value)
	}
	ctx, stop := stoppable(ctx)
	defer stop()
	log := &gate{w: s.Stderr}
	stage, err := demo.Start(ctx, demo.Options{Log: log, Render: explainer(s, f.color.value, render.Options{Open: demo.Open})})
	if err != nil {
		return err
	}
	results, err := f.play(ctx, s, stage, scenarios)
	if err == nil && f.keep {
		log.open.Store(true)
		f.wait(ctx, s, stage)
	}
	interrupted := err != nil && (ctx.Err() != nil || errors.Is(err, syscall.EPIPE))
	if closeErr := stage.Close(); err == nil {
		err = closeErr
	}
	switch {
	case interrupted:
		return statusError(statusDenied)
	case err != nil:
		return err
	}
	for _, r := range results {
		if !r.Met {
			return statusError(statusDenied)
		}
	}
	return nil
}

// chosen returns the scenarios of the given names, all where none is given.
func chosen(names []string) ([]demo.Scenario, error) {
	all := demo.Scenarios()
	if len(names) == 0 {
		return all, nil
	}
	byName := map[string]demo.Scenario{}
	for _, sc := range all {
		byName[sc.Name] = sc
	}
	var list []demo.Scenario
	for _, name := range names {
		if slices.ContainsFunc(list, func(sc demo.Scenario) bool { return sc.Name == name }) {
			continue
		}
		sc, ok := byName[name]
		if !ok {
			hint := "why403 demo --list lists them"
			if near, ok := node.Nearest(name, demo.Names()); ok {
				hint = "did you mean " + near + "?"
			}
			return nil, usagef(hint, "there is no scenario %q", name)
		}
		list = append(list, sc)
	}
	return list, nil
}

func listScenarios(w io.Writer, list []demo.Scenario, output string) error {
	width := 0
	for _, sc := range list {
		width = max(width, len(sc.Name))
	}
	for _, sc := range list {
		var err error
		if output == "json" {
			err = printJSON(w, map[string]string{"name": sc.Name, "title": sc.Title, "story": sc.Story})
		} else {
			_, err = fmt.Fprintf(w, "%-*s  %s\n", width, sc.Name, sc.Title)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// play plays the scenarios, and shows each as soon as it is over.
func (f *demoFlags) play(ctx context.Context, s *System, stage *demo.Stage, scenarios []demo.Scenario) ([]*demo.Result, error) {
	o := render.Options{Width: s.width(s.Stdout), Color: s.color(f.color.value, s.Stdout), Open: demo.Open}
	var results []*demo.Result
	for _, sc := range scenarios {
		r, err := stage.Run(ctx, sc)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
		if f.output.value == "json" {
			err = printJSON(s.Stdout, r)
		} else {
			err = demo.Text(s.Stdout, r, o)
		}
		if err != nil {
			return nil, err
		}
	}
	if f.output.value == "json" {
		return results, nil
	}
	_, err := fmt.Fprintf(s.Stdout, "%s\n%s\nTry it yourself: why403 demo --keep. What a reason means: why403 reason CODE\n", strings.Repeat("=", 72), demo.Summary(results))
	return results, err
}

// wait keeps the endpoint up.
func (f *demoFlags) wait(ctx context.Context, s *System, stage *demo.Stage) {
	fmt.Fprintf(s.Stderr, "why403: the endpoint stays up until interrupted; to try it, paste into another shell:\n\n")
	for _, line := range stage.Exports() {
		fmt.Fprintf(s.Stderr, "  %s\n", line)
	}
	fmt.Fprintf(s.Stderr, "\nThe keys of the other users: why403 demo --print-estate\n\n")
	<-ctx.Done()
}

// A gate is a writer that drops everything until it is opened.
type gate struct {
	open atomic.Bool
	w    io.Writer
}

// Write implements io.Writer.
func (g *gate) Write(p []byte) (int, error) {
	if !g.open.Load() {
		return len(p), nil
	}
	return g.w.Write(p)
}

func completeScenarios(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	var list []string
	for _, sc := range demo.Scenarios() {
		list = append(list, sc.Name+"\t"+sc.Title)
	}
	return starting(list, word), cobra.ShellCompDirectiveNoFileComp
}
