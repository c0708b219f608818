package replay

import (
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/request"
)

// A hiddenHeader is one that an upload may have sent and a log does not have, with a
// value that asks for more than the upload alone (S3 User Guide, Required permissions
// for Amazon S3 API operations).
type hiddenHeader struct {
	name, value string
	inTrail     bool // CloudTrail has it
}

var hiddenHeaders = []hiddenHeader{
	{"x-amz-tagging", "key=value", false},
	{"x-amz-object-lock-legal-hold", "ON", false},
	{"x-amz-object-lock-mode", "GOVERNANCE", false},
	{"if-match", `"an entity tag"`, false},
	{"x-amz-acl", "public-read", true},
	{"x-amz-server-side-encryption", "aws:kms", true},
	{"x-amz-server-side-encryption-customer-algorithm", "AES256", true},
}

var uploads = []string{"PutObject", "PostObject", "CopyObject", "CreateMultipartUpload"}

// unless lists the headers with which an upload that works still would not: those
// that the record does not tell, and let it through before the change. twin reports
// that the other log's record of it, which tells less, may look refused.
func (d *Decider) unless(r *record.Record, q *request.Request) (headers string, twin bool) {
	if !slices.Contains(uploads, q.Operation) {
		return "", false
	}
	var broken []string
	for _, h := range hiddenHeaders {
		if _, sent := q.Headers[h.name]; !sent && d.breaks(with(q, h.name, h.value)) {
			if r.Kind == record.CloudTrail && h.inTrail {
				twin = true
			} else {
				broken = append(broken, h.name)
			}
		}
	}
	if r.Kind == record.CloudTrail && !twin {
		twin = d.breaks(bare(q))
	}
	return strings.Join(broken, ", "), twin
}

// breaks reports that a request that may have worked would be refused.
func (d *Decider) breaks(q *request.Request) bool {
	after, err := d.gatherAfter.Facts(q)
	if err != nil || decide.Allowed(after) != iam.Denied {
		return false
	}
	before, err := d.gather.Facts(q)
	return err == nil && decide.Allowed(before) != iam.Denied
}

// with is a request with a header more; of its condition key the value stays not
// known, where it is.
func with(q *request.Request, name, value string) *request.Request {
	more := *q
	more.Headers = maps.Clone(q.Headers)
	more.Headers[name] = value
	if name == "x-amz-object-lock-mode" {
		more.Headers["x-amz-object-lock-retain-until-date"] = "2999-01-01T00:00:00Z"
	}
	return &more
}

// bare is a request without the headers that CloudTrail alone tells.
func bare(q *request.Request) *request.Request {
	less := *q
	less.Headers = maps.Clone(q.Headers)
	for _, h := range hiddenHeaders {
		if h.inTrail {
			delete(less.Headers, h.name)
		}
	}
	return &less
}
