package why403_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/why403/why403/internal/cli"
)

// The session at the top of the README is what the command prints: every line of
// it, in order, where "…" stands for lines left out.
func TestReadmeSession(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, session, _ := strings.Cut(string(readme), "```console\n$ why403 ")
	session, _, ok := strings.Cut(session, "```")
	command, want, _ := strings.Cut(session, "\n")
	if !ok || want == "" {
		t.Fatal("README.md has no session")
	}
	var stdout, stderr bytes.Buffer
	status := cli.Main(context.Background(), &cli.System{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr}, strings.Fields(command))
	if status != 1 {
		t.Errorf("exit status %d, want 1\n%s", status, stderr.String())
	}
	got := stdout.String()
	for line := range strings.Lines(want) {
		if strings.TrimSpace(line) == "…" {
			continue
		}
		_, rest, found := strings.Cut(got, line)
		if !found {
			t.Fatalf("not printed: %s\nof what was:\n%s", line, got)
		}
		got = rest
	}
}
