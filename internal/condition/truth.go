package condition

// Truth is the answer to a condition. The zero Truth is False.
type Truth uint8

// The three truths, ordered so that AND is the minimum and OR the maximum.
const (
	False Truth = iota
	Unknown
	True
)

// String returns "false", "unknown" or "true".
func (t Truth) String() string { return [...]string{"false", "unknown", "true"}[t] }

// Not turns False and True into each other.
func (t Truth) Not() Truth { return True - t }

// Of returns True or False.
func Of(b bool) Truth {
	if b {
		return True
	}
	return False
}
