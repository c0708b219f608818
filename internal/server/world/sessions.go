package world

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/why403/why403/internal/store"
)

const kindSession = "session"

// keepExpired is how long a session that has ended is remembered, so that its
// use is answered by ExpiredToken rather than by an unknown access key.
const keepExpired = 24 * time.Hour

// sessions are all sessions by access key id.
type sessions struct {
	sync.RWMutex
	byKey map[string]*Session
}

func (s *sessions) get(id string) (*Session, bool) {
	s.RLock()
	defer s.RUnlock()
	found, ok := s.byKey[id]
	return found, ok
}

// AddSession makes a session known, and durable. Sessions that ended long ago
// are forgotten on the way.
func (w *World) AddSession(ctx context.Context, s *Session) error {
	body, err := json.Marshal(s)
	if err != nil {
		return err
	}
	w.sessions.Lock()
	defer w.sessions.Unlock()
	old := w.sessions.ended(w.now().Add(-keepExpired))
	err = w.store.Update(ctx, func(tx store.Tx) error {
		for _, o := range old {
			if err := tx.DeleteDocument(sessionRef(o)); err != nil {
				return err
			}
		}
		return tx.PutDocument(sessionRef(s), body)
	})
	if err != nil {
		return fmt.Errorf("keep session %s: %w", s.AccessKeyID, err)
	}
	for _, o := range old {
		delete(w.sessions.byKey, o.AccessKeyID)
	}
	s.documents = s.read()
	w.sessions.byKey[s.AccessKeyID] = s
	return nil
}

func sessionRef(s *Session) store.Ref {
	return store.Ref{Kind: kindSession, Account: string(s.Account), Name: s.AccessKeyID}
}

// ended lists some of the sessions that ended before t.
func (s *sessions) ended(t time.Time) []*Session {
	var list []*Session
	for _, o := range s.byKey {
		if o.Expires.Before(t) {
			if list = append(list, o); len(list) == 100 {
				break
			}
		}
	}
	return list
}

func (w *World) loadSessions(ctx context.Context) error {
	w.sessions.byKey = map[string]*Session{}
	var bad error
	err := w.store.Documents(ctx, kindSession, "", func(d store.Document) bool {
		s := &Session{}
		if bad = json.Unmarshal(d.Body, s); bad != nil {
			bad = fmt.Errorf("session %s: %w", d.Name, bad)
			return false
		}
		s.documents = s.read()
		w.sessions.byKey[s.AccessKeyID] = s
		return true
	})
	if err == nil {
		err = bad
	}
	return err
}
