package replay

import (
	"maps"
	"slices"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/request"
)

// A Lockout is a bucket whose administrators lose it by a change: those of its
// account that may set its policy.
type Lockout struct {
	Bucket string   `json:"bucket"`
	Lost   []string `json:"lost"` // who could set the policy before, and cannot after
	Kept   int      `json:"kept"` // how many others still can, root users apart
}

// maxAsked bounds how many decisions the search for lockouts makes.
const maxAsked = 100_000

// Lockouts lists the buckets whose policy fewer of the account's users and roles
// may set after a change. The network is taken for one that suits. Of a large
// estate the buckets that the logs name are looked at.
func Lockouts(before, after *estate.Estate, named func(bucket string) bool) []Lockout {
	b, a := gather.New(before, time.Now), gather.New(after, time.Now)
	asked := 0
	out := []Lockout{}
	for _, id := range slices.Sorted(maps.Keys(before.Accounts)) {
		account := before.Accounts[id]
		who := principals(account)
		for _, name := range slices.Sorted(maps.Keys(account.Buckets)) {
			if _, ok := after.Bucket(name); !ok || asked+len(who) > maxAsked && !named(name) {
				continue
			}
			asked += len(who)
			if l := lockout(b, a, name, who); len(l.Lost) > 0 {
				out = append(out, l)
			}
		}
	}
	return out
}

func principals(a *estate.Account) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(a.Roles)) {
		list = append(list, a.Roles[name].ARN(a.Partition(), a.ID, name))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Users)) {
		list = append(list, a.Users[name].ARN(a.Partition(), a.ID, name))
	}
	return list
}

func lockout(before, after *gather.Gatherer, bucket string, who []string) Lockout {
	l := Lockout{Bucket: bucket}
	for _, arn := range who {
		if !administers(before, arn, bucket) {
			continue
		}
		if administers(after, arn, bucket) {
			l.Kept++
		} else {
			l.Lost = append(l.Lost, arn)
		}
	}
	return l
}

// administers reports that somebody may set a bucket's policy, in circumstances
// that suit.
func administers(g *gather.Gatherer, arn, bucket string) bool {
	f, err := g.Facts(&request.Request{Principal: arn, Action: "s3:PutBucketPolicy", Resource: "arn:aws:s3:::" + bucket})
	return err == nil && decide.Allowed(f) != iam.Denied
}
