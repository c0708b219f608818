package least

import (
	"context"
	"encoding/json"
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
		a.Document.Statement = append(a.Document.Statement, uses[who].statements(q.principal(who), q.partition(who))...)
	}
	q.notes(a, uses)
	if len(a.Document.Statement) == 0 {
		return nil, ErrNothing
	}
	return a, q.try(ctx, a, uses)
}

// notes says what the policy may lack.
func (q *Question) notes(a *Answer, uses map[string]*use) {
	all := newUse()
	for _, u := range uses {
		all.merge(u)
	}
	note := func(when bool, text string) {
		if when {
			a.Notes = append(a.Notes, text)
		}
	}
	note(q.Bucket == "" && len(all.kmsKeys) == 0, "permissions on the KMS key that a bucket encrypts with by default are in it only where the logs hold the calls to KMS, which are management events")
	note(q.Bucket != "", "users and roles of the bucket's own account that have their permissions from identity-based policies need no statement here")
	note(q.Bucket != "" && len(all.points) > 0, "access points have policies of their own, which callers of other accounts need besides")
	note(all.uploads, "uploads that set tags, or a retention or legal hold of Object Lock, need s3:PutObjectTagging, s3:PutObjectRetention or s3:PutObjectLegalHold besides: no log tells such headers")
	for _, bucket := range slices.Sorted(maps.Keys(all.unnamed)) {
		note(!all.deleted[bucket], fmt.Sprintf("s3:DeleteObject on what %d DeleteObjects calls deleted in %s is not in it: CloudTrail does not name the keys, and access logs that do are not among the logs", all.unnamed[bucket], bucket))
	}
}

// partition is that of a caller's ARN.
func (q *Question) partition(who string) string {
	if q.Bucket == "" {
		who = q.Principal
	}
	if arn, ok := iam.ParseARN(who); ok {
		return arn.Partition
	}
	return "aws"
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
			if r.Operation() == "DeleteObjects" && uses[who].deleted[string(r.Bucket)] {
				return nil // the lines of its keys are decided
			}
			a.decided(r, d)
			return nil
		}
	})
	a.Verified = err == nil && len(a.Refused) == 0
	return err
}

// decided notes what became of a request under the policy. A copy's source has a record
// of its own where that of the copy does not name it.
func (a *Answer) decided(r *record.Record, d *replay.Decider) {
	o := d.Decide(r)
	if o.Err != nil && !replay.Undecided(o.Err) {
		return
	}
	a.Requests++
	why := ""
	switch {
	case o.Err != nil:
		why = "it cannot be told: " + o.Err.Error()
	case o.Before == iam.Denied:
		cause, _ := replay.ParseCause(o.Was.Cause)
		why = cause.Summary
	case o.Before == iam.Unknown:
		if missing := d.Missing(r, o); missing != "bucket-policy: the source of the copy" {
			why = "it cannot be told: " + missing
		}
	}
	if why != "" && len(a.Refused) < maxRefused {
		a.Refused = append(a.Refused, fmt.Sprintf("%s %s: %s", r.Event, r.RequestID, why))
	}
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
		for arn, bucket := range u.points {
			if point, ok := iam.ParseARN(arn); ok && e.Accounts[owner] != nil && e.Accounts[owner].Buckets[bucket] != nil {
				p := &estate.AccessPoint{Bucket: bucket, BucketAccount: owner, Region: point.Region, PublicAccessBlock: &estate.PublicAccessBlock{}}
				if q.Bucket != "" {
					p.Document = estate.InlineDocument(allowing(arn))
				}
				account(e, point.Account).AccessPoints[strings.TrimPrefix(point.Resource, "accesspoint/")] = p
			}
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

// allowing is a policy of an access point that lets everybody do everything: what the
// access point allows is not asked.
func allowing(arn string) *policy.Document {
	text, _ := json.Marshal(map[string]any{"Version": policy.Version2012, "Statement": map[string]any{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": []string{arn, arn + "/object/*"}}}) // of texts
	doc, err := policy.Parse("access point", text)
	if err != nil {
		panic(err) // it is a policy
	}
	return doc
}

func account(e *estate.Estate, id iam.AccountID) *estate.Account {
	if e.Accounts[id] == nil {
		e.Accounts[id] = &estate.Account{Buckets: map[string]*estate.Bucket{}, Keys: map[string]*estate.Key{}, VPCEndpoints: map[string]*estate.VPCEndpoint{}, AccessPoints: map[string]*estate.AccessPoint{}, Users: map[string]*estate.User{}, Roles: map[string]*estate.Role{}}
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
