package world

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/vault"
	"github.com/why403/why403/internal/store"
)

// A World is the state of an endpoint. Its methods may be called from many
// goroutines.
type World struct {
	store store.Store
	now   func() time.Time
	seed  *estate.Estate // that the endpoint was started with

	places places // of the seed's documents

	changing sync.Mutex // held while the state changes
	state    atomic.Pointer[State]
	sessions sessions
	uses     uses
	codes    codes
	vault    *vault.Vault
}

// Open joins the estate that the endpoint is started with and what the store
// holds from earlier runs. Buckets and objects of the estate that the store does
// not know yet are made in it; objects have no bytes until somebody puts some.
// The estate is not changed.
func Open(ctx context.Context, s store.Store, seed *estate.Estate, now func() time.Time) (*World, error) {
	w, err := Read(ctx, s, seed, now)
	if err != nil {
		return nil, err
	}
	if w.vault, err = vault.Open(ctx, s); err != nil {
		return nil, fmt.Errorf("read the endpoint's state: %w", err)
	}
	if err := w.plant(ctx, w.fresh()); err != nil {
		return nil, fmt.Errorf("make what the estate holds: %w", err)
	}
	return w, nil
}

// Read is Open for those who only look: nothing is made in the store, and there is
// no Vault.
func Read(ctx context.Context, s store.Store, seed *estate.Estate, now func() time.Time) (*World, error) {
	if now == nil {
		now = time.Now
	}
	linked := newDraft(seed).estate
	if err := linked.Link(); err != nil {
		return nil, err
	}
	w := &World{store: s, now: now, seed: linked}
	if err := w.loadSessions(ctx); err != nil {
		return nil, fmt.Errorf("read the endpoint's state: %w", err)
	}
	if err := w.load(ctx); err != nil {
		return nil, fmt.Errorf("read the endpoint's state: %w", err)
	}
	return w, nil
}

// State returns the world as it is now.
func (w *World) State() *State { return w.state.Load() }

// Estate returns the estate as it is now. It does not change any more.
func (w *World) Estate() *estate.Estate { return w.state.Load().estate }

func (w *World) view() (*estate.Estate, records) { return w.state.Load().view() }

// Store returns the store of objects. Buckets are made and deleted through the
// World.
func (w *World) Store() store.Store { return w.store }

// Vault returns the keys of KMS and of the services.
func (w *World) Vault() *vault.Vault { return w.vault }

// Now returns the time of the endpoint's clock.
func (w *World) Now() time.Time { return w.now().UTC() }
