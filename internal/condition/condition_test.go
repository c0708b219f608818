package condition

import "testing"

// The rows follow the table "missing key" and the operator descriptions of the
// IAM User Guide, "IAM JSON policy elements: Condition operators".
func TestEval(t *testing.T) {
	tests := []struct {
		name     string
		operator string
		key      string
		values   []string
		carried  Value
		want     Truth
	}{
		{"equal", "StringEquals", "aws:username", []string{"alice"}, String1("alice"), True},
		{"case matters", "StringEquals", "aws:username", []string{"Alice"}, String1("alice"), False},
		{"wildcards are literal in StringEquals", "StringEquals", "s3:prefix", []string{"a*"}, String1("ab"), False},
		{"any of several", "StringEquals", "aws:username", []string{"bob", "alice"}, String1("alice"), True},
		{"absent key", "StringEquals", "aws:username", []string{"alice"}, Value{}, False},
		{"absent key, IfExists", "StringEqualsIfExists", "aws:username", []string{"alice"}, Value{}, True},
		{"absent key, negated", "StringNotEquals", "aws:username", []string{"alice"}, Value{}, True},
		{"none of several, negated", "StringNotEquals", "aws:username", []string{"bob", "alice"}, String1("alice"), False},
		{"not known", "StringEquals", "aws:username", []string{"alice"}, NotKnown, Unknown},
		{"ignore case", "StringEqualsIgnoreCase", "aws:username", []string{"ALICE"}, String1("alice"), True},
		{"like", "StringLike", "s3:prefix", []string{"home/*/x?"}, String1("home/a/b/x1"), True},
		{"like, one character missing", "StringLike", "s3:prefix", []string{"x?"}, String1("x"), False},
		{"number", "NumericLessThanEquals", "s3:max-keys", []string{"10"}, String1("10"), True},
		{"number above", "NumericLessThan", "s3:max-keys", []string{"10"}, String1("10"), False},
		{"number not equal, absent", "NumericNotEquals", "s3:max-keys", []string{"10"}, Value{}, True},
		{"date", "DateGreaterThan", "aws:CurrentTime", []string{"2026-01-01T00:00:00Z"}, String1("2026-11-22T10:00:00Z"), True},
		{"date by epoch", "DateLessThan", "aws:EpochTime", []string{"2026-01-01"}, String1("1700000000"), True},
		{"bool", "Bool", "aws:SecureTransport", []string{"false"}, String1("false"), True},
		{"bool absent", "Bool", "aws:MultiFactorAuthPresent", []string{"false"}, Value{}, False},
		{"bool absent, IfExists", "BoolIfExists", "aws:MultiFactorAuthPresent", []string{"false"}, Value{}, True},
		{"binary", "BinaryEquals", "k:b", []string{"QmluYXJ5"}, String1("QmluYXJ5"), True},
		{"address", "IpAddress", "aws:SourceIp", []string{"203.0.113.0/24"}, String1("203.0.113.7"), True},
		{"lone address", "IpAddress", "aws:SourceIp", []string{"203.0.113.7"}, String1("203.0.113.8"), False},
		{"v6 in v4 range", "NotIpAddress", "aws:SourceIp", []string{"0.0.0.0/0"}, String1("2001:db8::1"), True},
		{"address absent, negated", "NotIpAddress", "aws:SourceIp", []string{"203.0.113.0/24"}, Value{}, True},
		{"arn", "ArnLike", "aws:SourceArn", []string{"arn:aws:s3:::b*"}, String1("arn:aws:s3:::bucket"), True},
		{"arn stars stay in their part", "ArnLike", "aws:SourceArn", []string{"arn:aws:*:role/x"}, String1("arn:aws:iam::111122223333:role/x"), False},
		{"ArnEquals is ArnLike", "ArnEquals", "aws:SourceArn", []string{"arn:aws:s3:::b*"}, String1("arn:aws:s3:::bucket"), True},
		{"null true, absent", "Null", "aws:TokenIssueTime", []string{"true"}, Value{}, True},
		{"null false, present", "Null", "aws:TokenIssueTime", []string{"false"}, String1("x"), True},
		{"null false, absent", "Null", "aws:TokenIssueTime", []string{"false"}, Value{}, False},
		{"for all", "ForAllValues:StringEquals", "aws:TagKeys", []string{"a", "b"}, Strings("a"), True},
		{"for all, one outside", "ForAllValues:StringEquals", "aws:TagKeys", []string{"a", "b"}, Strings("a", "c"), False},
		{"for all, absent", "ForAllValues:StringEquals", "aws:TagKeys", []string{"a"}, Value{}, True},
		{"for any", "ForAnyValue:StringEquals", "aws:TagKeys", []string{"a"}, Strings("c", "a"), True},
		{"for any, absent", "ForAnyValue:StringEquals", "aws:TagKeys", []string{"a"}, Value{}, False},
		{"for any negated, absent", "ForAnyValue:StringNotEquals", "aws:TagKeys", []string{"a"}, Value{}, False},
		{"for any negated, one outside", "ForAnyValue:StringNotEquals", "aws:TagKeys", []string{"a"}, Strings("a", "c"), True},
		{"for all negated, one inside", "ForAllValues:StringNotEquals", "aws:TagKeys", []string{"a"}, Strings("a", "c"), False},
		{"for all IfExists", "ForAllValues:StringNotLikeIfExists", "aws:TagKeys", []string{"a"}, Value{}, True},
		{"empty list", "StringEquals", "aws:username", nil, String1("alice"), False},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Compile(tt.operator, tt.key, tt.values, true)
			if err != nil {
				t.Fatal(err)
			}
			ctx := NewContext(Layer{{Intern(tt.key), tt.carried}})
			if got := c.Eval(&ctx); got != tt.want {
				t.Errorf("%s %s %q of %s: got %v, want %v", tt.operator, tt.key, tt.values, tt.carried, got, tt.want)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	ctx := NewContext(Layer{
		{Intern("aws:username"), String1("al*ce")},
		{Intern("aws:PrincipalTag/team"), NotKnown},
	})
	tests := []struct {
		pattern, s string
		want       Truth
	}{
		{"home/${aws:username}/*", "home/al*ce/x", True},
		{"home/${aws:username}/*", "home/alice/x", False}, // a substituted value is literal
		{"home/${AWS:UserName}/*", "home/al*ce/x", True},
		{"home/${aws:userid}/*", "home//x", False},
		{"home/${aws:userid, 'guest'}/*", "home/guest/x", True},
		{"a${*}b", "a*b", True},
		{"a${*}b", "axb", False},
		{"${?}${$}", "?$", True},
		{"${aws:PrincipalTag/team}/*", "data/x", Unknown},
		{"${aws:PrincipalTag/team}/y", "data/x", False},
	}
	for _, tt := range tests {
		p, err := Dialect{Wildcards: true, Variables: true}.Compile(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Match(tt.s, &ctx); got != tt.want {
			t.Errorf("%q matches %q: got %v, want %v", tt.pattern, tt.s, got, tt.want)
		}
	}
}

// Under Version 2008-10-17 a variable is plain text.
func TestVariablesOff(t *testing.T) {
	p, err := Dialect{Wildcards: true}.Compile("home/${aws:username}/x")
	if err != nil {
		t.Fatal(err)
	}
	var ctx Context
	if got := p.Match("home/${aws:username}/x", &ctx); got != True {
		t.Errorf("got %v, want true", got)
	}
}

// IAM User Guide, Resource: a "*" at a segment's end may cross colons, one in
// the middle may not.
func TestCompileResource(t *testing.T) {
	tests := []struct {
		pattern, s string
		want       bool
	}{
		{"*", "arn:aws:s3:::b/k", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b/k/l", true},
		{"arn:aws:s3:::b/*", "arn:aws:s3:::b", false},
		{"arn:aws:s3:::b*", "arn:aws:s3:::b/k", true},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/1/2/test/3", true},
		{"arn:aws:s3:::b/*/test/*", "arn:aws:s3:::b/test/3", false},
		{"arn:aws:s3:*", "arn:aws:s3:::b/k", true},
		{"arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x", true},
		{"arn:aws:i*m::1:role/x", "arn:aws:i:am::1:role/x", false},
		{"arn:aws:s3:::b/?", "arn:aws:s3:::b/é", true},
	}
	for _, tt := range tests {
		p, err := CompileResource(tt.pattern, true)
		if err != nil {
			t.Fatal(err)
		}
		var ctx Context
		if got := p.Match(tt.s, &ctx) == True; got != tt.want {
			t.Errorf("%q matches %q: got %v, want %v", tt.pattern, tt.s, got, tt.want)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	for _, tt := range []struct{ operator, value, want string }{
		{"StringEqual", "x", `unknown condition operator "StringEqual"; did you mean "StringEquals"?`},
		{"NullIfExists", "true", "the operator Null cannot be used with IfExists"},
		{"ForSome:StringEquals", "x", `unknown set operator "ForSome"; known are ForAllValues and ForAnyValue`},
		{"StringLike", "${aws:username", `the variable that begins at "${aws:username" lacks its closing brace`},
		{"StringLike", "${}", "the variable ${} is empty"},
	} {
		_, err := Compile(tt.operator, "aws:username", []string{tt.value}, true)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s %q: got error %v, want %s", tt.operator, tt.value, err, tt.want)
		}
	}
}

// A context of many keys, more than its table holds, answers like one of few.
func TestContextOfManyKeys(t *testing.T) {
	for _, n := range []int{10, 47, 48, 49, 300} {
		var first, second Layer
		for i := range n {
			k := Intern("test:key" + string(rune('a'+i%26)) + string(rune('a'+i/26)))
			second.Set(k, String1("second"))
			if i%3 == 0 {
				first.Set(k, String1("first"))
			}
		}
		second.Set(Intern("test:tag/"), NotKnown)
		c := NewContext(first, second)
		for i := range n {
			k := Intern("test:key" + string(rune('a'+i%26)) + string(rune('a'+i/26)))
			want := "second"
			if i%3 == 0 {
				want = "first"
			}
			if got := c.Lookup(k).One; got != want {
				t.Errorf("key %d of %d: got %q, want %q", i, n, got, want)
			}
		}
		if c.Lookup(Intern("test:none")).State != Absent || c.Lookup(Intern("test:tag/x")).State != Unsure {
			t.Errorf("of %d keys: absent key or family is wrong", n)
		}
	}
}

// Of a text whose end is not known a pattern matches all, some or none.
func TestMatchOpen(t *testing.T) {
	for pattern, want := range map[string]Truth{
		"*": True, "arn:aws:s3:::b/*": True, "arn:aws:s3:::*": True, "arn:aws:s3:::b/kept/*": Unknown, "arn:aws:s3:::b/k": Unknown,
		"arn:aws:s3:::*/x": Unknown, "arn:aws:s3:::b": False, "arn:aws:s3:::c/*": False, "arn:aws:s3:::b/${aws:username}/*": Unknown,
	} {
		p, err := CompileResource(pattern, true)
		if got := p.MatchOpen("arn:aws:s3:::b/"); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", pattern, got, err, want)
		}
	}
}
