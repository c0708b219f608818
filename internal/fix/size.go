package fix

import (
	"fmt"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/policy"
)

// A limit is how large policies of a kind may be, and what is counted.
type limit struct {
	max    int
	what   string
	summed bool // over all inline policies of the user, role or group
}

// limits are AWS's quotas on the size of policies: IAM and AWS STS quotas; Amazon
// S3 endpoints and quotas; AWS Organizations, Quotas; AWS KMS, Resource quotas;
// Amazon VPC quotas. White space counts where the text is sent as it is, which
// the commands here send without any.
var limits = map[kind]limit{
	bucketPolicy:          {max: 20 * 1024, what: "bytes of a bucket policy"},
	accessPointPolicy:     {max: 20 * 1024, what: "bytes of an access point policy"},
	keyPolicy:             {max: 32 * 1024, what: "bytes of a key policy"},
	endpointPolicy:        {max: 20480, what: "characters of an endpoint policy"},
	trustPolicy:           {max: 2048, what: "characters of a trust policy"},
	userPolicy:            {max: 2048, what: "characters of all inline policies of a user", summed: true},
	rolePolicy:            {max: 10240, what: "characters of all inline policies of a role", summed: true},
	groupPolicy:           {max: 5120, what: "characters of all inline policies of a group", summed: true},
	managedPolicy:         {max: 6144, what: "characters of a managed policy"},
	boundaryPolicy:        {max: 6144, what: "characters of a managed policy"},
	serviceControlPolicy:  {max: 5120, what: "characters of a service control policy"},
	resourceControlPolicy: {max: 5120, what: "characters of a resource control policy"},
	sessionPolicy:         {max: 2048, what: "characters of a session policy"},
}

// maxAttached is how many managed policies a user or role may have attached.
const maxAttached = 10

// tooLarge tells that a place would not hold a document, in words; "" where it
// does.
func (s *state) tooLarge(p *place, doc *node.Node) string {
	l, ok := limits[p.kind]
	if !ok {
		return ""
	}
	size := len(node.AppendJSON(nil, doc))
	if l.summed {
		for _, d := range s.inlineOf(p) {
			if d.Name != p.name && d.Document.Document != nil {
				size += sizeOf(d.Document.Document)
			}
		}
	}
	if size <= l.max {
		return ""
	}
	return fmt.Sprintf("the %s would take %d of the %d %s", p.where, size, l.max, l.what)
}

func sizeOf(d *policy.Document) int {
	n, _ := d.Node()
	return len(node.AppendJSON(nil, n))
}

func (s *state) inlineOf(p *place) estate.Documents {
	a := s.estate.Accounts[p.account]
	switch p.kind {
	case userPolicy:
		return a.Users[p.owner].Inline
	case rolePolicy:
		return a.Roles[p.owner].Inline
	case groupPolicy:
		return a.Groups[p.owner].Inline
	}
	return nil
}
