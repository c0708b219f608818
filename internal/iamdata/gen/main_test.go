package main

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/why403/why403/internal/iamdata"
)

// TestGeneratedFilesAreCurrent regenerates and compares. The compressed documents, and the offsets into them, depend on the
// compressor; TestGeneratedPoliciesAreCurrent compares what they hold.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	files, err := generate("../input")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("nothing is generated")
	}
	for name, want := range files {
		if name == "zz_generated_policies.txt" || name == "zz_generated_policies.bin" {
			continue
		}
		got, err := os.ReadFile("../" + name)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run go generate ./internal/iamdata", name)
		}
	}
}

func TestGeneratedPoliciesAreCurrent(t *testing.T) {
	in, err := readInput("../input")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(iamdata.ManagedPolicies()), len(in.policies.Policies); got != want || want == 0 {
		t.Errorf("%d policies are generated, the input has %d", got, want)
	}
	for _, p := range in.policies.Policies {
		arn := "arn:aws:iam::aws:policy/" + p.Name
		document, _ := iamdata.ManagedPolicy(arn)
		if e, _ := iamdata.ManagedPolicyEdition(arn); e != (iamdata.ManagedPolicyInfo{Version: p.Version, Created: p.Created, Updated: p.Updated}) || !sameJSON(document, p.Document) {
			t.Errorf("%s is out of date: run go generate ./internal/iamdata", p.Name)
		}
		_, ok := iamdata.ManagedPolicy("arn:aws-cn:iam::aws:policy/" + p.Name)
		if want := partitions(p.Document) == "all"; ok != want {
			t.Errorf("%s is held for aws-cn: %v, want %v", p.Name, ok, want)
		}
	}
}

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}
