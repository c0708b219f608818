// Package estategen makes large estates for benchmarks: an organization of many
// accounts, with users, roles, managed policies, boundaries, buckets, KMS keys,
// VPC endpoints and access points, in proportions such as companies have them.
// The same options give the same estate, byte for byte.
package estategen

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
)

// Options say how large an estate is.
type Options struct {
	Principals int // users and roles, a fifth of them users
	Buckets    int
	Accounts   int // 20 where 0
	Seed       uint64
}

// OrgID is the organization that all accounts belong to.
const OrgID = "o-exampleorg1"

// Account returns the id of account i.
func Account(i int) string { return fmt.Sprintf("1111%08d", i) }

// Bucket returns the name of bucket i, and its account.
func (o Options) Bucket(i int) (name, account string) {
	return fmt.Sprintf("team-%04d-data", i), Account(i % o.accounts())
}

// Role returns the ARN of role i, which stands in account i modulo the number of
// accounts.
func (o Options) Role(i int) string {
	return fmt.Sprintf("arn:aws:iam::%s:role/svc-%05d", Account(i%o.accounts()), i)
}

func (o Options) accounts() int {
	if o.Accounts == 0 {
		return 20
	}
	return o.Accounts
}

// Write writes the estate as JSON.
func Write(w io.Writer, o Options) error {
	g := &generator{Options: o, w: bufio.NewWriter(w), rng: rand.New(rand.NewPCG(o.Seed, 403))}
	g.estate()
	return g.w.Flush()
}

type generator struct {
	Options
	w   *bufio.Writer
	rng *rand.Rand
}

func (g *generator) printf(format string, args ...any) { fmt.Fprintf(g.w, format, args...) }

// list writes n things with commas between them.
func (g *generator) list(n int, write func(i int)) {
	for i := range n {
		if i > 0 {
			g.printf(",")
		}
		g.printf("\n")
		write(i)
	}
}

func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

func (g *generator) estate() {
	g.printf(`{"version": 1, "organizations": {%q: {"managementAccount": "999999999999", "policies": {
 "OnlyTLS": {"type": "scp", "document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}},
 "Regions": {"type": "scp", "document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "NotAction": ["iam:*", "sts:*", "s3:ListAllMyBuckets"], "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-central-1"]}}}]}},
 "OnlyOrg": {"type": "rcp", "document": {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
  "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": %[1]q, "aws:PrincipalAccount": "777788889999"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}}]}}},
 "root": {"id": "r-ab12", "scps": ["FullAWSAccess", "OnlyTLS"], "accounts": ["999999999999"], "units": {`, OrgID)
	units := 4
	g.list(units, func(u int) {
		g.printf(`"ou-ab12-unit000%d": {"name": "unit %[1]d", "scps": ["FullAWSAccess", "Regions"], "rcps": ["OnlyOrg"], "accounts": [`, u)
		first := true
		for a := u; a < g.accounts(); a += units {
			if !first {
				g.printf(", ")
			}
			first = false
			g.printf("%q", Account(a))
		}
		g.printf("]}")
	})
	g.printf("}}}},\n\"accounts\": {")
	g.list(g.accounts(), g.account)
	g.printf("}}\n")
}

// managedPerAccount is how many customer managed policies an account has.
const managedPerAccount = 40

func (g *generator) account(a int) {
	id, n := Account(a), g.accounts()
	g.printf("%q: {\"name\": \"account %d\", \"managedPolicies\": {", id, a)
	g.list(managedPerAccount, func(i int) { g.printf(`"shared-%02d": {"document": %s}`, i, g.identity(a, i, 3)) })
	g.printf("},\n\"groups\": {\"staff\": {\"attached\": [\"shared-00\", \"shared-01\"]}},\n\"users\": {")
	users := (g.Principals/5 + n - 1 - a) / n
	g.list(users, func(i int) {
		g.printf(`"user-%05d": {"groups": ["staff"], "tags": {"team": "team-%02d"}, "inline": {"own": %s}}`, i*n+a, g.rng.IntN(50), g.identity(a, i, 1))
	})
	g.printf("},\n\"roles\": {")
	roles := (g.Principals - g.Principals/5 + n - 1 - a) / n
	g.list(roles, func(i int) {
		boundary := ""
		if g.chance(10) {
			boundary = `"boundary": "arn:aws:iam::aws:policy/PowerUserAccess", `
		}
		g.printf(`"svc-%05d": {%s"tags": {"team": "team-%02d"}, "attached": ["shared-%02d", "shared-%02d"], "inline": {"own": %s}}`,
			i*n+a, boundary, g.rng.IntN(50), g.rng.IntN(managedPerAccount), g.rng.IntN(managedPerAccount), g.identity(a, i, 2))
	})
	g.printf("},\n\"keys\": {\"1234abcd-12ab-34cd-56ef-%s\": {}},\n\"vpcEndpoints\": {", id)
	g.printf(`"vpce-%s0": {"vpc": "vpc-%[1]s", "service": "com.amazonaws.us-east-1.s3"}, "vpce-%[1]s1": {"vpc": "vpc-%[1]s", "service": "com.amazonaws.eu-central-1.s3"}},`, id)
	g.printf("\n\"buckets\": {")
	buckets := (g.Buckets + n - 1 - a) / n
	g.list(buckets, func(i int) { g.bucket(i*n + a) })
	g.printf("}}")
}

// identity is an identity-based policy of some statements, each on one bucket of
// the account or, now and then, of another.
func (g *generator) identity(a, i, statements int) string {
	text := `{"Version": "2012-10-17", "Statement": [`
	for s := range statements {
		if s > 0 {
			text += ", "
		}
		b := a + g.accounts()*g.rng.IntN(max(g.Buckets/g.accounts(), 1))
		if g.chance(5) {
			b = g.rng.IntN(max(g.Buckets, 1))
		}
		name, _ := Options{Accounts: g.Accounts}.Bucket(b)
		switch g.rng.IntN(4) {
		case 0:
			text += fmt.Sprintf(`{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::%s/app-%02d/*"}`, name, i%20)
		case 1:
			text += fmt.Sprintf(`{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::%s", "Condition": {"StringLike": {"s3:prefix": "app-%02d/*"}}}`, name, i%20)
		case 2:
			text += fmt.Sprintf(`{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": ["arn:aws:s3:::%s", "arn:aws:s3:::%[1]s/${aws:PrincipalTag/team}/*"]}`, name)
		default:
			text += fmt.Sprintf(`{"Effect": "Allow", "Action": ["logs:PutLogEvents", "sqs:SendMessage"], "Resource": "arn:aws:sqs:us-east-1:%s:queue-%d"}, {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}`, Account(a), i)
		}
	}
	return text + "]}"
}

func (g *generator) bucket(b int) {
	name, account := g.Bucket(b)
	text := fmt.Sprintf(`{"Sid": "OnlyTLS", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::%s", "arn:aws:s3:::%[1]s/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}`, name)
	if b%5 == 0 {
		text += fmt.Sprintf(`, {"Sid": "OnlyEndpoint", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::%s/*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-%s0"}}}`, name, account)
	}
	for range g.rng.IntN(3) {
		text += fmt.Sprintf(`, {"Effect": "Allow", "Principal": {"AWS": %q}, "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::%s", "arn:aws:s3:::%[2]s/shared/*"]}`,
			g.Role(g.rng.IntN(max(g.Principals-g.Principals/5, 1))), name)
	}
	if b%50 == 7 {
		text += fmt.Sprintf(`, {"Sid": "Organization", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::%s/public/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": %q}}}`, name, OrgID)
	}
	more := ""
	if b%10 == 3 {
		more = fmt.Sprintf(`, "encryption": {"algorithm": "aws:kms", "key": "1234abcd-12ab-34cd-56ef-%s"}`, account)
	}
	if b%20 == 4 {
		more += fmt.Sprintf(`, "accessPoints": {"ap-%04d": {}}`, b)
	}
	g.printf(`%q: {"document": {"Version": "2012-10-17", "Statement": [%s]}%s}`, name, text, more)
}
