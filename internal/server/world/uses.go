package world

import (
	"strings"
	"sync"
	"time"

	"github.com/why403/why403/iam"
)

// A Use is the last use of an access key for one service.
type Use struct {
	Service string // "s3"
	Region  string
	At      time.Time
	Entity  string // ARN of the user, root user or role
}

// uses are the last uses of long-term access keys by their ids, and of roles and
// federated users by their ARNs: of the many sessions each counts for its role.
// They are of this process alone, as none is worth a durable write.
type uses struct{ byKey sync.Map }

type keyUses struct {
	mu        sync.Mutex
	byService map[string]Use
}

// Use notes that a caller signed a request to a service.
func (w *World) Use(keyID string, c *Caller, service, region string) {
	if c.Session != nil {
		keyID = c.ARN[:max(strings.LastIndexByte(c.ARN, '/'), 0)]
	}
	found, ok := w.uses.byKey.Load(keyID)
	if !ok {
		found, _ = w.uses.byKey.LoadOrStore(keyID, &keyUses{byService: map[string]Use{}})
	}
	k, _ := found.(*keyUses) // nothing else is stored
	now := w.now()
	k.mu.Lock()
	defer k.mu.Unlock()
	use, known := k.byService[service]
	if !known {
		use = Use{Service: service, Entity: w.entity(c)}
	}
	use.At, use.Region = now, region
	k.byService[service] = use
}

// entity is the ARN of the user or role behind a caller.
func (w *World) entity(c *Caller) string {
	p, err := iam.ParsePrincipal(c.ARN)
	if err != nil || p.Kind != iam.RoleSession {
		return c.ARN
	}
	if a, ok := w.Estate().Account(p.Account); ok && a.Roles[p.Name] != nil {
		return a.Roles[p.Name].ARN(p.Partition, p.Account, p.Name)
	}
	return p.RoleARN("/")
}

// LastUse returns the last use of an access key.
func (w *World) LastUse(keyID string) (last Use, ok bool) {
	found, ok := w.uses.byKey.Load(keyID)
	if !ok {
		return last, false
	}
	k, _ := found.(*keyUses) // nothing else is stored
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, u := range k.byService {
		if u.At.After(last.At) {
			last = u
		}
	}
	return last, true
}

// UsesOf returns for each service its last use by a user or role.
func (w *World) UsesOf(entity string) map[string]Use {
	last := map[string]Use{}
	w.uses.byKey.Range(func(_, v any) bool {
		k, _ := v.(*keyUses) // nothing else is stored
		k.mu.Lock()
		defer k.mu.Unlock()
		for service, u := range k.byService {
			if strings.EqualFold(u.Entity, entity) && u.At.After(last[service].At) {
				last[service] = u
			}
		}
		return true
	})
	return last
}
