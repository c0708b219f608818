package fix

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// substitution is the id of an organization's policy, which is looked up by name.
var substitution = regexp.MustCompile(`"\$\([^)]*\)"`)

// Every command that a plan of the corpus names is one that the real AWS CLI takes:
// its parser, and botocore's check of the parameters.
func TestCommandsAreTaken(t *testing.T) {
	if err := exec.Command("python3", "-c", "import awscli").Run(); err != nil {
		t.Skip("python3 has no awscli to check the commands with")
	}
	perCall := map[string]int{}
	var lines []string
	for _, f := range corpusPlans(t) {
		for _, p := range f.plans {
			for line := range strings.Lines(p.Report().Command) {
				line = strings.TrimSpace(line)
				call := strings.Join(strings.Fields(line)[:min(3, len(strings.Fields(line)))], " ")
				if perCall[call]++; strings.HasPrefix(line, "#") || perCall[call] > 2 {
					continue // a hint, or a call that is known by now
				}
				lines = append(lines, substitution.ReplaceAllString(line, "p-examplepolicyid111"))
			}
		}
	}
	if len(perCall) < 15 {
		t.Errorf("the corpus yields %d calls only", len(perCall))
	}
	cmd := exec.Command("python3", "testdata/validate.py")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
