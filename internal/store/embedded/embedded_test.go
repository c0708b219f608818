package embedded_test

import (
	"testing"

	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/internal/store/embedded"
	"github.com/why403/why403/internal/store/storetest"
)

func open(t testing.TB) store.Store { return openDir(t, t.TempDir()) }

func openDir(t testing.TB, dir string) store.Store {
	t.Helper()
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T)      { storetest.Test(t, open) }
func TestReopen(t *testing.T)     { storetest.TestReopen(t, openDir) }
func BenchmarkStore(b *testing.B) { storetest.Benchmark(b, open) }
