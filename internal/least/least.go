package least

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/replay"
	"github.com/why403/why403/policy"
)

// An Answer is a policy, and what became of the logs when it was tried on them.
type Answer struct {
	Document *Document `json:"document"`
	Requests int64     `json:"requests"` // records of requests that worked, which the policy is made of
	Verified bool      `json:"verified"` // the engine allows every one of them under it
	Refused  []string  `json:"refused"`  // the first of those that it does not
	Notes    []string  `json:"notes"`
}

// Run reads the logs, writes the policy, and reads the logs once more to try it.
func (q *Question) Run(ctx context.Context) (*Answer, error) {
	if slices.Contains(q.Sources.Paths, "-") {
		return nil, fmt.Errorf("the logs are read twice, once to write the policy and once to try it; give files rather than standard input")
	}
	uses, err := q.observe(ctx)
	if err != nil {
		return nil, err
	}
	a := &Answer{Document: &Document{Version: policy.Version2012}, Refused: []string{}, Notes: []string{}}
	for _, who := range slices.Sorted(maps.Keys(uses)) {
		if !q.named(who, a) {
			continue
		}
		a.Document.Statement = append(a.Document.Statement, uses[who].statements(q.principal(who))...)
	}
	if q.Bucket == "" {
		a.Notes = append(a.Notes, "permissions on the KMS key that a bucket encrypts with by default are not in it; logs do not tell the key")
	} else {
		a.Notes = append(a.Notes, "users and roles of the bucket's own account that have their permissions from identity-based policies need no statement here")
	}
	if len(a.Document.Statement) == 0 {
		return nil, ErrNothing
	}
	return a, q.try(ctx, a, uses)
}

// named leaves out callers of whom the log tells no name.
func (q *Question) named(who string, a *Answer) bool {
	if _, err := iam.ParsePrincipal(who); err != nil {
		a.Notes = append(a.Notes, fmt.Sprintf("what %s did is left out: the log does not name it", who))
		return false
	}
	return true
}

// principal is what a statement of a bucket policy names; nil for identity-based
// policies.
func (q *Question) principal(who string) any {
	switch {
	case q.Bucket == "":
		return nil
	case who == "anonymous":
		return "*"
	case !strings.HasPrefix(who, "arn:"):
		return map[string]string{"Service": who}
	}
	return map[string]string{"AWS": who}
}

// maxRefused is how many refused requests an Answer shows.
const maxRefused = 5

// try decides the requests of the logs where nothing but the policy allows
// anything.
func (q *Question) try(ctx context.Context, a *Answer, uses map[string]*use) error {
	e, err := q.estate(a.Document, uses)
	if err != nil {
		return err
	}
	options := q.Options
	options.Workers = 1
	d := replay.NewDecider(e, nil)
	err = ingest.Run(ctx, q.Sources, options, &ingest.Tally{}, func(int) func(*record.Record) error {
		return func(r *record.Record) error {
			who, wanted := q.wants(r)
			if !wanted || uses[who] == nil {
				return nil
			}
			if _, err := iam.ParsePrincipal(who); err != nil {
				return nil
			}
			a.Requests++
			if o := d.Decide(r); o.Err == nil && o.Before == iam.Denied && len(a.Refused) < maxRefused {
				cause, _ := replay.ParseCause(o.Was.Cause)
				a.Refused = append(a.Refused, fmt.Sprintf("%s %s: %s", r.Event, r.RequestID, cause.Summary))
			} else if (o.Err != nil || o.Before == iam.Unknown) && len(a.Refused) < maxRefused && replay.AnswerOf(r) == replay.Worked && r.Operation() != "DeleteObjects" {
				why := ""
				if o.Err != nil {
					why = o.Err.Error()
				} else {
					why = d.Missing(r, o)
				}
				a.Refused = append(a.Refused, fmt.Sprintf("%s %s: it cannot be told: %s", r.Event, r.RequestID, why))
			}
			return nil
		}
	})
	a.Verified = err == nil && len(a.Refused) == 0
	return err
}

// estate is one in which the policy alone allows: the buckets belong to the
// principal's account, and nothing else is attached to it. Callers of a bucket from
// other accounts have all that their own account can give.
func (q *Question) estate(doc *Document, uses map[string]*use) (*estate.Estate, error) {
	parsed, err := policy.Parse("the policy", doc.JSON())
	if err != nil {
		return nil, err
	}
	e := &estate.Estate{Version: estate.FormatVersion, Accounts: map[iam.AccountID]*estate.Account{}}
	owner := q.owner(uses)
	for who, u := range uses {
		q.caller(e, who, owner, parsed)
		for p := range u.actions {
			if p.bucket == "" {
				continue
			}
			b := &estate.Bucket{}
			if p.bucket == q.Bucket {
				b.Document = estate.InlineDocument(parsed)
				b.PublicAccessBlock = &estate.PublicAccessBlock{}
			}
			account(e, owner).Buckets[p.bucket] = b
		}
		for id := range u.endpoints {
			account(e, owner).VPCEndpoints[id] = &estate.VPCEndpoint{VPC: "vpc-0", Service: "com.amazonaws." + estate.DefaultRegion + ".s3"}
		}
		for arn := range u.kmsKeys {
			if key, ok := iam.ParseARN(arn); ok && key.Account.Valid() {
				account(e, key.Account).Keys[strings.TrimPrefix(key.Resource, "key/")] = &estate.Key{Region: key.Region}
			}
		}
	}
	return e, e.Link()
}

// owner is the account that the buckets stand in.
func (q *Question) owner(uses map[string]*use) iam.AccountID {
	if q.Bucket == "" {
		arn, _ := iam.ParseARN(q.Principal)
		return arn.Account
	}
	owner := iam.AccountID("")
	for _, u := range uses {
		owner = max(owner, u.account)
	}
	if owner == "" {
		owner = "000000000000"
	}
	return owner
}

func account(e *estate.Estate, id iam.AccountID) *estate.Account {
	if e.Accounts[id] == nil {
		e.Accounts[id] = &estate.Account{Buckets: map[string]*estate.Bucket{}, Keys: map[string]*estate.Key{}, VPCEndpoints: map[string]*estate.VPCEndpoint{}, Users: map[string]*estate.User{}, Roles: map[string]*estate.Role{}}
	}
	return e.Accounts[id]
}

func (q *Question) caller(e *estate.Estate, who string, owner iam.AccountID, doc *policy.Document) {
	p, err := iam.ParsePrincipal(who)
	if err != nil || p.Account == "" {
		return
	}
	docs := estate.Documents{}
	switch {
	case q.Bucket == "":
		docs = append(docs, estate.NamedDocument{Name: "least", Document: estate.InlineDocument(doc)})
	case p.Account != owner:
		docs = append(docs, estate.NamedDocument{Name: "all", Document: estate.InlineDocument(estate.FullAWSAccessDocument())})
	}
	switch p.Kind {
	case iam.User:
		account(e, p.Account).Users[p.Name] = &estate.User{Path: p.Path, Inline: docs}
	case iam.RoleSession:
		account(e, p.Account).Roles[p.Name] = &estate.Role{Path: p.Path, Inline: docs}
	default:
		account(e, p.Account)
	}
}
