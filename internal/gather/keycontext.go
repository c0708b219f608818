package gather

import (
	"maps"
	"slices"
	"strings"

	"github.com/why403/why403/internal/condition"
)

// An encryptionContext is that of a call of KMS.
type encryptionContext struct {
	pairs map[string]string
	open  bool // more may be in it, or less
	names bool // which more, is not known
}

// sent is the encryption context that S3 sends: the object's ARN, and what the writer of
// the object gave besides (S3 API Reference, PutObject,
// x-amz-server-side-encryption-context). The key of a bucket serves many objects, and
// has the bucket's ARN; whether what the writer of one gave is sent with it no page says.
func (e *encryptionFacts) sent(arn string) encryptionContext {
	c := encryptionContext{pairs: map[string]string{}, open: e.untold || e.bucketKey && len(e.context) > 0, names: e.untold}
	maps.Copy(c.pairs, e.context)
	if arn != "" {
		c.pairs["aws:s3:arn"] = arn
	}
	return c
}

// keys writes the condition keys of the context. Names have no case there; of those
// that differ in it alone it is not known which counts, unless they say the same.
func (c encryptionContext) keys(l *condition.Layer) {
	if len(c.pairs) == 0 && !c.names {
		return
	}
	const family = condition.EncryptionContext
	if c.names {
		l.Set(condition.Intern(family), condition.NotKnown)
	}
	for name, value := range c.pairs {
		k, v := condition.Intern(family+name), condition.String1(value)
		if other, twice := l.Get(k); twice && !other.Same(v) || c.open && name != "aws:s3:arn" {
			v = condition.NotKnown
		}
		l.Set(k, v)
	}
	names := condition.Strings(slices.Sorted(maps.Keys(c.pairs))...)
	if c.open {
		names = condition.NotKnown
	}
	l.Set(keyEncryptionContextKeys, names)
}

// encryptionContext is that which a request for one action states by its condition keys.
func (t *task) encryptionContext() encryptionContext {
	c := encryptionContext{pairs: map[string]string{}}
	for name, v := range t.r.Context {
		pair, ok := cutFold(name, condition.EncryptionContext)
		switch {
		case !ok:
		case v.Value.State == condition.Present:
			c.pairs[pair] = v.Value.One
		case v.Value.State == condition.Unsure:
			c.open = true
		}
	}
	return c
}

func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return "", false
	}
	return s[len(prefix):], true
}
