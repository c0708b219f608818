package loggen

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/gzip"

	"github.com/why403/why403/iam"
)

// A Folder is where logs are written, in AWS's layout: trails under AWSLogs,
// access logs under access.
type Folder struct {
	Dir       string
	PerFile   int  // records a file; 0 is 5,000
	Trail     bool // write CloudTrail files
	Access    bool // write access logs
	ZipAccess bool // compress the access logs, which S3 does not do

	Records, Denied int // written so far; copies of one request count once
	texts           map[string]*text
}

// text is a file that is being filled.
type text struct {
	b       []byte
	records int
	files   int
	account string // of a trail, "" for access logs
	bucket  string
	region  string
}

// Write writes n requests.
func (f *Folder) Write(g *Generator, n int) error {
	f.texts = map[string]*text{}
	for range n {
		e, err := g.Next()
		if err != nil {
			return err
		}
		f.Records++
		if e.Decision.Verdict == iam.Denied {
			f.Denied++
		}
		if f.Trail {
			for _, account := range slices.Compact([]string{e.caller.account, e.owner}) {
				if err := f.trail(e, account); err != nil {
					return err
				}
			}
		}
		if f.Access {
			if err := f.access(g, e); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.texts)) {
		if err := f.flush(f.texts[name], f.last(g)); err != nil {
			return err
		}
	}
	return nil
}

func (f *Folder) last(g *Generator) *Event { return &Event{Time: g.now, number: g.number} }

func (f *Folder) of(key string, t text) *text {
	if f.texts[key] == nil {
		f.texts[key] = &t
	}
	return f.texts[key]
}

func (f *Folder) trail(e *Event, account string) error {
	t := f.of("trail "+account+e.region, text{account: account, region: e.region})
	if t.records == 0 {
		t.b = append(t.b[:0], `{"Records":[`...)
	} else {
		t.b = append(t.b, ',')
	}
	t.b = e.AppendCloudTrail(t.b, account)
	return f.added(t, e)
}

func (f *Folder) access(g *Generator, e *Event) error {
	owner, ok := g.estate.Account(iam.AccountID(e.owner))
	if !ok {
		return fmt.Errorf("the estate does not hold account %s", e.owner)
	}
	t := f.of("access "+e.Request.Bucket, text{bucket: e.Request.Bucket})
	if t.records == 0 {
		t.b = t.b[:0]
	}
	t.b = e.AppendAccessLog(t.b, owner)
	return f.added(t, e)
}

func (f *Folder) added(t *text, e *Event) error {
	t.records++
	per := f.PerFile
	if per == 0 {
		per = 5000
	}
	if t.records < per {
		return nil
	}
	return f.flush(t, e)
}

// flush writes a file under the name that AWS would give it.
func (f *Folder) flush(t *text, e *Event) error {
	if t.records == 0 {
		return nil
	}
	t.files++
	unique := fmt.Sprintf("%016X", uint64(t.files)*0x9E3779B97F4A7C15)
	name := filepath.Join(f.Dir, "access", t.bucket, e.Time.Format("2006-01-02-15-04-05-")+unique)
	zip := f.ZipAccess
	if t.account != "" {
		t.b = append(t.b, `]}`...)
		name = filepath.Join(f.Dir, "AWSLogs", t.account, "CloudTrail", t.region, e.Time.Format("2006/01/02"),
			fmt.Sprintf("%s_CloudTrail_%s_%s_%s.json.gz", t.account, t.region, e.Time.Format("20060102T1504Z"), unique))
		zip = true
	}
	t.records = 0
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	if zip && t.account == "" {
		name += ".gz"
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer out.Close()
	if !zip {
		_, err = out.Write(t.b)
		return err
	}
	z := gzip.NewWriter(out)
	if _, err := z.Write(t.b); err != nil {
		return err
	}
	return z.Close()
}
