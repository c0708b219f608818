package iam

import "strings"

// AccountID is a twelve digit AWS account id. The empty AccountID means "no
// account": anonymous callers and AWS services have none.
type AccountID string

// Valid reports whether the id has the form of an AWS account id.
func (a AccountID) Valid() bool {
	if len(a) != 12 {
		return false
	}
	for i := range len(a) {
		if a[i] < '0' || a[i] > '9' {
			return false
		}
	}
	return true
}

// An ARN is an Amazon Resource Name in its six parts:
// arn:partition:service:region:account:resource.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
type ARN struct {
	Partition string
	Service   string
	Region    string
	Account   AccountID
	Resource  string // may hold further colons and slashes
}

// ParseARN splits an ARN. It reports false where the text does not begin with
// "arn:" or has fewer than six parts; it does not judge the parts themselves.
func ParseARN(s string) (ARN, bool) {
	rest, ok := strings.CutPrefix(s, "arn:")
	if !ok {
		return ARN{}, false
	}
	var part [4]string
	for i := range part {
		part[i], rest, ok = strings.Cut(rest, ":")
		if !ok {
			return ARN{}, false
		}
	}
	return ARN{part[0], part[1], part[2], AccountID(part[3]), rest}, true
}

// String returns the ARN as AWS writes it.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + string(a.Account) + ":" + a.Resource
}

// An Action is a permission as policies name it, such as "s3:GetObject". It is
// not an API operation: HeadObject is an operation, and needs s3:GetObject.
type Action string

// Service returns the part before the colon, "s3" of "s3:GetObject".
func (a Action) Service() string {
	service, _, _ := strings.Cut(string(a), ":")
	return service
}

// Name returns the part after the colon, "GetObject" of "s3:GetObject".
func (a Action) Name() string {
	_, name, _ := strings.Cut(string(a), ":")
	return name
}
