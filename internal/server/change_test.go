package server

import (
	"strings"
	"testing"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/server/world"
	"github.com/why403/why403/internal/sigv4"
)

const prod = iam.AccountID("111122223333")

func (g *rig) change(f func(*world.Change)) {
	g.t.Helper()
	if err := g.server.world.Change(g.t.Context(), func(c *world.Change) error { f(c); return nil }); err != nil {
		g.t.Fatal(err)
	}
}

// A user that is made signs at once, and one that is deleted does so no more.
func TestUsersChange(t *testing.T) {
	g := newRig(t, nil)
	carol := sigv4.Credential{AccessKeyID: "AKIACAROL00000000001", Secret: "carol/Secret"}
	g.want(g.do(carol, "GET", "/reports/2026/q1.csv", ""), 403, "InvalidAccessKeyId")
	g.change(func(c *world.Change) {
		u := world.User{}
		u.Attached = []string{"arn:aws:iam::aws:policy/AmazonS3FullAccess"}
		u.AccessKeys = map[string]*estate.AccessKey{carol.AccessKeyID: {Secret: carol.Secret}}
		world.Users.Put(c, prod, "carol", u)
	})
	g.want(g.do(carol, "GET", "/reports/2026/q1.csv", ""), 200, "")
	g.restart()
	g.want(g.do(carol, "GET", "/reports/2026/q1.csv", ""), 200, "")
	g.change(func(c *world.Change) {
		u, _ := world.Users.Get(c, prod, "carol")
		u.Attached = nil
		world.Users.Put(c, prod, "carol", u)
	})
	g.want(g.do(carol, "GET", "/reports/2026/q1.csv", ""), 403, "AccessDenied")
	g.change(func(c *world.Change) { world.Users.Delete(c, prod, "carol") })
	g.want(g.do(carol, "GET", "/reports/2026/q1.csv", ""), 403, "InvalidAccessKeyId")
}

// Nobody signs as the holder of a key whose secret is not known.
func TestKeyWithoutSecret(t *testing.T) {
	g := newRig(t, nil)
	g.change(func(c *world.Change) {
		u, _ := world.Users.Get(c, prod, "admin")
		u.AccessKeys["AKIANOSECRET00000001"] = &estate.AccessKey{}
		world.Users.Put(c, prod, "admin", u)
	})
	g.want(g.do(sigv4.Credential{AccessKeyID: "AKIANOSECRET00000001"}, "GET", "/reports/2026/q1.csv", ""), 403, "InvalidAccessKeyId")
}

// A session of a role that was deleted may do nothing, even where the bucket
// policy lets everyone, and where another role has taken the name.
func TestFormerRole(t *testing.T) {
	g := newRig(t, nil)
	const path = "/reports/app/k"
	session := g.assume(admin, "arn:aws:iam::111122223333:role/service/app")
	g.want(g.do(session, "PUT", path, "x"), 200, "")
	var app world.Role
	g.change(func(c *world.Change) {
		app, _ = world.Roles.Get(c, prod, "app")
		world.Roles.Delete(c, prod, "app")
	})
	a := g.want(g.do(session, "PUT", path, "x"), 403, "AccessDenied")
	if !strings.Contains(g.entry(a), "DeletedSinceTheSessionBegan") {
		t.Errorf("not explained: %s", g.entry(a))
	}
	g.change(func(c *world.Change) {
		app.ID = world.NewID("AROA")
		world.Roles.Put(c, prod, "app", app)
	})
	g.want(g.do(session, "PUT", path, "x"), 403, "AccessDenied")
	g.want(g.do(g.assume(admin, "arn:aws:iam::111122223333:role/service/app"), "PUT", path, "x"), 200, "")
}

// Sessions of GetSessionToken and GetFederationToken end with their user.
func TestFormerUser(t *testing.T) {
	g := newRig(t, nil)
	token := func(action string, fields ...string) sigv4.Credential {
		a := g.call(admin, action, fields...)
		text := func(name string) string {
			_, rest, _ := strings.Cut(a.body, "<"+name+">")
			value, _, _ := strings.Cut(rest, "</")
			return value
		}
		return sigv4.Credential{AccessKeyID: text("AccessKeyId"), Secret: text("SecretAccessKey"), SessionToken: text("SessionToken")}
	}
	sessions := []sigv4.Credential{token("GetSessionToken"), token("GetFederationToken", "Name", "fed", "Policy",
		`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}`)}
	for _, s := range sessions {
		g.want(g.do(s, "GET", "/public-site", ""), 200, "")
	}
	g.change(func(c *world.Change) { world.Users.Delete(c, prod, "admin") })
	for _, s := range sessions {
		g.want(g.do(s, "GET", "/public-site", ""), 403, "AccessDenied")
	}
}
