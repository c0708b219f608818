package query

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
	"github.com/why403/why403/internal/node"
	"github.com/why403/why403/report"
	"github.com/why403/why403/request"
)

// A Condition is one circumstance in which access is given.
type Condition = report.Condition

// option is one of the circumstances that exclude each other.
type option struct {
	Condition
	apply func(*request.Request)
	also  string // another key that it states as well; "" for none
}

// group is circumstances of which a request has exactly one.
type group struct {
	key     string
	options []option
	cut     bool // there are more than are tried
	sample  bool // there are others, of which nothing is said
}

// maxOptions bounds the circumstances of one group that are tried.
const maxOptions = 24

// groups turns what decisions of an ask by a principal hang on into circumstances.
func (h *hanging) groups(e *Engine, p *Principal, a *Ask) []group {
	var list []group
	if g, ok := h.network(e); ok {
		list = append(list, g)
	}
	mfa := false
	for _, k := range h.order {
		switch {
		case slices.Contains(networkKeys, k):
		case k == keyMFAPresent || k == keyMFAAge:
			if !mfa {
				list = append(list, mfaGroup())
			}
			mfa = true
		default:
			list = append(list, h.keyGroup(k, a, e.tag(p, k), e.keyIDs(p, a, k)))
		}
	}
	for i := range list {
		if g := &list[i]; len(g.options) > maxOptions {
			g.options, g.cut = g.options[:maxOptions], true
		}
	}
	return list
}

var (
	keyMFAPresent = condition.Intern("aws:MultiFactorAuthPresent")
	keyMFAAge     = condition.Intern("aws:MultiFactorAuthAge")
)

// mfaGroup is the second factor. With it, it has just been given.
func mfaGroup() group {
	with := func(on bool) func(*request.Request) {
		return func(r *request.Request) {
			delete(r.Context, keyMFAPresent.String())
			delete(r.Context, keyMFAAge.String())
			r.MFA = &on
		}
	}
	return group{key: keyMFAPresent.String(), options: []option{
		{Condition: Condition{Key: keyMFAPresent.String(), Text: "it is made with MFA"}, apply: with(true)},
		{Condition: Condition{Key: keyMFAPresent.String(), Text: "it is made without MFA"}, apply: with(false)},
	}}
}

// keyGroup is what one key can be: each value that a policy names, absent, and
// another value.
// Of an ask about all keys that are alike, the value that a resource wants of one
// stands for what each wants, unless it is the principal's own.
// Where the key names a KMS key, the usable ones stand for another value.
func (h *hanging) keyGroup(k condition.Key, a *Ask, own string, keyIDs []string) group {
	name := k.String()
	g := group{key: name}
	info, _ := iamdata.ConditionKey(name)
	add := func(text, value string) {
		if slices.ContainsFunc(g.options, func(o option) bool { return o.Text == text }) {
			return
		}
		g.options = append(g.options, option{Condition: Condition{Key: name, Text: text}, apply: setKey(name, value, info.Multi, a.Operation)})
	}
	other := len(keyIDs) == 0
	g.sample = !other
	for _, id := range keyIDs {
		add(name+" is "+id, id)
	}
	var numbers []float64
	var dates []time.Time
	for _, t := range h.tests[k] {
		switch kind, n, at := t.kind(); kind {
		case isNumber:
			numbers = append(numbers, n)
		case isDate:
			dates = append(dates, at)
		case isBool:
			add(name+" is true", "true")
			add(name+" is false", "false")
			other = false
		case isNull:
		default:
			if t.equals != (condition.Key{}) {
				g.options = append(g.options, equal(name, t.equals.String()))
				continue
			}
			if t.fits != "" && a.typical && t.text != own {
				text := fmt.Sprintf("%s is what makes %s match the key", name, t.fits)
				g.options = append(g.options, option{Condition: Condition{Key: name, Text: text}, apply: setKey(name, t.text, info.Multi, a.Operation)})
				continue
			}
			t.values(name, add)
		}
	}
	between(name, numbers, add)
	beforeAndAfter(name, dates, add)
	if other && len(numbers) == 0 && len(dates) == 0 {
		add(name+" has a value that no policy names", "why403 "+name) // and no other key has
	}
	g.options = append(g.options, option{Condition: Condition{Key: name, Text: "it is made without " + name}, apply: func(r *request.Request) {
		r.Context[name] = request.ContextValue{}
	}})
	return g
}

const sseHeader = "x-amz-server-side-encryption"

var keySSEKeyID = condition.Intern("s3:x-amz-server-side-encryption-aws-kms-key-id")

// maxKeyIDs bounds the KMS keys of the estate that are tried for an upload.
const maxKeyIDs = 8

// keyIDs lists the KMS keys that an upload may name: aws/s3, and those of the
// bucket's and the caller's account in the bucket's region. It is nil for other
// condition keys.
func (e *Engine) keyIDs(p *Principal, a *Ask, k condition.Key) []string {
	b := e.bucket(a)
	if k != keySSEKeyID || !writes(a.Operation) || b == nil {
		return nil
	}
	list := []string{estate.AliasS3}
	for _, id := range []iam.AccountID{b.Account, p.Account} {
		account, ok := e.estate.Account(id)
		if !ok {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(account.Keys)) {
			if key := account.Keys[name]; key.RegionOrDefault() == b.RegionOrDefault() && len(list) < maxKeyIDs {
				list = addNew(list, key.ARN())
			}
		}
	}
	return list
}

// equal is that two keys have one value, which no policy names.
func equal(name, other string) option {
	return option{Condition: Condition{Key: name, Text: name + " equals " + other}, also: other, apply: func(r *request.Request) {
		same := request.ContextValue{Value: condition.String1("why403-same")}
		r.Context[name], r.Context[other] = same, same
	}}
}

// setKey states a key: through its header where the operation's other needs
// follow from that, else as such.
func setKey(name, value string, multi bool, operation string) func(*request.Request) {
	return func(r *request.Request) {
		if header, ok := takesHeader(name); ok && writes(operation) {
			delete(r.Context, name)
			r.Headers[header] = value
			if _, sent := r.Headers[sseHeader]; header == sseHeader+"-aws-kms-key-id" && !sent {
				delete(r.Context, keySSE.String())
				r.Headers[sseHeader] = "aws:kms" // S3 takes no key without it
			}
			return
		}
		v := condition.String1(value)
		if multi {
			v = condition.Strings(value)
		}
		r.Context[name] = request.ContextValue{Value: v}
	}
}

// The kinds of test.
const (
	isText = iota
	isNumber
	isDate
	isBool
	isNull
)

func (t test) kind() (kind int, n float64, at time.Time) {
	var err error
	switch {
	case strings.HasPrefix(t.operator, "numeric"):
		if n, err = strconv.ParseFloat(t.text, 64); err == nil {
			return isNumber, n, at
		}
	case strings.HasPrefix(t.operator, "date"):
		if at, err = node.ParseTime(t.text); err == nil {
			return isDate, 0, at
		}
		if n, err = strconv.ParseFloat(t.text, 64); err == nil {
			return isDate, 0, time.Unix(int64(n), 0).UTC()
		}
	case t.operator == "bool":
		return isBool, 0, at
	case t.operator == "null":
		return isNull, 0, at
	}
	return isText, 0, at
}

// values adds a text, or one that a pattern matches.
func (t test) values(name string, add func(text, value string)) {
	like := strings.HasPrefix(t.operator, "stringlike") || strings.HasPrefix(t.operator, "arn")
	if !like || !strings.ContainsAny(t.text, "*?") {
		add(fmt.Sprintf("%s is %s", name, orEmpty(t.text)), t.text)
		return
	}
	add(fmt.Sprintf("%s is like %s", name, t.text), strings.NewReplacer("*", "x", "?", "x").Replace(t.text))
}

func orEmpty(s string) string {
	if s == "" {
		return `""`
	}
	return s
}

// between adds each number that policies name, and one on either side of it.
func between(name string, numbers []float64, add func(text, value string)) {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	text := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	for i, n := range numbers {
		if i == 0 {
			add(name+" is less than "+text(n), text(n-1))
		}
		add(name+" is "+text(n), text(n))
		if i+1 < len(numbers) {
			add(fmt.Sprintf("%s is between %s and %s", name, text(n), text(numbers[i+1])), text(math.Floor((n+numbers[i+1])/2)))
		} else {
			add(name+" is more than "+text(n), text(n+1))
		}
	}
}

// beforeAndAfter is between for dates.
func beforeAndAfter(name string, dates []time.Time, add func(text, value string)) {
	slices.SortFunc(dates, func(a, b time.Time) int { return cmp.Compare(a.UnixNano(), b.UnixNano()) })
	dates = slices.CompactFunc(dates, time.Time.Equal)
	text := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	for i, t := range dates {
		if i == 0 {
			add(name+" is before "+text(t), text(t.Add(-time.Second)))
		}
		add(name+" is "+text(t), text(t))
		if i+1 < len(dates) {
			add(fmt.Sprintf("%s is between %s and %s", name, text(t), text(dates[i+1])), text(t.Add(dates[i+1].Sub(t)/2)))
		} else {
			add(name+" is after "+text(t), text(t.Add(time.Second)))
		}
	}
}
