package condition

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// interned is how many names are kept.
func interned() int {
	keys.RLock()
	defer keys.RUnlock()
	return len(keys.byName)
}

// Names that clients choose do not grow memory for ever: those that nothing holds
// are dropped. One that is held stays the same key however it is spelled, while
// others come and go.
func TestNamesAreForgotten(t *testing.T) {
	before := interned()
	held := Intern("aws:PrincipalTag/Held")
	const many = 10_000
	for i := range many {
		var l Layer
		l.Set(Intern(fmt.Sprint("s3:RequestObjectTag/", i)), String1("v"))
	}
	for try := 0; interned() > before+many/100; try++ {
		if try == 100 {
			t.Fatalf("%d names are kept, %d before", interned(), before)
		}
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // clean-ups run on a goroutine of their own
	}
	if again := Intern("AWS:principaltag/held"); again != held || again.String() != "aws:PrincipalTag/Held" {
		t.Errorf("got %v, want %v", again, held)
	}
	if held.Family() != Intern("aws:PrincipalTag/") {
		t.Errorf("the family of %v is %v", held, held.Family())
	}
}
