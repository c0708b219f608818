package doctor

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/internal/source/live"
)

// programs are those whose versions matter, with how to ask for it.
var programs = [][]string{
	{"AWS CLI", "aws", "--version"},
	{"boto3", "python3", "-c", "import boto3, botocore; print(boto3.__version__, 'with botocore', botocore.__version__)"},
	{"rclone", "rclone", "version"},
	{"Terraform", "terraform", "version"},
}

// programWait bounds how long a program is waited for.
const programWait = 5 * time.Second

// versions asks programs for their versions. One that is missing is left out.
func (e *examination) versions(ctx context.Context) {
	if e.Output == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, programWait)
	defer cancel()
	answers := make([]string, len(programs))
	var all sync.WaitGroup
	for i, p := range programs {
		all.Go(func() {
			if text, err := e.Output(ctx, p[1], p[2:]...); err == nil {
				answers[i], _, _ = strings.Cut(strings.TrimSpace(text), "\n")
			}
		})
	}
	all.Wait()
	for i, text := range answers {
		if text != "" {
			e.report.Versions = append(e.report.Versions, Setting{Name: programs[i][0], Value: text})
		}
	}
}

const (
	identifyWait = 8 * time.Second
	clockLimit   = 15 * time.Minute // S3 answers RequestTimeTooSkewed beyond
	clockDoubt   = time.Minute
)

// caller asks STS who is calling, which no policy can deny, and compares clocks by
// the Date of its answer.
func (e *examination) caller(ctx context.Context) {
	if e.Identify == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, identifyWait)
	defer cancel()
	id, err := e.Identify(ctx)
	c := &Caller{Account: string(id.Account), ARN: id.ARN, AccessKeyID: id.AccessKeyID, Provider: id.Provider}
	if err != nil {
		c.Error = live.Plain(err)
		e.problem("", "STS does not say who is calling: %s", c.Error)
	}
	if !id.Date.IsZero() {
		offset := e.Now().Sub(id.Date).Round(time.Second)
		seconds := int(offset.Seconds())
		c.ClockOffset = &seconds
		switch {
		case offset.Abs() >= clockLimit:
			e.problem("set the clock", "the clock of this machine is off by %v: AWS refuses requests from fifteen minutes on", offset)
		case offset.Abs() >= clockDoubt:
			e.note("set the clock", "the clock of this machine is off by %v", offset)
		}
	}
	e.report.Caller = c
}
