package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/why403/why403/internal/doctor"
	"github.com/why403/why403/internal/render"
	"github.com/why403/why403/internal/source/live"
)

const doctorHelp = `doctor examines the environment alone, without any bucket: each place where
programs look for AWS credentials, in their order, with file and line, which one
wins and what it hides; the profile and Region that the AWS CLI, boto3 and the SDK
for Go take, where they differ; endpoints and proxies that are configured,
certificates, versions, the clock, and who STS says is calling.

Ids of access keys are shown, secrets never. --offline asks nobody: neither STS
nor an instance's metadata service, and runs no program for its version.

Exit status: 0 if nothing is wrong, 1 if problems were found, 2 wrong usage.`

const doctorExamples = `  why403 doctor
  why403 doctor --profile prod
  env -i HOME="$HOME" PATH="$PATH" why403 doctor -o json`

func newDoctor(s *System) *cobra.Command {
	cmd := &cobra.Command{
		Use: "doctor", Short: "Examine the credentials, Region and endpoints of this environment", Long: doctorHelp, Example: doctorExamples,
		GroupID: groupTools, Args: noArgs,
	}
	profile := cmd.Flags().String("profile", "", "`NAME` of a profile, as programs are given it on their command lines")
	offline := cmd.Flags().Bool("offline", false, "ask nobody, and run no program")
	output, color := outputFlag(cmd), colorFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p := &doctor.Patient{Env: s.Env, Profile: *profile, Now: time.Now}
		if !*offline {
			p.Metadata = &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{}).DialContext}} // never by a proxy
			p.Identify = func(ctx context.Context) (live.Identity, error) {
				return live.Identify(ctx, live.Options{Profile: *profile})
			}
			p.Output = programOutput(s.Env)
		}
		r := p.Examine(cmd.Context())
		if err := showReport(s, r, output.value, color.value); err != nil {
			return err
		}
		if len(r.Problems) > 0 {
			return statusError(statusDenied)
		}
		return nil
	}
	return cmd
}

// programOutput runs programs in the environment that is examined.
func programOutput(env []string) func(context.Context, string, ...string) (string, error) {
	return func(ctx context.Context, name string, args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Env = env
		cmd.WaitDelay = time.Second
		out, err := cmd.Output()
		return string(out), err
	}
}

func showReport(s *System, r *doctor.Report, form, color string) error {
	if form == "json" {
		enc := json.NewEncoder(s.Stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	return render.Rows(s.Stdout, doctorRows(r), render.Options{Width: s.width(s.Stdout), Color: s.color(color, s.Stdout)})
}

func doctorRows(r *doctor.Report) []render.Row {
	var rows []render.Row
	label := func(name string, texts []string) {
		for _, text := range texts {
			rows = append(rows, render.Row{Label: name, Text: text})
			name = ""
		}
	}
	label("profile", settings(r.Profiles))
	rows = append(rows, render.Row{})
	for _, l := range r.Chain {
		rows = append(rows, render.Row{Label: l.State, Text: listed(l.Name, l.AccessKeyID, l.Detail, l.Place)})
	}
	rows = append(rows, render.Row{})
	label("region", settings(r.Regions))
	label("endpoint", settings(r.Endpoints))
	label("proxy", settings(r.Proxies))
	label("trust", settings(r.Bundles))
	label("version", settings(r.Versions))
	if c := r.Caller; c != nil {
		who := listed(c.ARN, c.AccessKeyID, c.Provider)
		if c.Error != "" {
			who = listed(c.Error, c.AccessKeyID, c.Provider)
		}
		label("caller", []string{who})
		if c.ClockOffset != nil {
			label("clock", []string{fmt.Sprintf("%+d s against AWS's", *c.ClockOffset)})
		}
	}
	rows = append(rows, render.Row{})
	for _, list := range []struct {
		name string
		of   []doctor.Problem
	}{{"problem", r.Problems}, {"note", r.Notes}} {
		for _, p := range list.of {
			label(list.name, []string{p.Text})
			if p.Hint != "" {
				label("", []string{"hint: " + p.Hint})
			}
		}
	}
	if len(r.Problems) == 0 {
		label("fine", []string{"nothing is wrong here"})
	}
	return rows
}

// settings are settings in words: value, of what, from where.
func settings(list []doctor.Setting) []string {
	var out []string
	for _, s := range list {
		value := s.Value
		if value == "" {
			value = "(none)"
		}
		text := s.Name + ": " + value
		if s.From != "" {
			text += " (" + s.From + ")"
		}
		out = append(out, text)
	}
	return out
}

func listed(texts ...string) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, ", ")
}
