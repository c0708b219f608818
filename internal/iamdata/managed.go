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
	Updated string // the day it became so, "2023-08-10"
}

type policy struct {
	ManagedPolicyInfo
	everywhere bool   // true of every partition, else of aws alone
	block      [2]int // where the compressed block stands in policiesData
	span       [2]int // where the document stands in the opened block

	once     sync.Once
	document []byte
}

type policyIndex struct {
	byName map[string]*policy // with path, "job-function/ViewOnlyAccess"
	arns   []string
}

const managedPrefix = "arn:aws:iam::aws:policy/"

var policies = sync.OnceValue(func() policyIndex {
	x := policyIndex{byName: make(map[string]*policy, 2048)}
	for line := range dataLines(policiesText) {
		f := strings.Fields(line)
		x.byName[f[0]] = &policy{
			ManagedPolicyInfo: ManagedPolicyInfo{Version: f[1], Updated: f[2]},
			everywhere:        f[3] == "all",
			block:             [2]int{number(f[4]), number(f[5])},
			span:              [2]int{number(f[6]), number(f[7])},
		}
		x.arns = append(x.arns, managedPrefix+f[0])
	}
	return x
})

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
func ManagedPolicies() []string { return policies().arns }

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
	p := policies().byName[name]
	switch {
	case p == nil, partition == "aws":
		return p
	case (partition == "aws-cn" || partition == "aws-us-gov") && p.everywhere:
		return p
	}
	return nil
}
