package iamdata

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"sync"
)

//go:embed zz_generated_policies.txt
var policiesText string

//go:embed zz_generated_policies.bin
var policiesData string

// A ManagedPolicyInfo says which edition of an AWS managed policy the package holds.
type ManagedPolicyInfo struct {
	Version string // the default version, "v3"
	Created string // when AWS made the policy, "2015-02-06T18:40:59Z"
	Updated string // when that version became the default
}

type policy struct {
	ManagedPolicyInfo
	everywhere bool   // true of every partition, else of aws alone
	block      [2]int // where the compressed block stands in policiesData
	span       [2]int // where the document stands in the opened block

	once     sync.Once
	document []byte
}

const managedPrefix = "arn:aws:iam::aws:policy/"

var policies sync.Map // name with path, "job-function/ViewOnlyAccess", to *policy: those that were asked for

// policyNamed returns nil for a name that the index has not. It looks for the line instead of keeping all of them, since
// a run of the program asks for a few.
func policyNamed(name string) *policy {
	if p, ok := policies.Load(name); ok {
		return p.(*policy)
	}
	at := strings.Index(policiesText, "\n"+name+" ")
	if at < 0 || strings.ContainsAny(name, " \n") {
		return nil
	}
	line, _, _ := strings.Cut(policiesText[at+1:], "\n")
	f := strings.Fields(line)
	p, _ := policies.LoadOrStore(name, &policy{
		ManagedPolicyInfo: ManagedPolicyInfo{Version: f[1], Created: f[2], Updated: f[3]},
		everywhere:        f[4] == "all",
		block:             [2]int{number(f[5]), number(f[6])},
		span:              [2]int{number(f[7]), number(f[8])},
	})
	return p.(*policy)
}

// number reads an offset of the generated index, which a test has read before us.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("iamdata: index of managed policies: " + err.Error())
	}
	return n
}

// read returns the document of the embedded data, indented by two spaces.
func (p *policy) read() []byte {
	block, err := io.ReadAll(flate.NewReader(strings.NewReader(policiesData[p.block[0]:p.block[1]])))
	if err != nil {
		panic("iamdata: managed policies: " + err.Error())
	}
	var b bytes.Buffer
	if err := json.Indent(&b, block[p.span[0]:p.span[1]], "", "  "); err != nil {
		panic("iamdata: managed policies: " + err.Error())
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// ManagedPolicy returns the document of an AWS managed policy by its ARN, "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
// indented JSON that is the same at every call. Not ok means that the package does not hold it, not that it is empty: a
// newer policy, or in partitions aws-cn and aws-us-gov one whose ARNs or service names differ there.
func ManagedPolicy(arn string) (document []byte, ok bool) {
	p := findPolicy(arn)
	if p == nil {
		return nil, false
	}
	p.once.Do(func() { p.document = p.read() })
	return p.document, true
}

// ManagedPolicyEdition returns which edition of the policy [ManagedPolicy] gives: AWS changes them without notice.
func ManagedPolicyEdition(arn string) (ManagedPolicyInfo, bool) {
	p := findPolicy(arn)
	if p == nil {
		return ManagedPolicyInfo{}, false
	}
	return p.ManagedPolicyInfo, true
}

// ManagedPolicies returns the ARNs, in partition aws, of every policy that [ManagedPolicy] knows, sorted by path and name.
func ManagedPolicies() []string { return policyARNs() }

var policyARNs = sync.OnceValue(func() (arns []string) {
	for line := range dataLines(policiesText) {
		name, _, _ := strings.Cut(line, " ")
		arns = append(arns, managedPrefix+name)
	}
	return arns
})

func findPolicy(arn string) *policy {
	rest, ok := strings.CutPrefix(arn, "arn:")
	if !ok {
		return nil
	}
	partition, rest, _ := strings.Cut(rest, ":")
	name, ok := strings.CutPrefix(rest, "iam::aws:policy/")
	if !ok {
		return nil
	}
	p := policyNamed(name)
	switch {
	case p == nil, partition == "aws":
		return p
	case (partition == "aws-cn" || partition == "aws-us-gov") && p.everywhere:
		return p
	}
	return nil
}
