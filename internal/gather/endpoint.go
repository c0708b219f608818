package gather

import (
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/policy"
)

// gatherEndpoint gathers the policy of the VPC endpoint that the request came
// through; where that was not stated, of those that it may have come through
// and that limit anything.
func (t *task) gatherEndpoint() {
	if t.facts.Caller.Kind == iam.ServicePrincipal {
		return
	}
	_, id := t.network()
	if _, held := t.estate.VPCEndpoint(id); id != "" && (held || t.r.VPCEndpoint != nil) {
		t.facts.Caller.Endpoint = t.endpoint(id)
		return
	}
	if id != "" {
		// A condition key alone, of no endpoint that the estate holds.
		t.facts.Assumed = append(t.facts.Assumed, "the policy of VPC endpoint "+id+", which the estate does not hold, refuses nothing")
		return
	}
	if !t.networkUnstated() {
		return
	}
	for _, ep := range t.estate.VPCEndpoints() {
		if ep.Document.Document == nil && len(ep.Unknown) == 0 || !t.reaches(ep.Service) {
			continue
		}
		t.facts.Caller.Endpoint.Possible = append(t.facts.Caller.Endpoint.Possible, t.endpoint(ep.ID))
	}
	t.facts.Caller.Endpoint.Possible = append(t.facts.Caller.Endpoint.Possible, t.unreadEndpoints...)
}

// unreadEndpoints stands for the endpoints of accounts that were read without them:
// the policy of any may refuse. An account of which nothing was read is as one that
// the estate does not hold.
func unreadEndpoints(e *estate.Estate) []decide.Endpoint {
	var list []decide.Endpoint
	for id, a := range e.Accounts {
		if len(a.Unknown) == 1 && a.Unknown[0].What == "*" {
			continue
		}
		if missing := unread(a.Unknown, "VPC endpoints of account "+string(id), "vpcEndpoints"); missing != nil {
			missing[0].Need = "ec2:DescribeVpcEndpoints"
			list = append(list, decide.Endpoint{ID: "a VPC endpoint of account " + string(id), Side: &decide.Side{Missing: missing}})
		}
	}
	slices.SortFunc(list, func(a, b decide.Endpoint) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// reaches tells whether requests like this one may go through an endpoint of the
// service: that of the action, and in the bucket's region where that is known.
func (t *task) reaches(service string) bool {
	name := "s3"
	if prefix, _, ok := strings.Cut(t.r.Action, ":"); ok {
		name = strings.ToLower(prefix)
	}
	if t.bucket == nil {
		return strings.HasPrefix(service, "com.amazonaws.") && strings.HasSuffix(service, "."+name)
	}
	return service == "com.amazonaws."+t.bucketRegion()+"."+name
}

func (t *task) endpoint(id string) decide.Endpoint {
	ep, ok := t.estate.VPCEndpoint(id)
	what := "policy of VPC endpoint " + id
	if !ok {
		return decide.Endpoint{ID: id, Side: &decide.Side{Missing: []decide.Missing{{What: what, Why: "the estate does not hold the endpoint", Need: "ec2:DescribeVpcEndpoints"}}}}
	}
	if missing := unread(ep.Unknown, what, "document"); missing != nil {
		return decide.Endpoint{ID: id, Side: &decide.Side{Missing: missing}}
	}
	doc := ep.Document.Document
	if doc == nil {
		doc = estate.DefaultEndpointPolicy()
	}
	forms := everyForm
	if ep.TypeOrGateway() == "Gateway" {
		// A gateway endpoint's policy knows "*" alone; an account there is its
		// root user (AWS PrivateLink Guide, Endpoint policies for gateway
		// endpoints).
		forms = policy.ViaEveryone
		if t.facts.Caller.Kind == iam.RootUser {
			forms |= policy.ViaAccount
		}
	}
	side := t.side("endpoint "+id, policy.Named{Name: id, Document: doc}, forms)
	return decide.Endpoint{ID: id, Side: &side}
}
