package condition

// What follows serves explanations and analyses; evaluation does not use it.

// Negated reports whether the operator is a negated one, such as
// StringNotEquals, which is true for an absent key.
func (c *Condition) Negated() bool { return c.name.negated }

// IfExists reports whether the operator carries IfExists.
func (c *Condition) IfExists() bool { return c.name.ifExists }

// IsNull reports whether the operator is Null.
func (c *Condition) IsNull() bool { return c.name.op == null }

// SetOperator returns "ForAllValues", "ForAnyValue" or "".
func (c *Condition) SetOperator() string {
	return [...]string{"", "ForAllValues", "ForAnyValue"}[c.name.set]
}

// IsAddress reports whether the operator compares IP addresses.
func (c *Condition) IsAddress() bool { return c.name.op == ipAddress }

// IsString reports whether the operator compares texts or ARNs.
func (c *Condition) IsString() bool {
	switch c.name.op {
	case stringEquals, stringEqualsIgnoreCase, stringLike, arnLike:
		return true
	}
	return false
}

// Keys returns the condition's key and those of the variables in its values.
func (c *Condition) Keys() []Key {
	ks := []Key{c.Key}
	for i := range c.values {
		ks = append(ks, c.values[i].pattern.Variables()...)
	}
	return ks
}

// Unreadable reports whether the operator cannot read the policy's value i as
// its type, so that it equals nothing.
func (c *Condition) Unreadable(i int) bool { return c.values[i].bad }
