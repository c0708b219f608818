package world_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/world"
)

// moves are changes of which some contradict the estate, as it happens to be.
var moves = []func(*rand.Rand, *world.Change){
	func(r *rand.Rand, c *world.Change) { // a user with references of all sorts
		u := world.User{}
		u.Attached, u.Boundary = some(r, "p0", "p1", "arn:aws:iam::aws:policy/ReadOnlyAccess"), one(r, "", "", "p0", "p2")
		u.Groups = some(r, "g0", "g1")
		u.AccessKeys = map[string]*estate.AccessKey{one(r, "AKIA0", "AKIA1", "AKIA2", "AKIA3", "AKIA4"): {Secret: "s", Status: one(r, "", "Active", "active")}}
		world.Users.Put(c, prod, one(r, "u0", "u1", "u2"), u)
	},
	func(r *rand.Rand, c *world.Change) { world.Users.Delete(c, prod, one(r, "u0", "u1", "u2", "alice")) },
	func(r *rand.Rand, c *world.Change) {
		p := world.ManagedPolicy{Versions: map[string]*world.PolicyVersion{}}
		doc, _ := estate.ParseDocument("p", []byte(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`))
		p.Versions["v1"] = &world.PolicyVersion{Document: doc}
		p.SetDefault("v1")
		p.Path = one(r, "/", "/", "/", "x")
		world.ManagedPolicies.Put(c, prod, one(r, "p0", "p1", "p2"), p)
	},
	func(r *rand.Rand, c *world.Change) {
		world.ManagedPolicies.Delete(c, prod, one(r, "p0", "p1", "p2", "read"))
	},
	func(r *rand.Rand, c *world.Change) {
		g := world.Group{}
		g.Attached = some(r, "p0", "p1")
		world.Groups.Put(c, prod, one(r, "g0", "g1"), g)
	},
	func(r *rand.Rand, c *world.Change) { world.Groups.Delete(c, prod, one(r, "g0", "g1")) },
	func(r *rand.Rand, c *world.Change) {
		k := world.Key{}
		k.Aliases, k.Region, k.State = some(r, "alias/a", "alias/b", "b"), one(r, "", "eu-west-1", "nowhere"), one(r, "", "Disabled", "Off")
		world.Keys.Put(c, prod, one(r, "1111aaaa-12ab-34cd-56ef-1234567890ab", "2222bbbb-12ab-34cd-56ef-1234567890ab"), k)
	},
	func(r *rand.Rand, c *world.Change) {
		world.OrgPolicies.Put(c, management, one(r, "o0", "o1"), world.OrgPolicy{OrgPolicy: estate.OrgPolicy{Type: one(r, "scp", "rcp"),
			Unknown: estate.Unknowns{{What: "document"}}}})
	},
	func(r *rand.Rand, c *world.Change) {
		world.OrgPolicies.Delete(c, management, one(r, "o0", "o1", "DenyLeaks"))
	},
	func(r *rand.Rand, c *world.Change) {
		u, _ := world.Units.Get(c, management, "ou-ab12-prod")
		scps := some(r, "o0", "o1", "FullAWSAccess")
		u.SCPs, u.RCPs, u.Parent = &scps, some(r, "o1"), "r-ab12"
		world.Units.Put(c, management, "ou-ab12-prod", u)
	},
	func(r *rand.Rand, c *world.Change) {
		p := world.AccessPoint{}
		p.Bucket, p.BucketAccount, p.Region = "reports", prod, one(r, "us-east-1", "us-east-1", "eu-west-1")
		p.VPC, p.NetworkOrigin = one(r, "", "vpc-1"), one(r, "", "Internet", "VPC")
		world.AccessPoints.Put(c, one(r, prod, management), world.AccessPointName(p.Region, one(r, "a0", "a1")), p)
	},
}

func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func some(r *rand.Rand, of ...string) []string {
	var list []string
	for _, s := range of {
		if r.IntN(3) == 0 {
			list = append(list, s)
		}
	}
	return list
}

// A change goes through if and only if the whole estate that it makes is without
// contradiction, however little of it was checked: the estate is written, read again
// with all checks, and writes the same.
func TestLawLinkAfter(t *testing.T) {
	for seedOf := range uint64(4) {
		r := rand.New(rand.NewPCG(seedOf, 403))
		h := build(t, seed)
		accepted, refused := 0, 0
		for step := range 150 {
			var history string
			err := h.Change(context.Background(), func(c *world.Change) error {
				for range 1 + r.IntN(3) {
					i := r.IntN(len(moves))
					moves[i](r, c)
					history += fmt.Sprint(i, " ")
					if r.IntN(2) == 0 {
						c.Estate()
					}
				}
				return nil
			})
			if err != nil {
				refused++
				continue
			}
			accepted++
			text := h.encoded()
			again, err := estate.Parse("again.yaml", []byte(text))
			if err != nil {
				t.Fatalf("seed %d, step %d (moves %s): accepted, though it is wrong: %v\n%s", seedOf, step, history, err, text)
			}
			for _, id := range []string{"AKIA0", "AKIA1", "AKIA2", "AKIA3", "AKIA4"} {
				got, _ := h.Estate().AccessKey(id)
				want, _ := again.AccessKey(id)
				if got.Principal != want.Principal {
					t.Fatalf("seed %d, step %d: %s is of %q, and of %q once read again", seedOf, step, id, got.Principal, want.Principal)
				}
			}
			if got, want := h.Estate().OrgPath(prod), again.OrgPath(prod); got != want {
				t.Fatalf("seed %d, step %d: path %q, want %q", seedOf, step, got, want)
			}
		}
		if accepted < 20 || refused < 20 {
			t.Errorf("seed %d: %d changes accepted, %d refused: the law was hardly tried", seedOf, accepted, refused)
		}
	}
}
