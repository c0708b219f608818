package live

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// A Journal keeps AWS's answers in a file while an estate is collected, so that a
// collection that was cut short goes on without asking again what was read. It keeps
// answers of success, and those for settings that are not set; what was refused is
// asked again. Answers that carry credentials never come here. A line that was cut
// short counts for nothing.
type Journal struct {
	mu    sync.Mutex
	file  *os.File
	known map[string]*answer
	fail  error
}

// journalAge is how old answers may be to be used again: an estate is to be of one
// time, as far as that goes.
const journalAge = 12 * time.Hour

// An answer is one of AWS's, with the request that it answers.
type answer struct {
	Key    string      `json:"key"`
	Time   time.Time   `json:"time"`
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
}

// OpenJournal opens the journal of a file, or begins one. Answers from before the
// age that is allowed are left out.
func OpenJournal(path string, now time.Time) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: f, known: map[string]*answer{}}
	if err := j.load(now); err != nil {
		return nil, errors.Join(fmt.Errorf("read what was collected before: %w", err), f.Close())
	}
	return j, nil
}

// load reads whole lines, and cuts off what follows the last.
func (j *Journal) load(now time.Time) error {
	in, whole := bufio.NewReader(j.file), int64(0)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		whole += int64(len(line))
		var a answer
		if json.Unmarshal(line, &a) == nil && a.Key != "" && now.Sub(a.Time) < journalAge {
			j.known[a.Key] = &a
		}
	}
	return j.file.Truncate(whole)
}

// Len is how many answers are kept.
func (j *Journal) Len() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.known)
}

// Close closes the file. The error is also that of an answer that could not be
// written.
func (j *Journal) Close() error { return errors.Join(j.fail, j.file.Close()) }

// Remember lets the session take answers from the journal, and keep its own there.
func (s *Session) Remember(j *Journal) {
	s.journal, s.plain = j, s.config.HTTPClient
	if s.plain == nil {
		s.plain = awshttp.NewBuildableClient()
	}
	s.config.HTTPClient = &remembering{next: s.plain, journal: j, account: string(s.Account)}
}

// remembering is an HTTP client that asks nothing twice.
type remembering struct {
	next    aws.HTTPClient
	journal *Journal
	account string
}

func (c *remembering) Do(r *http.Request) (*http.Response, error) {
	key, err := c.key(r)
	if err != nil {
		return nil, err
	}
	if known := c.journal.find(key); known != nil {
		return known.response(r), nil
	}
	out, err := c.next.Do(r)
	if err != nil || out.StatusCode >= 300 && out.StatusCode != http.StatusNotFound {
		return out, err
	}
	body, err := io.ReadAll(out.Body)
	if closeErr := out.Body.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	out.Body = io.NopCloser(bytes.NewReader(body))
	c.journal.keep(&answer{Key: key, Time: time.Now(), Status: out.StatusCode, Header: out.Header, Body: body})
	return out, nil
}

// key names a request by whose account it is about, and by all that says what is
// asked; not by its signature.
func (c *remembering) key(r *http.Request) (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s %s\n%s\n%s\n%s\n", c.account, r.Method, r.URL, scope(r), r.Header.Get("X-Amz-Target"), r.Header.Get("X-Amz-Account-Id"))
	if r.Body != nil && r.Body != http.NoBody {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return "", err
		}
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
		sum.Write(body)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// scope is the Region and service that a request is signed for: one endpoint may be
// that of all.
func scope(r *http.Request) string {
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	credential, _, _ = strings.Cut(credential, ",")
	if parts := strings.Split(credential, "/"); len(parts) == 5 { // key, date, Region, service, aws4_request
		return parts[2] + "/" + parts[3]
	}
	return ""
}

func (a *answer) response(r *http.Request) *http.Response {
	return &http.Response{StatusCode: a.Status, Status: fmt.Sprint(a.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: a.Header.Clone(),
		Body: io.NopCloser(bytes.NewReader(a.Body)), ContentLength: int64(len(a.Body)), Request: r}
}

func (j *Journal) find(key string) *answer {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.known[key]
}

// keep writes one line. A disk that takes no more ends the keeping, and is told at
// the end.
func (j *Journal) keep(a *answer) {
	line, err := json.Marshal(a)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.known[a.Key] = a; err == nil && j.fail == nil {
		_, err = j.file.Write(append(line, '\n'))
	}
	if err != nil && j.fail == nil {
		j.fail = fmt.Errorf("keep what was collected: %w", err)
	}
}
