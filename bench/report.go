package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// A report is the outcome of a run.
type report struct {
	Endpoint    string   `json:"endpoint"`
	Concurrency int      `json:"concurrency"`
	Payload     string   `json:"payload"` // signed or unsigned
	Phases      []result `json:"phases"`
}

// A result is the outcome of a phase.
type result struct {
	Phase     string  `json:"phase"`
	Requests  int     `json:"requests"` // that were answered as they should be
	Errors    int     `json:"errors"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"requestsPerSecond"`
	MiB       float64 `json:"mibPerSecond"` // of objects, 0 for a listing

	P50 float64 `json:"p50ms"`
	P90 float64 `json:"p90ms"`
	P99 float64 `json:"p99ms"`

	ServerCPU  *float64 `json:"serverCpuMsPerRequest,omitempty"` // absent without -pid
	FirstError string   `json:"firstError,omitempty"`
}

func summarize(p phase, tallies []tally, elapsed, cpu time.Duration, measured bool) result {
	r := result{Phase: p.name, Seconds: elapsed.Seconds()}
	var times []time.Duration
	var bytes int64
	for i := range tallies {
		t := &tallies[i]
		times, bytes = append(times, t.times...), bytes+t.bytes
		r.Errors += t.errors
		if r.FirstError == "" && t.first != nil {
			r.FirstError = t.first.Error()
		}
	}
	slices.Sort(times)
	r.Requests = len(times)
	r.PerSecond = float64(len(times)) / elapsed.Seconds()
	r.MiB = float64(bytes) / elapsed.Seconds() / (1 << 20)
	r.P50, r.P90, r.P99 = percentile(times, 50), percentile(times, 90), percentile(times, 99)
	if measured && len(times) > 0 {
		each := milliseconds(cpu) / float64(len(times))
		r.ServerCPU = &each
	}
	return r
}

// percentile returns the least of the sorted times that p in a hundred do not
// exceed.
func percentile(sorted []time.Duration, p int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return milliseconds(sorted[max(0, (len(sorted)*p+99)/100-1)])
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (r *report) errors() (n int) {
	for _, p := range r.Phases {
		n += p.Errors
	}
	return n
}

func (r *report) write(w io.Writer, format string) error {
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	fmt.Fprintf(w, "%s, concurrency %d, payloads %s\n\n", r.Endpoint, r.Concurrency, r.Payload)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "phase\trequests\terrors\treq/s\tMiB/s\tp50 ms\tp90 ms\tp99 ms\tserver CPU ms\t")
	for _, p := range r.Phases {
		cpu := "-"
		if p.ServerCPU != nil {
			cpu = fmt.Sprintf("%.3f", *p.ServerCPU)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%.0f\t%.1f\t%.2f\t%.2f\t%.2f\t%s\t\n", p.Phase, p.Requests, p.Errors, p.PerSecond, p.MiB, p.P50, p.P90, p.P99, cpu)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, p := range r.Phases {
		if p.FirstError != "" {
			fmt.Fprintf(w, "\n%s: %s\n", p.Phase, p.FirstError)
		}
	}
	return nil
}
