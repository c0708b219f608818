package doctor

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/internal/source/live"
)

// A Patient is all that is examined. Files are read where the environment says they
// are.
type Patient struct {
	Env     []string // "NAME=value"; later entries win
	Profile string   // named on the command line; "" for none
	Now     func() time.Time

	// Metadata asks an instance's metadata service; nil: it is not asked.
	Metadata *http.Client
	// Identify asks STS; nil: it is not asked.
	Identify func(context.Context) (live.Identity, error)
	// Output runs a program, for its version; nil: none is run.
	Output func(ctx context.Context, name string, args ...string) (string, error)
}

// The states of a link.
const (
	Wins    = "wins"
	Hidden  = "hidden" // it is there, and an earlier one wins
	Absent  = "absent"
	Broken  = "broken"  // it is there, and gives nothing
	Skipped = "skipped" // no program gets that far, or it was not to be asked
)

// A Link is one place where credentials are looked for.
type Link struct {
	Name        string `json:"name"`
	State       string `json:"state"`
	Detail      string `json:"detail,omitempty"`
	Place       string `json:"place,omitempty"` // file:line
	AccessKeyID string `json:"accessKeyId,omitempty"`
}

// A Setting is a value and where it comes from.
type Setting struct {
	Name  string `json:"name"` // of a program, or of a variable
	Value string `json:"value"`
	From  string `json:"from,omitempty"`
}

// A Problem is something that is, or may be, wrong.
type Problem struct {
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// A Report is what was found.
type Report struct {
	Profiles  []Setting `json:"profiles"` // by program
	Chain     []Link    `json:"chain"`
	Regions   []Setting `json:"regions"` // by program
	Endpoints []Setting `json:"endpoints,omitempty"`
	Proxies   []Setting `json:"proxies,omitempty"`
	Bundles   []Setting `json:"caBundles,omitempty"`
	Versions  []Setting `json:"versions,omitempty"`
	Caller    *Caller   `json:"caller,omitempty"`
	Problems  []Problem `json:"problems,omitempty"`
	Notes     []Problem `json:"notes,omitempty"` // what surprises, and is not wrong as such
}

// A Caller is what STS answered.
type Caller struct {
	Account     string `json:"account,omitempty"`
	ARN         string `json:"arn,omitempty"`
	AccessKeyID string `json:"accessKeyId,omitempty"`
	Provider    string `json:"provider,omitempty"` // of the SDK for Go, that gave the credentials
	Error       string `json:"error,omitempty"`
	// ClockOffset is how far this machine's clock is ahead of AWS's, in seconds;
	// nil where AWS did not answer.
	ClockOffset *int `json:"clockOffset,omitempty"`
}

// Examine looks at everything. It takes as long as the slowest of those asked; ctx
// bounds it.
func (p *Patient) Examine(ctx context.Context) *Report {
	e := &examination{Patient: p, report: &Report{}}
	e.files()
	e.profiles()
	e.environment()
	e.webIdentity()
	e.profile()
	e.container(ctx)
	e.metadata(ctx)
	e.winner()
	e.regions()
	e.endpoints()
	e.proxies()
	e.bundles()
	e.versions(ctx)
	e.caller(ctx)
	return e.report
}

// An examination fills one report.
type examination struct {
	*Patient
	report *Report

	config, credentials *file
	chosen              string // profile that the SDK for Go takes
}

func (e *examination) getenv(name string) string {
	value := ""
	for _, entry := range e.Env {
		if k, v, ok := strings.Cut(entry, "="); ok && k == name {
			value = v
		}
	}
	return value
}

func (e *examination) problem(hint, format string, args ...any) {
	e.report.Problems = append(e.report.Problems, Problem{fmt.Sprintf(format, args...), hint})
}

func (e *examination) note(hint, format string, args ...any) {
	e.report.Notes = append(e.report.Notes, Problem{fmt.Sprintf(format, args...), hint})
}

func (e *examination) link(l Link) { e.report.Chain = append(e.report.Chain, l) }

// found marks a link as the one that wins until winner looks for earlier ones.
const found = "found"

// winner tells which link wins: the first that has something. Links that are broken
// stop the chain or not, by program; they are problems of their own.
func (e *examination) winner() {
	won := -1
	for i := range e.report.Chain {
		l := &e.report.Chain[i]
		switch {
		case l.State != found:
		case won < 0:
			won, l.State = i, Wins
		default:
			l.State = Hidden
			e.note("", "%s hides %s", e.report.Chain[won].Name, l.Name)
		}
	}
	if won < 0 {
		e.problem("log in with aws sso login or aws login, or set AWS_PROFILE to a profile that has credentials", "no link of the chain gives credentials: programs go without a signature, or stop")
	}
}

// readable says why a file cannot be read, "" where it can.
func readable(path string) string {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return "there is no such file"
	case err != nil:
		return "it cannot be read"
	case info.IsDir():
		return "it is a folder"
	}
	f, err := os.Open(path)
	if err != nil {
		return "it cannot be read: " + strings.TrimPrefix(err.Error(), "open "+path+": ")
	}
	_ = f.Close()
	return ""
}

// pasted says how a value was spoiled by pasting, "" where it was not.
func pasted(value string) string {
	switch {
	case strings.Trim(value, "\r\n") != value:
		return "a line end"
	case strings.TrimSpace(value) != value:
		return "a blank at its begin or end"
	case len(value) > 1 && slices.Contains([]byte{'"', '\''}, value[0]):
		return "quotes"
	case strings.ContainsAny(value, "\u00a0\u200b\ufeff"):
		return "an invisible character"
	}
	return ""
}
