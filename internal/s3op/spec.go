package s3op

// Scope is what an operation acts on.
type Scope uint8

// The scopes of operations.
const (
	Service Scope = iota // the caller's account as a whole: ListBuckets
	Bucket               // one bucket
	Object               // one object, or one key
	Account              // S3 Control: access points, account settings, jobs
)

// String returns the scope as the ResourceType of S3's MethodNotAllowed names it.
func (s Scope) String() string {
	switch s {
	case Service:
		return "SERVICE"
	case Bucket:
		return "BUCKET"
	case Object:
		return "OBJECT"
	}
	return "ACCOUNT"
}

// A Spec is what is fixed about one operation. Specs are shared: nobody changes
// one.
type Spec struct {
	// Name is the operation's name in the API Reference. "PostObject" is the
	// browser's form upload, "OptionsObject" the CORS preflight. The account's
	// settings of S3 Control that share their name with a bucket's carry the name
	// that CloudTrail gives them, "GetAccountPublicAccessBlock".
	Name string

	// Aliases are other names of the same call: older API names, and CloudTrail's.
	Aliases []string

	Scope  Scope
	Method string

	// Subresource is the query parameter without which the request is another
	// operation: "acl", "uploads", "uploadId", "list-type". "" where there is none.
	Subresource string

	// Parameters are further query parameters that the operation is told by, "id".
	Parameters []string

	// Path is the path template of an S3 Control operation,
	// "/v20180820/accesspoint/{name}"; "" for all others.
	Path string

	// Action is the permission that the operation needs on what it names. "" for
	// the CORS preflight, which needs none. VersionAction takes its place where
	// the request names a version; "" means that Action stays.
	Action        string
	VersionAction string

	// SourceAction is what a copy needs on the object that it reads.
	SourceAction        string
	SourceVersionAction string

	// AnyResource tells that Action is asked on "*".
	AnyResource bool

	// Conditional are the further permissions, in the order in which they are
	// checked. Some hang on what the request carries.
	Conditional []Conditional

	// KMSNeeds are the permissions on KMS keys, where data is encrypted under one.
	KMSNeeds []ConditionalKMS

	// Elsewhere are permissions of other services on resources that the request
	// does not name (the role of a replication configuration, the tables of a
	// metadata configuration). They make no Check.
	Elsewhere []string

	// Success is the status of the answer when all went well.
	Success int

	// Read tells that nothing is changed.
	Read bool

	// AnonymousText is S3's message where an operation is never open to unsigned
	// requests, whatever policies and ACLs say; "" where it may be. The texts are
	// those that S3 clones with recorded parity send.
	AnonymousText string

	// ThroughAccessPoint tells that an access point takes the operation (S3 User
	// Guide, Access point compatibility with AWS services).
	ThroughAccessPoint bool

	// ACLPermission is the ACL permission that grants Action as well: READ, WRITE,
	// READ_ACP, WRITE_ACP, or "" where no ACL can (S3 User Guide, Mapping of ACL
	// permissions and access policy permissions). ACLScope says on whose ACL it
	// stands: uploads and deletes of objects hang on the bucket's.
	ACLPermission string
	ACLScope      Scope

	// DefaultAllowed marks what S3 lets the bucket owner and the initiator of an
	// upload do without any policy statement.
	DefaultAllowed bool

	// Doc is the manual page.
	Doc string

	traits traits
}

// A Conditional is a permission that an operation needs besides its own.
type Conditional struct {
	Action        string
	VersionAction string // in place of Action where that half names a version
	Half          Half
	OnBucket      bool

	// When says in which requests, in words; "" is always.
	When string

	needed func(*call) bool // nil: always
}

// A ConditionalKMS is a permission on a KMS key that an operation needs.
type ConditionalKMS struct {
	KMSNeed

	// When says in which requests, in words; "" is in all whose data is under a key.
	When string

	needed func(*call) bool // nil: always
}

// traits are the peculiarities of an operation that the condition keys and the
// checks hang on.
type traits uint16

const (
	lists      traits = 1 << iota // prefix, delimiter and max-keys are parameters
	deletesAll                    // DeleteObjects: one check per key of the body
	creates                       // completes an object: s3:ObjectCreationOperation is true
	createsNot                    // a part of a multipart upload: it is false
	ofUpload                      // works under the headers of CreateMultipartUpload
	copiesTags                    // tags of the source go along, unless told otherwise
	tagsInBody                    // object tags are the body
	formUpload                    // headers come as form fields
	annotation                    // parameters of the annotation calls
)

func (s *Spec) has(t traits) bool { return s.traits&t != 0 }

// KeepsUploadHeaders reports whether the operation is a later step of a multipart
// upload, whose encryption, ACL, tags and storage class are those that
// CreateMultipartUpload stated. Who states such a request gives the headers of the
// create with it; those not given count as not known, see [Spec.Checks].
func (s *Spec) KeepsUploadHeaders() bool { return s.has(ofUpload) }
