package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/why403/why403/internal/doctor"
)

// STS says who is calling, from which credentials, and its Date tells the clock.
func TestDoctorAsksSTS(t *testing.T) {
	s := serveLive(t)
	out, stderr, status := s.command("AKIAADMIN00000000001", "admin/Secret+Key000000000000000000000001", "doctor", "-o", "json")
	var r doctor.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v\n%s%s", err, out, stderr)
	}
	c := r.Caller
	if status != 1 || c == nil || c.ARN != "arn:aws:iam::111122223333:user/admin" || c.Account != "111122223333" || c.Provider != "EnvConfigCredentials" || c.ClockOffset == nil {
		t.Errorf("status %d, caller %+v", status, c)
	}
	if !strings.Contains(out, "not to AWS") { // the endpoint of this test is of this machine
		t.Errorf("the endpoint is not told: %s", out)
	}
	out, _, status = s.command("AKIAADMIN00000000001", "wrong/Secret+Key", "doctor")
	if status != 1 || !strings.Contains(out, "STS does not say who is calling: SignatureDoesNotMatch") || strings.Contains(out, "Secret+Key") || !strings.Contains(out, "s against AWS's") {
		t.Errorf("status %d\n%s", status, out)
	}
}
