package cli

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/why403/why403/internal/proxy"
)

// ran is a run of a program in an empty home, with more variables.
func ran(t *testing.T, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_EC2_METADATA_DISABLED=true"}, env...)
	status = Main(context.Background(), &System{Env: env, Stdin: strings.NewReader("typed"), Stdout: &out, Stderr: &err}, append([]string{"run"}, args...))
	return status, out.String(), err.String()
}

// What the program finds in its environment.
func TestRunEnvironment(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	bundle := filepath.Join(dir, "own.pem")
	if err := os.WriteFile(bundle, []byte("# own\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	show := `cat; for v in "$@"; do eval "echo $v=\$$v"; done`
	status, out, stderr := ran(t, []string{"no_proxy=intranet", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "AWS_ENDPOINT_URL_DYNAMODB=http://d"},
		"--", "sh", "-c", show, "sh", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_DYNAMODB", "no_proxy", "NO_PROXY", "HTTPS_PROXY")
	lines := strings.Split(out, "\n")
	if status != 0 || stderr != "" || !strings.HasPrefix(out, "typedAWS_ENDPOINT_URL_S3=http://127.0.0.1:") || !strings.HasPrefix(lines[1], "AWS_ENDPOINT_URL_STS=http://127.0.0.1:") ||
		strings.Join(lines[2:], " ") != "AWS_ENDPOINT_URL_SSO= AWS_ENDPOINT_URL_DYNAMODB= no_proxy=intranet,127.0.0.1 NO_PROXY=intranet,127.0.0.1 HTTPS_PROXY= " {
		t.Errorf("status %d\n%s%s", status, out, stderr)
	}
	status, out, stderr = ran(t, []string{"NO_PROXY=.amazonaws.com,intranet", "CURL_CA_BUNDLE=" + bundle, "HTTPS_PROXY=http://before:1"}, "--mitm",
		"--", "sh", "-c", show+`; head -n 1 "$CURL_CA_BUNDLE"; tail -n 1 "$CURL_CA_BUNDLE"; grep -c PRIVATE "$CURL_CA_BUNDLE"; ls -l "$CURL_CA_BUNDLE"`, "sh", "https_proxy", "NO_PROXY", "AWS_ENDPOINT_URL_S3")
	if status != 0 || !strings.Contains(out, "https_proxy=http://why403:") || !strings.Contains(out, ",::1,intranet\n") || strings.Contains(out, ".amazonaws.com") ||
		!strings.Contains(out, "AWS_ENDPOINT_URL_S3=\n# own\n-----END CERTIFICATE-----\n0\n") {
		t.Errorf("--mitm: status %d\n%s%s", status, out, stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "why403-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What cannot go the ordinary way is not run.
func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	terraform := filepath.Join(dir, "terraform")
	if err := os.WriteFile(terraform, []byte("#!/bin/sh\necho ran\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		env  []string
		args []string
		want string
	}{
		{nil, []string{"--", terraform, "apply"}, "why403 run --mitm -- terraform"},
		{[]string{"AWS_USE_FIPS_ENDPOINT=true"}, []string{"--", "echo", "ran"}, "AWS_USE_FIPS_ENDPOINT asks for endpoints"},
		{[]string{"AWS_CA_BUNDLE=/none.pem"}, []string{"--", "echo", "ran"}, "/none.pem: no such file"},
		{[]string{"NODE_EXTRA_CA_CERTS=/none.pem"}, []string{"--mitm", "--", "echo", "ran"}, "NODE_EXTRA_CA_CERTS: open /none.pem"},
		{nil, []string{"--report", dir, "--", "echo", "ran"}, "is a directory"},
		{nil, []string{"-e", "/none.yaml", "--", "echo", "ran"}, "/none.yaml"},
		{nil, []string{"--", "/none/program"}, "no such file"},
		{nil, nil, "nothing says what to run"},
	} {
		status, out, stderr := ran(t, test.env, test.args...)
		if status != 2 || out != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%v %v: status %d\n%s%s", test.env, test.args, status, out, stderr)
		}
	}
}

// What will not work is said before the program runs, and afterwards why nothing was
// seen.
func TestRunWarns(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte("#!/bin/sh\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	aws := filepath.Join(dir, "aws")
	for _, test := range []struct{ args, want string }{
		{aws + " s3 presign s3://b/k", "warning: the URL will be for the proxy"},
		{aws + " s3 ls s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/ap", "warning: SDKs make a host name of an access point's ARN"},
		{aws + " s3 ls", "note: no request to S3 came by"},
	} {
		status, _, stderr := ran(t, nil, append([]string{"--"}, strings.Fields(test.args)...)...)
		if status != 3 || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: status %d\n%s", test.args, status, stderr)
		}
		if status, _, stderr := ran(t, nil, append([]string{"--mitm", "--"}, strings.Fields(test.args)...)...); status != 3 || stderr != "why403: note: no request to AWS came by; if the program made any, it looks at no HTTPS_PROXY\n" {
			t.Errorf("%s by --mitm: status %d\n%s", test.args, status, stderr)
		}
	}
}

// A program with authorities of its own is let through, and said to have been.
func TestRunDistrusted(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl, which can be told whom to trust, is not installed: ", err)
	}
	empty := filepath.Join(t.TempDir(), "none.pem")
	if err := os.WriteFile(empty, proxy.WellKnownAuthorities(), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, stderr := ran(t, []string{"HTTPS_PROXY=http://127.0.0.1:1"}, "--mitm", "--", curl, "-sS", "--cacert", empty, "https://b.s3.amazonaws.com/k")
	if !strings.Contains(stderr, "warning: the program does not take this run's authority for b.s3.amazonaws.com,") || strings.Contains(stderr, "note:") {
		t.Errorf("%s", stderr)
	}
}
