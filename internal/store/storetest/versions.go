package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/why403/why403/internal/store"
)

// While versioning is enabled every write is a version, and the newest is current.
func versionsEnabled(s *suite) {
	s.bucket("b", store.Unversioned)
	s.put("b", "k", "before")
	s.versioning("b", store.Enabled)
	one, two := s.put("b", "k", "one"), s.put("b", "k", long)
	if one.VersionID == two.VersionID || !store.ValidVersionID(one.VersionID) || one.VersionID == store.NullVersion {
		s.Errorf("version ids %q, %q", one.VersionID, two.VersionID)
	}
	if one.Revision >= two.Revision {
		s.Errorf("revisions %d, %d", one.Revision, two.Revision)
	}
	s.same(s.get("b", "k", ""), long)
	s.same(s.get("b", "k", one.VersionID), "one")
	s.same(s.get("b", "k", store.NullVersion), "before")
	// Removing the current version brings back the one before.
	if d := s.del("b", "k", two.VersionID); d != (store.Deleted{VersionID: two.VersionID, Removed: true}) {
		s.Errorf("deleted %+v", d)
	}
	s.same(s.get("b", "k", ""), "one")
	_, _, err := s.Get(s.ctx, "b", "k", two.VersionID)
	s.is(err, store.ErrNoSuchVersion)
	s.del("b", "k", one.VersionID)
	s.same(s.get("b", "k", ""), "before")
	s.del("b", "k", store.NullVersion)
	_, err = s.Stat(s.ctx, "b", "k", "")
	s.is(err, store.ErrNoSuchKey)
}

// While versioning is suspended every write replaces the null version and leaves the others.
func versionsSuspended(s *suite) {
	s.bucket("b", store.Enabled)
	v := s.put("b", "k", "kept")
	s.versioning("b", store.Suspended)
	for _, body := range []string{"null one", long, "null two"} {
		if o := s.put("b", "k", body); o.VersionID != store.NullVersion {
			s.Errorf("version id %q", o.VersionID)
		}
		s.same(s.get("b", "k", ""), body)
		s.same(s.get("b", "k", store.NullVersion), body)
	}
	s.same(s.get("b", "k", v.VersionID), "kept")
	// A simple DELETE replaces the null version by a null marker.
	if d := s.del("b", "k", ""); d != (store.Deleted{VersionID: store.NullVersion, DeleteMarker: true, Removed: true}) {
		s.Errorf("deleted %+v", d)
	}
	_, err := s.Stat(s.ctx, "b", "k", store.NullVersion)
	s.is(err, store.ErrDeleteMarker)
	s.versioning("b", store.Enabled)
	s.put("b", "k", "newer")
	s.versioning("b", store.Suspended)
	s.put("b", "k", "null three") // removes the null marker further down
	if n := len(s.list(store.ListQuery{Bucket: "b", Limit: 10, Versions: true}).Objects); n != 3 {
		s.Errorf("%d versions, want 3", n)
	}
}

// A delete marker hides the key; removing the marker brings it back.
func deleteMarkers(s *suite) {
	s.bucket("b", store.Enabled)
	v := s.put("b", "k", "body")
	d := s.del("b", "k", "")
	if !d.DeleteMarker || d.Removed || d.VersionID == v.VersionID {
		s.Errorf("deleted %+v", d)
	}
	o, _, err := s.Get(s.ctx, "b", "k", "")
	s.is(err, store.ErrNoSuchKey)
	if !o.DeleteMarker || !o.Latest || o.VersionID != d.VersionID || o.Modified.IsZero() {
		s.Errorf("marker %+v", o)
	}
	o, _, err = s.Get(s.ctx, "b", "k", d.VersionID)
	s.is(err, store.ErrDeleteMarker)
	if !o.DeleteMarker || o.Modified.IsZero() {
		s.Errorf("marker %+v", o)
	}
	s.same(s.get("b", "k", v.VersionID), "body")
	if n := len(s.list(store.ListQuery{Bucket: "b", Limit: 10}).Objects); n != 0 {
		s.Errorf("%d objects listed behind a marker", n)
	}
	second := s.del("b", "k", "") // markers pile up
	if d := s.del("b", "k", second.VersionID); d != (store.Deleted{VersionID: second.VersionID, DeleteMarker: true, Removed: true}) {
		s.Errorf("deleted %+v", d)
	}
	_, err = s.Stat(s.ctx, "b", "k", "")
	s.is(err, store.ErrNoSuchKey)
	s.del("b", "k", d.VersionID)
	s.same(s.get("b", "k", ""), "body")
	if d := s.del("b", "never", ""); !d.DeleteMarker {
		s.Errorf("deleted %+v", d)
	}
}

// Check sees what is to be removed for good, and only that.
func deleteCheck(s *suite) {
	s.bucket("b", store.Enabled)
	v := s.put("b", "k", "body")
	locked := errors.New("locked")
	del := func(version string) error {
		_, err := s.Delete(s.ctx, store.DeleteRequest{Bucket: "b", Key: "k", VersionID: version, Check: func(o store.Object) error {
			if o.VersionID != v.VersionID || o.Size != 4 {
				s.Errorf("checking %+v", o)
			}
			return locked
		}})
		return err
	}
	s.is(del(v.VersionID), locked)
	s.same(s.get("b", "k", ""), "body")
	s.ok(del("")) // adds a marker, removes nothing
	s.ok(del("nonsense"))
	s.same(s.get("b", "k", v.VersionID), "body")

	s.versioning("b", store.Suspended)
	v = s.put("b", "k", "null")
	s.is(del(""), locked) // would replace the null version
	s.same(s.get("b", "k", ""), "null")
}

// entry is a version in the model: a key's versions, newest first.
type entry struct {
	id, body string
	marker   bool
}

type model struct {
	state    store.Versioning
	versions map[string][]entry
}

func (m *model) add(key string, e entry) {
	if m.state != store.Enabled {
		m.versions[key] = slices.DeleteFunc(m.versions[key], func(e entry) bool { return e.id == store.NullVersion })
	}
	m.versions[key] = slices.Insert(m.versions[key], 0, e)
}

func (m *model) remove(key, id string) {
	m.versions[key] = slices.DeleteFunc(m.versions[key], func(e entry) bool { return e.id == id })
}

// listing is what a listing of all versions must say.
func (m *model) listing() string {
	names := make([]string, 0, len(m.versions))
	for k := range m.versions {
		names = append(names, k)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, k := range names {
		for i, e := range m.versions[k] {
			fmt.Fprintln(&b, k, e.id, e.marker, i == 0)
		}
	}
	return b.String()
}

// Random writes and deletes under changing versioning states leave the store as the model says.
func versionModel(s *suite) {
	rnd := rand.New(rand.NewPCG(1, 2))
	s.bucket("b", store.Unversioned)
	m := &model{versions: map[string][]entry{}}
	for step := range 400 {
		if step >= 40 && step%20 == 0 {
			m.state = store.Enabled + store.Versioning(rnd.IntN(2))
			s.versioning("b", m.state)
		}
		s.randomStep(m, rnd, step)
		if step%10 == 0 {
			s.compare(m, 1+rnd.IntN(7))
		}
		if s.Failed() {
			s.Fatalf("at step %d", step)
		}
	}
}

func (s *suite) randomStep(m *model, rnd *rand.Rand, step int) {
	key := string('a' + rune(rnd.IntN(4)))
	versions := m.versions[key]
	switch n := rnd.IntN(10); {
	case n < 5:
		body := fmt.Sprint(step)
		if n == 0 {
			body += long[:20000]
		}
		m.add(key, entry{s.put("b", key, body).VersionID, body, false})
	case n < 7 && m.state == store.Unversioned:
		s.del("b", key, "")
		m.remove(key, store.NullVersion)
	case n < 7:
		m.add(key, entry{s.del("b", key, "").VersionID, "", true})
	case len(versions) > 0:
		id := versions[rnd.IntN(len(versions))].id
		s.del("b", key, id)
		m.remove(key, id)
	}
}

// compare checks listing and every body against the model.
func (s *suite) compare(m *model, limit int) {
	var b strings.Builder
	for _, o := range s.list(store.ListQuery{Bucket: "b", Limit: limit, Versions: true}).Objects {
		fmt.Fprintln(&b, o.Key, o.VersionID, o.DeleteMarker, o.Latest)
	}
	if b.String() != m.listing() {
		s.Errorf("limit %d: got\n%swant\n%s", limit, b.String(), m.listing())
	}
	for key, versions := range m.versions {
		for _, e := range versions {
			if !e.marker {
				s.same(s.get("b", key, e.id), e.body)
			}
		}
		if len(versions) > 0 && !versions[0].marker {
			s.same(s.get("b", key, ""), versions[0].body)
		} else {
			_, err := s.Stat(s.ctx, "b", key, "")
			s.is(err, store.ErrNoSuchKey)
		}
	}
}
