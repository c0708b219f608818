package loggen

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/decide"
	"github.com/why403/why403/internal/gather"
	"github.com/why403/why403/request"
)

// A Generator makes one event after the other.
type Generator struct {
	// Denied is the share of refused requests among those made, where the
	// estate refuses at least as many. 0 leaves it to the estate.
	Denied float64

	estate   *estate.Estate
	gatherer *gather.Gatherer
	rng      *rand.Rand
	now      time.Time
	callers  []caller
	buckets  []*estate.Bucket
	shapes   map[string][]string // by bucket: keys that its policies speak of, and others
	number   int
	denied   int
}

// caller is one who makes requests.
type caller struct {
	arn, roleARN, id, account string
	addresses                 []string
	endpoint                  string
	agent                     string
}

// An Event is one request with AWS's answer.
type Event struct {
	Request  *request.Request
	Decision *decide.Decision
	Facts    *decide.Facts

	Time      time.Time
	RequestID string
	EventID   string
	SharedID  string
	HostID    string // x-amz-id-2
	caller    *caller
	agent     string
	owner     string
	region    string
	presigned bool
	http      bool
	mfa       bool
	number    int
}

// Start is the time of the first event.
var Start = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// New returns a generator over an estate that has users or roles, and buckets.
func New(e *estate.Estate, seed uint64) (*Generator, error) {
	g := &Generator{estate: e, gatherer: gather.New(e, func() time.Time { return Start }), rng: rand.New(rand.NewPCG(seed, 403)), now: Start, shapes: map[string][]string{}}
	for _, id := range slices.Sorted(maps.Keys(e.Accounts)) {
		a := e.Accounts[id]
		g.addCallers(a)
		for _, name := range slices.Sorted(maps.Keys(a.Buckets)) {
			g.buckets = append(g.buckets, a.Buckets[name])
		}
	}
	if len(g.callers) == 0 || len(g.buckets) == 0 {
		return nil, fmt.Errorf("the estate %s has no users and roles, or no buckets", e.File)
	}
	for _, b := range g.buckets {
		g.shapes[b.Name] = append(g.patterns(b.Name), "data/*", "logs/*", "reports/*")
	}
	return g, nil
}

func (g *Generator) addCallers(a *estate.Account) {
	var endpoint string
	for _, id := range slices.Sorted(maps.Keys(a.VPCEndpoints)) {
		endpoint = id
	}
	add := func(c caller) {
		c.account = string(a.ID)
		c.agent = agents[len(g.callers)%len(agents)]
		for range 1 + g.rng.IntN(3) {
			c.addresses = append(c.addresses, fmt.Sprintf("%s.%d", []string{"203.0.113", "198.51.100"}[g.rng.IntN(2)], 1+g.rng.IntN(254)))
		}
		if endpoint != "" && len(g.callers)%3 == 0 {
			c.endpoint = endpoint
		}
		g.callers = append(g.callers, c)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Roles)) {
		r := a.Roles[name]
		add(caller{arn: "arn:aws:sts::" + string(a.ID) + ":assumed-role/" + name + "/", roleARN: r.ARN("aws", a.ID, name), id: r.UniqueID(a.ID, name)})
	}
	for _, name := range slices.Sorted(maps.Keys(a.Users)) {
		u := a.Users[name]
		add(caller{arn: u.ARN("aws", a.ID, name), id: u.UniqueID(a.ID, name)})
	}
}

// patterns are the key patterns that the estate's policies have for a bucket.
func (g *Generator) patterns(bucket string) []string {
	var found []string
	for _, d := range g.estate.AllDocuments() {
		for i := range d.Statements {
			for _, r := range d.Statements[i].Resources {
				rest, ok := strings.CutPrefix(r.Text, "arn:aws:s3:::")
				b, key, hasKey := strings.Cut(rest, "/")
				if ok && hasKey && key != "*" && (b == bucket || b == "*") && !strings.Contains(key, "${") && !slices.Contains(found, key) {
					found = append(found, key)
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// Next makes an event. Requests about which the estate does not tell enough are
// left out.
func (g *Generator) Next() (*Event, error) {
	for range 100000 {
		e := g.event()
		facts, err := g.gatherer.Facts(e.Request)
		if err != nil {
			return nil, err
		}
		e.Facts, e.Decision = facts, decide.Decide(facts)
		if e.Decision.Verdict == iam.Unknown || !g.wanted(e) {
			g.number--
			continue
		}
		return e, nil
	}
	return nil, fmt.Errorf("of a hundred thousand requests in a row the estate %s allows none, or cannot decide any", g.estate.File)
}

// wanted tells whether a refusal is due.
func (g *Generator) wanted(e *Event) bool {
	if e.Decision.Verdict == iam.Allowed {
		return true
	}
	if g.Denied > 0 && float64(g.denied) >= g.Denied*float64(g.number) {
		return false
	}
	g.denied++
	return true
}

func (g *Generator) event() *Event {
	g.number++
	g.now = g.now.Add(time.Duration(g.rng.ExpFloat64() * float64(200*time.Millisecond)))
	c := &g.callers[min(int(g.rng.ExpFloat64()*float64(len(g.callers))/3), len(g.callers)-1)]
	b := g.buckets[min(int(g.rng.ExpFloat64()*float64(len(g.buckets))/2), len(g.buckets)-1)]
	at := g.now.Truncate(time.Second)
	r := &request.Request{Principal: c.arn, Bucket: b.Name, Time: &at, SessionTags: &map[string]string{}, Query: map[string]string{}, Headers: map[string]string{}, Context: map[string]request.ContextValue{}}
	e := &Event{Request: r, Time: at, caller: c, agent: c.agent, owner: string(b.Account), region: b.RegionOrDefault(), number: g.number}
	if c.roleARN != "" {
		r.Principal += fmt.Sprintf("session-%d", g.rng.IntN(50))
		r.MFA = &e.mfa
	}
	g.operation(e, b)
	g.route(e, c)
	r.Headers["user-agent"] = e.agent
	e.RequestID = strings.ToUpper(g.hex(16))
	e.EventID = g.uuid()
	e.HostID = g.hostID()
	if c.account != e.owner {
		e.SharedID = g.uuid()
	}
	r.ID = e.RequestID
	return e
}

// route is the network that the request comes over, and how it is signed.
func (g *Generator) route(e *Event, c *caller) {
	address := c.addresses[g.rng.IntN(len(c.addresses))]
	if c.endpoint != "" && g.rng.IntN(10) < 9 {
		address = fmt.Sprintf("10.0.%d.%d", g.rng.IntN(4), 1+g.rng.IntN(254))
		endpoint := c.endpoint
		e.Request.VPCEndpoint = &endpoint
	}
	e.Request.SourceIP = &address
	if g.rng.IntN(500) == 0 {
		e.http = true
		secure := false
		e.Request.SecureTransport = &secure
	}
	if e.presigned = e.Request.Operation == "GetObject" && g.rng.IntN(40) == 0; e.presigned {
		e.Request.Auth = &request.Auth{Type: "query"}
	}
}

// mix is the operations of the traffic, with their weights.
var mix = []struct {
	name   string
	weight int
}{
	{"GetObject", 46}, {"HeadObject", 14}, {"PutObject", 16}, {"ListObjectsV2", 12}, {"DeleteObject", 3}, {"GetObjectTagging", 2}, {"HeadBucket", 2},
	{"UploadPart", 2}, {"GetBucketLocation", 1}, {"GetBucketPolicy", 1}, {"PutObjectAcl", 1},
}

func (g *Generator) operation(e *Event, b *estate.Bucket) {
	n := g.rng.IntN(100)
	r := e.Request
	for _, m := range mix {
		if r.Operation = m.name; n < m.weight {
			break
		}
		n -= m.weight
	}
	switch r.Operation {
	case "HeadBucket", "GetBucketLocation", "GetBucketPolicy":
	case "ListObjectsV2":
		r.Query["list-type"], r.Query["max-keys"] = "2", "1000"
		if key := g.key(b.Name); g.rng.IntN(4) > 0 {
			r.Query["prefix"], r.Query["delimiter"] = key[:strings.IndexByte(key, '/')+1], "/"
		}
	default:
		r.Key = g.key(b.Name)
	}
	switch r.Operation {
	case "PutObject":
		if g.rng.IntN(3) == 0 {
			r.Headers["x-amz-server-side-encryption"] = []string{"AES256", "aws:kms"}[g.rng.IntN(2)]
		}
		if g.rng.IntN(20) == 0 {
			r.Headers["x-amz-acl"] = []string{"bucket-owner-full-control", "private"}[g.rng.IntN(2)]
		}
	case "PutObjectAcl":
		r.Headers["x-amz-acl"] = "private"
	case "UploadPart":
		r.Query["partNumber"], r.Query["uploadId"] = fmt.Sprint(1+g.rng.IntN(20)), g.hex(32)
	}
}

// key makes a key in one of the bucket's shapes.
func (g *Generator) key(bucket string) string {
	shapes := g.shapes[bucket]
	shape := shapes[g.rng.IntN(len(shapes))]
	if g.rng.IntN(20) == 0 {
		shape = "tmp dir/*" // a space, which the two logs encode
	}
	day := g.now.Format("2006/01/02")
	tails := []string{
		fmt.Sprintf("%s/part-%05d-%s.parquet", day, g.rng.IntN(400), g.hex(8)),
		fmt.Sprintf("%s/%s.json.gz", day, g.uuid()),
		fmt.Sprintf("img_%06d.jpg", g.rng.IntN(1000000)),
		fmt.Sprintf("q%d.csv", 1+g.rng.IntN(4)),
	}
	return strings.ReplaceAll(strings.ReplaceAll(shape, "*", tails[g.rng.IntN(len(tails))]), "?", "x")
}

func (g *Generator) hex(n int) string {
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "%08x", g.rng.Uint32())
	}
	return b.String()[:n]
}

func (g *Generator) hostID() string {
	var b [56]byte
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], g.rng.Uint64())
	}
	return base64.StdEncoding.EncodeToString(b[:])
}

func (g *Generator) uuid() string {
	h := g.hex(32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}

var agents = []string{
	"aws-cli/2.31.9 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython m/b,N cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#s3.cp",
	"Boto3/1.40.40 md/Botocore#1.40.40 ua/2.1 os/linux#5.10.240-238.959.amzn2.x86_64 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython m/D,b,Z cfg/retry-mode#legacy Botocore/1.40.40",
	"aws-sdk-java/2.33.13 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.150 lang/java#17.0.16 md/OpenJDK_64-Bit_Server_VM#17.0.16+8-LTS md/vendor#Amazon.com_Inc. m/F,b,E",
	"aws-sdk-go-v2/1.39.2 ua/2.1 os/linux lang/go#1.25.1 md/GOOS#linux md/GOARCH#amd64 api/s3#1.88.3 m/E,i",
	"aws-sdk-js/3.896.0 ua/2.1 os/linux#6.1.148 lang/js md/nodejs#22.19.0 api/s3#3.896.0 m/E,n",
	"rclone/v1.71.1", "S3Console/0.4, aws-internal/3",
	"Hadoop 3.4.1, aws-sdk-java/1.12.787 Linux/5.10.240 OpenJDK_64-Bit_Server_VM/17.0.16+8-LTS java/17.0.16",
}
