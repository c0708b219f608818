package replay

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"sort"
	"strings"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/ingest/record"
	"github.com/why403/why403/internal/s3op"
)

// Classes tells which records some estates decide alike: those that agree in
// everything but
//
//   - the key of the object, as far as the patterns of the policies that can speak
//     of the bucket match the same, and the estate holds no object of that key;
//   - the address, as far as it lies in the same ranges of the policies;
//   - the time, as far as it lies between the same dates of policies and locks;
//   - the name of a role's session, unless a policy names sessions;
//   - user agent, referer, TLS version, region, age of the signature, prefix and
//     other parameters of listings, unless a policy has a condition on them;
//   - parameters that neither are S3's headers nor tell a permission.
//
// One Classes serves one goroutine; Fork makes more of them.
type Classes struct {
	*profile
	estates []*estate.Estate
	buckets map[string]*bucketClass
	hosts   map[string]uint32
	forms   numbers
	callers numbers
	keep    keeps

	key, text []byte
}

// bucketClass is what divides the keys of one bucket.
type bucketClass struct {
	arn  []byte // "arn:aws:s3:::bucket/"
	keys *division
	full bool // the key itself counts
}

// keeps are the parts of a record that a policy looks at, beyond those that always
// count.
type keeps struct {
	agent, referer, tls, region, age, mfaAge, prefix, delimiter, maxKeys, context, contentHash, source bool
}

// NewClasses returns the classes of what the estates decide.
func NewClasses(estates ...*estate.Estate) *Classes {
	p := profileOf(estates...)
	c := &Classes{profile: p, estates: estates, forms: numbers{texts: &texts{}}, callers: numbers{texts: &texts{}}, keep: keeps{
		agent: p.uses("aws:useragent"), referer: p.uses("aws:referer"), tls: p.uses("s3:tlsversion"), region: p.uses("aws:requestedregion"),
		age: p.uses("s3:signatureage"), mfaAge: p.uses("aws:multifactorauthage"), prefix: p.uses("s3:prefix"), delimiter: p.uses("s3:delimiter"),
		maxKeys: p.uses("s3:max-keys"), contentHash: p.uses("s3:x-amz-content-sha256"), source: p.uses("s3:x-amz-copy-source"),
		context: p.grants || p.uses("kms:encryptioncontext:aws:s3:arn") || p.uses("kms:encryptioncontext/aws:s3:arn"),
	}}
	return c.Fork()
}

// Fork returns the same classes for another goroutine.
func (c *Classes) Fork() *Classes {
	return &Classes{profile: c.profile, estates: c.estates, keep: c.keep, buckets: map[string]*bucketClass{}, hosts: map[string]uint32{},
		forms: numbers{texts: c.forms.texts}, callers: numbers{texts: c.callers.texts}}
}

// Key returns the class of a record, as a text that holds until the next call.
func (c *Classes) Key(r *record.Record) []byte {
	c.key = c.key[:0]
	c.numbered(&c.forms, r.Shape, r, c.form)
	c.numbered(&c.callers, r.Who.Number, r, c.caller)
	c.flag(r.NoKey())
	c.add(r.Bucket)
	c.add(r.VersionID)
	c.add(r.AccessPoint)
	c.object(r)
	c.network(r)
	c.sent(r)
	c.times(r)
	for i := range r.Params {
		c.param(r, &r.Params[i])
	}
	return c.key
}

// add appends a text with its length, so that neighbours cannot run together.
func (c *Classes) add(text []byte) {
	c.key = binary.AppendUvarint(c.key, uint64(len(text)))
	c.key = append(c.key, text...)
}

func (c *Classes) flag(b bool) {
	n := byte(0)
	if b {
		n = 1
	}
	c.key = append(c.key, n)
}

// numbers are those of texts, by who had them lately.
type numbers struct {
	*texts
	recent [1024]struct {
		owner  uint64
		number uint32
	}
}

// numbered appends the number of the text that write appends of a record. It is not
// written again for an owner that is known, of 0 apart: the reader gives one only
// where the text is the same.
func (c *Classes) numbered(ns *numbers, owner uint64, r *record.Record, write func(*record.Record)) {
	place := &ns.recent[owner%uint64(len(ns.recent))]
	if owner == 0 || place.owner != owner {
		from := len(c.key)
		write(r)
		place.owner, place.number = owner, ns.number(c.key[from:])
		c.key = c.key[:from]
	}
	c.key = binary.LittleEndian.AppendUint32(c.key, place.number)
}

// form appends what a record's shape tells. Of what differs among records of a shape
// only whether it is there belongs here.
func (c *Classes) form(r *record.Record) {
	c.key = append(c.key, byte(r.Kind))
	c.add(r.Service)
	c.add(r.Category)
	c.add(r.Event)
	c.flag(len(r.Cipher) > 0 || len(r.TLSVersion) > 0)
	c.flag(r.TellsTLS)
	c.add(r.AuthMethod)
	c.add(r.SignatureVer)
	if c.keep.tls {
		c.add(r.TLSVersion)
	} else {
		c.flag(len(r.TLSVersion) > 0)
	}
	if c.keep.region || len(r.KeyARN) > 0 {
		c.add(r.Region)
	}
	c.flag(len(r.UserAgent) > 0)
	c.add(r.Method)
	for i := range r.Raw {
		if string(r.Raw[i].Name) == "bucketPolicy" {
			c.add(r.Raw[i].Value)
		}
	}
}

func (c *Classes) caller(r *record.Record) {
	w := &r.Who
	c.add(w.Type)
	arn := w.ARN
	switch {
	case c.sessions:
	case bytes.Contains(arn, []byte(":assumed-role/")):
		arn = arn[:bytes.LastIndexByte(arn, '/')]
	}
	c.add(arn)
	if len(w.ARN) == 0 {
		id := w.PrincipalID
		if at := bytes.IndexByte(id, ':'); at >= 0 && !c.sessions {
			id = id[:at+1]
		}
		c.add(id)
		c.add(w.Account)
	}
	c.add(w.InvokedBy)
	if string(w.Type) == "FederatedUser" {
		c.add(w.IssuerType)
		c.add(w.IssuerARN)
	}
	c.add(w.MFA)
	c.flag(w.Session)
	c.flag(len(w.Created) > 0)
	c.flag(len(w.IssuerARN) > 0)
	c.add(w.SourceIdentity)
	c.add(w.RoleDelivery)
}

// object appends the class of the key.
func (c *Classes) object(r *record.Record) {
	if len(r.KeyARN) > 0 {
		c.add(r.KeyARN)
		if c.keep.context {
			c.add(r.EncryptionContext)
		}
	}
	c.flag(len(r.Key) > 0)
	if len(r.Key) == 0 {
		return
	}
	c.keyClass(r.Bucket, r.Key, len(r.AccessPoint) > 0)
}

func (c *Classes) keyClass(bucket, key []byte, whole bool) {
	b := c.buckets[string(bucket)]
	if b == nil {
		b = c.bucket(string(bucket))
	}
	if whole || b.full {
		c.add(key)
		return
	}
	c.text = append(append(c.text[:0], b.arn...), key...)
	c.key = b.keys.appendClass(c.key, c.text)
}

// bucket makes ready what divides the keys of a bucket. The keys of one count in
// full where the name in the bucket's place is an access point's, where a policy
// looks at them otherwise than as a part of the resource, and where S3 may have to
// say that they do not exist: who may list then decides by the key as a prefix.
func (c *Classes) bucket(name string) *bucketClass {
	if len(c.buckets) >= maxClasses {
		clear(c.buckets)
	}
	b := &bucketClass{full: c.keep.context}
	partition := "aws"
	for _, e := range c.estates {
		if known, ok := e.Bucket(name); ok {
			partition = estate.PartitionOf(known.RegionOrDefault())
			b.full = b.full || known.Listed && c.keep.prefix
		} else if _, ok := e.AccessPoint(name); ok {
			b.full = true
		}
	}
	b.arn = []byte("arn:" + partition + ":s3:::" + name + "/")
	b.keys = c.resources.of(string(b.arn))
	c.buckets[name] = b
	return b
}

// network appends the address's class, and the endpoint.
func (c *Classes) network(r *record.Record) {
	c.add(r.VPCEndpoint)
	if c.anyIP {
		c.add(r.SourceIP)
		return
	}
	h, ok := c.hosts[string(r.SourceIP)]
	if !ok {
		if len(c.hosts) >= maxClasses {
			clear(c.hosts)
		}
		h = c.host(string(r.SourceIP))
		c.hosts[string(r.SourceIP)] = h
	}
	c.key = binary.LittleEndian.AppendUint32(c.key, h)
}

func (c *Classes) host(text string) uint32 {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return 0
	}
	n := uint32(2)
	if record.Private(ip) {
		n = 1
	}
	ip = ip.Unmap()
	at := sort.Search(len(c.addresses), func(i int) bool { return c.addresses[i].Compare(ip) > 0 })
	return n + 4*uint32(at)
}

// sent appends what of the client's own words counts.
func (c *Classes) sent(r *record.Record) {
	if c.keep.agent {
		c.add(r.UserAgent)
	}
	if c.keep.referer {
		c.add(r.Referer)
	}
	if bytes.HasPrefix(r.Event, []byte("WEBSITE.")) {
		c.add(r.Host)
	}
}

// times appends where the request's time lies, and that of the session's token.
func (c *Classes) times(r *record.Record) {
	if c.anyTime || c.keep.age || c.keep.mfaAge && string(r.Who.MFA) == "true" {
		c.key = binary.AppendVarint(c.key, r.Time)
		c.add(r.Who.Created)
		return
	}
	if len(c.profile.times) == 0 {
		return
	}
	c.flag(r.Time == 0)
	began := uint64(0)
	if created, ok := record.ParseCreated(string(r.Who.Created)); ok {
		began = uint64(c.moment(created.Unix())) + 1
	}
	c.key = binary.AppendUvarint(binary.AppendUvarint(c.key, uint64(c.moment(r.Time))), began)
}

func (c *Classes) moment(t int64) int {
	return sort.Search(len(c.profile.times), func(i int) bool { return c.profile.times[i] > t })
}

// param appends a parameter that counts.
func (c *Classes) param(r *record.Record, p *record.Param) {
	if len(p.Name) > 6 && (p.Name[0]|0x20) == 'x' && strings.EqualFold(string(p.Name[:6]), "x-amz-") {
		c.header(p)
		return
	}
	switch string(p.Name) {
	case "list-type", "versionId", "tagKeys", "annotation-prefix", "max-annotation-results", "annotationName":
	case "prefix":
		if !c.keep.prefix {
			return
		}
	case "delimiter":
		if !c.keep.delimiter {
			return
		}
	case "max-keys":
		if !c.keep.maxKeys {
			return
		}
	default:
		if r.Kind == record.AccessLog {
			c.add(p.Name) // operations that nobody knows are told by it
		}
		return
	}
	c.add(p.Name)
	c.add(p.Value)
}

func (c *Classes) header(p *record.Param) {
	switch name := strings.ToLower(string(p.Name)); {
	case name == "x-amz-date":
		if !c.keep.age {
			return
		}
	case record.Presigned(name), strings.HasPrefix(name, "x-amz-meta-"), strings.HasPrefix(name, "x-amz-checksum-"), name == "x-amz-decoded-content-length", name == "x-amz-user-agent":
		return
	case name == "x-amz-content-sha256":
		if !c.keep.contentHash {
			return
		}
	case name == "x-amz-copy-source" && !c.keep.source:
		bucket, key, version, point, err := s3op.CopySource(string(p.Value))
		plain := err == nil && point == "" && version == ""
		c.add(p.Name)
		if c.flag(plain); plain {
			c.add([]byte(bucket))
			c.keyClass([]byte(bucket), []byte(key), false)
		} else {
			c.add(p.Value)
		}
		return
	}
	c.add(p.Name)
	c.add(p.Value)
}

// maxClasses bounds what one goroutine keeps; beyond, it begins anew.
const maxClasses = 1 << 16
