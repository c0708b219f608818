package iam

import "fmt"

// A Gate is one independent layer that can refuse an S3 request. Gates are
// shown, and explicit refusals are ranked, in the order of their values.
type Gate uint8

// The gates, in the order in which they are shown.
const (
	GateEndpoint          Gate = iota // region and endpoint, bucket name resolution, addressing style
	GateCredentials                   // the access key or token itself
	GateSignature                     // signature, clock, presigned URL
	GateExistence                     // missing bucket, or missing key that reads as 403
	GateSCP                           // service control policies of the caller's account path
	GateRCP                           // resource control policies of the resource's account path
	GateVPCEndpoint                   // policy of the VPC endpoint
	GateBoundary                      // permissions boundary
	GateSession                       // session policies
	GateIdentity                      // inline, managed and group policies of the caller
	GateBucketPolicy                  // the bucket's policy
	GateAccessPoint                   // the access point's policy, network origin and delegation
	GateACL                           // bucket and object ACLs
	GateOwnership                     // Object Ownership, object owner, expected bucket owner
	GatePublicAccessBlock             // S3 Block Public Access
	GateKMS                           // key policy, grants, kms permissions, key state
	GateEncryption                    // SSE-C keys, blocked encryption types, transport for KMS
	GateMFADelete                     // versioned delete without the second factor
	GateObjectLock                    // retention, legal hold, governance bypass
	GateObjectState                   // archived storage classes
	GateRequesterPays                 // the request does not accept the charge
	NumGates
)

var gateNames = [NumGates]string{
	"endpoint", "credentials", "signature", "existence", "scp", "rcp", "vpc-endpoint", "boundary", "session",
	"identity", "bucket-policy", "access-point", "acl", "ownership", "public-access-block", "kms", "encryption",
	"mfa-delete", "object-lock", "object-state", "requester-pays",
}

// String returns the gate's stable identifier, such as "bucket-policy".
func (g Gate) String() string { return name(gateNames[:], uint8(g)) }

// MarshalText writes the gate's stable identifier.
func (g Gate) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads a gate's stable identifier.
func (g *Gate) UnmarshalText(text []byte) error {
	i, err := index(gateNames[:], "gate", text)
	*g = Gate(i)
	return err
}

// An Outcome is what one gate did to one check. The zero Outcome is
// OutcomeUnknown.
type Outcome uint8

// The outcomes of a gate.
const (
	OutcomeUnknown       Outcome = iota // the estate does not hold what is needed to say
	OutcomeNotApplicable                // the gate has no part in this check
	OutcomePass                         // it does not stand in the way, and grants nothing
	OutcomeAllow                        // it grants
	OutcomeNoAllow                      // an allow was needed here, and none applies
	OutcomeDeny                         // it refuses by a statement, setting or check
)

var outcomeNames = [...]string{"unknown", "not-applicable", "pass", "allow", "no-allow", "deny"}

// String returns the outcome as reports write it, such as "no-allow".
func (o Outcome) String() string { return name(outcomeNames[:], uint8(o)) }

// MarshalText writes the outcome as reports do.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText reads an outcome.
func (o *Outcome) UnmarshalText(text []byte) error {
	i, err := index(outcomeNames[:], "outcome", text)
	*o = Outcome(i)
	return err
}

// A Verdict is the answer to a request. The zero Verdict is Denied.
type Verdict uint8

// The verdicts.
const (
	Denied  Verdict = iota // refused, whatever its status
	Unknown                // what is not known could change the answer
	Allowed                // every gate lets it through
)

var verdictNames = [...]string{"denied", "unknown", "allowed"}

// String returns "denied", "unknown" or "allowed".
func (v Verdict) String() string { return name(verdictNames[:], uint8(v)) }

// MarshalText writes the verdict.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads a verdict.
func (v *Verdict) UnmarshalText(text []byte) error {
	i, err := index(verdictNames[:], "verdict", text)
	*v = Verdict(i)
	return err
}

// A Kind says in which way a cause refuses.
type Kind uint8

// The kinds of a cause.
const (
	KindExplicitDeny   Kind = iota // a Deny statement matched
	KindImplicitDeny               // an Allow was needed, and none applies
	KindSetting                    // a switch refuses
	KindState                      // a thing's present state refuses
	KindAuthentication             // credentials, signature, clock, region of the signature
	KindNotFound                   // a missing bucket, key, version or KMS key
)

var kindNames = [...]string{"explicit-deny", "implicit-deny", "setting", "state", "authentication", "not-found"}

// String returns the kind as reports write it, such as "implicit-deny".
func (k Kind) String() string { return name(kindNames[:], uint8(k)) }

// MarshalText writes the kind as reports do.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind.
func (k *Kind) UnmarshalText(text []byte) error {
	i, err := index(kindNames[:], "kind", text)
	*k = Kind(i)
	return err
}

func name(names []string, i uint8) string {
	if int(i) < len(names) {
		return names[i]
	}
	return fmt.Sprintf("invalid(%d)", i)
}

func index(names []string, what string, text []byte) (uint8, error) {
	for i, n := range names {
		if n == string(text) {
			return uint8(i), nil
		}
	}
	return 0, fmt.Errorf("unknown %s %q", what, text)
}
