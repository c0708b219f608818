package policy

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/internal/iamdata"
)

// A clause is a Condition with what is known of its operator and key.
type clause struct {
	*Condition
	compiled condition.Condition
	key      iamdata.Key
	known    bool   // key is that of the published data
	lower    string // the key in lower case
}

// conditions finds conditions that are never met, always met, or met by
// requests that they look to exclude.
func (l *linter) conditions() {
	st := l.statement
	clauses := make([]clause, 0, len(st.Conditions))
	for i := range st.Conditions {
		c := &st.Conditions[i]
		compiled, err := condition.Compile(c.Operator, c.Key, texts(c.Values), l.doc.Variables())
		if err != nil {
			continue // Parse refuses it
		}
		key, known := iamdata.ConditionKey(c.Key)
		clauses = append(clauses, clause{c, compiled, key, known, strings.ToLower(c.Key)})
	}
	for i := range clauses {
		c := &clauses[i]
		if !c.known {
			l.unknownKey(c)
		}
		l.neverCarried(c)
		if c.compiled.IsNull() {
			continue
		}
		l.types(c)
		l.sets(c, clauses)
		l.absent(c, clauses)
		l.multiFactor(c)
		l.ranges(c)
	}
}

// unknownKey finds keys that do not exist. Those of web identity providers, which
// begin with the provider's host name, and those of some services are not all
// published.
func (l *linter) unknownKey(c *clause) {
	service, name, ok := strings.Cut(c.Key, ":")
	switch {
	case !ok:
		l.add("no-such-condition-key", c.Pos, "%q has no service prefix, so no request carries it; write it as in \"aws:SourceIp\"", c.Key)
	case !publishedKeys(strings.ToLower(service)):
	case isTagKey(name):
		l.add("no-such-condition-key", c.Pos, "%s lacks the name of the tag; write it as in \"%s/team\"", c.Key, strings.TrimSuffix(c.Key, "/"))
	default:
		l.hint("no-such-condition-key", c.Pos, "no request carries %s: there is no such condition key as of %s", c.Key, iamdata.ServiceDataDate)
	}
}

// publishedKeys reports whether all condition keys of the prefix are known.
func publishedKeys(prefix string) bool {
	switch prefix {
	case "aws", "iam", "kms", "s3", "s3-object-lambda", "s3express", "sts":
		return true
	}
	return false
}

func isTagKey(name string) bool {
	switch strings.ToLower(strings.TrimSuffix(name, "/")) {
	case "principaltag", "resourcetag", "requesttag", "existingobjecttag", "requestobjecttag", "buckettag", "accesspointtag":
		return true
	}
	return false
}

// neverCarried finds actions whose requests never carry the key that the
// statement tests.
func (l *linter) neverCarried(c *clause) {
	st := l.statement
	if !c.known || c.key.Global || st.NotAction || c.compiled.IsNull() {
		return
	}
	var without []string
	for _, a := range st.Actions {
		ids, all := detailed(a.Text)
		if all && !slices.ContainsFunc(ids, func(id int) bool { return iamdata.ActionCarries(iamdata.ActionByID(id).Name, c.Key) }) {
			without = append(without, a.Text)
		}
	}
	if len(without) == 0 {
		return
	}
	who, absent := strings.Join(without, ", "), c.absentTruth()
	switch {
	case absent && st.Effect == Deny:
		l.add("condition-key-never-carried", c.Pos, "requests for %s never carry %s, and %s is true without it, so this denies them whatever they carry; put %s into a statement without the condition, or leave it out", who, c.Key, c.Operator, who)
	case absent:
		l.add("condition-key-never-carried", c.Pos, "requests for %s never carry %s, and %s is true without it, so the condition does not limit them; put %s into a statement of its own", who, c.Key, c.Operator, who)
	case st.Effect == Deny:
		l.add("condition-key-never-carried", c.Pos, "requests for %s never carry %s, so this never denies them; put %s into a statement of its own", who, c.Key, who)
	default:
		l.add("condition-key-never-carried", c.Pos, "requests for %s never carry %s, so this never allows them; put %s into a statement of its own", who, c.Key, who)
	}
}

// absentTruth reports whether the condition is true for a request without the
// key.
func (c *clause) absentTruth() bool {
	var empty condition.Context
	return c.compiled.Eval(&empty) == condition.True
}

// types finds operators that compare as another type than the key's, and values
// that their operator cannot read.
func (l *linter) types(c *clause) {
	family := operatorFamily(c.Operator)
	if c.known && family != "" {
		if want := wantedFamily(strings.TrimPrefix(c.key.Type, "ArrayOf"), family, c.Values); want != "" {
			l.add("operator-type-mismatch", c.Pos, "%s is a key of type %s, which %s does not compare; use %s", c.Key, c.key.Type, c.Operator, want).Suggest = want
			return
		}
	}
	for i, v := range c.Values {
		if !c.compiled.Unreadable(i) {
			continue
		}
		effect := "it matches nothing"
		if c.compiled.Negated() {
			effect = "no request value equals it"
		}
		l.add("value-type-mismatch", v.Pos, "%s cannot read %q as %s, so %s", c.Operator, v.Text, familyWords[family], effect)
	}
}

var familyWords = map[string]string{
	"Numeric": "a number", "Date": "a date such as 2026-11-22T10:00:00Z", "Bool": "true or false",
	"IpAddress": "an address or CIDR block", "Arn": "an ARN of six parts", "Binary": "base64",
}

// operatorFamily returns "String", "Numeric", "Date", "Bool", "Binary",
// "IpAddress" or "Arn".
func operatorFamily(operator string) string {
	if _, rest, ok := strings.Cut(operator, ":"); ok {
		operator = rest
	}
	operator = strings.ToLower(operator)
	for _, f := range []string{"String", "Numeric", "Date", "Bool", "Binary", "Arn"} {
		if strings.HasPrefix(operator, strings.ToLower(f)) {
			return f
		}
	}
	if strings.HasPrefix(operator, "ipaddress") || strings.HasPrefix(operator, "notipaddress") {
		return "IpAddress"
	}
	return ""
}

// wantedFamily returns the operator to use for a key of the type, "" where the
// family at hand will do.
func wantedFamily(typ, family string, values []Value) string {
	switch typ {
	case "String":
		isARN := func(v Value) bool { return strings.HasPrefix(v.Text, "arn:") || strings.HasPrefix(v.Text, "*") }
		if family == "String" || family == "Binary" || family == "Arn" && !slices.ContainsFunc(values, func(v Value) bool { return !isARN(v) }) {
			return ""
		}
		return "StringEquals"
	case "ARN":
		if family == "Arn" || family == "String" {
			return ""
		}
		return "ArnLike"
	case "Date":
		if family == "Date" || family == "Numeric" {
			return ""
		}
		return "DateLessThan"
	case "Bool":
		return unless(family, "Bool", "Bool")
	case "Numeric":
		return unless(family, "Numeric", "NumericEquals")
	case "IPAddress":
		return unless(family, "IpAddress", "IpAddress")
	}
	return ""
}

func unless(family, right, use string) string {
	if family == right {
		return ""
	}
	return use
}

// sets finds set operators where they do harm or are missing.
func (l *linter) sets(c *clause, all []clause) {
	set := c.compiled.SetOperator()
	switch {
	case !c.known:
	case set == "" && c.key.Multi:
		l.add("multi-valued-without-set-operator", c.Pos, "%s has many values; say with ForAllValues or ForAnyValue how they are compared", c.Key).Suggest = "ForAnyValue:" + c.Operator
	case set == "ForAllValues" && !c.key.Multi:
		l.add("set-operator-on-single-valued", c.Pos, "%s has one value, and ForAllValues is true for requests without it; write %s", c.Key, withoutSet(c.Operator)).Suggest = withoutSet(c.Operator)
		return
	case set == "ForAnyValue" && !c.key.Multi:
		l.hint("set-operator-on-single-valued", c.Pos, "%s has one value, which needs no set operator; write %s", c.Key, withoutSet(c.Operator)).Suggest = withoutSet(c.Operator)
	}
	if set == "ForAllValues" && l.statement.Effect == Allow && !requiresKey(all, c.lower) {
		l.add("for-all-values-without-null", c.Pos, "ForAllValues is true for a request without %s, so this allows those too; add \"Null\": {%q: \"false\"}", c.Key, c.Key).Suggest = "Null"
	}
}

func withoutSet(operator string) string {
	_, rest, _ := strings.Cut(operator, ":")
	return rest
}

// requiresKey reports whether a Null condition asks for the key's presence.
func requiresKey(all []clause, lower string) bool {
	return slices.ContainsFunc(all, func(c clause) bool {
		return c.lower == lower && c.compiled.IsNull() && len(c.Values) == 1 && strings.EqualFold(c.Values[0].Text, "false")
	})
}

// tests reports whether some condition is on one of the keys, in lower case.
func tests(all []clause, keys ...string) bool {
	return slices.ContainsFunc(all, func(c clause) bool { return slices.Contains(keys, c.lower) })
}

// oftenAbsent are the keys, or the families of keys, that well-formed requests
// leave out, and that a negated operator in a Deny is nevertheless used on.
// aws:SourceVpce and aws:SourceVpc are not among them: who denies all but an
// endpoint means the requests that come through none.
var oftenAbsent = []string{
	"aws:calledvia", "aws:multifactorauthage", "aws:principalorgid", "aws:principalorgpaths", "aws:principaltag/", "aws:referer",
	"aws:requesttag/", "aws:resourcetag/", "aws:sourceaccount", "aws:sourcearn", "aws:sourceidentity", "aws:sourceorgid",
	"aws:sourceorgpaths", "aws:username", "aws:vpcsourceip", "s3:existingobjecttag/", "s3:prefix", "s3:requestobjecttag/",
	"s3:dataaccesspoint", "s3:accesspointnetworkorigin", "s3:locationconstraint", "s3:object-lock-", "s3:versionid", "s3:x-amz-", "sts:externalid",
}

func isOftenAbsent(lower string) bool {
	return lower != "s3:x-amz-content-sha256" && slices.ContainsFunc(oftenAbsent, func(k string) bool { return strings.HasPrefix(lower, k) })
}

// absent finds conditions that requests without the key meet against
// expectation.
func (l *linter) absent(c *clause, all []clause) {
	negated, ifExists, set := c.compiled.Negated(), c.compiled.IfExists(), c.compiled.SetOperator()
	switch {
	case requiresKey(all, c.lower):
	case l.statement.Effect == Deny && negated && set != "ForAnyValue" && c.lower == "aws:sourceip":
		if !tests(all, "aws:sourcevpce", "aws:sourcevpc", "aws:vpcsourceip") {
			l.add("source-ip-behind-endpoint", c.Pos, "requests through a VPC endpoint carry no aws:SourceIp, and %s is true without it, so this denies them all; add a condition on aws:SourceVpce or aws:VpcSourceIp, or \"Null\": {\"aws:SourceIp\": \"false\"}", c.Operator).Suggest = "Null"
		}
		if !tests(all, "aws:viaawsservice", "aws:calledvia") {
			l.hint("source-ip-of-services", c.Pos, "an AWS service that acts for the caller calls from its own address, which this denies; add \"Bool\": {\"aws:ViaAWSService\": \"false\"}").Suggest = "Bool"
		}
	case l.statement.Effect == Deny && negated && set != "ForAnyValue" && isOftenAbsent(c.lower) && c.absentTruth():
		if strings.HasPrefix(c.lower, "aws:principalorg") && tests(all, "aws:principalisawsservice", "aws:principalservicename", "aws:principalarn") {
			return
		}
		l.hint("negated-operator-on-absent-key", c.Pos, "%s is true for requests without %s, so this denies those too; where they are to be spared add \"Null\": {%q: \"false\"}", c.Operator, c.Key, c.Key).Suggest = "Null"
	case l.statement.Effect == Allow && c.lower != "aws:multifactorauthpresent" && c.lower != "aws:multifactorauthage" && (ifExists && set == "" || negated && set == "") && guards(c.lower):
		l.hint("absent-key-allows", c.Pos, "%s is true for requests without %s, so this allows those too; use an operator that is neither negated nor IfExists", c.Operator, c.Key)
	}
}

// guards reports whether a key is one that an Allow tests to keep others out.
func guards(lower string) bool {
	switch lower {
	case "aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:principalorgid", "aws:sourcearn", "aws:sourceaccount",
		"aws:sourceorgid", "sts:externalid", "s3:dataaccesspointaccount", "s3:dataaccesspointarn":
		return true
	}
	return strings.HasPrefix(lower, "aws:principaltag/")
}

// multiFactor finds the two ways in which a test for MFA lets long-term keys
// through: their requests carry no such key at all.
func (l *linter) multiFactor(c *clause) {
	switch c.lower {
	case "aws:multifactorauthpresent":
		isFalse := slices.ContainsFunc(c.Values, func(v Value) bool { return strings.EqualFold(v.Text, "false") })
		switch {
		case l.statement.Effect == Deny && isFalse && !c.compiled.IfExists():
			l.add("mfa-absent-for-long-term-keys", c.Pos, "requests with long-term access keys carry no aws:MultiFactorAuthPresent, so Bool \"false\" does not deny them; use BoolIfExists").Suggest = "BoolIfExists"
		case l.statement.Effect == Allow && !isFalse && c.compiled.IfExists():
			l.add("mfa-absent-for-long-term-keys", c.Pos, "requests with long-term access keys carry no aws:MultiFactorAuthPresent, so BoolIfExists \"true\" allows them without MFA; use Bool").Suggest = "Bool"
		}
	case "aws:multifactorauthage":
		switch {
		case l.statement.Effect == Allow && c.compiled.IfExists():
			l.add("mfa-absent-for-long-term-keys", c.Pos, "requests without MFA carry no aws:MultiFactorAuthAge, so %s allows them; leave IfExists away", c.Operator)
		case l.statement.Effect == Deny && !c.absentTruth() && !l.deniesWithout(c.lower):
			l.add("mfa-absent-for-long-term-keys", c.Pos, "requests without MFA carry no aws:MultiFactorAuthAge, so %s does not deny them; use it with IfExists", c.Operator)
		}
	}
}

// deniesWithout reports whether a statement of the document denies requests
// that lack the key.
func (l *linter) deniesWithout(lower string) bool {
	for i := range l.doc.Statements {
		st := &l.doc.Statements[i]
		if st.Effect == Deny && slices.ContainsFunc(st.Conditions, func(c Condition) bool {
			return strings.EqualFold(c.Operator, "Null") && strings.EqualFold(c.Key, lower) && len(c.Values) == 1 && strings.EqualFold(c.Values[0].Text, "true")
		}) {
			return true
		}
	}
	return false
}

// ranges finds private ranges under aws:SourceIp, which holds public addresses.
func (l *linter) ranges(c *clause) {
	if c.lower != "aws:sourceip" || !c.compiled.IsAddress() {
		return
	}
	for _, v := range c.Values {
		p, err := netip.ParsePrefix(v.Text)
		if err != nil {
			a, err := netip.ParseAddr(v.Text)
			if err != nil {
				continue
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		if private(p) {
			l.add("private-range-in-source-ip", v.Pos, "aws:SourceIp holds public addresses, and %s is a private range, which it is never in; use aws:VpcSourceIp with a condition on the endpoint", v.Text).Suggest = "aws:VpcSourceIp"
		}
	}
}

// private reports whether all of the range is private.
func private(p netip.Prefix) bool {
	a := p.Masked().Addr()
	if !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() {
		return false
	}
	least := 7 // fc00::/7
	if a.Is4() {
		least = map[byte]int{10: 8, 172: 12, 192: 16, 127: 8, 169: 16}[a.As4()[0]]
	}
	return p.Bits() >= least
}
