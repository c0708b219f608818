package clienttest

import (
	"bytes"
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	command "github.com/why403/why403/internal/cli"
)

// why403 runs a command line with the environment of a client.
func why403(t *testing.T, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = command.Main(context.Background(), &command.System{Env: env, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err}, args)
	return status, out.String(), err.String()
}

// why403 -- PROGRAM: the program's own output and status, and behind them why it
// was refused. No secret is in what is said.
func TestRunExplains(t *testing.T) {
	t.Parallel()
	aws := client(t, "aws", "--version")
	p := start(t)
	const secret = "reader/Secret+Key00000000000000000000001"
	env := p.environ("AKIAREADER0000000001", secret)
	estate := filepath.Join("..", "testdata", "estate.yaml")

	failed, _, _ := run(t, t.TempDir(), env, aws, "s3api", "list-objects-v2", "--bucket", "reports") // 254 or 255, by version

	status, out, stderr := why403(t, env, "--", aws, "s3api", "list-objects-v2", "--bucket", "reports")
	if status != failed || out != "" || !strings.Contains(stderr, "no-allow-identity") || !strings.Contains(stderr, "why403: refusal 1 of 1") {
		t.Errorf("status %d\n%s%s", status, out, stderr)
	}
	status, _, stderr = why403(t, env, "run", "-e", estate, "--", aws, "s3api", "head-object", "--bucket", "reports", "--key", "2026/none")
	if status != failed || !strings.Contains(stderr, "missing-key-reads-as-403") || strings.Contains(stderr, "CONTRADICTION") {
		t.Errorf("a HEAD, which has no body: status %d\n%s", status, stderr)
	}
	status, _, stderr = why403(t, env, "run", "-e", estate, "-o", "json", "--", aws, "s3api", "put-object", "--bucket", "reports", "--key", "k")
	if status != failed || !strings.Contains(stderr, `"decision":{"verdict":"denied"`) || !strings.Contains(stderr, `"times":1`) {
		t.Errorf("status %d\n%s", status, stderr)
	}
	wrong := p.environ("AKIAREADER0000000001", "wrong-secret")
	status, _, stderr = why403(t, wrong, "--", aws, "s3api", "list-buckets")
	if status != failed || !strings.Contains(stderr, "signature-mismatch") {
		t.Errorf("wrong secret: status %d\n%s", status, stderr)
	}
	for _, s := range []string{secret, "wrong-secret", "X-Amz-Signature"} {
		if strings.Contains(stderr, s) {
			t.Errorf("%q is told", s)
		}
	}
	if status, _, stderr = why403(t, env, "--", aws, "s3", "cp", "s3://reports/2026/q1.csv", "-"); status != 0 || strings.Contains(stderr, "refusal") {
		t.Errorf("a program that meets no refusal: status %d\n%s", status, stderr)
	}
	if status, _, stderr = why403(t, env, "--", "/no/such/program"); status != 2 || !strings.Contains(stderr, "no such file") {
		t.Errorf("no program: status %d\n%s", status, stderr)
	}
	if status, _, _ = why403(t, env, "--", "sh", "-c", "kill -TERM $$"); status != 128+15 {
		t.Errorf("a program that a signal ended: status %d", status)
	}
}

var requestID = regexp.MustCompile(`request   [A-Z0-9]{16}`)

// The session that the help shows is one that happens; what the AWS CLI says of it is
// its own, and differs by its version.
func TestRunHelp(t *testing.T) {
	aws, p := client(t, "aws", "--version"), start(t)
	_, help, _ := why403(t, nil, "run", "--help")
	_, shown, ok := strings.Cut(help, "\n  $ why403 -- aws ")
	if !ok {
		t.Fatalf("the help shows no session:\n%s", help)
	}
	shown, _, _ = strings.Cut(shown, "\n\nThe program's AWS SDK")
	command, shown, _ := strings.Cut(strings.ReplaceAll(shown, "\n  ", "\n"), "\n")
	t.Chdir(t.TempDir())
	write(t, "q1.csv", "1\n")
	_, _, stderr := why403(t, p.environ(readerKey, readerSecret), append([]string{"--", aws}, strings.Fields(command)...)...)
	ours := func(text string) string {
		return requestID.ReplaceAllString(text[max(0, strings.Index(text, "why403: ")):], "request")
	}
	if got := ours(stderr); got != ours(shown+"\n") || !strings.HasPrefix(stderr, "upload failed: ") {
		t.Errorf("the session is now\n%s\nand the help shows\n%s", got, shown)
	}
}
