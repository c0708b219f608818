package server

import (
	"strings"
	"testing"

	"github.com/why403/why403/internal/sigv4"
)

// A refusal tells its cause in headers to callers of the bucket's account, and to
// others only where the endpoint is told to.
func TestExplainToCallers(t *testing.T) {
	for _, toAll := range []bool{false, true} {
		g := newRig(t, func(c *Config) { c.ExplainToCallers = toAll })
		wrong := sigv4.Credential{AccessKeyID: admin.AccessKeyID, Secret: "wrong"}
		for _, c := range []struct {
			name           string
			who            sigv4.Credential
			method, target string
			own            bool
			gate           string
		}{
			{"a user of the account", nobody, "GET", "/reports/k", true, "identity"},
			{"HEAD", nobody, "HEAD", "/reports/k", true, "identity"},
			{"a refusal by the bucket policy", reader, "GET", "/reports/secret/k", true, "bucket-policy"},
			{"an account's operation", nobody, "GET", "/", true, "identity"},
			{"another account", partner, "GET", "/reports/k", false, "bucket-policy"},
			{"nobody", nouser, "HEAD", "/reports/k", false, ""},
			{"who is not who he says", wrong, "GET", "/reports/k", false, "signature"},
		} {
			a := g.do(c.who, c.method, c.target, "")
			gate, cause := a.Header.Get("X-Why403-Gate"), a.Header.Get("X-Why403-Cause")
			told := gate != "" && cause != "" && a.Header.Get("X-Why403-Reason") != ""
			if a.StatusCode != 403 || told != (c.own || toAll) || told && c.gate != "" && gate != c.gate || a.Header.Get("X-Amz-Request-Id") == "" {
				t.Errorf("%s (to all: %v): %d %q %q", c.name, toAll, a.StatusCode, gate, cause)
			}
			for _, r := range cause {
				if r < ' ' || r > '~' {
					t.Errorf("%s: %q", c.name, cause)
				}
			}
		}
		if a := g.do(admin, "GET", "/reports/nothing", ""); a.StatusCode != 404 || a.Header.Get("X-Why403-Gate") != "" {
			t.Errorf("what is missing is no refusal: %d %v", a.StatusCode, a.Header)
		}
	}
}

func TestHeaderText(t *testing.T) {
	if got := headerText("a\r\nb: ä\x00"); got != `a  b: \u00e4` {
		t.Errorf("%q", got)
	}
	if got := headerText(strings.Repeat("x", 2*maxCause)); len(got) != maxCause+3 {
		t.Errorf("%d bytes", len(got))
	}
}
