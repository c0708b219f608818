package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
	"github.com/why403/why403/internal/render"
)

// A buffer that the endpoint's log goes to.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newStage(t *testing.T) *Stage {
	t.Helper()
	var log buffer
	s, err := Start(context.Background(), Options{Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if strings.Contains(log.String(), "panic") {
			t.Errorf("the endpoint panicked:\n%s", log.String())
		}
	})
	return s
}

func play(t *testing.T, s *Stage, sc Scenario) *Result {
	t.Helper()
	res, err := s.Run(context.Background(), sc)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func text(t *testing.T, r *Result) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, r, render.Options{Open: Open}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Every scenario meets the cause that it is about: decided so, answered so over
// HTTP, and read so by the SDK.
func TestScenarios(t *testing.T) {
	if len(Scenarios()) == 0 {
		t.Fatal("no scenarios")
	}
	s := newStage(t)
	for _, sc := range Scenarios() {
		t.Run(sc.Name, func(t *testing.T) {
			if res := play(t, s, sc); !res.Met {
				t.Error(text(t, res))
			}
		})
	}
}

// Scenarios do not lean on each other: told backwards, all are as expected too.
func TestScenariosInAnyOrder(t *testing.T) {
	s := newStage(t)
	all := Scenarios()
	for i := len(all) - 1; i >= 0; i-- {
		if res := play(t, s, all[i]); !res.Met {
			t.Error(text(t, res))
		}
	}
}

// The configuration of the user's AWS clients has no part in the demonstration.
func TestEnvironmentIsIgnored(t *testing.T) {
	nowhere := "http://192.0.2.1:1"
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": nowhere, "AWS_ENDPOINT_URL_S3": nowhere, "AWS_PROFILE": "none", "AWS_REGION": "eu-central-1", "AWS_CA_BUNDLE": "/none",
		"AWS_ACCESS_KEY_ID": "AKIANONE", "AWS_SECRET_ACCESS_KEY": "none", "AWS_SESSION_TOKEN": "none", "AWS_USE_FIPS_ENDPOINT": "true",
		"HTTP_PROXY": nowhere, "http_proxy": nowhere, "NO_PROXY": "", "AWS_CONFIG_FILE": "/none", "AWS_RETRY_MODE": "adaptive",
	} {
		t.Setenv(name, value)
	}
	s := newStage(t)
	for _, sc := range Scenarios() {
		switch sc.Name {
		case "missing-get-object", "head-object", "session-policy", "ignore-public-acls", "presigned-expired":
			if res := play(t, s, sc); !res.Met {
				t.Error(text(t, res))
			}
		}
	}
}

// Names are words that a command line takes, no two alike, and every scenario
// ends in a denial that its title speaks of, or shows what helps against it.
func TestScenariosAreWellFormed(t *testing.T) {
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[string]bool{}
	for _, sc := range Scenarios() {
		if !name.MatchString(sc.Name) || seen[sc.Name] {
			t.Errorf("name %q", sc.Name)
		}
		seen[sc.Name] = true
		if sc.Title == "" || !strings.HasSuffix(sc.Story, ".") {
			t.Errorf("%s: title %q, story %q", sc.Name, sc.Title, sc.Story)
		}
		denials := 0
		for _, a := range sc.Attempts {
			if (a.Want.Verdict == iam.Denied) != (a.Want.Cause != nil) || a.Says == "" {
				t.Errorf("%s: attempt %q expects %+v", sc.Name, a.Says, a.Want)
			}
			if a.Want.Cause == nil {
				continue
			}
			denials++
			if _, ok := reason.Lookup(a.Want.Cause.Reason); !ok {
				t.Errorf("%s: the catalogue has no reason %q", sc.Name, a.Want.Cause.Reason)
			}
		}
		if denials == 0 {
			t.Errorf("%s denies nothing", sc.Name)
		}
	}
}

// Every gate refuses in some scenario.
func TestEveryGateHasAScenario(t *testing.T) {
	var refuses [iam.NumGates]bool
	for _, sc := range Scenarios() {
		for _, a := range sc.Attempts {
			if a.Want.Cause != nil {
				refuses[a.Want.Cause.Gate] = true
			}
		}
	}
	for g := range iam.NumGates {
		if !refuses[g] {
			t.Errorf("gate %s refuses in no scenario", g)
		}
	}
}

// What is not as expected is said.
func TestMissed(t *testing.T) {
	s := newStage(t)
	read := func(ctx context.Context, s *Stage) error { return s.as("prod/ana").get(ctx, "reports", "2026/q1.csv") }
	for _, c := range []struct {
		name string
		want Want
		do   func(context.Context, *Stage) error
		says string
	}{
		{"verdict", allowed(200), read, "decided denied with 403 AccessDenied, expected allowed with 200"},
		{"code", noIdentity.answered(403, "InvalidAccessKeyId"), read, "expected denied with 403 InvalidAccessKeyId"},
		{"gate", explicitDeny, read, "the cause is identity, implicit-deny, no-allow-identity, expected bucket-policy, explicit-deny, deny-resource-policy"},
		{"near miss", noIdentity.nearly(reason.OtherResource), read, "expected identity, implicit-deny, no-allow-identity, nearly other-resource"},
		{"behind the cause", noIdentity.then(reason.DenySCP), read, "behind the cause stand [], expected [deny-scp]"},
		{"nothing sent", allowed(200), func(context.Context, *Stage) error { return errors.New("why not") }, "nothing was sent: why not"},
		{"no such caller", allowed(200), func(ctx context.Context, s *Stage) error { return s.as("prod/nobody").get(ctx, "reports", "k") }, "has no access key of prod/nobody"},
		{"a request before it", allowed(200), func(ctx context.Context, s *Stage) error {
			_ = read(ctx, s)
			return s.as("prod/admin").get(ctx, "reports", "2026/q1.csv")
		}, "which comes before it, was answered by 403 AccessDenied"},
		{"no session", allowed(200), func(ctx context.Context, s *Stage) error {
			_, err := s.as("prod/ana").assume(ctx, "arn:aws:iam::111122223333:role/none", "")
			return err
		}, "403 AccessDenied, and no request to S3 followed"},
		{"no decision", allowed(404), func(ctx context.Context, s *Stage) error {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL()+"/_why403/none", nil)
			_, err := s.anonymous().http("s3").Do(req)
			return err
		}, "the endpoint has no decision on request"},
	} {
		res := play(t, s, Scenario{Name: c.name, Attempts: []Attempt{{c.name, c.want, c.do}}})
		if res.Met || !strings.Contains(res.Attempts[0].Missed, c.says) {
			t.Errorf("%s: met %t, missed %q; want %q", c.name, res.Met, res.Attempts[0].Missed, c.says)
		}
		if got := text(t, res); !strings.Contains(got, "NOT AS EXPECTED: ") {
			t.Errorf("%s: %s", c.name, got)
		}
		if got := Summary([]*Result{res}); got != "1 scenario, 1 not as expected: "+c.name {
			t.Error(got)
		}
	}
}

// Neither secrets nor signatures nor tokens are shown.
func TestSecretsAreNotShown(t *testing.T) {
	s := newStage(t)
	var all strings.Builder
	for _, sc := range Scenarios() {
		res := play(t, s, sc)
		all.WriteString(text(t, res))
		if err := json.NewEncoder(&all).Encode(res.Attempts); err != nil {
			t.Fatal(err)
		}
	}
	for _, bad := range []string{"not-a-secret", "Signature=", "X-Amz-Security-Token", "x-amz-security-token\""} {
		for _, line := range strings.Split(all.String(), "\n") {
			if i := strings.Index(line, bad); i >= 0 && !strings.HasPrefix(line[i:], "Signature=…") {
				t.Errorf("%q is shown: %.300s", bad, line)
			}
		}
	}
}

// A stage leaves nothing behind.
func TestCloseRemovesTheFolder(t *testing.T) {
	s, err := Start(context.Background(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", s.dir, err)
	}
}

// The printed lines name the endpoint and keys of the estate.
func TestExports(t *testing.T) {
	s := newStage(t)
	lines := strings.Join(s.Exports(), "\n")
	for _, want := range []string{"export AWS_ENDPOINT_URL=" + s.URL(), "AWS_ACCESS_KEY_ID=AKIADEMOPRODADMIN001"} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q is missing in\n%s", want, lines)
		}
	}
}

func BenchmarkDemo(b *testing.B) {
	for b.Loop() {
		s, err := Start(context.Background(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, sc := range Scenarios() {
			if _, err := s.Run(context.Background(), sc); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
