package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What a credential_process prints is said by no command, also where it is nothing
// that can be read: the SDK's own error holds all of it.
func TestProcessOutputStaysSecret(t *testing.T) {
	s := serveLive(t)
	for name, printed := range map[string]string{
		"a line too much": `{"Version":1,"AccessKeyId":"AKIAADMIN00000000001","SecretAccessKey":"` + secretOf("admin") + `","SessionToken":"hush/Session+Token"} done`,
		"another version": `{"Version":2,"AccessKeyId":"AKIAADMIN00000000001","SecretAccessKey":"` + secretOf("admin") + `"}`,
		"of another user": `{"Version":1,"AccessKeyId":"AKIAADMIN00000000001","SecretAccessKey":"` + secretOf("nobody") + `"}`,
	} {
		home := t.TempDir()
		if err := os.MkdirAll(filepath.Join(home, ".aws"), 0o700); err != nil {
			t.Fatal(err)
		}
		script := filepath.Join(home, "get")
		for file, text := range map[string]string{script: "#!/bin/sh\necho '" + printed + "'\n", filepath.Join(home, ".aws", "config"): "[default]\ncredential_process = " + script + "\n"} {
			if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"doctor"}, {"doctor", "-o", "json"}, {"s3://reports/k"}, {"explain", "-o", "json", "s3://reports/k"}, {"collect", "-o", filepath.Join(home, "out")},
			{"logs", "s3://reports/AWSLogs/"}, {"run", "--", "/bin/true"}} {
			cmd := exec.Command("why403", args...)
			cmd.Env = []string{"HOME=" + home, "AWS_ENDPOINT_URL=" + s.url, "AWS_REGION=us-east-1", "AWS_EC2_METADATA_DISABLED=true", "NO_PROXY=127.0.0.1"}
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			_ = cmd.Run() // with the status of an error
			if out.Len() == 0 && args[0] != "run" {
				t.Errorf("%s: %v says nothing", name, args)
			}
			clean(t, name+": "+args[0], out.String())
		}
	}
}
