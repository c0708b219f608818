package replay

import (
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
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

// Uploads reports operations whose headers ask for more than to write an object.
func Uploads(operation string) bool {
	return slices.Contains([]string{"PutObject", "PostObject", "CopyObject", "CreateMultipartUpload"}, operation)
}

// uploaded notes on an outcome the headers with which an upload would be refused after
// the change, of those that the record does not tell: with which it may have worked
// before, where it seems to work still, and all of them where it is allowed newly. Twin
// says that the other log's record of it, which tells less, may look otherwise.
func (d *Decider) uploaded(o *Outcome, r *record.Record, q *request.Request) {
	if !Uploads(q.Operation) {
		return
	}
	if o.After == iam.Denied {
		o.Twin = r.Kind == record.CloudTrail && verdict(d.gatherAfter, bare(q)) == iam.Allowed
		return
	}
	refused := func(q *request.Request) bool {
		return verdict(d.gatherAfter, q) == iam.Denied && (o.Before == iam.Denied || verdict(d.gather, q) != iam.Denied)
	}
	var broken []string
	for _, h := range hiddenHeaders {
		if _, sent := q.Headers[h.name]; sent || !refused(with(q, h.name, h.value)) {
			continue
		}
		if r.Kind == record.CloudTrail && h.inTrail {
			o.Twin = true
		} else {
			broken = append(broken, h.name)
		}
	}
	o.Unless = strings.Join(broken, ", ")
	o.Twin = o.Twin || r.Kind == record.CloudTrail && refused(bare(q))
}

// verdict decides a request and nothing more; unknown where it is none.
func verdict(g *gather.Gatherer, q *request.Request) iam.Verdict {
	facts, err := g.Facts(q)
	if err != nil {
		return iam.Unknown
	}
	return decide.Allowed(facts)
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
