package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What --redact writes holds no name of the account, in no file and no file's name;
// what is explained from it is read back by the map, which is for its owner alone.
func TestCollectRedact(t *testing.T) {
	s := serveLive(t)
	dir, names := filepath.Join(t.TempDir(), "for-support"), filepath.Join(t.TempDir(), "names.json")
	run := func(args ...string) (string, string, int) {
		return s.command("AKIAADMIN00000000001", secretOf("admin"), args...)
	}
	if _, stderr, status := run("collect", "-o", dir, "--redact", "--redact-map", names); status != 0 {
		t.Fatal(stderr)
	}
	bundle := tree(t, dir)
	for _, name := range []string{"111122223333", "admin", "nobody", "reader", "limit", "app", "reports", "sealed", "ireland", "reports-ap", "1234abcd", "NotNobody", "vpce-1a2b3c4d", "vpc-1a2b3c4d",
		"alias/data", "team", "Secret+Key", "AKIAADMIN", "AKIANOBODY"} {
		if at := strings.Index(bundle, name); at >= 0 && whole(bundle, at, at+len(name)) {
			t.Errorf("%s is left: …%q", name, bundle[max(0, at-40):min(len(bundle), at+40)])
		}
	}
	for _, kept := range []string{"s3:ExistingObjectTag/", "ObjectWriter", "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "eu-west-1", "s3:GetObject"} {
		if !strings.Contains(bundle, kept) {
			t.Errorf("%s is gone", kept)
		}
	}
	if info, err := os.Stat(names); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	data, err := os.ReadFile(names)
	if err != nil {
		t.Fatal(err)
	}
	back := func(name string) string {
		for line := range strings.Lines(string(data)) {
			pseudonym, original, ok := strings.Cut(strings.Trim(strings.TrimSpace(line), ","), ": ")
			if ok && original == `"`+name+`"` {
				return strings.Trim(pseudonym, `"`)
			}
		}
		t.Fatalf("%s is not in the map", name)
		return ""
	}
	as := "arn:aws:iam::" + back("111122223333") + ":user/" + back("nobody")
	answer, stderr, status := run("explain", "-e", dir, "--as", as, "--operation", "PutObject", "--unstated", "absent", "s3://"+back("reports")+"/k")
	if status != 1 {
		t.Fatalf("status %d\n%s%s", status, answer, stderr)
	}
	in := filepath.Join(t.TempDir(), "answer.txt")
	if err := os.WriteFile(in, []byte(answer), 0o600); err != nil {
		t.Fatal(err)
	}
	read, stderr, status := s.commandIn(in, "collect", "--read-back", names)
	if status != 0 || !strings.Contains(read, `statement "NotNobody"`) || !strings.Contains(read, "arn:aws:iam::111122223333:user/nobody") || !strings.Contains(read, "deny-resource-policy") {
		t.Errorf("status %d\n%s%s", status, read, stderr)
	}
	if _, stderr, status := run("collect", "-o", dir, "--redact", "--redact-map", names); status != 2 || !strings.Contains(stderr, "is there already") {
		t.Errorf("a map that is there: status %d\n%s", status, stderr)
	}
}

// whole reports a part of a text that is no part of a word.
func whole(text string, from, to int) bool {
	word := func(i int) bool {
		return i >= 0 && i < len(text) && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", rune(text[i]))
	}
	return !word(from-1) && !word(to)
}
