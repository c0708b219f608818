package world_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/store/embedded"
)

const seed = `version: 1
organizations:
  o-exampleorg01:
    managementAccount: "999999999999"
    policies:
      DenyLeaks: {type: scp, document: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "s3:PutBucketPolicy", Resource: "*"}]}}
      Closed: {type: s3, document: {s3_attributes: {public_access_block_configuration: {"@@assign": all}}}}
    root:
      id: r-ab12
      accounts: ["999999999999"]
      units:
        ou-ab12-prod: {name: prod, scps: [FullAWSAccess, DenyLeaks], accounts: ["111122223333"]}
accounts:
  "999999999999": {}
  "111122223333":
    managedPolicies:
      read: {document: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:Get*", Resource: "*"}]}}
    users:
      alice: {attached: [read], accessKeys: {AKIAALICE: {secret: s}}, inline: {mine: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:List*", Resource: "*"}]}}}
      bob: {}
    buckets:
      reports: {}
    keys:
      1234abcd-12ab-34cd-56ef-1234567890ab: {aliases: [alias/data]}
`

// place is where a part of the seed stands.
func place(part string) string {
	before, _, _ := strings.Cut(seed, part)
	lines := strings.Split(before, "\n")
	return fmt.Sprintf("estate.yaml:%d:%d", len(lines), len(lines[len(lines)-1])+1)
}

// A house is a world that can be left and entered again.
type house struct {
	*world.World
	t    *testing.T
	dir  string
	seed string
	db   *embedded.Store
}

func build(t *testing.T, seed string) *house {
	h := &house{t: t, dir: t.TempDir(), seed: seed}
	h.enter()
	t.Cleanup(func() { h.db.Close() })
	return h
}

func (h *house) enter() {
	h.t.Helper()
	e, err := estate.Parse("estate.yaml", []byte(h.seed))
	if err != nil {
		h.t.Fatal(err)
	}
	if h.db, err = embedded.Open(h.dir, embedded.Options{}); err != nil {
		h.t.Fatal(err)
	}
	if h.World, err = world.Open(context.Background(), h.db, e, nil); err != nil {
		h.t.Fatal(err)
	}
}

// again is what a restart of the process does.
func (h *house) again() {
	h.t.Helper()
	if err := h.db.Close(); err != nil {
		h.t.Fatal(err)
	}
	h.enter()
}

func (h *house) change(f func(*world.Change)) {
	h.t.Helper()
	if err := h.Change(context.Background(), func(c *world.Change) error { f(c); return nil }); err != nil {
		h.t.Fatal(err)
	}
}

// encoded is the estate as it would be exported.
func (h *house) encoded() string {
	h.t.Helper()
	var b strings.Builder
	if err := h.Estate().Encode(&b); err != nil {
		h.t.Fatal(err)
	}
	return b.String()
}

const prod = iam.AccountID("111122223333")
const management = iam.AccountID("999999999999")

func document(t *testing.T, file, text string) estate.Document {
	t.Helper()
	d, err := estate.ParseDocument(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const trust = `{ "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}] }`

// changes are one change of each kind, with what the estate says afterwards.
var changes = []struct {
	name   string
	change func(*testing.T, *world.Change)
	check  func(*world.State) any
	want   any
}{
	{"a new user signs", func(_ *testing.T, c *world.Change) {
		u := world.User{Created: time.Unix(1, 0).UTC()}
		u.ID, u.AccessKeys = "AIDANEW", map[string]*estate.AccessKey{"AKIANEW": {Secret: "s2"}}
		world.Users.Put(c, prod, "carol", u)
	}, func(s *world.State) any {
		h, _ := s.Estate().AccessKey("AKIANEW")
		u, _ := world.Users.Get(s, prod, "carol")
		return []any{h.Principal, h.Key.Secret, u.ID, u.Created}
	}, []any{"arn:aws:iam::111122223333:user/carol", "s2", "AIDANEW", time.Unix(1, 0).UTC()}},
	{"a user of the seed is gone, with its keys", func(_ *testing.T, c *world.Change) {
		world.Users.Delete(c, prod, "alice")
	}, func(s *world.State) any {
		_, user := world.Users.Get(s, prod, "alice")
		_, key := s.Estate().AccessKey("AKIAALICE")
		return []any{user, key, slices.Collect(maps.Keys(s.Estate().Accounts[prod].Users))}
	}, []any{false, false, []string{"bob"}}},
	{"a user of the seed keeps the places of its policies", func(_ *testing.T, c *world.Change) {
		u, _ := world.Users.Get(c, prod, "alice")
		u.Tags = map[string]string{"a": "b"}
		world.Users.Put(c, prod, "alice", u)
	}, func(s *world.State) any {
		u := s.Estate().Accounts[prod].Users["alice"]
		return []any{u.Tags["a"], u.Inline[0].Name, u.Inline[0].Statements[0].Pos.String()}
	}, []any{"b", "mine", place(`{Effect: Allow, Action: "s3:List*"`)}},
	{"documents are kept to the letter", func(t *testing.T, c *world.Change) {
		r := world.Role{Description: "d", MaxSession: 7200}
		r.ID, r.Trust = "AROANEW", document(t, "role/app?trust", trust)
		world.Roles.Put(c, prod, "app", r)
	}, func(s *world.State) any {
		r, _ := world.Roles.Get(s, prod, "app")
		return []any{r.Trust.Text(), r.Trust.Statements[0].Pos.String(), r.Description, r.MaxSession, r.UniqueID(prod, "app")}
	}, []any{trust, "role/app?trust:2:17", "d", 7200, "AROANEW"}},
	{"a policy has versions", func(t *testing.T, c *world.Change) {
		p, _ := world.ManagedPolicies.Get(c, prod, "read")
		p.Latest++
		p.Versions["v2"] = &world.PolicyVersion{Document: document(t, "policy/read?v2", `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}`)}
		p.SetDefault("v2")
		world.ManagedPolicies.Put(c, prod, "read", p)
	}, func(s *world.State) any {
		named, _ := s.Estate().Accounts[prod].Managed("read")
		p, _ := world.ManagedPolicies.Get(s, prod, "read")
		return []any{named.Document.Statements[0].Effect.String(), p.Versions["v1"].Document.Statements[0].Pos.String(), p.Default}
	}, []any{"Deny", place(`{Effect: Allow, Action: "s3:Get*"`), "v2"}},
	{"account settings", func(_ *testing.T, c *world.Change) {
		a, _ := world.Accounts.Get(c, prod, "")
		a.Alias, a.PublicAccessBlock = "acme", &estate.PublicAccessBlock{BlockPublicAcls: true}
		world.Accounts.Put(c, prod, "", a)
	}, func(s *world.State) any {
		a, _ := world.Accounts.Get(s, prod, "")
		return []any{a.Alias, s.Estate().Accounts[prod].BlockPublicAccess().BlockPublicAcls, len(s.Estate().Accounts[prod].Users)}
	}, []any{"acme", true, 2}},
	{"the root user", func(_ *testing.T, c *world.Change) {
		r := world.Root{}
		r.AccessKeys = map[string]*estate.AccessKey{"AKIAROOT": {Secret: "r"}}
		world.Roots.Put(c, prod, "", r)
	}, func(s *world.State) any { h, _ := s.Estate().AccessKey("AKIAROOT"); return h.Principal }, "arn:aws:iam::111122223333:root"},
	{"groups", func(_ *testing.T, c *world.Change) {
		g := world.Group{ID: "AGPANEW"}
		g.Attached = []string{"read"}
		world.Groups.Put(c, prod, "dev", g)
		u, _ := world.Users.Get(c, prod, "bob")
		u.Groups = []string{"dev"}
		world.Users.Put(c, prod, "bob", u)
	}, func(s *world.State) any { return s.Estate().Accounts[prod].Users["bob"].Groups }, []string{"dev"}},
	{"a key and its alias", func(_ *testing.T, c *world.Change) {
		k := world.Key{Description: "mine"}
		k.Region, k.Aliases, k.State = "eu-west-1", []string{"alias/mine"}, "Disabled"
		world.Keys.Put(c, prod, "99999999-12ab-34cd-56ef-1234567890ab", k)
		world.Keys.Delete(c, prod, "1234abcd-12ab-34cd-56ef-1234567890ab")
	}, func(s *world.State) any {
		r := s.Estate().ResolveKey("alias/mine", prod, "eu-west-1")
		return []any{r.ID, r.Key.State, s.Estate().ResolveKey("alias/data", prod, "").Missing}
	}, []any{"99999999-12ab-34cd-56ef-1234567890ab", "Disabled", true}},
	{"a VPC endpoint", func(_ *testing.T, c *world.Change) {
		v := world.VPCEndpoint{}
		v.VPC, v.Service = "vpc-1", "com.amazonaws.us-east-1.s3"
		world.VPCEndpoints.Put(c, prod, "vpce-1", v)
	}, func(s *world.State) any { v, _ := s.Estate().VPCEndpoint("vpce-1"); return []any{v.VPC, v.Account} }, []any{"vpc-1", prod}},
	{"access points", func(t *testing.T, c *world.Change) {
		own, other := world.AccessPoint{}, world.AccessPoint{}
		own.Bucket, own.BucketAccount, own.Region = "reports", prod, "us-east-1"
		own.Document = document(t, "ap?policy", `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}`)
		other.Bucket, other.BucketAccount, other.Region = "reports", prod, "us-east-1"
		world.AccessPoints.Put(c, prod, world.AccessPointName("us-east-1", "ap"), own)
		world.AccessPoints.Put(c, management, world.AccessPointName("us-east-1", "theirs"), other)
	}, func(s *world.State) any {
		var list []string
		for _, p := range s.Estate().AccessPointsOf("reports") {
			list = append(list, p.ARN("aws")+" "+p.Document.Text())
		}
		return list
	}, []string{`arn:aws:s3:us-east-1:111122223333:accesspoint/ap {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}`,
		"arn:aws:s3:us-east-1:999999999999:accesspoint/theirs "}},
	{"units within units, and an account that moves", func(_ *testing.T, c *world.Change) {
		world.Units.Put(c, management, "ou-ab12-z", world.Unit{Name: "z", Parent: "r-ab12"})
		world.Units.Put(c, management, "ou-ab12-a", world.Unit{Name: "a", Parent: "ou-ab12-z", Attached: world.Attached{S3: []string{"Closed"}}})
		m, _ := world.Members.Get(c, management, string(prod))
		m.Parent = "ou-ab12-a"
		world.Members.Put(c, management, string(prod), m)
		world.Units.Delete(c, management, "ou-ab12-prod")
	}, func(s *world.State) any {
		closed, _, ok := s.Estate().Accounts[prod].OrganizationPublicAccessBlock()
		return []any{s.Estate().OrgPath(prod), ok && closed.RestrictPublicBuckets}
	}, []any{"o-exampleorg01/r-ab12/ou-ab12-z/ou-ab12-a/", true}},
	{"policies of an organization", func(t *testing.T, c *world.Change) {
		world.OrgPolicies.Put(c, management, "Mine", world.OrgPolicy{ID: "p-mine1234", OrgPolicy: estate.OrgPolicy{Type: "scp",
			Document: document(t, "scp/Mine", `{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}`)}})
		s3, err := estate.ParseS3Document("s3/Open", []byte(`{"s3_attributes": {"public_access_block_configuration": {"@@assign": "none"}}}`))
		if err != nil {
			t.Fatal(err)
		}
		world.OrgPolicies.Put(c, management, "Open", world.OrgPolicy{OrgPolicy: estate.OrgPolicy{Type: "s3", Document: s3}})
		u, _ := world.Units.Get(c, management, "ou-ab12-prod")
		u.SCPs, u.S3 = &[]string{"FullAWSAccess", "Mine"}, []string{"Open"}
		world.Units.Put(c, management, "ou-ab12-prod", u)
		world.OrgPolicies.Delete(c, management, "DenyLeaks")
	}, func(s *world.State) any {
		level := s.Estate().Accounts[prod].Path[1]
		return []any{level.SCPs[1].Name, level.S3[0].S3PublicAccessBlock(), len(level.SCPs)}
	}, []any{"Mine", "none", 2}},
	{"a new organization", func(_ *testing.T, c *world.Change) {
		world.Organizations.Delete(c, management, "o-exampleorg01")
		world.Organizations.Put(c, "222222222222", "o-new0000001", world.Organization{Types: []string{"scp"}})
		world.Units.Put(c, "222222222222", "r-new1", world.Unit{Name: "Root"})
		world.Members.Put(c, "222222222222", "222222222222", world.Member{Parent: "r-new1"})
		world.Accounts.Put(c, "222222222222", "", world.Account{Email: "a@example.com"})
	}, func(s *world.State) any {
		return []any{s.Estate().OrgPath("222222222222"), s.Estate().OrgPath(prod), s.Estate().Accounts["222222222222"].Organization.ManagementAccount}
	}, []any{"o-new0000001/r-new1/", "", iam.AccountID("222222222222")}},
	{"what no estate knows", func(_ *testing.T, c *world.Change) { things.Put(c, prod, "x", thing{"y"}) },
		func(s *world.State) any { v, _ := things.Get(s, prod, "x"); return v.Z }, "y"},
}

type thing struct{ Z string }

var things = world.NewKind[thing]("thing")

func TestChange(t *testing.T) {
	for _, tt := range changes {
		t.Run(tt.name, func(t *testing.T) {
			h := build(t, seed)
			before := h.encoded()
			h.change(func(c *world.Change) { tt.change(t, c) })
			after := h.encoded()
			for range 3 {
				if diff := cmp.Diff(tt.want, tt.check(h.State())); diff != "" {
					t.Errorf("got other than wanted:\n%s", diff)
				}
				if got := h.encoded(); got != after {
					t.Errorf("after a restart:\n%s", cmp.Diff(after, got))
				}
				h.again()
			}
			if tt.name != "what no estate knows" && before == after {
				t.Error("the estate did not change")
			}
			if _, err := estate.Parse("again.yaml", []byte(after)); err != nil {
				t.Errorf("what is exported cannot be read: %v\n%s", err, after)
			}
		})
	}
}

// An error changes nothing, here and in the store.
func TestChangeFails(t *testing.T) {
	h := build(t, seed)
	before, refused := h.State(), errors.New("refused")
	for name, change := range map[string]func(c *world.Change) error{
		"its own error": func(c *world.Change) error { world.Users.Delete(c, prod, "alice"); return refused },
		"a policy that does not exist": func(c *world.Change) error {
			world.Users.Put(c, prod, "alice", world.User{User: estate.User{Attached: []string{"nothing"}}})
			return nil
		},
		"a policy that is in use": func(c *world.Change) error { world.ManagedPolicies.Delete(c, prod, "read"); return nil },
		"an access key that is another's": func(c *world.Change) error {
			world.Users.Put(c, prod, "bob", world.User{User: estate.User{AccessKeys: map[string]*estate.AccessKey{"AKIAALICE": {}}}})
			return nil
		},
		"what was wrong already when it was shown": func(c *world.Change) error {
			world.ManagedPolicies.Delete(c, prod, "read")
			c.Estate()
			world.Users.Delete(c, prod, "bob")
			return nil
		},
		"a unit of nothing": func(c *world.Change) error {
			world.Units.Put(c, management, "ou-1", world.Unit{Parent: "ou-2"})
			return nil
		},
	} {
		err := h.Change(context.Background(), change)
		if err == nil || name == "its own error" && err != refused {
			t.Errorf("%s: %v", name, err)
		}
		if h.State() != before {
			t.Errorf("%s: changed", name)
		}
	}
	text := h.encoded()
	h.again()
	if got := h.encoded(); got != text {
		t.Errorf("%s", cmp.Diff(text, got))
	}
}

// A bucket that was made anew has no place in the file that told of the old one; one
// that was changed has.
func TestPlacesOfBuckets(t *testing.T) {
	h := build(t, seed)
	place := func() int32 { b, _ := h.Estate().Bucket("reports"); return b.Pos.Line }
	if err := h.ChangeBucket(context.Background(), "reports", func(b *estate.Bucket, _ *world.Side) error { b.ABAC = "Enabled"; return nil }); err != nil {
		t.Fatal(err)
	}
	h.again()
	if place() == 0 {
		t.Error("the changed bucket has lost its place")
	}
	if err := h.DeleteBucket(context.Background(), "reports"); err != nil {
		t.Fatal(err)
	}
	if err := h.CreateBucket(context.Background(), &estate.Bucket{Name: "reports", Account: prod}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := place(); got != 0 {
			t.Errorf("the new bucket stands in line %d", got)
		}
		h.again()
	}
}

// Within a change, what was written can be read, and the state before stands.
func TestChangeReadsItself(t *testing.T) {
	h := build(t, seed)
	before := h.Estate()
	h.change(func(c *world.Change) {
		a, _ := world.Users.Get(c, prod, "alice")
		a.AccessKeys["AKIATWO"] = &estate.AccessKey{Secret: "2"} // a copy
		if _, ok := c.Estate().AccessKey("AKIATWO"); ok {
			t.Error("there before Put")
		}
		world.Users.Put(c, prod, "alice", a)
		one := c.Estate()
		world.Users.Delete(c, prod, "bob")
		if _, ok := one.AccessKey("AKIATWO"); !ok || one.Accounts[prod].Users["bob"] == nil {
			t.Error("an estate that was handed out is not what it was")
		}
		var names []string
		for name := range world.Users.All(c, prod) {
			names = append(names, name)
		}
		if !slices.Equal(names, []string{"alice"}) {
			t.Errorf("users %q", names)
		}
	})
	if len(before.Accounts[prod].Users) != 2 || len(before.Accounts[prod].Users["alice"].AccessKeys) != 1 {
		t.Error("the state before changed")
	}
	if _, ok := h.Credential("AKIATWO"); !ok {
		t.Error("the new key does not sign")
	}
}

// What contradicts itself on the way may be right in the end.
func TestChangeInDisorder(t *testing.T) {
	h := build(t, seed)
	h.change(func(c *world.Change) {
		world.ManagedPolicies.Delete(c, prod, "read")
		c.Estate()
		u, _ := world.Users.Get(c, prod, "alice")
		u.Attached = nil
		world.Users.Put(c, prod, "alice", u)
	})
	if len(h.Estate().Accounts[prod].ManagedPolicies) != 0 {
		t.Error("the policy is there")
	}
}

// A policy of the seed that the estate's file holds no more has no place in it.
func TestEarlierSeed(t *testing.T) {
	h := build(t, seed)
	h.change(func(c *world.Change) {
		u, _ := world.Users.Get(c, prod, "alice")
		u.Path = "/x/"
		world.Users.Put(c, prod, "alice", u)
	})
	h.seed = strings.ReplaceAll(seed, "s3:List*", "s3:Put*")
	h.again()
	d := h.Estate().Accounts[prod].Users["alice"].Inline[0]
	if d.Statements[0].Actions[0].Text != "s3:List*" || d.Statements[0].Pos.File != "estate.yaml (of an earlier run)" {
		t.Errorf("%v %v", d.Statements[0].Actions, d.Statements[0].Pos)
	}
}

// Readers see one state or the next, whatever changes meanwhile.
func TestReadersMeanwhile(t *testing.T) {
	h := build(t, seed)
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				s := h.State()
				for name, u := range world.Users.All(s, prod) {
					for id := range u.AccessKeys {
						if holder, ok := s.Estate().AccessKey(id); !ok || !strings.HasSuffix(holder.Principal, "/"+name) {
							t.Errorf("key %s of %s: %v %v", id, name, holder.Principal, ok)
						}
					}
				}
				for id := range world.Units.All(s, management) {
					if _, ok := world.Units.Get(s, management, id); !ok {
						t.Errorf("no unit %s", id)
					}
				}
				_ = s.Estate().AccessPointsOf("reports")
			}
		})
	}
	for i := range 30 {
		h.change(func(c *world.Change) {
			u, _ := world.Users.Get(c, prod, "alice")
			u.AccessKeys = map[string]*estate.AccessKey{fmt.Sprintf("AKIA%d", i): {Secret: "s"}}
			world.Users.Put(c, prod, "alice", u)
			unit := fmt.Sprintf("ou-ab12-%d", i)
			world.Units.Put(c, management, unit, world.Unit{Name: unit, Parent: "r-ab12"})
			p := world.AccessPoint{}
			p.Bucket, p.BucketAccount, p.Region = "reports", prod, "us-east-1"
			world.AccessPoints.Put(c, prod, world.AccessPointName("us-east-1", fmt.Sprintf("ap-%d", i%3)), p)
		})
	}
	close(stop)
	readers.Wait()
}
